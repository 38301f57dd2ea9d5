package web_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/validate"
	"github.com/kitgo/kit/web"
)

// The code of docs/routing.md and docs/validation.md is here, so that it compiles and
// runs: TestThePagesShowThisCode compares.

type Post struct {
	ID     int64  `bun:"id,pk,autoincrement"`
	TeamID int64  `bun:"team_id"`
	Slug   string `bun:"slug"`
	Title  string `bun:"title"`
}

type blog struct {
	db     *database.DB
	urls   *web.Router
	videos string
}

func (b *blog) routes(r *web.Router) {
	b.urls = r
	r.Use((&web.Input{Validator: rulesOf(b.db)}).Middleware)

	r.Get("/", b.home).Name("home")
	r.Post("/posts", b.store).Name("posts.store")
	r.Any("/echo", b.home)
	r.Get("/files/{path...}", b.home)

	r.Group("/admin", func(r *web.Router) {
		r.Use(signedIn)
		r.Get("/posts/{id}", b.show).Name("admin.posts.show")
		r.Delete("/posts/{id}", b.home).Use(admin)
	})

	r.Resource("/comments", Comments{})
	r.Mount("/tools", http.FileServerFS(os.DirFS("testdata")))

	r.Host("{team}.example.com", func(r *web.Router) {
		r.Get("/", b.team)
	})

	r.Group("/videos", func(r *web.Router) {
		r.Use((&web.Input{MaxUpload: 500 << 20}).Middleware)
		r.Post("/", b.upload)
		r.Post("/streamed", b.stream)
	})

	r.Fallback(b.missing)
}

func signedIn(next http.Handler) http.Handler { return next }

func admin(next http.Handler) http.Handler { return next }

func (b *blog) home(w http.ResponseWriter, r *http.Request) error {
	address, err := b.urls.URL("admin.posts.show", web.Params{"id": 7, "tab": "text"})
	if err != nil {
		return err
	}
	return web.Text(w, http.StatusOK, address) // /admin/posts/7?tab=text
}

func (b *blog) show(w http.ResponseWriter, r *http.Request) error {
	post, err := web.Bound(r, "id", b.find)
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, post)
}

func (b *blog) find(ctx context.Context, id int64) (Post, error) {
	return database.Find[Post](ctx, b.db, id)
}

type Size string

func (s Size) Valid() bool { return s == "small" || s == "large" }

func parameters(r *http.Request) error {
	id, err := web.Param[int64](r, "id")
	if err != nil {
		return err
	}
	key, err := web.Param[uuid.UUID](r, "key")
	if err != nil {
		return err
	}
	day, err := web.Param[time.Time](r, "day") // 2026-01-31
	if err != nil {
		return err
	}
	size, err := web.Param[Size](r, "size")
	if err != nil {
		return err
	}
	_, _, _, _ = id, key, day, size
	return nil
}

type Comments struct{}

func (Comments) Index(w http.ResponseWriter, _ *http.Request) error {
	return web.Text(w, http.StatusOK, "all comments")
}

func (Comments) Show(w http.ResponseWriter, r *http.Request) error {
	return web.Text(w, http.StatusOK, "comment "+r.PathValue("id"))
}

func (b *blog) team(w http.ResponseWriter, r *http.Request) error {
	return web.Text(w, http.StatusOK, "the team "+r.PathValue("team"))
}

func (b *blog) missing(http.ResponseWriter, *http.Request) error {
	return &web.Error{Status: http.StatusNotFound, Message: "There is no such page."}
}

type author struct {
	Name  string `json:"name" validate:"required,max=100"`
	Email string `json:"email" label:"e-mail address" validate:"required,email"`
}

type postForm struct {
	TeamID    int64      `json:"team_id"`
	Title     string     `json:"title" validate:"required,max=200"`
	Slug      string     `json:"slug" validate:"required,slug,unique=posts.slug team_id=TeamID"`
	Kind      string     `json:"kind" validate:"oneof=text link"`
	Link      string     `json:"link" validate:"required_if=Kind link,url"`
	Publish   *time.Time `json:"publish" validate:"after=now"`
	Author    author     `json:"author"`
	Editors   []author   `json:"editors" validate:"max=5"`
	Tags      []string   `json:"tags" validate:"max=10,distinct,dive,slug"`
	Password  string     `json:"password" validate:"min=12"`
	Repeat    string     `json:"repeat" validate:"required_with=Password,same=Password" message:"The two passwords differ."`
	Overwrite bool       `query:"overwrite"`
}

func (f postForm) Validate(ctx context.Context) error {
	var errs validate.Errors
	for _, e := range f.Editors {
		if e.Email == f.Author.Email {
			errs.Add("editors", "The author cannot be an editor, too.")
		}
	}
	return errs.Err()
}

func (b *blog) store(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Bind[postForm](r)
	if err != nil {
		return err
	}
	post := Post{TeamID: form.TeamID, Slug: form.Slug, Title: form.Title}
	if err := database.Insert(r.Context(), b.db, &post); err != nil {
		return err
	}
	return web.JSON(w, http.StatusCreated, post)
}

func rulesOf(db *database.DB) *validate.Validator {
	rules := database.Rules(db) // unique and exists
	rules["decent"] = func(_ context.Context, f validate.Field) (bool, error) {
		return !strings.Contains(f.Text(), "darn"), nil
	}
	return validate.New(&validate.Options{
		Rules: rules,
		Catalogue: func(ctx context.Context) *validate.Catalogue {
			if language(ctx) == "de" {
				return &german
			}
			return &validate.Catalogue{Messages: map[string]string{"decent": "The {field} has a bad word."}}
		},
	})
}

var german = validate.Catalogue{
	Messages: map[string]string{
		"required":       "{field} fehlt.",
		"max.text":       "{field} darf höchstens {max} {max:Zeichen|Zeichen} haben.",
		"title.required": "Ohne Titel geht es nicht.",
	},
	Fields: map[string]string{"slug": "Kurzname", "author.email": "E-Mail-Adresse"},
}

type languageKey struct{}

func language(ctx context.Context) string {
	text, _ := ctx.Value(languageKey{}).(string)
	return text
}

type videoForm struct {
	Title  string        `json:"title" validate:"required"`
	Video  *web.Upload   `json:"video" validate:"required" file:"max=400MB,types=video/*"`
	Covers []*web.Upload `json:"covers" validate:"max=3" file:"max=5MB,types=image/png image/jpeg"`
}

func (b *blog) upload(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Bind[videoForm](r)
	if err != nil {
		return err
	}
	if err := form.Video.Save(filepath.Join(b.videos, uuid.NewString()+".mp4")); err != nil {
		return err
	}
	return web.Text(w, http.StatusCreated, form.Video.Name)
}

func (b *blog) stream(w http.ResponseWriter, r *http.Request) error {
	file, err := os.CreateTemp(b.videos, "video-*")
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = web.BindTo[videoForm](r, func(u *web.Upload) (io.Writer, error) {
		if u.Field == "video" {
			return file, nil
		}
		return nil, nil // a temporary file, as with Bind
	})
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return web.Text(w, http.StatusCreated, filepath.Base(file.Name()))
}

func newBlog(t *testing.T) (*blog, *web.Router) {
	t.Helper()
	db, err := database.Open("sqlite://:memory:", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE posts (id INTEGER PRIMARY KEY AUTOINCREMENT, team_id integer, slug text, title text)"); err != nil {
		t.Fatal(err)
	}
	b := &blog{db: db, videos: t.TempDir()}
	return b, routed(t, b.routes)
}

func TestTheBlogOfThePages(t *testing.T) {
	t.Parallel()
	_, r := newBlog(t)
	valid := `{"team_id":1,"title":"New","slug":"new","kind":"text","author":{"name":"Ada","email":"ada@example.com"}}`
	for _, tt := range []struct{ method, target, body, want string }{
		{"GET", "/", "", "200 /admin/posts/7?tab=text"},
		{"GET", "/admin/posts/1", "", "404 Not Found"},
		{"POST", "/posts?overwrite=true", valid, `201 {"ID":1,"TeamID":1,"Slug":"new","Title":"New"}`},
		{"GET", "/admin/posts/1", "", `200 {"ID":1,"TeamID":1,"Slug":"new","Title":"New"}`},
		{"GET", "/comments/7", "", "200 comment 7"},
		{"GET", "acme.example.com/", "", "200 the team acme"},
		{"GET", "/nothing", "", "404 There is no such page."},
		{"OPTIONS", "/posts", "", "204"},
	} {
		req := httptest.NewRequest(tt.method, "/", strings.NewReader(tt.body))
		req.Header.Set("Content-Type", jsonType)
		host, path, _ := strings.Cut(tt.target, "/")
		if host != "" {
			req.Host = host
		}
		var err error
		if req.URL, err = req.URL.Parse("/" + path); err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		r.ServeHTTP(w, req)
		if got := strings.TrimSpace(strings.Join([]string{http.StatusText(w.Code), w.Body.String()}, " ")); !strings.Contains(got, strings.TrimSpace(tt.want[3:])) || w.Code/100 != int(tt.want[0]-'0') {
			t.Errorf("%s %s = %d %s, want %s", tt.method, tt.target, w.Code, w.Body, tt.want)
		}
	}
	if err := parameters(httptest.NewRequest("GET", "/", nil)); err == nil {
		t.Error("a request without parameters has them")
	}
}

func TestTheFormOfThePages(t *testing.T) {
	t.Parallel()
	b, _ := newBlog(t)
	exec(t, b.db, "INSERT INTO posts (team_id, slug) VALUES (1, 'taken')")
	rules := rulesOf(b.db)
	ada := author{"Ada", "ada@example.com"}
	past := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	form := postForm{TeamID: 1, Slug: "taken", Kind: "link", Publish: &past, Author: ada, Editors: []author{ada, {Email: "x"}}, Tags: []string{"a", "B"}, Password: "long enough!", Repeat: "other"}
	want := map[string]string{
		"title": "The title is required.", "slug": "The slug has already been taken.", "link": "The link is required when kind is link.", "publish": "The publish must be in the future.",
		"editors.1.name": "The name is required.", "editors.1.email": "The e-mail address must be a valid e-mail address.", "tags.1": "The entry 2 of tags may only have small letters, digits and single hyphens between them.",
		"repeat": "The two passwords differ.",
	}
	if diff := cmp.Diff(want, messages(t, rules.Struct(t.Context(), form))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	form = postForm{Title: "x", Slug: "x", Kind: "text", Author: ada, Editors: []author{ada}}
	if diff := cmp.Diff(map[string]string{"editors": "The author cannot be an editor, too."}, messages(t, rules.Struct(t.Context(), form))); diff != "" {
		t.Errorf("the method (-want +got):\n%s", diff)
	}
	ctx := context.WithValue(t.Context(), languageKey{}, "de")
	want = map[string]string{"title": "Ohne Titel geht es nicht.", "slug": "Kurzname fehlt.", "author.name": "name darf höchstens 100 Zeichen haben.", "author.email": "E-Mail-Adresse fehlt."}
	if diff := cmp.Diff(want, messages(t, rules.Struct(ctx, postForm{Kind: "text", Author: author{Name: strings.Repeat("x", 101)}}))); diff != "" {
		t.Errorf("in German (-want +got):\n%s", diff)
	}
	if err := rules.Check(postForm{}, videoForm{}); err != nil {
		t.Error(err)
	}
}

func exec(t *testing.T, db *database.DB, query string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query); err != nil {
		t.Fatal(err)
	}
}

func messages(t *testing.T, err error) map[string]string {
	t.Helper()
	errs, ok := errors.AsType[validate.Errors](err)
	if !ok {
		t.Fatalf("the error is %v", err)
	}
	return errs.FieldErrors()
}

func TestTheVideosOfThePages(t *testing.T) {
	t.Parallel()
	b, r := newBlog(t)
	const mp4 = "\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"
	for _, path := range []string{"/videos", "/videos/streamed"} {
		req := multipartForm(t, "title=a", "video=holiday.mp4:"+mp4, "covers=a.png:"+png)
		req.URL.Path = path
		w := httptest.NewRecorder()
		r.ServeHTTP(w, req)
		if w.Code != http.StatusCreated {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
		req = multipartForm(t, "title=a", "video=holiday.mp4:<html>")
		req.URL.Path = path
		w = httptest.NewRecorder()
		if r.ServeHTTP(w, req); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	kept, err := os.ReadDir(b.videos)
	if err != nil || len(kept) != 2 {
		t.Errorf("kept %v, %v", kept, err)
	}
}

func TestThePagesShowThisCode(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("guide_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"routing.md", "validation.md"} {
		page, err := os.ReadFile(filepath.Join("..", "docs", name))
		if err != nil {
			t.Fatal(err)
		}
		blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllSubmatch(page, -1)
		if len(blocks) < 6 {
			t.Errorf("%s has %d pieces of code", name, len(blocks))
		}
		for _, b := range blocks {
			if !bytes.Contains(squeezed(source), squeezed(b[1])) {
				t.Errorf("%s shows code that is not here:\n%s", name, b[1])
			}
		}
	}
}

// squeezed is a text without differences of spaces and indentation.
func squeezed(text []byte) []byte { return bytes.Join(bytes.Fields(text), []byte(" ")) }

// TestThePageNamesEveryRule compares the page with the rules that have messages.
func TestThePageNamesEveryRule(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/validation.md")
	if err != nil {
		t.Fatal(err)
	}
	inInput := []string{"invalid", "unknown", "entry", "input", "or", "type", "range", "text", "file"}
	for key := range validate.English() {
		rule, _, _ := strings.Cut(key, ".")
		if !slices.Contains(inInput, rule) && !bytes.Contains(page, []byte("`"+rule)) {
			t.Errorf("the page does not name the rule %s", rule)
		}
	}
}
