package web

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/kitgo/kit/internal/place"
)

// table is what a router and its groups share.
type table struct {
	root      *Router
	mux       *http.ServeMux
	hosts     hosts
	routes    []*Route
	byPattern map[string]*Route // what the mux has
	byName    map[string]*Route
	fallbacks []*Route
	errs      []error
	onError   func(http.ResponseWriter, *http.Request, error)
}

func newTable() *table {
	return &table{mux: http.NewServeMux(), byPattern: map[string]*Route{}, byName: map[string]*Route{}, onError: WriteError}
}

// Routes returns the registered routes in the order of their registration.
func (r *Router) Routes() []*Route { return slices.Clone(r.table.routes) }

// Err returns every mistake made when routes were registered, joined: a line each,
// with the place in the source. A program must not serve while it is not nil.
func (r *Router) Err() error {
	if err := errors.Join(r.table.errs...); err != nil {
		return err
	}
	for _, route := range r.table.routes {
		route.compose()
	}
	return nil
}

func (t *table) fail(at place.Place, format string, args ...any) {
	t.errs = append(t.errs, fmt.Errorf("%s: %s", at, fmt.Sprintf(format, args...)))
}

// call gives a route its name.
func (t *table) call(route *Route, name string, at place.Place) {
	if other, ok := t.byName[name]; ok && other != route {
		t.fail(at, "the route name %q is already taken by %s (%s)", name, other, other.at)
		return
	}
	delete(t.byName, route.name)
	route.name = name
	t.byName[name] = route
}

// answering returns the handler that answers with the errors of h.
func (t *table) answering(h Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			failedIn(r, h)
			begun := Begun(w)
			t.onError(w, r, err)
			if begun {
				panic(http.ErrAbortHandler) // the client must see that the answer is not whole
			}
		}
	})
}

// register adds the route to the mux, or the reason why it cannot be to the
// table's errors.
func (t *table) register(route *Route) {
	switch {
	case route.inner == nil:
		t.fail(route.at, "the route %s has no handler", route)
		return
	case !isMethod(route.Method):
		t.fail(route.at, "the route %s%s has no valid method: %q", route.Host, route.Pattern, route.Method)
		return
	case route.Pattern == "/_kit" || strings.HasPrefix(route.Pattern, "/_kit/"):
		t.fail(route.at, "the route %s is below /_kit, which is reserved for Kit's own endpoints", route)
		return
	}
	for _, name := range parameters(route.Host) {
		if slices.Contains(parameters(route.Pattern), name) {
			t.fail(route.at, "the route %s has the parameter %s twice", route, name)
			return
		}
	}
	if route.fallback {
		t.fallback(route)
		return
	}
	for _, pattern := range route.muxPatterns() {
		if problem := t.handle(route, pattern); problem != "" {
			t.fail(route.at, "%s", problem)
			return
		}
	}
	t.routes = append(t.routes, route)
}

// isMethod reports whether a text can be a method. One in small letters is a mistake:
// no client sends it.
func isMethod(method string) bool {
	return method != "" && strings.Trim(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_") == ""
}

func (t *table) fallback(route *Route) {
	for _, other := range t.fallbacks {
		if other.Host+other.Pattern == route.Host+route.Pattern {
			t.fail(route.at, "the fallback for %s is already registered at %s", route.Host+route.Pattern, other.at)
			return
		}
	}
	t.fallbacks = append(t.fallbacks, route)
	t.routes = append(t.routes, route)
	// The nearest comes first: that of a host, then that of the longest prefix.
	slices.SortStableFunc(t.fallbacks, func(a, b *Route) int {
		if (a.Host == "") != (b.Host == "") {
			return strings.Compare(b.Host, a.Host)
		}
		return strings.Count(b.Pattern, "/") - strings.Count(a.Pattern, "/")
	})
}

// fallbackFor returns the fallback for a request, or nil.
func (t *table) fallbackFor(r *http.Request) *Route {
	if len(t.fallbacks) == 0 {
		return nil
	}
	host, _ := t.hosts.find(r.Host)
	for _, route := range t.fallbacks {
		if (route.Host == "" || route.Host == host) && below(r.URL.EscapedPath(), strings.TrimSuffix(route.Pattern, "/{fallback...}")) {
			return route
		}
	}
	return nil
}

// below reports whether a path is that of a pattern, or lies below it.
func below(path, pattern string) bool {
	for segment := range strings.SplitSeq(strings.TrimPrefix(pattern, "/"), "/") {
		if segment == "" {
			return true
		}
		part, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
		if part == "" || part != segment && segment[0] != '{' {
			return false
		}
		path = rest
	}
	return true
}

// handle gives a pattern of the route to the mux and returns what the mux says against
// it. The mux panics with the places of its own caller, which is always this function,
// so the other route is looked up.
func (t *table) handle(route *Route, pattern string) (problem string) {
	if other, ok := t.byPattern[pattern]; ok {
		return fmt.Sprintf("the route %s is already registered at %s", route, other.at)
	}
	defer func() {
		if p := recover(); p != nil {
			text := fmt.Sprint(p)
			for known, other := range t.byPattern {
				if strings.Contains(text, fmt.Sprintf("%q (registered at", known)) {
					problem = fmt.Sprintf("the route %s conflicts with %s (%s): both match some paths, and neither is more specific", route, other, other.at)
					return
				}
			}
			_, text, found := strings.Cut(text, ": ")
			if !found {
				text = fmt.Sprint(p)
			}
			problem = fmt.Sprintf("the route %s is not a valid pattern: %s", route, text)
		}
	}()
	t.mux.Handle(pattern, route)
	t.byPattern[pattern] = route
	return ""
}
