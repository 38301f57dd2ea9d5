package kit

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/kitgo/kit/env"
	"github.com/kitgo/kit/web"
)

func TestPartsOfTheChainCanBeReplaced(t *testing.T) {
	t.Parallel()
	app := withSession(t, map[string]string{"APP_ENV": "production", "APP_HOSTS": "shop.example"})
	app.Routes = func(r *web.Router) {
		r.Get("/", func(w http.ResponseWriter, _ *http.Request) error { return web.Text(w, 200, strings.Repeat("x", 2000)) })
	}
	app.Chain = func(c *Chain) {
		c.Compress = nil
		c.SecureHeaders = func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Frame-Options", "DENY")
				next.ServeHTTP(w, r)
			})
		}
	}
	handler, err := app.Handler()
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "https://shop.example/", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if h := w.Header(); w.Code != 200 || h.Get("Content-Encoding") != "" || h.Get("X-Frame-Options") != "DENY" || h.Get("Strict-Transport-Security") != "max-age=31536000" || h.Get("X-Request-Id") == "" {
		t.Errorf("%d %v", w.Code, h)
	}
	w = httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest("GET", "https://evil.example/", nil))
	if w.Code != http.StatusMisdirectedRequest {
		t.Errorf("another host: %d", w.Code)
	}
}

func TestVariablesOfTheChainAreChecked(t *testing.T) {
	t.Parallel()
	for variable, value := range map[string]string{"TRUSTED_ORIGINS": "app.example", "ACCESS_LOG_SAMPLE": "2"} {
		cfg, err := loadConfig[Config](env.Files(t.TempDir(), map[string]string{"DATABASE_URL": "sqlite://:memory:", variable: value}))
		if err != nil {
			t.Fatal(err)
		}
		if err := cfg.check(); err == nil || !strings.Contains(err.Error(), variable) {
			t.Errorf("%s=%s: %v", variable, value, err)
		}
	}
}
