package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/kitgo/kit/web"
	"pgregory.net/rapid"
)

// planted is a route of a random tree, with the middleware that it must pass.
type planted struct {
	method, host, pattern string
	groups                [][]string // the middleware of its groups, from the router on: each has that of those around it
	wraps                 []string
	kind                  string // handle, any, mount
}

// forest grows random trees of groups and routes.
type forest struct {
	t       *rapid.T
	trace   *[]string
	count   int
	router  []string // its middleware
	planted []planted
}

func (f *forest) middleware() (string, web.Middleware) {
	f.count++
	name := fmt.Sprint("m", f.count)
	return name, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			*f.trace = append(*f.trace, name)
			next.ServeHTTP(w, r)
			*f.trace = append(*f.trace, "/"+name)
		})
	}
}

// segments makes a path whose parameters have names of their own.
func (f *forest) segments() string {
	var b strings.Builder
	for range rapid.IntRange(0, 2).Draw(f.t, "segments") {
		f.count++
		switch rapid.IntRange(0, 3).Draw(f.t, "segment") {
		case 0:
			fmt.Fprintf(&b, "/{p%d}", f.count)
		case 1:
			fmt.Fprintf(&b, "/:p%d", f.count)
		default:
			fmt.Fprintf(&b, "/s%d", rapid.IntRange(0, 2).Draw(f.t, "name"))
		}
	}
	return b.String()
}

func (f *forest) grow(r *web.Router, prefix, host string, groups [][]string, wraps []string, depth int) {
	for range rapid.IntRange(0, 2).Draw(f.t, "middleware") {
		name, mw := f.middleware()
		r.Use(mw)
		wraps = append(slices.Clone(wraps), name)
	}
	groups = append(slices.Clone(groups), wraps)
	if f.router == nil {
		f.router = wraps
	}
	for range rapid.IntRange(0, 3).Draw(f.t, "routes") {
		f.plant(r, prefix, host, groups, wraps)
	}
	if depth == 0 {
		return
	}
	for range rapid.IntRange(0, 2).Draw(f.t, "groups") {
		if host == "" && rapid.IntRange(0, 4).Draw(f.t, "host") == 0 {
			f.count++
			h := fmt.Sprintf("h%d.test", f.count)
			if rapid.Bool().Draw(f.t, "tenant") {
				h = fmt.Sprintf("{t%d}.h%d.test", f.count, f.count)
			}
			r.Host(h, func(r *web.Router) { f.grow(r, prefix, h, groups, wraps, depth-1) })
			continue
		}
		below := f.segments()
		r.Group(below, func(r *web.Router) { f.grow(r, prefix+below, host, groups, wraps, depth-1) })
	}
}

func (f *forest) plant(r *web.Router, prefix, host string, groups [][]string, wraps []string) {
	p := planted{method: rapid.SampledFrom([]string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "REPORT"}).Draw(f.t, "method"), host: host, groups: groups, kind: "handle"}
	path := f.segments()
	id := fmt.Sprint("route", len(f.planted))
	serve := func(w http.ResponseWriter, _ *http.Request) error {
		*f.trace = append(*f.trace, id)
		return web.Text(w, 200, id)
	}
	var route *web.Route
	switch rapid.IntRange(0, 5).Draw(f.t, "kind") {
	case 0:
		p.method, p.kind = "ANY", "any"
		route = r.Any(path, serve)
	case 1:
		p.method, p.kind = "ANY", "mount"
		route = r.Mount(path, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _ = serve(w, r) }))
		path += "/{rest...}"
	case 2:
		path += "/{more...}"
		route = r.Handle(p.method, path, serve)
	default:
		route = r.Handle(p.method, path, serve)
	}
	for range rapid.IntRange(0, 2).Draw(f.t, "of the route") {
		name, mw := f.middleware()
		route.Use(mw)
		wraps = append(slices.Clone(wraps), name)
	}
	p.pattern, p.wraps = prefix+path, append(slices.Clone(wraps), id)
	f.planted = append(f.planted, p)
}

var parameterOf = regexp.MustCompile(`\{\w+(\.\.\.)?\}|:\w+`)

// target returns a host and a path that a route matches.
func (p planted) target(t *rapid.T) (host, path string) {
	value := func(pattern string) string {
		if strings.HasSuffix(pattern, "...}") {
			return rapid.SampledFrom([]string{"", "v", "v/w/x", "v%2Fw"}).Draw(t, "rest")
		}
		return rapid.SampledFrom([]string{"v", "s1", "s%2Ft", "%C3%A4", "v..w"}).Draw(t, "value")
	}
	host = parameterOf.ReplaceAllString(p.host, "v")
	if host == "" {
		host = "else.test"
	}
	path = parameterOf.ReplaceAllStringFunc(p.pattern, value)
	if path == "" {
		path = "/"
	}
	return host, path
}

// TestMiddlewareRunsOnceAndInOrder asks random trees of routes, for every method: who
// answers must have passed its own middleware, each once, from the outermost to its own.
func TestMiddlewareRunsOnceAndInOrder(t *testing.T) {
	t.Parallel()
	asked, refusals := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		var trace []string
		f := &forest{t: t, trace: &trace}
		router := web.NewRouter()
		f.grow(router, "", "", nil, []string{}, 3)
		if err := router.Err(); err != nil {
			// Random trees hold routes that conflict; those are found, with both places.
			if strings.Count(err.Error(), "routing_property_test.go:") < 2*len(strings.Split(err.Error(), "\n")) {
				t.Fatalf("a mistake without its places: %v", err)
			}
			return
		}
		byID := map[string]planted{}
		for _, p := range f.planted {
			byID[p.wraps[len(p.wraps)-1]] = p
		}
		for _, p := range f.planted {
			for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "REPORT", "TRACE"} {
				asked++
				trace = nil
				host, path := p.target(t)
				w := httptest.NewRecorder()
				router.ServeHTTP(w, httptest.NewRequest(method, "http://"+host+path, nil))
				mine := p.method == method || p.method == "ANY" || p.method == "GET" && method == "HEAD"
				if to, ok := strings.CutSuffix(w.Header().Get("Location"), "/"); ok && w.Code == 307 && unescape(to) == unescape(path) && (!mine || strings.HasSuffix(p.pattern, "...}")) && slices.Equal(trace, around(f.router)) {
					continue // ServeMux: of a route with a rest, the rest begins after the slash
				}
				if mine && w.Code != 200 {
					t.Fatalf("%s %s%s of %s %s = %d", method, host, path, p.method, p.pattern, w.Code)
				}
				if w.Code == 404 && slices.Equal(trace, around(f.router)) {
					continue
				}
				if allow := w.Header().Get("Allow"); w.Code == 204 || w.Code == 405 {
					// Who answers the other methods tells which groups the path is in.
					var groups [][]string
					for other := range strings.SplitSeq(strings.TrimSuffix(allow, ", OPTIONS"), ", ") {
						answer := httptest.NewRecorder()
						ran := slices.Clone(trace)
						router.ServeHTTP(answer, httptest.NewRequest(other, "http://"+host+path, nil))
						trace = ran
						switch its := byID[answer.Body.String()].groups; {
						case answer.Code != 200: // a redirect to the slash at the end
						case groups == nil:
							groups = its
						default:
							groups = shared(groups, its)
						}
					}
					want := f.router
					if len(groups) > 0 {
						want = groups[len(groups)-1]
					}
					if !slices.Equal(trace, around(want)) {
						t.Fatalf("%s %s%s = %d, Allow %q, ran %v, want %v", method, host, path, w.Code, allow, trace, want)
					}
					refusals++
					continue
				}
				if w.Code != 200 {
					t.Fatalf("%s %s%s = %d, ran %v", method, host, path, w.Code, trace)
				}
				served, ok := byID[w.Body.String()]
				if !ok {
					t.Fatalf("%s %s%s: %q", method, host, path, w.Body)
				}
				want := around(served.wraps[:len(served.wraps)-1], served.wraps[len(served.wraps)-1])
				if !slices.Equal(trace, want) {
					t.Fatalf("%s %s%s ran %v, want %v", method, host, path, trace, want)
				}
				if served.method != method && served.method != "ANY" && (served.method != "GET" || method != "HEAD") {
					t.Fatalf("%s %s%s was served by %s %s", method, host, path, served.method, served.pattern)
				}
			}
		}
	})
	if asked < 100 || refusals < 10 { // most random trees have conflicts
		t.Errorf("%d requests, %d of them for another method, are too few to say something", asked, refusals)
	}
}

// around returns the trace of middleware around what there may be in it.
func around(wraps []string, inner ...string) []string {
	trace := append(slices.Clone(wraps), inner...)
	for _, name := range slices.Backward(wraps) {
		trace = append(trace, "/"+name)
	}
	return trace
}

// shared returns the groups that two routes have in common. Groups are told apart by
// their middleware, which is all that counts here.
func shared(a, b [][]string) [][]string {
	n := 0
	for n < min(len(a), len(b)) && slices.Equal(a[n], b[n]) {
		n++
	}
	return a[:n]
}

func unescape(path string) string {
	text, err := url.PathUnescape(path)
	if err != nil {
		return path
	}
	return text
}

func FuzzPatterns(f *testing.F) {
	for _, seed := range [][2]string{
		{"/users/{id}", "/users/7"}, {"/:a/:b", "/x/y"}, {"/{rest...}", "/a//b/../c"}, {"/a/{$}", "/a/"}, {"//", "//"}, {"/{", "/%"}, {"/{a}{b}", "/"}, {"/{a}/{a}", "/1/2"},
		{"/a b", "/a%20b"}, {"host.com/{x}", "/host.com/1"}, {"/{x...}/y", "/1/y"}, {":", "/:"}, {"/\x00", "/%00"}, {"GET /x", "/GET%20/x"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, path string) {
		r := web.NewRouter()
		var id string
		r.Get(pattern, func(w http.ResponseWriter, r *http.Request) error {
			id = r.URL.Path
			return web.Text(w, 200, "ok")
		}).Name("it")
		r.Group(pattern, func(r *web.Router) { r.Fallback(ok) })
		if err := r.Err(); err != nil {
			if !strings.Contains(err.Error(), "routing_property_test.go:") {
				t.Fatalf("a mistake without its place: %v", err)
			}
			return
		}
		req := httptest.NewRequest("GET", "/", nil)
		u, err := req.URL.Parse(path)
		if err != nil || !strings.HasPrefix(u.Path, "/") {
			return
		}
		req.URL = u
		w := httptest.NewRecorder()
		r.ServeHTTP(w, req)
		if w.Code != 200 && w.Code != 307 && w.Code != 301 && w.Code != 404 {
			t.Fatalf("%q asked for %q = %d %s", pattern, path, w.Code, w.Body)
		}
		if id != "" && id != u.Path {
			t.Fatalf("the handler sees %q, not %q", id, u.Path)
		}
		// A URL that is made leads to its route.
		params := web.Params{}
		for _, name := range parameterNames(r.Routes()[0].Pattern) {
			params[name] = "a/b?ä"
		}
		made, err := r.URL("it", params)
		if err != nil {
			return
		}
		id = ""
		req, err = http.NewRequest("GET", made, nil)
		if err != nil {
			t.Fatalf("the URL %q of %q: %v", made, pattern, err)
		}
		w = httptest.NewRecorder()
		r.ServeHTTP(w, req)
		if id == "" && w.Code == 200 {
			t.Fatalf("the URL %q of %q leads elsewhere", made, pattern)
		}
	})
}

func parameterNames(pattern string) []string {
	var names []string
	for part := range strings.SplitSeq(pattern, "/") {
		if strings.HasPrefix(part, "{") && strings.HasSuffix(part, "}") {
			names = append(names, strings.TrimSuffix(part[1:len(part)-1], "..."))
		}
	}
	return names
}
