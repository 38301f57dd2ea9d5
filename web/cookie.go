package web

import (
	"fmt"
	"net/http"
)

// Cookie returns a cookie with safe settings, for [SetCookie]: scripts do not see it,
// other sites do not send it with their requests, it goes with the browser. Set MaxAge
// to keep it, and HttpOnly to false if scripts need it.
func Cookie(name, value string) *http.Cookie {
	return &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}
}

// SetCookie sets a cookie. If the request came over https, only https will carry it. A
// name, value or attribute that no cookie may have is an error: http.SetCookie would
// leave out what it does not like.
func SetCookie(w http.ResponseWriter, r *http.Request, c *http.Cookie) error {
	set := *c
	set.Secure = set.Secure || isHTTPS(r)
	if err := set.Valid(); err != nil {
		return fmt.Errorf("set the cookie %q: %w", c.Name, err)
	}
	http.SetCookie(w, &set)
	return nil
}

// DeleteCookie makes the browser forget a cookie that was set with the path /.
func DeleteCookie(w http.ResponseWriter, r *http.Request, name string) error {
	c := Cookie(name, "")
	c.MaxAge = -1
	return SetCookie(w, r, c)
}

// isHTTPS reports whether the client came over https, as a trusted proxy says if there
// is one.
func isHTTPS(r *http.Request) bool { return r.TLS != nil || r.URL.Scheme == "https" }
