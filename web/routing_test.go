package web_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/kitgo/kit/web"
)

// says returns a handler that answers with its name and the path's parameters.
func says(name string, params ...string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		text := name
		for _, p := range params {
			text += " " + p + "=" + r.PathValue(p)
		}
		return web.Text(w, 200, text)
	}
}

// ask sends a request, whose target may begin with a host, and returns the status and
// the body.
func ask(h http.Handler, method, target string) (answer string, header http.Header) {
	r := httptest.NewRequest(method, "/", nil)
	host, path, _ := strings.Cut(target, "/")
	if r.Host = host; host == "" {
		r.Host = "example.com"
	}
	u, err := r.URL.Parse("/" + path)
	if err != nil {
		return err.Error(), nil
	}
	r.URL = u
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return strings.TrimSpace(fmt.Sprint(w.Code, " ", w.Body)), w.Header()
}

func routed(t *testing.T, register func(*web.Router)) *web.Router {
	t.Helper()
	r := web.NewRouter()
	register(r)
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestMethods(t *testing.T) {
	t.Parallel()
	r := routed(t, func(r *web.Router) {
		r.Get("/a", says("get"))
		r.Post("/a", says("post"))
		r.Put("/a", says("put"))
		r.Patch("/a", says("patch"))
		r.Delete("/a", says("delete"))
		r.Get("/b", says("b"))
		r.Options("/b", says("options"))
		r.Any("/c", says("any"))
		r.Get("/c", says("get c"))
		r.Handle("PURGE", "/d", says("purge"))
	})
	for _, tt := range []struct{ method, path, want, allow string }{
		{"GET", "/a", "200 get", ""},
		{"HEAD", "/a", "200 get", ""},
		{"POST", "/a", "200 post", ""},
		{"PUT", "/a", "200 put", ""},
		{"PATCH", "/a", "200 patch", ""},
		{"DELETE", "/a", "200 delete", ""},
		{"OPTIONS", "/a", "204", "DELETE, GET, HEAD, PATCH, POST, PUT, OPTIONS"},
		{"TRACE", "/a", "405 Method Not Allowed", "DELETE, GET, HEAD, PATCH, POST, PUT, OPTIONS"},
		{"OPTIONS", "/b", "200 options", ""},
		{"OPTIONS", "/c", "200 any", ""},
		{"GET", "/c", "200 get c", ""},
		{"DELETE", "/c", "200 any", ""},
		{"PURGE", "/d", "200 purge", ""},
		{"GET", "/d", "405 Method Not Allowed", "PURGE, OPTIONS"},
		{"OPTIONS", "/nothing", "404 Not Found", ""},
	} {
		got, header := ask(r, tt.method, tt.path)
		if got != tt.want || header.Get("Allow") != tt.allow {
			t.Errorf("%s %s = %s, Allow %q, want %s, %q", tt.method, tt.path, got, header.Get("Allow"), tt.want, tt.allow)
		}
	}
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	r := routed(t, func(r *web.Router) {
		r.Get("/users/:id", says("user", "id"))
		r.Get("/users/me", says("me"))
		r.Group("/teams/:team/", func(r *web.Router) {
			r.Get("", says("team", "team"))
			r.Get("/files/{rest...}", says("file", "team", "rest"))
		})
		r.Get("/end/{$}", says("end"))
	})
	for path, want := range map[string]string{
		"/users/7":               "200 user id=7",
		"/users/me":              "200 me",
		"/users/a%2Fb%20c":       "200 user id=a/b c",
		"/users/7/":              "404 Not Found",
		"/users/":                "404 Not Found",
		"/teams/x":               "200 team team=x",
		"/teams/x/files/a/b.txt": "200 file team=x rest=a/b.txt",
		"/teams/x/files/":        "200 file team=x rest=",
		"/end/":                  "200 end",
	} {
		if got, _ := ask(r, "GET", path); got != want {
			t.Errorf("%s = %s, want %s", path, got, want)
		}
	}
}

func TestHosts(t *testing.T) {
	t.Parallel()
	r := routed(t, func(r *web.Router) {
		r.Get("/", says("site"))
		r.Get("/about", says("about"))
		r.Host("API.example.com", func(r *web.Router) {
			r.Get("/", says("api"))
			r.Group("/v1", func(r *web.Router) { r.Post("/x", says("x")) })
		})
		r.Host("{tenant}.example.com", func(r *web.Router) {
			r.Get("/", says("tenant", "tenant")).Name("tenant")
			r.Get("/p/{id}", says("page", "tenant", "id"))
			r.Fallback(says("nothing here", "tenant"))
		})
		r.Host("{tenant}.{zone}.example.org", func(r *web.Router) { r.Get("/", says("zone", "tenant", "zone")) })
	})
	for target, want := range map[string]string{
		"example.com/":              "200 site",
		"api.example.com/":          "200 api",
		"Api.Example.com:8080/":     "200 api",
		"api.example.com./":         "200 api",
		"api.example.com/about":     "200 about",
		"api.example.com/v1/x":      "405 Method Not Allowed",
		"acme.example.com/":         "200 tenant tenant=acme",
		"ACME.example.com:80/p/7":   "200 page tenant=acme id=7",
		"acme.example.com/about":    "200 about",
		"acme.example.com/else":     "200 nothing here tenant=acme",
		"a.b.example.com/":          "200 site",
		"a.b.example.org/":          "200 zone tenant=a zone=b",
		"*.example.com/":            "200 site",
		"*/":                        "200 site",
		".example.com/":             "200 site",
		"example.com/p/7":           "404 Not Found",
		"[::1]:8080/":               "200 site",
		"acme.example.com.evil.de/": "200 site",
	} {
		if got, _ := ask(r, "GET", target); got != want {
			t.Errorf("%s = %s, want %s", target, got, want)
		}
	}
	var host, pattern string
	r = routed(t, func(r *web.Router) {
		r.Host("{tenant}.example.com", func(r *web.Router) {
			r.Get("/p/{id}", func(_ http.ResponseWriter, r *http.Request) error { host = r.Host; return nil })
		})
	})
	ask(handler(func(w http.ResponseWriter, req *http.Request) {
		r.ServeHTTP(w, req)
		pattern = req.Pattern
	}), "GET", "Acme.example.com:81/p/7")
	if host != "Acme.example.com:81" || pattern != "GET *.example.com/p/{id}" {
		t.Errorf("the handler sees the host %q, middleware the pattern %q", host, pattern)
	}
}

func TestFallbacks(t *testing.T) {
	t.Parallel()
	r := routed(t, func(r *web.Router) {
		r.Fallback(says("page"))
		r.Get("/a", says("a"))
		r.Group("/api/{version}", func(r *web.Router) {
			r.Use(deny)
			r.Post("/x", says("x"))
			r.Fallback(says("api"))
		})
	})
	for target, want := range map[string]string{
		"GET /nothing":      "200 page",
		"POST /nothing":     "200 page",
		"OPTIONS /nothing":  "200 page",
		"GET /api":          "200 page",
		"GET /api/1":        "401",
		"PUT /api/1/y/z":    "401",
		"GET /apis/1":       "200 page",
		"GET /api%2F1/y":    "200 page",
		"GET /api/1/x":      "401",
		"POST /a":           "405 Method Not Allowed",
		"GET /api/a%2Fb/y/": "401",
	} {
		method, path, _ := strings.Cut(target, " ")
		got, header := ask(r, method, path)
		if got != want || strings.HasPrefix(got, "200") && header.Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Errorf("%s = %s, want %s", target, got, want)
		}
	}
}

func TestMounts(t *testing.T) {
	t.Parallel()
	shows := handler(func(w http.ResponseWriter, r *http.Request) { _, _ = fmt.Fprint(w, r.Method, " ", r.URL.EscapedPath()) })
	inner := routed(t, func(r *web.Router) { r.Get("/x/{id}", says("inner", "id")) })
	r := routed(t, func(r *web.Router) {
		r.Mount("/files", shows).Name("files")
		r.Group("/admin/{team}", func(r *web.Router) { r.Mount("tool", shows) })
		r.Mount("/inner", inner)
		r.Get("/files/own", says("own"))
	})
	for target, want := range map[string]string{
		"GET /files":                "200 GET /",
		"PUT /files/":               "200 PUT /",
		"GET /files/a/b%20c":        "200 GET /a/b%20c",
		"GET /files/own":            "200 own",
		"GET /filesystem":           "404 Not Found",
		"GET /admin/a%2Fb/tool/x":   "200 GET /x",
		"GET /admin/a/tool/x%2Fy/z": "200 GET /x%2Fy/z",
		"GET /inner/x/7":            "200 inner id=7",
		"POST /inner/x/7":           "405 Method Not Allowed",
		"GET /inner/y":              "404 Not Found",
	} {
		method, path, _ := strings.Cut(target, " ")
		if got, _ := ask(r, method, path); got != want {
			t.Errorf("%s = %s, want %s", target, got, want)
		}
	}
	root := routed(t, func(r *web.Router) { r.Mount("/", shows) })
	if got, _ := ask(root, "GET", "/a/b"); got != "200 GET /a/b" {
		t.Errorf("a mount at / sees %s", got)
	}
}

type todos struct{}

func (*todos) Index(w http.ResponseWriter, _ *http.Request) error  { return web.Text(w, 200, "index") }
func (*todos) Create(w http.ResponseWriter, _ *http.Request) error { return web.Text(w, 200, "create") }
func (*todos) Store(w http.ResponseWriter, _ *http.Request) error  { return web.Text(w, 200, "store") }
func (*todos) Show(w http.ResponseWriter, r *http.Request) error {
	return web.Text(w, 200, "show "+r.PathValue("id"))
}
func (*todos) Edit(w http.ResponseWriter, _ *http.Request) error   { return web.Text(w, 200, "edit") }
func (*todos) Update(w http.ResponseWriter, _ *http.Request) error { return web.Text(w, 200, "update") }
func (*todos) Destroy(w http.ResponseWriter, _ *http.Request) error {
	return web.Text(w, 200, "destroy")
}

func TestResources(t *testing.T) {
	t.Parallel()
	r := routed(t, func(r *web.Router) {
		r.Resource("/todos", new(todos))
		r.Group("/users/:user", func(r *web.Router) {
			r.Use(deny)
			r.Resource("todos", new(todos))
		})
		r.Resource("/one", new(controller)) // it has Show only
	})
	for target, want := range map[string]string{
		"GET /todos": "200 index", "GET /todos/create": "200 create", "POST /todos": "200 store", "GET /todos/7": "200 show 7", "GET /todos/7/edit": "200 edit",
		"PUT /todos/7": "200 update", "PATCH /todos/7": "200 update", "DELETE /todos/7": "200 destroy", "DELETE /todos": "405 Method Not Allowed",
		"GET /users/1/todos/7": "401", "POST /one": "404 Not Found", "POST /one/1": "405 Method Not Allowed",
	} {
		method, path, _ := strings.Cut(target, " ")
		if got, _ := ask(r, method, path); got != want {
			t.Errorf("%s = %s, want %s", target, got, want)
		}
	}
	var lines []string
	for _, route := range r.Routes()[:9] {
		lines = append(lines, strings.TrimSpace(fmt.Sprint(route, " ", route.RouteName(), " ", route.Handler)))
	}
	want := []string{
		"GET /todos todos.index web_test.todos.Index", "GET /todos/create todos.create web_test.todos.Create", "POST /todos todos.store web_test.todos.Store",
		"GET /todos/{id} todos.show web_test.todos.Show", "GET /todos/{id}/edit todos.edit web_test.todos.Edit", "PUT /todos/{id} todos.update web_test.todos.Update",
		"PATCH /todos/{id}  web_test.todos.Update", "DELETE /todos/{id} todos.destroy web_test.todos.Destroy", "GET /users/{user}/todos users.todos.index web_test.todos.Index",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestURLs(t *testing.T) {
	t.Parallel()
	r := routed(t, func(r *web.Router) {
		r.Get("/", ok).Name("home")
		r.Group("/users", func(r *web.Router) { r.Get("/{id}/posts/{post}", ok).Name("users.posts.show") })
		r.Get("/files/{rest...}", ok).Name("files")
		r.Get("/end/{$}", ok).Name("end")
		r.Host("{tenant}.example.com", func(r *web.Router) { r.Get("/p/{id}", ok).Name("tenant") })
	})
	day := time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		name   string
		params web.Params
		want   string
	}{
		"no parameters":        {"home", nil, "/"},
		"a query":              {"home", web.Params{"b": "x y&", "a": true}, "/?a=true&b=x+y%26"},
		"values of all kinds":  {"users.posts.show", web.Params{"id": int64(7), "post": uuid.Nil, "day": day}, "/users/7/posts/00000000-0000-0000-0000-000000000000?day=2026-01-31T00%3A00%3A00Z"},
		"what must be escaped": {"users.posts.show", web.Params{"id": "a/b?c#d%", "post": "ä .."}, "/users/a%2Fb%3Fc%23d%25/posts/%C3%A4%20.."},
		"a rest":               {"files", web.Params{"rest": "a b/c?"}, "/files/a%20b/c%3F"},
		"no rest":              {"files", nil, "/files/"},
		"the end of a path":    {"end", nil, "/end/"},
		"a host":               {"tenant", web.Params{"tenant": "acme", "id": 7}, "//acme.example.com/p/7"},
		"a name that is near":  {"user.posts.show", nil, `error: there is no route with the name "user.posts.show"; did you mean "users.posts.show"?`},
		"no such name":         {"x", nil, `error: there is no route with the name "x"`},
		"a missing parameter":  {"users.posts.show", web.Params{"id": 7}, "error: the URL of GET /users/{id}/posts/{post} needs the parameter post"},
		"an empty parameter":   {"users.posts.show", web.Params{"id": "", "post": 1}, `error: the parameter id for the URL of GET /users/{id}/posts/{post}: "" cannot be in a path`},
		"a nil parameter":      {"users.posts.show", web.Params{"id": nil, "post": 1}, "error: the parameter id for the URL of GET /users/{id}/posts/{post}: it is nil"},
		"a way up":             {"files", web.Params{"rest": "a/../../b"}, `error: the parameter rest for the URL of GET /files/{rest...}: "a/../../b" cannot be in a path`},
		"a host with more":     {"tenant", web.Params{"tenant": "evil.de/", "id": 7}, `error: the parameter tenant for the URL of GET {tenant}.example.com/p/{id}: "evil.de/" is no part of a host`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := r.URL(tt.name, tt.params)
			if err != nil {
				got = "error: " + err.Error()
			}
			if got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

func TestTypedParameters(t *testing.T) {
	t.Parallel()
	r := web.NewRouter()
	r.Get("/int/{v}", param[int64])
	r.Get("/uint8/{v}", param[uint8])
	r.Get("/bool/{v}", param[bool])
	r.Get("/uuid/{v}", param[uuid.UUID])
	r.Get("/time/{v}", param[time.Time])
	r.Get("/suit/{v}", param[suit])
	r.Get("/text/{v...}", param[string])
	r.Get("/pointer/{v}", param[*int])
	for path, want := range map[string]string{
		"/int/-7": "200 -7", "/int/7.0": "404 Not Found", "/int/9223372036854775808": "404 Not Found", "/int/0x10": "404 Not Found",
		"/uint8/255": "200 255", "/uint8/256": "404 Not Found", "/uint8/-1": "404 Not Found",
		"/bool/true": "200 true", "/bool/maybe": "404 Not Found",
		"/uuid/7d444840-9dc0-11d1-b245-5ffdce74fad2": "200 7d444840-9dc0-11d1-b245-5ffdce74fad2", "/uuid/7d44": "404 Not Found",
		"/time/2026-01-31": "200 2026-01-31 00:00:00 +0000 UTC", "/time/2026-02-31": "404 Not Found",
		"/suit/hearts": "200 hearts", "/suit/clubs": "404 Not Found",
		"/text/": "200", "/text/a%00b": "404 Not Found", "/text/%ff": "404 Not Found",
	} {
		if got, _ := ask(r, "GET", path); got != want {
			t.Errorf("%s = %s, want %s", path, got, want)
		}
	}
	if got, _ := ask(r, "GET", "/pointer/7"); !strings.HasPrefix(got, "200 0x") {
		t.Errorf("a pointer = %s", got)
	}
}

func param[T any](w http.ResponseWriter, r *http.Request) error {
	v, err := web.Param[T](r, "v")
	if err != nil {
		return err
	}
	return web.Text(w, 200, fmt.Sprint(v))
}

func TestBound(t *testing.T) {
	t.Parallel()
	broken := errors.New("secret")
	find := func(_ context.Context, id int64) (string, error) {
		switch id {
		case 1:
			return "first", nil
		case 2:
			return "", broken
		}
		return "", notFound{}
	}
	r := routed(t, func(r *web.Router) {
		r.Get("/{id}", func(w http.ResponseWriter, r *http.Request) error {
			thing, err := web.Bound(r, "id", find)
			if err != nil {
				return err
			}
			return web.Text(w, 200, thing)
		})
	})
	for path, want := range map[string]string{"/1": "200 first", "/2": "500 Internal Server Error", "/3": "404 Not Found", "/x": "404 Not Found"} {
		if got, _ := ask(r, "GET", path); got != want {
			t.Errorf("%s = %s, want %s", path, got, want)
		}
	}
}

func TestMiddlewareOfARouteRunsLast(t *testing.T) {
	t.Parallel()
	var order []string
	made := 0
	note := func(name string) web.Middleware {
		return func(next http.Handler) http.Handler {
			made++
			return handler(func(w http.ResponseWriter, r *http.Request) {
				order = append(order, name)
				next.ServeHTTP(w, r)
			})
		}
	}
	r := web.NewRouter()
	r.Use(note("router"))
	r.Group("", func(r *web.Router) {
		r.Use(note("group"))
		r.Get("/a", ok).Use(note("route"), note("route 2")).Name("a").Use(note("route 3"))
	})
	r.Get("/b", ok)
	for range 2 {
		if err := r.Err(); err != nil {
			t.Fatal(err)
		}
		ask(r, "GET", "/a")
	}
	want := []string{"router", "group", "route", "route 2", "route 3"}
	if want = slices.Concat(want, want); !slices.Equal(order, want) || made != 6 {
		t.Errorf("order = %v, want %v; middleware was put around handlers %d times, want 6", order, want, made)
	}
}
