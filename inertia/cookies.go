package inertia

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/kitgo/kit/internal/seal"
)

// Cookies is a [Store] in a cookie of the visitor, encrypted and authenticated by
// AES-256-GCM. It holds about 3 KB, enough for the messages of a form. Create it
// with [NewCookies].
type Cookies struct {
	box *seal.Box
	err error // why there is no box
}

const (
	cookieName = "kit_left"
	cookieLife = 5 * time.Minute
	// cookieSize is what browsers must take of name and value together (RFC 6265,
	// section 6.1, less the attributes).
	cookieSize = 4000
)

// NewCookies returns a Store that encrypts with a key derived from key, which is
// APP_KEY, of 32 bytes. The previous keys still decrypt. Without a key it is one of this
// process, made now: what is left is lost when the next request comes to another process,
// which doctor warns of in production. A key of another length is an error when something
// must be kept.
func NewCookies(key []byte, previous ...[]byte) *Cookies {
	if len(key) == 0 {
		key = make([]byte, 32)
		_, _ = rand.Read(key) // never fails, says its documentation
	}
	box, err := seal.New("kit inertia cookies", key, previous...)
	return &Cookies{box, err}
}

// sealed is what the cookie holds.
type sealed struct {
	Left
	Expires int64 `json:"expires"` // seconds since 1970
}

// Load returns what the cookie holds: nothing if it was changed, is too old, or was
// written with another key.
func (c *Cookies) Load(r *http.Request) (Left, error) {
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return Left{}, nil
	}
	if c.box == nil {
		return Left{}, nil
	}
	var s sealed
	if plain, ok := c.box.Open(cookie.Value); ok && json.Unmarshal(plain, &s) == nil && time.Now().Unix() < s.Expires {
		return s.Left, nil
	}
	return Left{}, nil
}

// Save sets the cookie, or deletes the one that the visitor has.
func (c *Cookies) Save(w http.ResponseWriter, r *http.Request, l Left) error {
	cookie := &http.Cookie{
		Name: cookieName, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: r.TLS != nil || r.URL.Scheme == "https" && r.URL.Host == "", MaxAge: int(cookieLife.Seconds()),
	}
	if l.empty() {
		unset(w.Header())
		if _, err := r.Cookie(cookieName); err == nil {
			cookie.MaxAge = -1
			http.SetCookie(w, cookie)
		}
		return nil
	}
	if c.err != nil {
		return c.err
	}
	plain, err := json.Marshal(sealed{l, time.Now().Add(cookieLife).Unix()})
	if err != nil {
		return err
	}
	cookie.Value = c.box.Seal(plain)
	if size := len(cookieName) + 1 + len(cookie.Value); size > cookieSize {
		return fmt.Errorf("a cookie of %d bytes would be needed, browsers take %d: leave less, or use another Store: %w", size, cookieSize, ErrTooLarge)
	}
	unset(w.Header())
	http.SetCookie(w, cookie)
	return nil
}

// unset removes the cookie from an answer that already has it.
func unset(h http.Header) {
	set := h.Values("Set-Cookie")
	h.Del("Set-Cookie")
	for _, line := range set {
		if !strings.HasPrefix(line, cookieName+"=") {
			h.Add("Set-Cookie", line)
		}
	}
}
