package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
)

func TestRoutesThatAreTaken(t *testing.T) {
	t.Parallel()
	get := []route{{method: "GET", pattern: "/posts", name: "posts.index"}}
	all := resourceRoutes("/posts", jsonActions())
	create := []route{{method: "GET", pattern: "/posts/create", name: "posts.create"}}
	for name, tt := range map[string]struct {
		code   string
		wanted []route
		want   string // the beginning of the mistake; "" if they are free
	}{
		"nothing":                   {"", all, ""},
		"others":                    {`r.Post("/posts", x); r.Get("/post", x); r.Any("/posts", x); r.Mount("/posts", x); r.Use(x)`, get, ""},
		"the pattern":               {`r.Get("/posts", x)`, get, "GET /posts is a route already, in routes.go:6;"},
		"with an end":               {`r.Get("posts/", x)`, get, "GET /posts is a route already"},
		"the name":                  {`r.Get("/all", x).Use(y).Name("posts.index")`, get, `a route has the name "posts.index" already, in routes.go:6;`},
		"one of several":            {`r.Put("/posts/{post}", x)`, all, "PUT /posts/{id} is a route already"},
		"with a colon":              {`r.Delete("/posts/:post", x)`, all, "DELETE /posts/{id} is a route already"},
		"the rest":                  {`r.Get("/posts/{rest...}", x)`, all, ""},
		"by its method":             {`r.Handle("GET", "/posts", x)`, get, "GET /posts is a route already"},
		"by a method of elsewhere":  {`r.Handle(method, "/posts", x)`, get, ""},
		"by a pattern of elsewhere": {`r.Get(posts, x)`, get, ""},
		"in a group":                {`r.Group("/posts", func(g *web.Router) { g.Get("/", x) })`, get, "GET /posts is a route already"},
		"in a group of no name":     {`r.Group("", func(r *web.Router) { if y { r.Get("/posts", x) } })`, get, "GET /posts is a route already"},
		"in another group":          {`r.Group("/admin", func(r *web.Router) { r.Get("/posts", x) })`, get, ""},
		"in a group of elsewhere":   {`r.Group(prefix, func(r *web.Router) { r.Get("/posts", x) }); r.Group("/", a.posts)`, get, ""},
		"on a host":                 {`r.Host("a.example.com", func(r *web.Router) { r.Get("/posts", x) })`, get, ""},
		"the name on a host":        {`r.Host("a.example.com", func(r *web.Router) { r.Get("/posts", x).Name("posts.index") })`, get, "a route has the name"},
		"of another variable":       {`other.Get("/posts", x); a.b.Get("/posts", x)`, get, ""},
		"a comment":                 {`// r.Get("/posts", x)`, get, ""},
		"a resource":                {`r.Resource("/posts", x)`, get, "GET /posts is a route already"},
		"without that method":       {`r.Resource("/posts", controllers.Json{})`, create, ""},
		"with that method":          {`r.Resource("/posts", controllers.NewPages(db))`, create, "GET /posts/create is a route already"},
		"with that one, pointed to": {`r.Resource("/posts", &controllers.Pages{})`, create, "GET /posts/create is a route already"},
		"names of parents":          {`r.Group("/users/{user}", func(r *web.Router) { r.Resource("posts", x) })`, []route{{name: "users.posts.show"}}, `a route has the name "users.posts.show"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for path, text := range map[string]string{
				"routes.go":          "package main\n\nimport \"github.com/kitgo/kit/web\"\n\nfunc routes(r *web.Router) {\n\t" + tt.code + "\n}\n",
				"controllers/all.go": "package controllers\n\nfunc (Json) Index() {}\n\nfunc (p *Pages) Create() {}\n",
			} {
				path = filepath.Join(dir, filepath.FromSlash(path))
				if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			p := &project{dir: dir, mod: &modfile.File{}}
			routes, err := p.routesFunc()
			if err != nil {
				t.Fatal(err)
			}
			err = p.free(routes, tt.wanted...)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.HasPrefix(err.Error(), tt.want)) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}
