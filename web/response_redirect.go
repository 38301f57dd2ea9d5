package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"
)

// Redirect answers 303 See Other: the browser, and the Inertia client, then GET
// target, whatever the method of this request was. target is an address of this
// application: "/posts", "?page=2", or one with the host of the request. Anything else,
// such as what somebody wrote into ?next=, is a 400, so that no link to this site leads
// to another one; [RedirectAway] is for those that the program means.
func Redirect(w http.ResponseWriter, r *http.Request, target string) error {
	if err := local(r, target); err != nil {
		return &Error{Status: http.StatusBadRequest, Message: "This address leads to another site.", Err: fmt.Errorf("redirect to %q: %w", target, err)}
	}
	if strings.HasPrefix(target, "/") {
		end := len(target)
		if i := strings.IndexAny(target, "?#"); i >= 0 {
			end = i
		}
		target = cleanPath(target[:end]) + target[end:]
	}
	seeOther(w, target)
	return nil
}

// cleanPath resolves the dots in a path, so that it cannot begin with two slashes for
// somebody who does so later.
func cleanPath(p string) string {
	clean := path.Clean(p)
	if strings.HasSuffix(p, "/") && clean != "/" {
		clean += "/"
	}
	return clean
}

// seeOther answers with a target as it is, which may be relative (RFC 9110, section
// 10.2.2): the browser knows what to, also below a mount. http.Redirect takes the last
// segment of the path off for "?page=2".
func seeOther(w http.ResponseWriter, target string) {
	var location strings.Builder
	for _, c := range []byte(target) {
		if c < 0x80 {
			location.WriteByte(c)
		} else {
			fmt.Fprintf(&location, "%%%02X", c)
		}
	}
	w.Header().Set("Location", location.String())
	w.WriteHeader(http.StatusSeeOther)
}

// Redirect answers like [Redirect], to the route with a name: see [Router.URL].
//
//	return r.Redirect(w, req, "posts.show", web.Params{"id": post.ID})
func (r *Router) Redirect(w http.ResponseWriter, req *http.Request, name string, params Params) error {
	target, err := r.URL(name, params)
	if err != nil {
		return fmt.Errorf("redirect: %w", err)
	}
	// It is the program's own, also when it is at another host.
	seeOther(w, target)
	return nil
}

// RedirectAway sends the client to an http or https address outside of the application,
// with a full page load: the Inertia client cannot follow it in the background. The
// address must be the program's, not the visitor's.
func RedirectAway(w http.ResponseWriter, r *http.Request, address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || unclean(address) {
		return fmt.Errorf("redirect to %q: it is no http or https address", address)
	}
	if r.Header.Get("X-Inertia") != "" {
		w.Header().Set("X-Inertia-Location", address)
		w.WriteHeader(http.StatusConflict)
		return nil
	}
	seeOther(w, address)
	return nil
}

// Back sends the client to the page that the request came from: see [Previous].
func Back(w http.ResponseWriter, r *http.Request, fallback string) error {
	return Redirect(w, r, Previous(r, fallback))
}

// Previous returns the page that the request came from, by its Referer header, as a path
// with its query; fallback if that is another site's, or none.
func Previous(r *http.Request, fallback string) string {
	from, err := url.Parse(r.Referer())
	if err != nil || from.Host != r.Host || from.Host == "" || from.Scheme != "http" && from.Scheme != "https" {
		return fallback
	}
	target := "/" + strings.TrimLeft(from.RequestURI(), "/")
	if local(r, target) != nil {
		return fallback
	}
	return target
}

// local returns why a browser would leave the application when it goes to target.
func local(r *http.Request, target string) error {
	switch {
	case target == "":
		return errors.New("it is empty")
	case unclean(target):
		return errors.New("it has characters that browsers leave out or take for slashes")
	case strings.HasPrefix(target, "//"):
		return errors.New("it begins with a host")
	}
	u, err := url.Parse(target)
	if err != nil {
		return err
	}
	if u.Scheme == "" && u.Host == "" && u.Opaque == "" {
		return nil
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.Host != r.Host || u.User != nil {
		return errors.New("it is an address of another site")
	}
	return nil
}

// unclean reports whether browsers see another address than [url.Parse]: they skip
// control characters and blanks around it, and take \ for /.
func unclean(target string) bool {
	before, _, _ := strings.Cut(target, "?")
	return strings.Contains(before, `\`) || strings.HasPrefix(target, " ") ||
		strings.ContainsFunc(target, func(c rune) bool { return c < ' ' || c == 0x7f })
}
