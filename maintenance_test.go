package kit

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/env"
	"github.com/kitgo/kit/internal/dbtest"
	"github.com/kitgo/kit/internal/leaktest"
)

func TestMain(m *testing.M) {
	// A command leaves its pool to the end of the process.
	os.Exit(leaktest.Run(func() int { return dbtest.Run(m) }, "database/sql.(*DB).connectionOpener"))
}

// command runs a command of the application above on a database.
func command(t *testing.T, url string, args ...string) (int, string) {
	t.Helper()
	var out bytes.Buffer
	source := env.Files(t.TempDir(), map[string]string{"DATABASE_URL": url})
	code := run(t.Context(), hello, source, append([]string{"app"}, args...), console.IO{In: strings.NewReader(""), Out: &out, Err: &out})
	return code, out.String()
}

func TestDownAndUp(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(testing.TB) string{"SQLite": dbtest.SQLite, "PostgreSQL": dbtest.Postgres, "MariaDB": dbtest.MariaDB} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := open(t)
			// Two instances, and commands beside them.
			var instances [2]http.Handler
			var log bytes.Buffer // of requests that come one after the other
			for i := range instances {
				db, err := database.Open(url, nil)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = db.Close() })
				app, err := hello(t.Context(), Config{DatabaseURL: url})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = app.DB.Close() })
				app.Logger = slog.New(slog.NewTextHandler(&log, nil))
				if instances[i], err = app.Handler(); err != nil {
					t.Fatal(err)
				}
			}
			ask := func(i int, path string, cookies ...*http.Cookie) *httptest.ResponseRecorder {
				r := httptest.NewRequest("GET", path, nil)
				for _, c := range cookies {
					r.AddCookie(c)
				}
				w := httptest.NewRecorder()
				instances[i].ServeHTTP(w, r)
				return w
			}
			wait := func(i, status int) *httptest.ResponseRecorder {
				t.Helper()
				for end := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
					w := ask(i, "/hello/Ann")
					if w.Code == status {
						return w
					}
					if time.Now().After(end) {
						t.Fatalf("instance %d still answers %d, want %d", i, w.Code, status)
					}
				}
			}
			do := func(want string, args ...string) {
				t.Helper()
				if code, out := command(t, url, args...); code != 0 || out != want {
					t.Fatalf("%v: exit %d, %q", args, code, out)
				}
			}
			wait(0, 200)
			do("The application was not down.\n", "up")
			do("The application is down. `app up` ends that.\n", "down", "--retry", "90s", "--secret", "let-me-in", "--message", "Back soon.")
			for i := range instances {
				w := wait(i, 503)
				if w.Header().Get("Retry-After") != "90" || w.Body.String() != "Back soon.\n" {
					t.Errorf("%v %q", w.Header(), w.Body)
				}
				if w := ask(i, "/let-me-inn"); w.Code != 503 || len(w.Result().Cookies()) != 0 {
					t.Errorf("with another secret: %d", w.Code)
				}
			}
			w := ask(0, "/let-me-in")
			if w.Code != http.StatusSeeOther || len(w.Result().Cookies()) != 1 {
				t.Fatalf("with the secret: %d %v", w.Code, w.Header())
			}
			if text := log.String(); strings.Contains(strings.ReplaceAll(text, "/let-me-inn", ""), "let-me-in") || !strings.Contains(text, "path=/(secret)") && !strings.Contains(text, `path="/(secret)"`) {
				t.Errorf("the log has the secret: %s", text)
			}
			pass := w.Result().Cookies()[0]
			if strings.Contains(pass.Value, "let-me-in") || !pass.HttpOnly {
				t.Errorf("the cookie is %s", pass)
			}
			if w := ask(1, "/hello/Ann", pass); w.Code != 200 {
				t.Errorf("who has a pass gets %d", w.Code)
			}
			do("The application is down. `app up` ends that.\n", "down")
			for end := time.Now().Add(20 * time.Second); ask(1, "/hello/Ann", pass).Code != 503; time.Sleep(50 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatal("the old pass still opens")
				}
			}
			do("The application is up.\n", "up")
			wait(0, 200)
			wait(1, 200)
		})
	}
}

func TestDownRefusesWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"down", "--secret", "a/b/c/d/e/f"}, {"down", "--secret", "short"}, {"down", "--retry", "-1s"}} {
		if code, out := command(t, dbtest.SQLite(t), args...); code != console.Usage {
			t.Errorf("%v: exit %d, %s", args, code, out)
		}
	}
}

// A page asks at most once a second, and not at all while the database is away, except
// for one request.
func TestLookingForMaintenanceIsRare(t *testing.T) {
	t.Parallel()
	url := dbtest.SQLite(t)
	var log bytes.Buffer
	db, err := database.Open(url, &database.Options{Logging: true, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	m := &maintenance{db: db, log: slog.New(slog.NewTextHandler(&log, nil))}
	for range 100 {
		if m.look(t.Context()) != nil {
			t.Fatal("down")
		}
	}
	if n := strings.Count(log.String(), "msg=query"); n > 3 {
		t.Errorf("%d queries:\n%s", n, &log)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	log.Reset()
	for range 5 {
		old := *m.state.Load()
		old.at = time.Time{}
		m.state.Store(&old)
		if m.look(t.Context()) != nil {
			t.Error("down")
		}
	}
	if n := strings.Count(log.String(), "cannot be read"); n != 1 {
		t.Errorf("%d warnings:\n%s", n, &log)
	}
}
