package kit

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/kitgo/kit/web"
)

func TestErrorsHaveDetailsInDevelopmentOnly(t *testing.T) {
	t.Parallel()
	for environment, shown := range map[string]bool{"development": true, "production": false, "staging": false, "testing": false} {
		app := withSession(t, map[string]string{"APP_ENV": environment})
		app.Logger = slog.New(slog.DiscardHandler)
		app.Routes = func(r *web.Router) {
			r.Get("/", func(_ http.ResponseWriter, r *http.Request) error {
				_, err := app.DB.ExecContext(r.Context(), "SELECT secret FROM nowhere")
				return errors.Join(errors.New("reading the page"), err)
			})
			r.Get("/panic", func(_ http.ResponseWriter, r *http.Request) error {
				_, _ = app.DB.ExecContext(r.Context(), "SELECT secret FROM nowhere")
				panic("reading the page")
			})
		}
		handler, err := app.Handler()
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"/", "/panic"} {
			r := httptest.NewRequest("GET", path, nil)
			r.Header.Set("Accept", "text/html")
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			body := w.Body.String()
			for _, detail := range []string{"reading the page", "SELECT secret FROM nowhere", "errors_test.go:2", "ExecContext(r.Context()"} {
				if w.Code != 500 || strings.Contains(body, detail) != shown {
					t.Errorf("%s %s: %d, detail %q shown is not %t:\n%s", environment, path, w.Code, detail, shown, body)
				}
			}
		}
	}
}
