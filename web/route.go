package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/kitgo/kit/internal/place"
)

// Route is one registered route.
type Route struct {
	Method     string
	Pattern    string   // with the prefixes of its groups
	Handler    string   // the function's name
	Middleware []string // the names of the functions that run before the handler

	name  string
	table *table
	at    place.Place
}

// Name gives the route a name, which must be its own.
func (rt *Route) Name(name string) *Route {
	if name == "" {
		rt.table.fail(place.Caller(), "the name of the route %s %s is empty", rt.Method, rt.Pattern)
		return rt
	}
	for _, other := range rt.table.routes {
		if other != rt && other.name == name {
			rt.table.fail(place.Caller(), "the route name %q is already taken by %s %s (%s)", name, other.Method, other.Pattern, other.at)
		}
	}
	rt.name = name
	return rt
}

// RouteName returns the name that the route was given, or "".
func (rt *Route) RouteName() string { return rt.name }

// Routes returns the registered routes in the order of their registration.
func (r *Router) Routes() []*Route { return slices.Clone(r.table.routes) }

// Err returns every mistake made when routes were registered, joined: a line each,
// with the place in the source. A program must not serve while it is not nil.
func (r *Router) Err() error { return errors.Join(r.table.errs...) }

func (t *table) fail(at place.Place, format string, args ...any) {
	t.errs = append(t.errs, fmt.Errorf("%s: %s", at, fmt.Sprintf(format, args...)))
}

// register adds the route to the mux, or the reason why it cannot be to the
// table's errors.
func (t *table) register(route *Route, h Handler, handler http.Handler) {
	switch {
	case h == nil:
		t.fail(route.at, "the route %s %s has no handler", route.Method, route.Pattern)
		return
	case route.Method == "" || strings.ContainsAny(route.Method, " \t/"):
		t.fail(route.at, "the route %s has no valid method: %q", route.Pattern, route.Method)
		return
	case route.Pattern == "/_kit" || strings.HasPrefix(route.Pattern, "/_kit/"):
		t.fail(route.at, "the route %s %s is below /_kit, which is reserved for Kit's own endpoints", route.Method, route.Pattern)
		return
	}
	for _, other := range t.routes {
		if other.Method == route.Method && other.Pattern == route.Pattern {
			t.fail(route.at, "the route %s %s is already registered at %s", route.Method, route.Pattern, other.at)
			return
		}
	}
	if problem := t.handle(route, handler); problem != "" {
		t.fail(route.at, "%s", problem)
		return
	}
	t.routes = append(t.routes, route)
}

// handle gives the route to the mux and returns what the mux says against it. The
// mux panics with the places of its own caller, which is always this function, so
// the other route is looked up.
func (t *table) handle(route *Route, handler http.Handler) (problem string) {
	defer func() {
		if p := recover(); p != nil {
			text := fmt.Sprint(p)
			for _, other := range t.routes {
				if strings.Contains(text, fmt.Sprintf("%q (registered at", other.muxPattern())) {
					problem = fmt.Sprintf("the route %s %s conflicts with %s %s (%s): both match some paths, and neither is more specific", route.Method, route.Pattern, other.Method, other.Pattern, other.at)
					return
				}
			}
			_, text, found := strings.Cut(text, ": ")
			if !found {
				text = fmt.Sprint(p)
			}
			problem = fmt.Sprintf("the route %s %s is not a valid pattern: %s", route.Method, route.Pattern, text)
		}
	}()
	t.mux.Handle(route.muxPattern(), handler)
	return ""
}

// muxPattern is the route as the mux knows it: there, a pattern that ends with a
// slash matches everything below.
func (rt *Route) muxPattern() string {
	if rt.Pattern == "/" {
		return rt.Method + " /{$}"
	}
	return rt.Method + " " + rt.Pattern
}
