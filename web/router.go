// Package web routes HTTP requests to handlers that may return an error.
//
// It is a thin layer over [net/http]: a [Router] is an [http.Handler], patterns
// are those of [http.ServeMux], and middleware is func(http.Handler) http.Handler,
// so everything written for the standard library works unchanged.
//
//	r := web.NewRouter()
//	r.Get("/", home).Name("home")
//	r.Group("/admin", func(r *web.Router) {
//		r.Use(requireAdmin)
//		r.Get("/users/{id}", showUser).Name("admin.users.show")
//	})
//	if err := r.Err(); err != nil {
//		return err // every mistake, with its source line
//	}
//
// A handler that returns an error leaves the answer to one place, [WriteError]:
// the error's status if it has one, else 500 and nothing about the cause.
package web

import (
	"net/http"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"github.com/kitgo/kit/internal/place"
)

// Handler serves a request, or returns an error for the router to answer with.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Middleware wraps a handler. Of several, the first given runs first.
type Middleware = func(http.Handler) http.Handler

// Router registers routes and serves them. Create it with [NewRouter].
type Router struct {
	table      *table
	prefix     string
	middleware []Middleware
}

// table is what a router and its groups share.
type table struct {
	mux     *http.ServeMux
	routes  []*Route
	errs    []error
	onError func(http.ResponseWriter, *http.Request, error)
}

// NewRouter returns an empty router that answers errors with [WriteError].
func NewRouter() *Router {
	return &Router{table: &table{mux: http.NewServeMux(), onError: WriteError}}
}

// OnError replaces [WriteError] for the errors of all routes, and for unknown
// paths.
func (r *Router) OnError(answer func(http.ResponseWriter, *http.Request, error)) {
	r.table.onError = answer
}

// Use adds middleware to the routes and groups registered after it in this group.
func (r *Router) Use(mw ...Middleware) {
	at := place.Caller()
	for _, m := range mw {
		if m == nil {
			r.table.fail(at, "Use was given middleware that is nil")
			continue
		}
		r.middleware = append(r.middleware, m)
	}
}

// Group registers the routes of f below prefix, with the middleware so far and
// what f adds.
func (r *Router) Group(prefix string, f func(*Router)) {
	f(&Router{table: r.table, prefix: join(r.prefix, prefix), middleware: slices.Clone(r.middleware)})
}

// Get registers h for GET and HEAD requests.
func (r *Router) Get(pattern string, h Handler) *Route {
	return r.add(http.MethodGet, pattern, h, place.Caller())
}

// Post registers h for POST requests.
func (r *Router) Post(pattern string, h Handler) *Route {
	return r.add(http.MethodPost, pattern, h, place.Caller())
}

// Put registers h for PUT requests.
func (r *Router) Put(pattern string, h Handler) *Route {
	return r.add(http.MethodPut, pattern, h, place.Caller())
}

// Patch registers h for PATCH requests.
func (r *Router) Patch(pattern string, h Handler) *Route {
	return r.add(http.MethodPatch, pattern, h, place.Caller())
}

// Delete registers h for DELETE requests.
func (r *Router) Delete(pattern string, h Handler) *Route {
	return r.add(http.MethodDelete, pattern, h, place.Caller())
}

// Handle registers h for requests with method. The pattern is the path of a
// [http.ServeMux] pattern: "/users/{id}", "/files/{rest...}". It means that path
// only; a slash at its end is dropped, and paths below it need "{rest...}".
func (r *Router) Handle(method, pattern string, h Handler) *Route {
	return r.add(method, pattern, h, place.Caller())
}

func (r *Router) add(method, pattern string, h Handler, at place.Place) *Route {
	route := &Route{
		Method:     method,
		Pattern:    join(r.prefix, pattern),
		Handler:    functionName(h),
		Middleware: make([]string, 0, len(r.middleware)),
		table:      r.table,
		at:         at,
	}
	var handler http.Handler = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if err := h(w, req); err != nil {
			r.table.onError(w, req, err)
		}
	})
	for _, mw := range slices.Backward(r.middleware) {
		handler = mw(handler)
	}
	for _, mw := range r.middleware {
		route.Middleware = append(route.Middleware, functionName(mw))
	}
	r.table.register(route, h, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if u, ok := w.(*unmatched); ok {
			w = u.ResponseWriter
		}
		handler.ServeHTTP(w, req)
	}))
	return route
}

// ServeHTTP serves the route that matches req; an unknown path is a 404 and a
// wrong method a 405 with Allow.
func (r *Router) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.table.mux.ServeHTTP(&unmatched{ResponseWriter: w, request: req, table: r.table}, req)
}

// unmatched is what the mux writes to. A route that matches takes the writer out
// of it; so what is written to it is the mux's own 404, 405 or redirect. Asking the
// mux first whether a route matches would match each request twice.
type unmatched struct {
	http.ResponseWriter
	request *http.Request
	table   *table
	refused bool
}

func (u *unmatched) WriteHeader(status int) {
	if status != http.StatusNotFound && status != http.StatusMethodNotAllowed {
		u.ResponseWriter.WriteHeader(status)
		return
	}
	u.refused = true
	u.table.onError(u.ResponseWriter, u.request, &Error{Status: status, Message: http.StatusText(status)})
}

func (u *unmatched) Write(b []byte) (int, error) {
	if u.refused {
		return len(b), nil
	}
	return u.ResponseWriter.Write(b)
}

func join(prefix, pattern string) string {
	p := strings.TrimSuffix(prefix, "/") + "/" + strings.TrimPrefix(pattern, "/")
	if p != "/" {
		p = strings.TrimSuffix(p, "/")
	}
	return p
}

// decoration is what the compiler adds to the names of methods and closures.
var decoration = regexp.MustCompile(`\(\*?(\w+)\)|-fm$`)

// functionName returns the name of f as its author knows it, such as
// controllers.Home.Index.
func functionName(f any) string {
	name := runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name()
	name = name[strings.LastIndex(name, "/")+1:]
	return decoration.ReplaceAllString(name, "$1")
}
