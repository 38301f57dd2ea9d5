package session

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Minutes is a duration whose plain number is minutes in text: 120, 90s, 2h.
type Minutes time.Duration

// UnmarshalText reads it; it must be positive.
func (m *Minutes) UnmarshalText(text []byte) error {
	n, err := strconv.Atoi(string(text))
	d := time.Duration(n) * time.Minute
	if err != nil {
		d, err = time.ParseDuration(string(text))
	}
	if err == nil && d <= 0 {
		err = fmt.Errorf("%s is not positive", d)
	}
	*m = Minutes(d)
	return err
}

// String returns it as a duration.
func (m Minutes) String() string { return time.Duration(m).String() }

// Expected says what it looks like, for messages about one that is none.
func (*Minutes) Expected() string { return "a number of minutes, or a duration such as 2h" }

// SameSite says which requests from other sites carry the cookie: Lax (when somebody
// follows a link), Strict (none) or None (all; browsers then want it to be Secure).
type SameSite string

// UnmarshalText reads it, in whatever case.
func (s *SameSite) UnmarshalText(text []byte) error {
	for _, known := range []SameSite{"Lax", "Strict", "None"} {
		if strings.EqualFold(string(known), string(text)) {
			*s = known
			return nil
		}
	}
	return fmt.Errorf("%q is none of the three", text)
}

// Expected says what it looks like, for messages about one that is none.
func (*SameSite) Expected() string { return "Lax, Strict or None" }

func (s SameSite) mode() http.SameSite {
	switch strings.ToLower(string(s)) {
	case "strict":
		return http.SameSiteStrictMode
	case "none":
		return http.SameSiteNoneMode
	default:
		return http.SameSiteLaxMode
	}
}

// mustBeSecure reports whether browsers drop the cookie unless it is Secure: those that any
// site may send, and those whose name promises it (RFC 6265bis, section 4.1.3).
func (o Options) mustBeSecure() bool {
	name := strings.ToLower(o.Cookie)
	return o.SameSite.mode() == http.SameSiteNoneMode || strings.HasPrefix(name, "__host-") || strings.HasPrefix(name, "__secure-")
}

// Check returns what makes every browser drop the cookie, or nil.
func (o Options) Check() error {
	if err := (&http.Cookie{Name: o.Cookie}).Valid(); o.Cookie != "" && err != nil {
		return errors.New("it is no name of a cookie")
	}
	if o.Secure != nil && !*o.Secure && o.mustBeSecure() {
		return errors.New("browsers take it from https only, and SESSION_SECURE is false")
	}
	return nil
}
