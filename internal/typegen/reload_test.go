package typegen_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/internal/typegen"
)

// newModule writes an application that uses the framework of this checkout.
func newModule(tb testing.TB, files map[string]string) (dir string) {
	tb.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		tb.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		tb.Fatal(err)
	}
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		tb.Fatal(err)
	}
	dir = tb.TempDir()
	text := regexp.MustCompile(`(?m)^module .*$`).ReplaceAllString(string(mod), "module shop")
	files["go.mod"] = text + fmt.Sprintf("\nrequire github.com/kitgo/kit v0.0.0\n\nreplace github.com/kitgo/kit => %s\n", root)
	files["go.sum"] = string(sum)
	for name, text := range files {
		writeFile(tb, filepath.Join(dir, name), text)
	}
	return dir
}

func writeFile(tb testing.TB, path, text string) {
	tb.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o600)); err != nil {
		tb.Fatal(err)
	}
}

var smallShop = map[string]string{
	"models/post.go": "package models\n\nimport \"time\"\n\n// Post is a post.\ntype Post struct {\n\tTitle string `json:\"title\"`\n\tPosted time.Time `json:\"posted\"`\n}\n",
	"models/kind.go": "package models\n\n// Kind is one of a few.\ntype Kind string\n\n// Kinds.\nconst News Kind = \"news\"\n",
	"controllers/posts.go": `package controllers

import (
	"net/http"

	"github.com/kitgo/kit/inertia"
	"github.com/kitgo/kit/web"
	"shop/models"
)

type showProps struct {
	Post models.Post ` + "`json:\"post\"`" + `
}

// Routes has the routes.
func Routes(pages *inertia.Renderer, r *web.Router) {
	r.Get("/posts/{id}", func(w http.ResponseWriter, r *http.Request) error {
		return pages.Render(w, r, "Posts/Show", showProps{})
	}).Name("posts.show")
}
`,
	"main.go": "package main\n\nimport \"shop/controllers\"\n\nvar _ = controllers.Routes\n\nfunc main() {}\n",
}

// A reload generates what a new process would, whatever has changed.
func TestAReloadIsLikeALoad(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for name, text := range smallShop {
		files[name] = text
	}
	dir := newModule(t, files)
	kept := filepath.Join(t.TempDir(), "exports.json")
	loader := typegen.NewLoader(dir, "")
	if _, err := loader.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	outcome := func(program *typegen.Program, err error) string {
		if err != nil {
			return "error: " + err.Error()
		}
		out, err := program.Generate("")
		if err != nil {
			return "error: " + err.Error()
		}
		return string(out.Types) + string(out.Routes)
	}
	edit := func(name, old, by string) func(t *testing.T) string {
		return func(t *testing.T) string { t.Helper(); edit(t, filepath.Join(dir, name), old, by); return name }
	}
	file := func(name, text string) func(t *testing.T) string {
		return func(t *testing.T) string { t.Helper(); writeFile(t, filepath.Join(dir, name), text); return name }
	}
	steps := []struct {
		name   string
		change func(t *testing.T) string
		want   string
	}{
		{"a field of a type that another package uses", edit("models/post.go", "Title string", "Pages int `json:\"pages\"`\n\tTitle string"), "pages: number"},
		{"a field of the page itself", edit("controllers/posts.go", "type showProps struct {", "type showProps struct {\n\tLikes int `json:\"likes\"`"), "likes: number"},
		{"a route", edit("controllers/posts.go", "/posts/{id}", "/posts/{slug}"), "{ slug: Parameter }"},
		{"a mistake in the text", edit("models/post.go", "type Post struct {", "type Post struct"), "error: models/post.go:"},
		{"another file meanwhile", edit("controllers/posts.go", "Likes int", "Likes string"), "error: models/post.go:"},
		{"the mistake is mended", edit("models/post.go", "type Post struct", "type Post struct {"), "likes: string"},
		{"a field that is used goes", edit("controllers/posts.go", "showProps{}", "showProps{Post: models.Post{Pages: 1}}"), "pages: number"},
		{"which does not compile", edit("models/post.go", "Pages int `json:\"pages\"`\n\t", ""), "error: controllers/posts.go:"},
		{"until it is not used", edit("controllers/posts.go", "showProps{Post: models.Post{Pages: 1}}", "showProps{}"), "title: string"},
		{"an import that is known", edit("models/post.go", "\"time\"", "\"net/http\"\n\t\"time\"\n"), "error: models/post.go:"},
		{"an import as it must be", edit("models/post.go", "import \"net/http\"\n\t\"time\"\n", "import (\n\t\"net/http\"\n\t\"time\"\n)\n\nvar _ http.Handler\n"), "title: string"},
		{"an import that is not known", edit("models/post.go", "\t\"time\"\n)", "\t\"time\"\n\t\"container/ring\"\n)\n\nvar _ ring.Ring\n"), "title: string"},
		{"a new file", file("models/more.go", "package models\n\n// More is more.\ntype More struct{ A Kind }\n"), "title: string"},
		{"that is used", edit("models/post.go", "Title string", "More More\n\tTitle string"), "A: Kind"},
		{"a constant in another file", edit("models/kind.go", "const News Kind = \"news\"", "const (\n\tNews Kind = \"news\"\n\tEssay Kind = \"essay\"\n)"), "'essay' | 'news'"},
		{"another package name", edit("models/kind.go", "package models", "package other"), "error: "},
		{"and back", edit("models/kind.go", "package other", "package models"), "'essay' | 'news'"},
		{"a constraint", edit("models/kind.go", "package models", "//go:build never\n\npackage models"), "error: "},
		{"without it", edit("models/kind.go", "//go:build never\n\n", ""), "'essay' | 'news'"},
		{"a file goes", func(t *testing.T) string {
			t.Helper()
			if err := os.Remove(filepath.Join(dir, "models/more.go")); err != nil {
				t.Fatal(err)
			}
			return "models/more.go"
		}, "error: models/post.go:"},
		{"its use too", edit("models/post.go", "More More\n\t", ""), "title: string"},
		{"a package of the application is imported anew", edit("main.go", "import \"shop/controllers\"", "import (\n\t\"shop/controllers\"\n\t\"shop/models\"\n)\n\nvar _ models.Post\n"), "title: string"},
		{"nothing that counts", file("notes.txt", "notes"), "title: string"},
	}
	for _, step := range steps {
		changed := step.change(t)
		got := outcome(loader.Reload(t.Context(), changed))
		if !strings.Contains(got, step.want) {
			t.Errorf("%s: %s\nwant %s", step.name, got, step.want)
		}
		if want := outcome(typegen.NewLoader(dir, kept).Load(t.Context())); strings.HasPrefix(want, "error") != strings.HasPrefix(got, "error") {
			t.Errorf("%s: %s\nbut a load: %s", step.name, got, want)
		} else if diff := cmp.Diff(want, got); diff != "" && !strings.HasPrefix(want, "error") {
			t.Errorf("%s (-load +reload)\n%s", step.name, diff)
		}
	}
}

// BenchmarkReload is a change of a field in an application with 500 types.
func BenchmarkReload(b *testing.B) {
	dir := newModule(b, largeShop())
	loader := typegen.NewLoader(dir, "")
	if _, err := loader.Load(b.Context()); err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(dir, "models", "models.go")
	text, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	for n := 0; b.Loop(); n++ {
		writeFile(b, path, strings.Replace(string(text), "At *time.Time", fmt.Sprintf("Field%d int\n\tAt *time.Time", n), 1))
		program, err := loader.Reload(b.Context(), "models/models.go")
		if err != nil {
			b.Fatal(err)
		}
		if out, err := program.Generate(""); err != nil || !strings.Contains(string(out.Types), fmt.Sprintf("Field%d", n)) {
			b.Fatalf("%v, no Field%d", err, n)
		}
	}
}

// largeShop has 500 types in a package, and 250 pages in ten that use them.
func largeShop() map[string]string {
	files := map[string]string{"main.go": "package main\n\nfunc main() {}\n"}
	var models strings.Builder
	models.WriteString("// Package models has types.\npackage models\n\nimport \"time\"\n")
	for n := range 500 {
		if n == 0 {
			models.WriteString("\n// T0 is a type.\ntype T0 struct{ Name string }\n")
			continue
		}
		fmt.Fprintf(&models, "\n// T%d is a type.\ntype T%d struct {\n\tName string `json:\"name\"`\n\tAt *time.Time `json:\"at\"`\n\tTags []string `json:\"tags,omitempty\"`\n\tByName map[string]int `json:\"byName\"`\n", n, n)
		fmt.Fprintf(&models, "\tFirst T%d `json:\"first\"`\n\tList []T%d `json:\"list\"`\n", n/20, n/2)
		models.WriteString("}\n")
	}
	files["models/models.go"] = models.String()
	for p := range 10 {
		var code strings.Builder
		fmt.Fprintf(&code, "// Package c%d has pages.\npackage c%d\n\nimport (\n\t\"net/http\"\n\n\t\"github.com/kitgo/kit/inertia\"\n\t\"shop/models\"\n)\n", p, p)
		for n := range 25 {
			page := p*25 + n
			fmt.Fprintf(&code, "\n// P%d shows.\nfunc P%d(pages *inertia.Renderer, w http.ResponseWriter, r *http.Request) error {\n\treturn pages.Render(w, r, \"P%d/Show\", models.T%d{})\n}\n", page, page, page, 499-page)
		}
		files[fmt.Sprintf("c%d/c.go", p)] = code.String()
	}
	return files
}
