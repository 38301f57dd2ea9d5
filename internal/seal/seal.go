// Package seal encrypts what a visitor keeps, in cookies: AES-256-GCM with a key
// derived from APP_KEY for each purpose, as text that a cookie can hold.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
)

// Box seals and opens. Create it with [New].
type Box struct {
	purpose []byte
	seals   []cipher.AEAD // the first one encrypts
}

// New returns a Box whose texts mean nothing to a box for another purpose. key has 32
// bytes; what the previous keys have sealed can be opened, too.
func New(purpose string, key []byte, previous ...[]byte) (*Box, error) {
	if len(key) == 0 {
		return nil, errors.New("the cookie needs a key: set APP_KEY, which `openssl rand -base64 32` makes")
	}
	b := &Box{purpose: []byte(purpose)}
	for _, k := range append([][]byte{key}, previous...) {
		aead, err := aeadOf(purpose, k)
		if err != nil {
			return nil, err
		}
		b.seals = append(b.seals, aead)
	}
	return b, nil
}

func aeadOf(purpose string, key []byte) (cipher.AEAD, error) {
	if len(key) != 32 {
		return nil, fmt.Errorf("the key of the cookie has %d bytes, not 32", len(key))
	}
	derived, err := hkdf.Key(sha256.New, key, nil, purpose, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(derived)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// Seal returns plain encrypted, in base64 for URLs.
func (b *Box) Seal(plain []byte) string {
	return base64.RawURLEncoding.EncodeToString(b.seals[0].Seal(nil, nil, plain, b.purpose))
}

// Open returns what was sealed; false if the text was changed, or sealed with another
// key or for another purpose.
func (b *Box) Open(text string) ([]byte, bool) {
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, false
	}
	for _, aead := range b.seals {
		if plain, err := aead.Open(nil, nil, sealed, b.purpose); err == nil {
			return plain, true
		}
	}
	return nil, false
}
