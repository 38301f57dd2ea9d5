package web

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Signer signs addresses, so that a link in a mail needs no password and cannot be
// changed. Create it with [NewSigner].
type Signer struct {
	keys [][]byte // the first one signs
}

const (
	signatureParameter = "signature"
	expiresParameter   = "expires"
)

// NewSigner returns a Signer whose key is derived from key, which is APP_KEY. What was
// signed with the previous keys stays valid.
func NewSigner(key []byte, previous ...[]byte) (*Signer, error) {
	s := new(Signer)
	for _, k := range append([][]byte{key}, previous...) {
		if len(k) < 32 {
			return nil, errors.New("signing addresses needs a key of 32 bytes: set APP_KEY, which `openssl rand -base64 32` makes")
		}
		derived, err := hkdf.Key(sha256.New, k, nil, "kit signed addresses", 32)
		if err != nil {
			return nil, err
		}
		s.keys = append(s.keys, derived)
	}
	return s, nil
}

// Sign returns address, which is a path with or without a query, or a whole URL, with a
// signature in its query. It is valid for a time; 0 is for ever. The path and the query
// are signed, the host is not.
func (s *Signer) Sign(address string, valid time.Duration) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("sign %q: %w", address, err)
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return "", fmt.Errorf("sign %q: %w", address, err)
	}
	if query.Has(signatureParameter) || query.Has(expiresParameter) {
		return "", fmt.Errorf("sign %q: the parameters %s and %s are the signature's", address, signatureParameter, expiresParameter)
	}
	if valid > 0 {
		query.Set(expiresParameter, strconv.FormatInt(time.Now().Add(valid).Unix(), 10))
	}
	if u.Path == "" && u.Opaque == "" {
		u.Path = "/" // as browsers ask for it
	}
	if !strings.HasPrefix(u.Path, "/") {
		return "", fmt.Errorf("sign %q: its path does not begin with /", address)
	}
	query.Set(signatureParameter, signature(s.keys[0], u.EscapedPath(), query))
	u.RawQuery = query.Encode()
	return u.String(), nil
}

// signature returns the signature of a path and a query, less the signature in it.
func signature(key []byte, path string, query url.Values) string {
	unsigned := url.Values{}
	for name, values := range query {
		if name != signatureParameter {
			unsigned[name] = values
		}
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(path + "?" + unsigned.Encode()))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// Verify returns an error with status 403 if the address of the request is not signed,
// or was changed, and with 410 if it has expired.
func (s *Signer) Verify(r *http.Request) error {
	query, err := url.ParseQuery(r.URL.RawQuery)
	invalid := &Error{Status: http.StatusForbidden, Message: "This link is not valid.", Err: err}
	if err != nil || len(query[signatureParameter]) != 1 {
		return invalid
	}
	good := false
	for _, key := range s.keys {
		good = good || hmac.Equal([]byte(signature(key, r.URL.EscapedPath(), query)), []byte(query.Get(signatureParameter)))
	}
	if !good {
		return invalid
	}
	if text := query.Get(expiresParameter); text != "" {
		at, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return invalid
		}
		if time.Now().Unix() >= at {
			return &Error{Status: http.StatusGone, Message: "This link has expired."}
		}
	}
	return nil
}

// Middleware lets only requests pass whose address is signed.
func (s *Signer) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.Verify(r); err != nil {
			WriteError(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}
