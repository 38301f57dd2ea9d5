package inertia

import (
	"bufio"
	"net"
	"net/http"
	"slices"
	"strings"
)

// Middleware does what the protocol asks around every handler: answers vary by
// X-Inertia; a GET visit of a client with other assets is answered 409, so that it
// loads the page anew; redirects after PUT, PATCH and DELETE become 303; redirects
// of visits to a #fragment become 409 with X-Inertia-Redirect, because a request in
// the background cannot see the fragment; a write that answers nothing goes back to
// the page that it came from.
func (p *Renderer) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		vary(w.Header(), "X-Inertia")
		if Precognition(r) {
			vary(w.Header(), "Precognition")
		}
		if !isVisit(r) {
			next.ServeHTTP(w, withVisit(r))
			return
		}
		if r.Method == http.MethodGet && r.Header.Get("X-Inertia-Version") != p.build.Version() {
			w.Header().Set("X-Inertia-Location", address(r))
			w.Header().Set("X-Inertia-Version", p.build.Version())
			w.WriteHeader(http.StatusConflict)
			return
		}
		answer := &redirects{ResponseWriter: w, request: r}
		next.ServeHTTP(answer, withVisit(r))
		answer.end()
	})
}

// vary adds a header to Vary, once: one URL has two answers, and a cache must not
// show a browser the JSON.
func vary(h http.Header, name string) {
	if !slices.Contains(h.Values("Vary"), name) {
		h.Add("Vary", name)
	}
}

// address is the URL of r as its client sees it, without host: the client resolves
// it against its own. Two slashes in front would be read as another host.
func address(r *http.Request) string {
	return "/" + strings.TrimLeft(r.URL.RequestURI(), "/")
}

// redirects rewrites the status of redirects when they are sent.
type redirects struct {
	http.ResponseWriter
	request *http.Request
	begun   bool
	silent  bool // the answer has no body any more
	held    bool // a status of 200 that waits for a body
}

func (w *redirects) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *redirects) WriteHeader(status int) {
	if status < 200 || w.begun {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	if status == http.StatusOK && !w.held && w.answersWrite() {
		w.held = true
		return
	}
	w.begun = true
	h := w.Header()
	redirect := status == http.StatusMovedPermanently || status == http.StatusFound || status == http.StatusSeeOther
	switch location := h.Get("Location"); {
	case redirect && strings.Contains(location, "#") && w.request.Header.Get("Purpose") != "prefetch":
		h.Del("Location")
		h.Del("Content-Type")
		h.Del("Content-Length")
		h.Set("X-Inertia-Redirect", location)
		w.silent = true
		status = http.StatusConflict
	case status == http.StatusFound && (w.request.Method == http.MethodPut || w.request.Method == http.MethodPatch || w.request.Method == http.MethodDelete):
		status = http.StatusSeeOther
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *redirects) Write(b []byte) (int, error) {
	w.begin()
	if w.silent {
		return len(b), nil
	}
	return w.ResponseWriter.Write(b)
}

// Flush sends what was written so far.
func (w *redirects) Flush() {
	w.begin()
	_ = http.NewResponseController(w.ResponseWriter).Flush()
}

// Hijack hands the connection over.
func (w *redirects) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, in, err := http.NewResponseController(w.ResponseWriter).Hijack()
	w.begun = w.begun || err == nil
	return c, in, err
}

// begin sends the status, if none was.
func (w *redirects) begin() {
	if !w.begun {
		w.held = true
		w.WriteHeader(http.StatusOK)
	}
}

// end answers for a handler that wrote nothing.
func (w *redirects) end() {
	if !w.begun && w.answersWrite() {
		_ = Back(w, w.request)
	}
}

// answersWrite reports whether the request has changed something. What it came from
// is then a page; that of a GET would be the same request again.
func (w *redirects) answersWrite() bool {
	return w.request.Method != http.MethodGet && w.request.Method != http.MethodHead
}
