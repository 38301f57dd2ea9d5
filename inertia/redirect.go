package inertia

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// Location sends the client to url with a full page load: for addresses outside of
// the application, which a visit in the background cannot follow.
func Location(w http.ResponseWriter, r *http.Request, url string) error {
	if url == "" {
		return errors.New("inertia: a redirect to nowhere")
	}
	if !isVisit(r) {
		http.Redirect(w, r, url, http.StatusSeeOther)
		return nil
	}
	w.Header().Set("X-Inertia-Location", url)
	w.WriteHeader(http.StatusConflict)
	return nil
}

// Back sends the client back to the page that the request came from, by its Referer
// header; to / if that is another site's, or none.
func Back(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, back(r), http.StatusSeeOther)
	return nil
}

func back(r *http.Request) string {
	from, err := url.Parse(r.Referer())
	if err != nil || from.Host != r.Host || from.Scheme != "http" && from.Scheme != "https" {
		return "/"
	}
	return "/" + strings.TrimLeft(from.RequestURI(), "/")
}

func isVisit(r *http.Request) bool { return r.Header.Get("X-Inertia") != "" }

func isPrefetch(r *http.Request) bool { return r.Header.Get("Purpose") == "prefetch" }
