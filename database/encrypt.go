package database

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// Key is a secret of 32 bytes. As text, in the environment, it is base64, which may
// have base64: in front: `openssl rand -base64 32` makes one.
type Key []byte

// UnmarshalText decodes base64.
func (k *Key) UnmarshalText(text []byte) error {
	decoded, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(string(text), "base64:"))
	if err != nil {
		return err
	}
	if len(decoded) != 32 {
		return fmt.Errorf("it has %d bytes, not 32", len(decoded))
	}
	*k = decoded
	return nil
}

// Expected says what a key looks like, for messages about one that is none.
func (*Key) Expected() string {
	return "a key of 32 bytes in base64, as `openssl rand -base64 32` prints"
}

// String hides the key.
func (Key) String() string { return "***" }

// encrypted is a field that is stored encrypted: AES-256-GCM with a new nonce each
// time, as text. The place of a value is part of what is authenticated, so that one
// column's values are worth nothing in another one.
type encrypted struct {
	keys  []Key
	place string // table.column
}

// sealPrefix is in front of each encrypted value, and names the form.
const sealPrefix = "kit1:"

var errNoKey = errors.New("an encrypted column needs a key: set APP_KEY, or Options.Key")

func (e encrypted) arg(v reflect.Value) (any, error) {
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return nil, nil
	}
	text, err := json.Marshal(v.Interface())
	if err != nil {
		return nil, fmt.Errorf("encode as JSON: %w", err)
	}
	if len(e.keys) == 0 {
		return nil, errNoKey
	}
	seal, err := gcm(e.keys[0])
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, seal.NonceSize(), seal.NonceSize()+len(text)+seal.Overhead())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return sealPrefix + base64.RawStdEncoding.EncodeToString(seal.Seal(nonce, nonce, text, []byte(e.place))), nil
}

func (e encrypted) dest(field any) any { return &unsealer{e, field} }

type unsealer struct {
	encrypted
	field any
}

// Scan implements sql.Scanner.
func (u *unsealer) Scan(src any) error {
	var text string
	switch src := src.(type) {
	case nil:
		reflect.ValueOf(u.field).Elem().SetZero()
		return nil
	case string:
		text = src
	case []byte:
		text = string(src)
	default:
		return fmt.Errorf("cannot decrypt a %T", src)
	}
	encoded, ok := strings.CutPrefix(text, sealPrefix)
	if !ok {
		return errors.New("the value is not encrypted")
	}
	sealed, err := base64.RawStdEncoding.DecodeString(encoded)
	if err != nil {
		return fmt.Errorf("decode the encrypted value: %w", err)
	}
	for _, key := range u.keys {
		open, err := gcm(key)
		if err != nil {
			return err
		}
		if len(sealed) < open.NonceSize() {
			break
		}
		if plain, err := open.Open(nil, sealed[:open.NonceSize()], sealed[open.NonceSize():], []byte(u.place)); err == nil {
			return json.Unmarshal(plain, u.field)
		}
	}
	if len(u.keys) == 0 {
		return errNoKey
	}
	return errors.New("no key decrypts the value: it was written with another one, or changed")
}

func gcm(key Key) (cipher.AEAD, error) {
	if len(key) != 32 {
		return nil, fmt.Errorf("a key has %d bytes, not 32", len(key))
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// keys are those that decrypt; the first encrypts.
func (o Options) keys() []Key {
	if o.Key == nil {
		return nil
	}
	return append([]Key{o.Key}, o.PreviousKeys...)
}
