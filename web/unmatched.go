package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// serve answers a request with the route that matches it.
func (t *table) serve(w http.ResponseWriter, r *http.Request) {
	u := writers.Get().(*unmatched)
	*u = unmatched{ResponseWriter: w, request: r}
	defer func() {
		*u = unmatched{}
		writers.Put(u) // no handler has seen it
	}()
	prepared := t.hosts.prepare(r)
	t.mux.ServeHTTP(u, prepared)
	r.Pattern = prepared.Pattern // for middleware around the router
	if u.status == 0 {
		return
	}
	if route := t.fallbackFor(r); u.status == http.StatusNotFound && route != nil {
		route.ServeHTTP(u, t.hosts.prepare(r))
		return
	}
	t.unmatched(w, r, &refused{status: u.status, allow: u.header.Get("Allow"), location: u.header.Get("Location")})
}

// writers keeps those of requests that were answered.
var writers = sync.Pool{New: func() any { return new(unmatched) }}

// unmatched is what the mux writes to. A route that matches takes the writer out
// of it; so what is written to it is the mux's own 404, 405 or redirect. Asking the
// mux first whether a route matches would match each request twice.
type unmatched struct {
	http.ResponseWriter
	request *http.Request
	header  http.Header // of the mux's answer
	status  int         // of the mux's answer; 0 if a route has answered
}

func (u *unmatched) Header() http.Header {
	if u.header == nil {
		u.header = http.Header{}
	}
	return u.header
}

func (u *unmatched) WriteHeader(status int)      { u.status = status }
func (u *unmatched) Write(b []byte) (int, error) { return len(b), nil }

// refused is how the mux would answer what no route does.
type refused struct {
	status   int
	allow    string // with 405
	location string // of a redirect, to the path as it should be written
}

type refusedKey struct{}

// unmatched answers a request that no route answers, behind the middleware of the group
// that it belongs to.
func (t *table) unmatched(w http.ResponseWriter, r *http.Request, refusal *refused) {
	group := t.root
	if refusal.status == http.StatusMethodNotAllowed {
		group = t.groupOf(r, refusal.allow)
	}
	group.refusing().ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), refusedKey{}, refusal)))
}

// groupOf returns the innermost group that all routes of a path are in, by the methods
// that it is there for.
func (t *table) groupOf(r *http.Request, allow string) *Router {
	var common []*Router // from the router to the innermost
	for method := range strings.SplitSeq(allow, ", ") {
		asked := new(http.Request)
		*asked = *t.hosts.prepare(r)
		asked.Method = method
		h, _ := t.mux.Handler(asked)
		route, ok := h.(*Route)
		if !ok {
			continue
		}
		groups := route.group.line()
		if common == nil {
			common = groups
		}
		for i := range common {
			if i == len(groups) || groups[i] != common[i] {
				common = common[:i]
				break
			}
		}
	}
	if len(common) == 0 {
		return t.root
	}
	return common[len(common)-1]
}

// line returns the groups that r is in, from the router to itself.
func (r *Router) line() []*Router {
	var list []*Router
	for ; r != nil; r = r.parent {
		list = append(list, r)
	}
	slices.Reverse(list)
	return list
}

// refusing returns what answers instead of a route of this group.
func (r *Router) refusing() http.Handler {
	r.once.Do(func() { r.refuse = Chain(r.middleware...)(http.HandlerFunc(r.table.refuse)) })
	return r.refuse
}

func (t *table) refuse(w http.ResponseWriter, r *http.Request) {
	refusal, ok := r.Context().Value(refusedKey{}).(*refused)
	switch {
	case !ok: // a middleware has passed on a request of its own making
		t.onError(w, r, &Error{Status: http.StatusNotFound, Message: http.StatusText(http.StatusNotFound)})
	case refusal.location != "":
		http.Redirect(w, r, refusal.location, refusal.status)
	case refusal.status == http.StatusMethodNotAllowed:
		w.Header().Set("Allow", refusal.allow+", "+http.MethodOptions)
		if r.Method == http.MethodOptions {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		fallthrough
	default:
		t.onError(w, r, &Error{Status: refusal.status, Message: http.StatusText(refusal.status)})
	}
}
