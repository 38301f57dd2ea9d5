package kittest_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/kitgo/kit"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/inertia"
	"github.com/kitgo/kit/kittest"
	"github.com/kitgo/kit/vite"
	"github.com/kitgo/kit/web"
)

// greeter is an application with one page and one form.
func greeter(t *testing.T) *kit.App {
	t.Helper()
	return greeterOf(t, fstest.MapFS{})
}

// greeterOf is greeter with a build of the frontend.
func greeterOf(t *testing.T, files fstest.MapFS) *kit.App {
	t.Helper()
	cfg := kittest.Config(t)
	db, err := database.Open(cfg.DatabaseURL, &cfg.Database)
	if err != nil {
		t.Fatal(err)
	}
	build, err := vite.New(files)
	if err != nil {
		t.Fatal(err)
	}
	pages := inertia.New(build, nil)
	return &kit.App{Config: cfg, DB: db, Pages: pages, Routes: func(r *web.Router) {
		r.Get("/greet", func(w http.ResponseWriter, r *http.Request) error {
			return pages.Render(w, r, "Greet", map[string]string{"name": r.FormValue("name")})
		})
		r.Get("/visits", func(w http.ResponseWriter, r *http.Request) error {
			before, err := r.Cookie("visits")
			if err != nil {
				before = &http.Cookie{}
			}
			http.SetCookie(w, &http.Cookie{Name: "visits", Value: before.Value + "I", Path: "/"})
			return web.Text(w, http.StatusOK, before.Value)
		})
		r.Post("/greet", func(w http.ResponseWriter, r *http.Request) error {
			return web.Redirect(w, r, "/greet?name="+url.QueryEscape(r.FormValue("name")))
		})
	}}
}

// A page that was made after the last build is tested as if there were no build, which is
// how a clean checkout tests it.
func TestAPageThatIsNewerThanTheBuild(t *testing.T) {
	t.Parallel()
	manifest := `{"src/app.tsx": {"file": "assets/app-11111111.js", "isEntry": true}, "src/pages/Home.tsx": {"file": "assets/Home-22222222.js", "isDynamicEntry": true}}`
	files := fstest.MapFS{".vite/manifest.json": {Data: []byte(manifest)}, "assets/app-11111111.js": {}, "assets/Home-22222222.js": {}}
	app := greeterOf(t, files)
	handler, err := app.Handler()
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	if handler.ServeHTTP(w, httptest.NewRequest("GET", "/greet", nil)); w.Code != http.StatusInternalServerError {
		t.Errorf("a program answers %d for a page that its build does not have", w.Code)
	}
	if page := kittest.New(t, greeterOf(t, files)).Page("/greet"); page.Component != "Greet" {
		t.Errorf("the page is %s", page.Component)
	}
}

func TestClient(t *testing.T) {
	t.Parallel()
	client := kittest.New(t, greeter(t))

	response := client.Post("/greet", url.Values{"name": {"Ada & Co"}})
	if response.Code != http.StatusSeeOther {
		t.Fatalf("POST /greet = %d, want 303", response.Code)
	}
	page := client.Page(response.Header().Get("Location"))
	var props struct{ Name string }
	page.Decode(&props)
	if page.Component != "Greet" || props.Name != "Ada & Co" || page.URL != "/greet?name=Ada+%26+Co" {
		t.Errorf("page %s at %s with %s", page.Component, page.URL, page.Props)
	}
	if code := client.Get("/nowhere").Code; code != http.StatusNotFound {
		t.Errorf("GET /nowhere = %d, want 404", code)
	}
}

func TestClientKeepsCookies(t *testing.T) {
	t.Parallel()
	client := kittest.New(t, greeter(t))
	for _, want := range []string{"", "I", "II"} {
		if got := client.Get("/visits").Body.String(); got != want {
			t.Errorf("the application got the cookie %q, want %q", got, want)
		}
	}
}

func TestClientSendsForms(t *testing.T) {
	t.Parallel()
	app := greeter(t)
	app.Routes = func(r *web.Router) {
		r.Put("/name", func(w http.ResponseWriter, r *http.Request) error {
			form, err := web.Bind[struct {
				Name string `json:"name" validate:"required"`
			}](r)
			if err != nil {
				return err
			}
			return web.Text(w, http.StatusOK, form.Name)
		})
		r.Delete("/name", func(w http.ResponseWriter, r *http.Request) error { return web.Redirect(w, r, "/") })
	}
	client := kittest.New(t, app)
	if answer := client.Send(http.MethodPut, "/name", map[string]any{"name": "Ada"}); answer.Code != http.StatusOK || answer.Body.String() != "Ada" {
		t.Errorf("PUT /name = %d %s", answer.Code, answer.Body)
	}
	if answer := client.Send(http.MethodPut, "/name", map[string]any{}); answer.Code != http.StatusUnprocessableEntity || !strings.Contains(answer.Body.String(), `"name":["The name is required."]`) {
		t.Errorf("PUT /name without one = %d %s", answer.Code, answer.Body)
	}
	if answer := client.Send(http.MethodDelete, "/name", nil); answer.Code != http.StatusSeeOther {
		t.Errorf("DELETE /name = %d %s", answer.Code, answer.Body)
	}
}

func TestEachTestHasADatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	one, two := greeter(t), greeter(t)
	kittest.New(t, one)
	kittest.New(t, two)
	if _, err := one.DB.ExecContext(t.Context(), "CREATE TABLE notes (id integer)"); err != nil {
		t.Fatal(err)
	}
	if _, err := two.DB.ExecContext(t.Context(), "SELECT * FROM notes"); err == nil {
		t.Error("two applications share a database")
	}
}
