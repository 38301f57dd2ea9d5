package web_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/kitgo/kit/web"
)

// mark is middleware that notes that it has run.
func mark(name string) web.Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Add("Ran", name)
			next.ServeHTTP(w, r)
		})
	}
}

func TestWhatNoRouteAnswersPassesMiddleware(t *testing.T) {
	t.Parallel()
	r := routed(t, func(r *web.Router) {
		r.Use(mark("router"))
		r.Get("/", says("home"))
		r.Get("/files/{rest...}", says("file"))
		r.Group("/api", func(r *web.Router) {
			r.Use(mark("api"))
			r.Get("/posts", says("posts"))
			r.Get("/posts/{id}", says("post"))
			r.Group("", func(r *web.Router) {
				r.Use(mark("signed in"))
				r.Post("/posts", says("store"))
				r.Delete("/notes", says("delete"))
				r.Put("/notes", says("update")).Use(mark("route"))
			})
		})
		r.Host("{team}.example.org", func(r *web.Router) {
			r.Use(mark("team"))
			r.Get("/board", says("board"))
			r.Group("/closed", func(r *web.Router) {
				r.Use(mark("closed"))
				r.Fallback(says("nothing"))
			})
		})
	})
	for target, want := range map[string]string{
		"GET /nothing":                      "404 router",
		"GET /api/nothing":                  "404 router",
		"OPTIONS /api/nothing":              "404 router",
		"OPTIONS /":                         "204 router",
		"POST /":                            "405 router",
		"OPTIONS /api/posts":                "204 router api",           // of GET and POST
		"PUT /api/posts":                    "405 router api",           //
		"OPTIONS /api/posts/7":              "204 router api",           //
		"OPTIONS /api/notes":                "204 router api signed in", // all of them are in it
		"GET /api/notes":                    "405 router api signed in", //
		"GET /files":                        "307 router",
		"GET /api//posts":                   "307 router",
		"OPTIONS a.example.org/board":       "204 router team",
		"POST a.example.org/board":          "405 router team",
		"POST a.example.org/closed/x":       "200 router team closed",
		"OPTIONS a.example.org/api/posts/7": "204 router api",
	} {
		method, address, _ := strings.Cut(target, " ")
		got, header := ask(r, method, address)
		if code, _, _ := strings.Cut(got, " "); code+" "+strings.Join(header["Ran"], " ") != want {
			t.Errorf("%s = %s, ran %v, want %s", target, got, header["Ran"], want)
		}
	}
	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest("GET", "/api//posts?q=1", nil))
	if to := w.Header().Get("Location"); to != "/api/posts?q=1" {
		t.Errorf("it leads to %q", to)
	}
}

// CORS in a group answers what browsers ask before they write, although no route is for
// OPTIONS and the group wants users to be signed in.
func TestCORSInAGroup(t *testing.T) {
	t.Parallel()
	r := routed(t, func(r *web.Router) {
		r.Group("/api", func(r *web.Router) {
			r.Use(web.CORS(web.CORSOptions{Origins: []string{"https://app.example"}}), deny)
			r.Put("/posts/{id}", says("update"))
		})
		r.Put("/own", says("own"))
	})
	for path, want := range map[string]string{"/api/posts/7": "https://app.example", "/own": ""} {
		req := request("OPTIONS", path, "Origin", "https://app.example", "Access-Control-Request-Method", "PUT")
		w := httptest.NewRecorder()
		r.ServeHTTP(w, req)
		if got := w.Header().Get("Access-Control-Allow-Origin"); w.Code != 204 || got != want {
			t.Errorf("%s: %d, allowed for %q", path, w.Code, got)
		}
	}
}
