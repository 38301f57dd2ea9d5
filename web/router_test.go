package web_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/web"
)

type notFound struct{}

func (notFound) Error() string   { return "no rows" }
func (notFound) StatusCode() int { return http.StatusNotFound }

func ok(w http.ResponseWriter, _ *http.Request) error { return web.Text(w, http.StatusOK, "ok") }

func deny(http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
}

func TestRouter(t *testing.T) {
	t.Parallel()
	r := web.NewRouter()
	r.Get("/", ok).Name("home")
	r.Post("/items", ok)
	r.Get("/missing", func(http.ResponseWriter, *http.Request) error { return notFound{} })
	r.Get("/broken", func(http.ResponseWriter, *http.Request) error { return errors.New("secret") })
	r.Get("/teapot", func(http.ResponseWriter, *http.Request) error {
		return &web.Error{Status: http.StatusTeapot, Message: "short and stout", Err: errors.New("secret")}
	})
	r.Get("/items/{id}", func(w http.ResponseWriter, r *http.Request) error {
		id, err := web.Param[int64](r, "id")
		if err != nil {
			return err
		}
		return web.JSON(w, http.StatusOK, id)
	})
	r.Get("/files/{rest...}", func(w http.ResponseWriter, r *http.Request) error {
		return web.Text(w, http.StatusOK, r.PathValue("rest"))
	})
	r.Group("/admin", func(r *web.Router) {
		r.Use(deny)
		r.Get("/", ok)
		r.Get("/users/{id}", ok)
	})
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}

	tests := map[string]struct {
		method, path string
		status       int
		body         string
	}{
		"home":                             {"GET", "/", 200, "ok"},
		"HEAD comes with GET":              {"HEAD", "/", 200, "ok"},
		"an unknown path":                  {"GET", "/nope", 404, "Not Found\n"},
		"a wrong method":                   {"POST", "/", 405, "Method Not Allowed\n"},
		"another wrong method":             {"GET", "/items", 405, "Method Not Allowed\n"},
		"an error with a status":           {"GET", "/missing", 404, "Not Found\n"},
		"an error with a message":          {"GET", "/teapot", 418, "short and stout\n"},
		"other errors are 500":             {"GET", "/broken", 500, "Internal Server Error\n"},
		"a parameter":                      {"GET", "/items/42", 200, "42\n"},
		"a bad parameter":                  {"GET", "/items/x", 404, "Not Found\n"},
		"the rest of a path":               {"GET", "/files/a/b.txt", 200, "a/b.txt"},
		"the root of a group":              {"GET", "/admin", 401, ""},
		"middleware guards routes with id": {"GET", "/admin/users/7", 401, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			r.ServeHTTP(w, httptest.NewRequest(tt.method, tt.path, nil))
			if w.Code != tt.status || w.Body.String() != tt.body {
				t.Errorf("%s %s = %d %q, want %d %q", tt.method, tt.path, w.Code, w.Body, tt.status, tt.body)
			}
			if allow := w.Header().Get("Allow"); (tt.status == 405) != (allow != "") {
				t.Errorf("Allow = %q", allow)
			}
		})
	}
}

func TestMiddlewareOrder(t *testing.T) {
	t.Parallel()
	var order []string
	note := func(name string) web.Middleware {
		return func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				order = append(order, name)
				next.ServeHTTP(w, r)
			})
		}
	}
	r := web.NewRouter()
	r.Use(note("router"))
	r.Group("/a", func(r *web.Router) {
		r.Use(note("outer"), note("outer 2"))
		r.Group("/b", func(r *web.Router) {
			r.Use(note("inner"))
			r.Get("/c", ok)
		})
		r.Get("/sibling", ok)
	})
	handler := web.Chain(note("global"), note("global 2"))(r)
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/a/b/c", nil))
	if want := []string{"global", "global 2", "router", "outer", "outer 2", "inner"}; !slices.Equal(order, want) {
		t.Errorf("order = %v, want %v", order, want)
	}
	order = nil
	handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/a/sibling", nil))
	if slices.Contains(order, "inner") {
		t.Errorf("the middleware of a group runs for its sibling: %v", order)
	}
}

func TestMistakesNameBothPlaces(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		register func(*web.Router)
		want     string // what the error says without its line numbers
	}{
		"one pattern twice": {func(r *web.Router) {
			r.Get("/a", ok)
			r.Get("/a", ok)
		}, "router_test.go:N: the route GET /a is already registered at router_test.go:N"},
		"one pattern with two names of a parameter": {func(r *web.Router) {
			r.Get("/a/{id}", ok)
			r.Get("/a/{key}", ok)
		}, "router_test.go:N: the route GET /a/{key} conflicts with GET /a/{id} (router_test.go:N): both match some paths, and neither is more specific"},
		"patterns that overlap": {func(r *web.Router) {
			r.Get("/posts/{id}", ok)
			r.Get("/{lang}/about", ok)
		}, "router_test.go:N: the route GET /{lang}/about conflicts with GET /posts/{id} (router_test.go:N): both match some paths, and neither is more specific"},
		"one name twice": {func(r *web.Router) {
			r.Get("/a", ok).Name("x")
			r.Get("/b", ok).Name("x")
		}, `router_test.go:N: the route name "x" is already taken by GET /a (router_test.go:N)`},
		"an empty name": {func(r *web.Router) {
			r.Get("/a", ok)
			r.Get("/b", ok).Name("")
		}, "router_test.go:N: the name of the route GET /b is empty"},
		"middleware after a route": {func(r *web.Router) {
			r.Group("/a", func(r *web.Router) { r.Get("/b", ok) })
			r.Use(deny)
		}, "router_test.go:N: Use comes after GET /a/b (router_test.go:N), which would be without this middleware; move it up, or into a group"},
		"middleware of a route that is nil": {func(r *web.Router) {
			r.Get("/a", ok).Use(nil)
		}, "router_test.go:N: Use of the route GET /a was given middleware that is nil"},
		"one mount in another": {func(r *web.Router) {
			r.Mount("/a", http.NotFoundHandler())
			r.Mount("/a", http.NotFoundHandler())
		}, "router_test.go:N: the route ANY /a/{rest...} is already registered at router_test.go:N"},
		"a mount of nothing": {func(r *web.Router) {
			r.Mount("/a", nil)
		}, "router_test.go:N: the route ANY /a/{rest...} has no handler"},
		"a method and all methods": {func(r *web.Router) {
			r.Get("/{lang}/about", ok)
			r.Any("/posts/{rest...}", ok)
		}, "router_test.go:N: the route ANY /posts/{rest...} conflicts with GET /{lang}/about (router_test.go:N): both match some paths, and neither is more specific"},
		"two fallbacks": {func(r *web.Router) {
			r.Fallback(ok)
			r.Group("/", func(r *web.Router) { r.Fallback(ok) })
		}, "router_test.go:N: the fallback for /{fallback...} is already registered at router_test.go:N"},
		"hosts that are none": {func(r *web.Router) {
			r.Host("example.com:80", func(*web.Router) {})
			r.Host("{}.example.com", func(*web.Router) {})
			r.Host("", func(r *web.Router) { r.Get("/a", ok) })
		}, `router_test.go:N: "example.com:80" is no host: it has letters, digits and hyphens, and no port` + "\n" +
			`router_test.go:N: "{}.example.com" is no host: a parameter has a name, such as {tenant}.example.com` + "\n" +
			`router_test.go:N: "" is no host: it has letters, digits and hyphens, and no port`},
		"a host in a host": {func(r *web.Router) {
			r.Host("a.com", func(r *web.Router) { r.Host("b.com", func(*web.Router) {}) })
		}, "router_test.go:N: the host b.com lies in the group of another, a.com"},
		"hosts that mean the same": {func(r *web.Router) {
			r.Host("{a}.com", func(*web.Router) {})
			r.Host("{b}.com", func(*web.Router) {})
		}, `router_test.go:N: "{b}.com" is no host: it means the same as {a}.com`},
		"a parameter of the host and the path": {func(r *web.Router) {
			r.Host("{id}.com", func(r *web.Router) { r.Get("/{id}", ok) })
		}, "router_test.go:N: the route GET {id}.com/{id} has the parameter id twice"},
		"a resource without methods": {func(r *web.Router) {
			r.Resource("/a", struct{}{})
		}, "router_test.go:N: the controller struct {} of /a has none of the methods of a resource, such as Index(http.ResponseWriter, *http.Request) error"},
		"one resource twice": {func(r *web.Router) {
			r.Resource("/a", new(controller))
			r.Resource("/a", new(controller))
		}, "router_test.go:N: the route GET /a/{id} is already registered at router_test.go:N\n" +
			`router_test.go:N: the route name "a.show" is already taken by GET /a/{id} (router_test.go:N)`},
		"a method in small letters": {func(r *web.Router) {
			r.Handle("get", "/a", ok)
			r.Handle("ANY", "/a", ok)
		}, `router_test.go:N: the route /a has no valid method: "get"` + "\n" + `router_test.go:N: the route /a has no valid method: ""`},
		"middleware that is nil": {func(r *web.Router) {
			r.Use(nil)
			r.Get("/a", ok)
		}, "router_test.go:N: Use was given middleware that is nil"},
		"all mistakes at once": {func(r *web.Router) {
			r.Get("/_kit/a", ok)
			r.Handle("GET ", "/a", ok)
		}, "router_test.go:N: the route GET /_kit/a is below /_kit, which is reserved for Kit's own endpoints\n" +
			`router_test.go:N: the route /a has no valid method: "GET "`},
		"a reserved path": {func(r *web.Router) {
			r.Get("/_kit", ok)
		}, "router_test.go:N: the route GET /_kit is below /_kit, which is reserved for Kit's own endpoints"},
		"a reserved path through groups": {func(r *web.Router) {
			r.Group("/_kit", func(r *web.Router) { r.Post("/mine", ok) })
		}, "router_test.go:N: the route POST /_kit/mine is below /_kit, which is reserved for Kit's own endpoints"},
		"a pattern that is none": {func(r *web.Router) {
			r.Get("/a/{id", ok)
		}, "router_test.go:N: the route GET /a/{id is not a valid pattern: at offset 7: bad wildcard segment (must end with '}')"},
		"no handler": {func(r *web.Router) {
			r.Get("/a", nil)
		}, "router_test.go:N: the route GET /a has no handler"},
		"no method": {func(r *web.Router) {
			r.Handle("", "/a", ok)
		}, `router_test.go:N: the route /a has no valid method: ""`},
		"paths that look alike but are not": {func(r *web.Router) {
			r.Get("/_kitchen", ok)
			r.Post("/_kitchen", ok)
			r.Get("/a/b", ok)
			r.Get("/a/{id}", ok)
		}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := web.NewRouter()
			tt.register(r)
			got := ""
			if err := r.Err(); err != nil {
				got = digits.ReplaceAllString(err.Error(), "router_test.go:N")
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// digits finds the places in messages; their lines change with this file.
var digits = regexp.MustCompile(`router_test\.go:\d+`)

type controller struct{}

func (*controller) Show(http.ResponseWriter, *http.Request) error { return nil }

func TestRoutesTellWhoServesThem(t *testing.T) {
	t.Parallel()
	r := web.NewRouter()
	r.Group("/admin", func(r *web.Router) {
		r.Use(deny)
		r.Get("/{id}", new(controller).Show).Name("admin.show")
	})
	routes := r.Routes()
	if len(routes) != 1 {
		t.Fatalf("%d routes, want 1", len(routes))
	}
	got := []string{routes[0].Method, routes[0].Pattern, routes[0].RouteName(), routes[0].Handler, strings.Join(routes[0].Middleware, " ")}
	want := []string{"GET", "/admin/{id}", "admin.show", "web_test.controller.Show", "web_test.deny"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
