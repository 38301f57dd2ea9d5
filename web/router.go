// Package web routes HTTP requests to handlers that may return an error, reads their
// input and writes their answers.
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
// A handler takes its input from [Bind], [Param] and [Bound]. One that returns an error
// leaves the answer to one place, [WriteError]: the error's status if it has one, else
// 500 and nothing about the cause.
package web

import (
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/kitgo/kit/internal/place"
)

// Handler serves a request, or returns an error for the router to answer with.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Middleware wraps a handler. Of several, the first given runs first.
type Middleware = func(http.Handler) http.Handler

// Router registers routes and serves them. Create it with [NewRouter].
//
// A request passes the middleware of the router, of its groups from the outermost to
// the innermost, and of the route, each once. What no route answers passes middleware,
// too: a path that there is not, that of the router; a path that routes have for other
// methods only, which is 405, or 204 for OPTIONS, that of the groups which all of these
// routes are in.
type Router struct {
	table      *table
	host       string
	prefix     string
	middleware []Middleware
	parent     *Router
	first      *Route // registered here or in a group below

	once   sync.Once
	refuse http.Handler // what no route answers
}

// NewRouter returns an empty router that answers errors with [WriteError].
func NewRouter() *Router {
	r := &Router{table: newTable()}
	r.table.root = r
	return r
}

// OnError replaces [WriteError] for the errors of all routes, and for unknown
// paths.
func (r *Router) OnError(answer func(http.ResponseWriter, *http.Request, error)) {
	r.table.onError = answer
}

// Use adds middleware to the routes and groups of this group. It comes before them: a
// route that it would miss is a mistake.
func (r *Router) Use(mw ...Middleware) {
	at := place.Caller()
	if r.first != nil {
		r.table.fail(at, "Use comes after %s (%s), which would be without this middleware; move it up, or into a group", r.first, r.first.at)
	}
	for _, m := range mw {
		if m == nil {
			r.table.fail(at, "Use was given middleware that is nil")
			continue
		}
		r.middleware = append(r.middleware, m)
	}
}

// Group registers the routes of f below prefix, with the middleware so far and
// what f adds. An empty prefix only groups.
func (r *Router) Group(prefix string, f func(*Router)) {
	f(&Router{table: r.table, host: r.host, prefix: join(r.prefix, braced(prefix)), middleware: slices.Clone(r.middleware), parent: r})
}

// Host registers the routes of f for one host, such as api.example.com, or for hosts
// such as {tenant}.example.com, whose parameter is one like those of the path. Routes of
// a host come before those of all hosts, and a host that is written out before one with
// parameters.
func (r *Router) Host(host string, f func(*Router)) {
	at := place.Caller()
	if r.host != "" {
		r.table.fail(at, "the host %s lies in the group of another, %s", host, r.host)
	}
	host = strings.ToLower(host)
	if problem := r.table.hosts.add(host); problem != "" {
		r.table.fail(at, "%q is no host: %s", host, problem)
		host = "invalid"
	}
	f(&Router{table: r.table, host: host, prefix: r.prefix, middleware: slices.Clone(r.middleware), parent: r})
}

// Get registers h for GET and HEAD requests.
func (r *Router) Get(pattern string, h Handler) *Route {
	return r.handle(http.MethodGet, pattern, h, place.Caller())
}

// Post registers h for POST requests.
func (r *Router) Post(pattern string, h Handler) *Route {
	return r.handle(http.MethodPost, pattern, h, place.Caller())
}

// Put registers h for PUT requests.
func (r *Router) Put(pattern string, h Handler) *Route {
	return r.handle(http.MethodPut, pattern, h, place.Caller())
}

// Patch registers h for PATCH requests.
func (r *Router) Patch(pattern string, h Handler) *Route {
	return r.handle(http.MethodPatch, pattern, h, place.Caller())
}

// Delete registers h for DELETE requests.
func (r *Router) Delete(pattern string, h Handler) *Route {
	return r.handle(http.MethodDelete, pattern, h, place.Caller())
}

// Options registers h for OPTIONS requests. Without it they are answered 204 with the
// methods of the path in Allow.
func (r *Router) Options(pattern string, h Handler) *Route {
	return r.handle(http.MethodOptions, pattern, h, place.Caller())
}

// Any registers h for requests with every method that has no route of its own.
func (r *Router) Any(pattern string, h Handler) *Route {
	return r.handle(anyMethod, pattern, h, place.Caller())
}

// Handle registers h for requests with method. The pattern is the path of a
// [http.ServeMux] pattern: "/users/{id}", "/files/{rest...}"; "/users/:id" is the same as
// the first. It means that path only; a slash at its end is dropped, and paths below it
// need "{rest...}".
func (r *Router) Handle(method, pattern string, h Handler) *Route {
	if method == anyMethod {
		method = "" // which is no method
	}
	return r.handle(method, pattern, h, place.Caller())
}

// Mount gives all requests for path and what lies below it to h, which sees their paths
// without it: h serves /files/a.txt as /a.txt.
func (r *Router) Mount(path string, h http.Handler) *Route {
	route := r.route(anyMethod, join(path, "{rest...}"), place.Caller())
	if route.mounted = true; h != nil {
		route.Handler = typeName(h)
		if f, ok := h.(http.HandlerFunc); ok {
			route.Handler = functionName(f)
		}
		route.inner = without(h, strings.Count(strings.Trim(join(r.prefix, path), "/"), "/")+1)
		if join(r.prefix, path) == "/" {
			route.inner = h
		}
	}
	r.table.register(route)
	return route
}

// Fallback registers h for requests below the prefix of this group that no route
// matches, instead of the answer 404. A path that is there for other methods is still
// a 405.
func (r *Router) Fallback(h Handler) *Route {
	route := r.route(anyMethod, "{fallback...}", place.Caller())
	if route.fallback = true; h != nil {
		route.Handler, route.inner = functionName(h), r.table.answering(h)
	}
	r.table.register(route)
	return route
}

func (r *Router) handle(method, pattern string, h Handler, at place.Place) *Route {
	route := r.route(method, pattern, at)
	if h != nil {
		route.Handler, route.inner = functionName(h), r.table.answering(h)
	}
	r.table.register(route)
	return route
}

// route returns a route of this group that has no handler yet.
func (r *Router) route(method, pattern string, at place.Place) *Route {
	route := &Route{Method: method, Host: r.host, Pattern: join(r.prefix, braced(pattern)), table: r.table, group: r, at: at, wraps: slices.Clone(r.middleware)}
	for _, mw := range r.middleware {
		route.Middleware = append(route.Middleware, functionName(mw))
	}
	for group := r; group != nil && group.first == nil; group = group.parent {
		group.first = route
	}
	return route
}

// ServeHTTP serves the route that matches req; an unknown path is a 404 and a
// wrong method a 405 with Allow.
func (r *Router) ServeHTTP(w http.ResponseWriter, req *http.Request) { r.table.serve(w, req) }

func join(prefix, pattern string) string {
	p := strings.TrimSuffix(prefix, "/") + "/" + strings.TrimPrefix(pattern, "/")
	if p != "/" {
		p = strings.TrimSuffix(p, "/")
	}
	return p
}

// braced writes the parameters of a pattern as ServeMux does: /{id} for /:id.
func braced(pattern string) string {
	if !strings.Contains(pattern, "/:") && !strings.HasPrefix(pattern, ":") {
		return pattern
	}
	parts := strings.Split(pattern, "/")
	for i, p := range parts {
		if name, ok := strings.CutPrefix(p, ":"); ok {
			parts[i] = "{" + name + "}"
		}
	}
	return strings.Join(parts, "/")
}
