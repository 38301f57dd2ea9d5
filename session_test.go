package kit

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/env"
	"github.com/kitgo/kit/session"
	"github.com/kitgo/kit/web"
)

// withSession returns an application that counts the visits of each visitor.
func withSession(t *testing.T, vars map[string]string) *App {
	t.Helper()
	vars["DATABASE_URL"] = "sqlite://:memory:"
	cfg, err := loadConfig[Config](env.Files(t.TempDir(), vars))
	if err != nil {
		t.Fatal(err)
	}
	db, err := database.Open(cfg.DatabaseURL, &cfg.Database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	visits := session.Key[int]("visits")
	return &App{Config: cfg, DB: db, Sessions: session.New(session.NewDatabase(db), &cfg.Session), Routes: func(r *web.Router) {
		r.Get("/", func(_ http.ResponseWriter, r *http.Request) error {
			return visits.Update(r.Context(), func(n int) int { return n + 1 })
		})
	}}
}

func TestAnApplicationHasSessions(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		vars map[string]string
		want string // the cookie, without its value
	}{
		"default":       {map[string]string{}, "kit_session Path=/; Max-Age=7200; HttpOnly; SameSite=Lax"},
		"with a name":   {map[string]string{"APP_NAME": "The Shop!"}, "the_shop_session Path=/; Max-Age=7200; HttpOnly; SameSite=Lax"},
		"production":    {map[string]string{"APP_ENV": "production"}, "kit_session Path=/; Max-Age=7200; HttpOnly; Secure; SameSite=Lax"},
		"its variables": {map[string]string{"APP_ENV": "production", "SESSION_LIFETIME": "60", "SESSION_COOKIE": "c", "SESSION_SECURE": "false", "SESSION_SAME_SITE": "strict"}, "c Path=/; Max-Age=3600; HttpOnly; SameSite=Strict"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			handler, err := withSession(t, tt.vars).Handler()
			if err != nil {
				t.Fatal(err)
			}
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
			value, attributes, _ := strings.Cut(w.Header().Get("Set-Cookie"), "; ")
			cookie, _, _ := strings.Cut(value, "=")
			if got := cookie + " " + attributes; got != tt.want {
				t.Errorf("cookie %s, want %s", got, tt.want)
			}
		})
	}
}

func TestSessionsNeedAKeyInProduction(t *testing.T) {
	t.Parallel()
	for vars, fails := range map[string]bool{"development": false, "production": true} {
		err := withSession(t, map[string]string{"APP_ENV": vars}).check()
		if fails != (err != nil && strings.Contains(err.Error(), "APP_KEY")) {
			t.Errorf("%s: %v", vars, err)
		}
	}
	app := withSession(t, map[string]string{"APP_ENV": "production"})
	app.Config.Database.Key = bytes.Repeat([]byte{1}, 32)
	if err := app.check(); err != nil {
		t.Error(err)
	}
}

func TestSessionVariablesAreChecked(t *testing.T) {
	t.Parallel()
	for variable, value := range map[string]string{"SESSION_LIFETIME": "0", "SESSION_SAME_SITE": "sometimes", "SESSION_SECURE": "maybe"} {
		_, err := loadConfig[Config](env.Files(t.TempDir(), map[string]string{"DATABASE_URL": "sqlite://:memory:", variable: value}))
		if err == nil || !strings.Contains(err.Error(), variable) {
			t.Errorf("%s=%s: %v", variable, value, err)
		}
	}
}

func TestACookieThatBrowsersDropIsFound(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		vars map[string]string
		ok   bool
	}{
		{map[string]string{"SESSION_COOKIE": "__Host-shop"}, true},
		{map[string]string{"SESSION_COOKIE": "__Host-shop", "SESSION_SECURE": "false"}, false},
		{map[string]string{"SESSION_SAME_SITE": "None", "SESSION_SECURE": "false"}, false},
		{map[string]string{"SESSION_SAME_SITE": "None"}, true},
		{map[string]string{"SESSION_COOKIE": "two words"}, false},
	} {
		app := withSession(t, tt.vars)
		if err := app.check(); (err == nil) != tt.ok {
			t.Errorf("%v: %v", tt.vars, err)
		}
		handler, err := app.Handler()
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		if got := w.Header().Get("Set-Cookie"); tt.ok && !strings.Contains(got, "; Secure") {
			t.Errorf("%v: %s", tt.vars, got)
		}
	}
}

func TestPreviousKeysAreThoseOfTheEnvironment(t *testing.T) {
	t.Parallel()
	one, two := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	cfg, err := loadConfig[Config](env.Files(t.TempDir(), map[string]string{
		"DATABASE_URL":      "sqlite://:memory:",
		"APP_PREVIOUS_KEYS": base64.StdEncoding.EncodeToString(one) + "," + base64.StdEncoding.EncodeToString(two),
	}))
	if err != nil {
		t.Fatal(err)
	}
	if got := cfg.PreviousKeys(); len(got) != 2 || !bytes.Equal(got[0], one) || !bytes.Equal(got[1], two) {
		t.Errorf("previous keys: %v", got)
	}
	if got := (Config{}).PreviousKeys(); len(got) != 0 {
		t.Errorf("previous keys of nothing: %v", got)
	}
}

// The application's own page for an error may use the session, whatever failed.
func TestThePageForAnErrorHasTheSession(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	app := withSession(t, map[string]string{"APP_HOSTS": "example.com", "APP_ENV": "test"})
	app.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelError}))
	visits := session.Key[int]("visits")
	app.ErrorPage = func(w http.ResponseWriter, r *http.Request, f web.Failure) error {
		n, err := visits.Get(r.Context())
		if err != nil {
			return err
		}
		return web.HTML(w, f.Status, fmt.Sprint("own page after ", n))
	}
	app.Middleware = []web.Middleware{func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/middleware" {
				panic("middleware")
			}
			next.ServeHTTP(w, r)
		})
	}}
	routes := app.Routes
	app.Routes = func(r *web.Router) {
		routes(r)
		r.Get("/panic", func(http.ResponseWriter, *http.Request) error { panic("handler") })
		r.Get("/error", func(http.ResponseWriter, *http.Request) error { return errors.New("handler") })
		r.Post("/", func(http.ResponseWriter, *http.Request) error { return nil })
	}
	handler, err := app.Handler()
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	cookie := w.Result().Cookies()[0]
	for path, want := range map[string]struct {
		status, logged int
		body           string
	}{
		"GET /error":                  {500, 1, "own page after 1"},
		"GET /panic":                  {500, 1, "own page after 1"},
		"GET /middleware":             {500, 1, "own page after 1"},
		"GET /none":                   {404, 0, "own page after 1"},
		"POST /":                      {403, 0, "own page after 1"},
		"GET http://evil.example/any": {421, 0, "<h1>421</h1>"},
	} {
		method, target, _ := strings.Cut(path, " ")
		r := httptest.NewRequest(method, target, nil)
		r.AddCookie(cookie)
		r.Header.Set("Accept", "text/html")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		w, before := httptest.NewRecorder(), strings.Count(log.String(), "\n")
		handler.ServeHTTP(w, r)
		if n := strings.Count(log.String(), "\n") - before; w.Code != want.status || !strings.Contains(w.Body.String(), want.body) || strings.Contains(w.Body.String(), "<pre>") || n != want.logged {
			t.Errorf("%s: %d %s, %d errors logged, want %+v", path, w.Code, w.Body, n, want)
		}
	}
}
