package web

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Cookie returns a cookie with safe settings, for [SetCookie]: scripts do not see it,
// other sites do not send it with their requests, it goes with the browser. Set MaxAge
// to keep it, and HttpOnly to false if scripts need it.
func Cookie(name, value string) *http.Cookie {
	return &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// SetCookie sets a cookie. If the request came over https, only https will carry it. What
// no cookie may have is an error, and so is one that browsers would drop without a word:
// http.SetCookie would leave it out, or send it in vain.
func SetCookie(w http.ResponseWriter, r *http.Request, c *http.Cookie) error {
	set := *c
	set.Secure = set.Secure || isHTTPS(r)
	err := set.Valid()
	if err == nil {
		err = dropped(&set)
	}
	if err != nil {
		return fmt.Errorf("set the cookie %q: %w", c.Name, err)
	}
	http.SetCookie(w, &set)
	return nil
}

// dropped returns why browsers would not keep a cookie (RFC 6265bis, sections 4.1.3 and
// 5.7). They do not look at the case of a prefix.
func dropped(c *http.Cookie) error {
	name := strings.ToLower(c.Name)
	host := strings.HasPrefix(name, "__host-")
	switch {
	case !c.Secure && (host || strings.HasPrefix(name, "__secure-")):
		return errors.New("browsers take a name that begins so from https only, or with Secure")
	case host && (c.Path != "/" || c.Domain != ""):
		return errors.New("browsers take a name that begins so with the path / and without a domain only")
	case !c.Secure && c.SameSite == http.SameSiteNoneMode:
		return errors.New("browsers take SameSite=None from https only, or with Secure")
	}
	return nil
}

// DeleteCookie makes the browser forget a cookie that was set with the path /.
func DeleteCookie(w http.ResponseWriter, r *http.Request, name string) error {
	c := Cookie(name, "")
	c.MaxAge = -1
	return SetCookie(w, r, c)
}

// isHTTPS reports whether the client came over https, as a trusted proxy says if there
// is one. A client may write a scheme into its request, too, with a host.
func isHTTPS(r *http.Request) bool {
	return r.TLS != nil || r.URL.Scheme == "https" && r.URL.Host == ""
}
