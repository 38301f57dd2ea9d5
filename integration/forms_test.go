package integration_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kitgo/kit/internal/dbtest"
)

// formsTest is a test of a new application to which somebody adds a form.
const formsTest = `package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/kitgo/kit/kittest"
	"github.com/kitgo/kit/web"
)

type guest struct {
	Name string ` + "`json:\"name\" validate:\"required\"`" + `
}

func TestAForm(t *testing.T) {
	app, err := newApp(t.Context(), Config{Config: kittest.Config(t)})
	if err != nil {
		t.Fatal(err)
	}
	routes := app.Routes
	app.Routes = func(r *web.Router) {
		routes(r)
		r.Post("/guests", func(w http.ResponseWriter, r *http.Request) error {
			form, err := web.Bind[guest](r)
			if err != nil {
				return err
			}
			if err := app.Pages.Flash(w, r, "welcome", form.Name); err != nil {
				return err
			}
			return web.Redirect(w, r, "/")
		})
	}
	client := kittest.New(t, app)
	for body, want := range map[string][2]string{
		"{}":                  {"/about", ` + "`\"errors\":{\"name\":\"The name is required.\"}`" + `},
		` + "`{\"name\":\"Ada\"}`" + `: {"/", ` + "`\"flash\":{\"welcome\":\"Ada\"}`" + `},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/guests", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Inertia", "true")
		r.Header.Set("Referer", "http://example.com/about")
		answer := client.Do(r)
		if answer.Code != http.StatusSeeOther || answer.Header().Get("Location") != want[0] {
			t.Fatalf("%s = %d to %q, want 303 to %s:\n%s", body, answer.Code, answer.Header().Get("Location"), want[0], answer.Body)
		}
		for _, again := range []bool{false, true} {
			next := httptest.NewRequestWithContext(t.Context(), http.MethodGet, want[0], nil)
			if !again {
				for _, c := range answer.Result().Cookies() {
					next.AddCookie(c)
				}
			}
			if page := client.Do(next); page.Code != http.StatusOK || strings.Contains(page.Body.String(), want[1]) == again {
				t.Errorf("after %s, without what was left: %v: %d %s", body, again, page.Code, page.Body)
			}
		}
	}
}
`

// In a new application the errors of a form come back to its page.
func TestANewApplicationTakesForms(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "shop")
	if err := command(filepath.Dir(dir), kitCommand(t), "new", "shop", "--no-interaction", "--no-git"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "forms_test.go"), []byte(formsTest), 0o600); err != nil {
		t.Fatal(err)
	}
	// Without a key, as in its tests, and with the one that kit new writes.
	if err := command(dir, "go", "test", "-run", "TestAForm", "."); err != nil {
		t.Fatal(err)
	}
	production := []string{"DATABASE_URL=" + dbtest.SQLite(t), "APP_ENV=production"}
	for want, vars := range map[bool][]string{true: nil, false: {"APP_KEY=" + strings.Repeat("A", 43) + "="}} {
		got := run(t, appBinary(t), append(vars, production...), "doctor")
		if got.code != 0 || strings.Contains(got.stdout, "APP_KEY is not set") != want {
			t.Errorf("doctor with %v: %d\n%s", vars, got.code, got.stdout)
		}
	}
	if about := run(t, appBinary(t), production, "about", "--json"); !strings.Contains(about.stdout, `"needs_key": true`) {
		t.Errorf("the files of platforms have no key:\n%s", about.stdout)
	}
}
