package integration_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/kitgo/kit"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/integration/testdata/guide"
	"github.com/kitgo/kit/internal/typegen"
	"github.com/kitgo/kit/vite"
)

// guidePages are the pages of docs whose code is in testdata/guide.
var guidePages = []string{"pages", "forms", "types", "assets"}

// codeIn returns the pieces of code of a page of docs.
func codeIn(t *testing.T, page, language string) [][]byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "docs", page+".md"))
	if err != nil {
		t.Fatal(err)
	}
	var list [][]byte
	for _, m := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllSubmatch(text, -1) {
		list = append(list, m[1])
	}
	return list
}

// withoutLayout takes off blanks in a row, and empty lines.
func withoutLayout(code []byte) []byte {
	var out bytes.Buffer
	for line := range strings.Lines(string(code)) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			out.WriteString(line + "\n")
		}
	}
	return out.Bytes()
}

func TestThePagesShowThisCode(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile(filepath.Join("testdata", "guide", "guide.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range guidePages {
		blocks := codeIn(t, page, "go")
		if len(blocks) == 0 {
			t.Errorf("%s.md has no code", page)
		}
		for _, b := range blocks {
			if !bytes.Contains(withoutLayout(source), withoutLayout(b)) {
				t.Errorf("%s.md shows code that is not in testdata/guide:\n%s", page, b)
			}
		}
	}
}

// The TypeScript that the pages show compiles with what is generated from their Go code.
func TestTheTypeScriptOfThePagesCompiles(t *testing.T) {
	t.Parallel()
	program, err := typegen.Load(t.Context(), filepath.Join("testdata", "guide"))
	if err != nil {
		t.Fatal(err)
	}
	out, err := program.Generate("")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"tsconfig.json": `{"extends": "../tsconfig.json", "include": ["**/*.ts", "**/*.tsx"]}`}
	place := regexp.MustCompile(`^// (src/\S+\.tsx)\n`)
	for _, page := range guidePages {
		for _, b := range codeIn(t, page, "tsx") {
			m := place.FindSubmatch(b)
			if m == nil {
				t.Errorf("%s.md shows TypeScript that does not begin with its file:\n%s", page, b)
				continue
			}
			files[page+"/"+string(m[1])] = string(b)
			files[page+"/src/generated/types.ts"] = string(out.Types)
			files[page+"/src/generated/routes.ts"] = string(out.Routes)
		}
	}
	if len(files) < 14 {
		t.Errorf("only %d files", len(files))
	}
	if output, err := compileTypeScript(t, files); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}

// shelf has one post, and what was added.
type shelf struct {
	guide.Store // the rest is not used
	added       int
}

func (*shelf) Find(_ context.Context, id int64) (guide.Post, error) {
	if id != 7 {
		return guide.Post{}, database.ErrNotFound
	}
	return guide.Post{Title: "Seven", Tags: []string{"go"}}, nil
}

func (*shelf) List(context.Context, int) ([]guide.Post, error) { return make([]guide.Post, 10), nil }
func (*shelf) Archive(context.Context) ([]string, error)       { return []string{"May"}, nil }
func (*shelf) Stats(context.Context) (guide.Stats, error)      { return guide.Stats{Readers: 5}, nil }
func (*shelf) Tags(context.Context) ([]string, error)          { return []string{"go"}, nil }
func (*shelf) Taken(_ context.Context, slug string) (bool, error) {
	return slug == "taken", nil
}
func (s *shelf) Add(context.Context, guide.PostForm) error { s.added++; return nil }

// The Go code that the pages show does what they say.
func TestTheCodeOfThePagesRuns(t *testing.T) {
	t.Parallel()
	build, err := vite.New(fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	posts := new(shelf)
	cfg := kit.Config{DatabaseURL: "sqlite://:memory:", Environment: "testing"}
	cfg.Database.Key = bytes.Repeat([]byte{1}, 32)
	app := guide.New(cfg, build, posts)
	if app.DB, err = database.Open(cfg.DatabaseURL, &cfg.Database); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = app.DB.Close() })
	app.Logger = slog.New(slog.DiscardHandler)
	handler, err := app.Handler()
	if err != nil {
		t.Fatal(err)
	}
	cookies := map[string]*http.Cookie{}
	ask := func(method, target, body string, headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, target, strings.NewReader(body))
		for _, c := range cookies {
			r.AddCookie(c)
		}
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		for i := 0; i+1 < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		for _, c := range w.Result().Cookies() {
			cookies[c.Name] = c
		}
		return w
	}
	visit := []string{"X-Inertia", "true", "Referer", "http://example.com/posts/new"}
	partial := append([]string{"X-Inertia-Partial-Component", "Posts/Index", "X-Inertia-Partial-Data", "archive,stats,log"}, visit...)
	for _, step := range []struct {
		method, target, body string
		headers              []string
		status               int
		want                 string // in the answer, or where it leads
	}{
		{"GET", "/posts/7", "", visit, 200, `"title":"Seven","tags":["go"]`},
		{"GET", "/posts/8", "", visit, 404, ""},
		{"GET", "/posts", "", visit, 200, `"deferredProps":{"charts":["stats"]}`},
		{"GET", "/posts", "", visit, 200, `"viewer":"Ada"`},
		{"GET", "/posts?page=2", "", visit, 200, `"previousPage":1,"nextPage":3,"currentPage":2`},
		{"GET", "/posts", "", partial, 200, `"stats":{"readers":5},"archive":["May"]`},
		{"GET", "/posts", "", partial, 200, `"mergeProps":["log"],"matchPropsOn":["log.id"]`},
		{"POST", "/posts", `{"title":"","slug":"s"}`, visit, 303, "/posts/new"},
		{"GET", "/posts/new", "", visit, 200, `"errors":{"title":"The title is required."}`},
		{"GET", "/posts/new", "", visit, 200, `"errors":{}`},
		{"POST", "/posts", `{"title":"t","slug":"s","tags":["a"]}`, visit, 303, "/posts"},
		{"GET", "/posts", "", visit, 200, `"flash":{"message":"Saved."}`},
		{"POST", "/checked", `{"title":"t","slug":"taken"}`, []string{"Precognition", "true"}, 422, `"slug":"There is a post with this address."`},
		{"POST", "/checked", `{"title":"t","slug":"s"}`, []string{"Precognition", "true"}, 204, ""},
		{"POST", "/checked", `{"title":"t","slug":"s"}`, visit, 303, "/posts"},
		{"POST", "/sign-out", "", visit, 303, "/posts"},
		{"GET", "/posts", "", visit, 200, `"clearHistory":true`},
		{"GET", "/pay", "", visit, 409, ""},
	} {
		w := ask(step.method, step.target, step.body, step.headers...)
		if got := w.Body.String() + w.Header().Get("Location"); w.Code != step.status || !strings.Contains(got, step.want) {
			t.Errorf("%s %s %s: %d %s, want %d %s", step.method, step.target, step.body, w.Code, got, step.status, step.want)
		}
	}
	if posts.added != 2 {
		t.Errorf("%d posts were added, want 2", posts.added)
	}
}
