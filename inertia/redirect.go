package inertia

import (
	"net/http"

	"github.com/kitgo/kit/web"
)

// Location sends the client to url with a full page load: for addresses outside of
// the application, which a visit in the background cannot follow.
func Location(w http.ResponseWriter, r *http.Request, url string) error {
	return web.RedirectAway(w, r, url)
}

// Back sends the client back to the page that the request came from, by its Referer
// header; to / if that is another site's, or none.
func Back(w http.ResponseWriter, r *http.Request) error { return web.Back(w, r, "/") }

func back(r *http.Request) string { return web.Previous(r, "/") }

func isVisit(r *http.Request) bool { return r.Header.Get("X-Inertia") != "" }

func isPrefetch(r *http.Request) bool { return r.Header.Get("Purpose") == "prefetch" }
