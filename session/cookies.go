package session

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/kitgo/kit/internal/seal"
)

// Cookies is a [Store] that keeps each session in its visitor's cookie, encrypted and
// authenticated by AES-256-GCM. It needs nothing on the server, and has the limits of
// that: a session has at most about 2.8 KB; of two requests at the same time the change of one
// stays, so that [Key.Update] is refused; and a copy of the cookie is good until it
// expires, also after [Destroy] and [Renew]. Create it with [NewCookies].
type Cookies struct {
	box *seal.Box
	err error // why there is no box
}

// NewCookies returns a Store that encrypts with a key derived from key, which is APP_KEY,
// of 32 bytes. The previous keys still decrypt.
func NewCookies(key []byte, previous ...[]byte) *Cookies {
	box, err := seal.New("kit session", key, previous...)
	return &Cookies{box, err}
}

// cookieSize is what browsers must take of a cookie (RFC 6265, section 6.1), less its
// name, the time behind the token and its attributes.
const cookieSize = 3900

// sealed is what the cookie holds.
type sealed struct {
	Expires int64           `json:"e"` // seconds since 1970
	Data    json.RawMessage `json:"d"`
}

// Load opens the token.
func (c *Cookies) Load(_ context.Context, token string, _ time.Time) (Record, error) {
	if c.err != nil {
		return Record{}, c.err
	}
	plain, ok := c.box.Open(token)
	if !ok {
		return Record{}, ErrNone
	}
	var s sealed
	if err := json.Unmarshal(plain, &s); err != nil || time.Now().Unix() >= s.Expires {
		return Record{}, ErrNone
	}
	return Record{Data: s.Data, Version: 1, Expires: time.Unix(s.Expires, 0)}, nil
}

// Save returns the session as a token, which is another one each time.
func (c *Cookies) Save(_ context.Context, _ string, r Record, _ bool) (string, error) {
	if c.err != nil {
		return "", c.err
	}
	plain, err := json.Marshal(sealed{r.Expires.Unix(), r.Data})
	if err != nil {
		return "", err
	}
	token := c.box.Seal(plain)
	if len(token) > cookieSize {
		return "", fmt.Errorf("a cookie of %d bytes would be needed, browsers take %d: keep less, or keep sessions in the database: %w", len(token), cookieSize, ErrTooLarge)
	}
	return token, nil
}

// fits returns an error if there is no room for the values in a cookie.
func (c *Cookies) fits(ctx context.Context, v values) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = c.Save(ctx, "", Record{Data: data, Expires: time.Now()}, false)
	return err
}

// Delete has nothing to do: the visitor's cookie is removed.
func (*Cookies) Delete(context.Context, string, int64) error { return nil }
