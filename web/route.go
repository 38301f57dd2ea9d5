package web

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/kitgo/kit/internal/place"
)

// anyMethod is the method of routes that serve every one.
const anyMethod = "ANY"

// Route is one registered route.
type Route struct {
	Method     string   // ANY for every method
	Host       string   // "" for all
	Pattern    string   // with the prefixes of its groups
	Handler    string   // the function's name
	Middleware []string // the names of the functions that run before the handler

	name     string
	table    *table
	group    *Router
	at       place.Place
	mounted  bool // Mount
	fallback bool // Fallback

	inner   http.Handler // the handler without middleware; nil if there is none
	wraps   []Middleware
	once    sync.Once
	handler http.Handler // with middleware
}

// String returns the route as messages name it: GET /users/{id}.
func (rt *Route) String() string { return rt.Method + " " + rt.Host + rt.Pattern }

// Name gives the route a name, which must be its own.
func (rt *Route) Name(name string) *Route {
	if name == "" {
		rt.table.fail(place.Caller(), "the name of the route %s is empty", rt)
		return rt
	}
	rt.table.call(rt, name, place.Caller())
	return rt
}

// RouteName returns the name that the route was given, or "".
func (rt *Route) RouteName() string { return rt.name }

// Use adds middleware to this route; it runs after that of its groups.
func (rt *Route) Use(mw ...Middleware) *Route {
	for _, m := range mw {
		if m == nil {
			rt.table.fail(place.Caller(), "Use of the route %s was given middleware that is nil", rt)
			continue
		}
		rt.wraps = append(rt.wraps, m)
		rt.Middleware = append(rt.Middleware, functionName(m))
	}
	return rt
}

// compose puts the middleware around the handler, once.
func (rt *Route) compose() {
	rt.once.Do(func() {
		rt.handler = rt.inner
		for _, mw := range slices.Backward(rt.wraps) {
			rt.handler = mw(rt.handler)
		}
	})
}

// ServeHTTP serves a request that the mux, which w comes from, says is this route's.
func (rt *Route) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rt.compose()
	if u, ok := w.(*unmatched); ok {
		w = u.ResponseWriter
		if r != u.request {
			r.Host = u.request.Host
		}
	}
	rt.handler.ServeHTTP(w, r)
}

// muxPatterns are the route as the mux knows it: there, a pattern that ends with a
// slash matches everything below.
func (rt *Route) muxPatterns() []string {
	method := rt.Method + " "
	if rt.Method == anyMethod {
		method = ""
	}
	method += literal(rt.Host)
	switch above := strings.TrimSuffix(rt.Pattern, "/{rest...}"); {
	case rt.Pattern == "/":
		return []string{method + "/{$}"}
	case rt.mounted && above != "":
		return []string{method + above, method + rt.Pattern}
	}
	return []string{method + rt.Pattern}
}

// without returns a handler that gives h the path without its first segments.
func without(h http.Handler, segments int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u := *r.URL
		u.Path = cut(u.Path, segments)
		u.RawPath = cut(u.RawPath, segments)
		// A segment may hold an encoded slash: then only the encoded path has as many.
		if u.RawPath != "" {
			path, err := url.PathUnescape(u.RawPath)
			if err != nil {
				WriteError(w, r, notFound(err))
				return
			}
			u.Path = path
		}
		below := new(http.Request)
		*below = *r
		below.URL = &u
		h.ServeHTTP(w, below)
	})
}

// cut returns a path without its first segments.
func cut(path string, segments int) string {
	if path == "" {
		return ""
	}
	for range segments {
		path = strings.TrimPrefix(path, "/")
		slash := strings.IndexByte(path, '/')
		if slash < 0 {
			return "/"
		}
		path = path[slash:]
	}
	return path
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

// typeName returns the type of v without the star of a pointer: controllers.Todos.
func typeName(v any) string { return strings.TrimPrefix(fmt.Sprintf("%T", v), "*") }
