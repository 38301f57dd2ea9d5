package web_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/web"
)

type status int

func (s status) Error() string   { return "secret" }
func (s status) StatusCode() int { return int(s) }

// It cannot run in parallel: it replaces the default logger.
func TestWriteErrorAnswersAndLogs(t *testing.T) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	tests := map[string]struct {
		ctx    context.Context
		err    error
		status int
		body   string
		logged bool
	}{
		"an error without a status":           {t.Context(), errors.New("secret"), 500, "Internal Server Error\n", true},
		"an error with a status":              {t.Context(), status(404), 404, "Not Found\n", false},
		"a wrapped error with a status":       {t.Context(), fmt.Errorf("loading: %w", status(503)), 503, "Service Unavailable\n", true},
		"a message for the client":            {t.Context(), &web.Error{Status: 409, Message: "Sold out.", Err: errors.New("secret")}, 409, "Sold out.\n", false},
		"a message without a status":          {t.Context(), &web.Error{Message: "Try again."}, 500, "Try again.\n", true},
		"a status that is none":               {t.Context(), status(0), 500, "Internal Server Error\n", true},
		"a status that is no error":           {t.Context(), status(200), 500, "Internal Server Error\n", true},
		"a body that is too large":            {t.Context(), fmt.Errorf("reading: %w", &http.MaxBytesError{Limit: 1}), 413, "Request Entity Too Large\n", false},
		"a time-out":                          {t.Context(), fmt.Errorf("loading: %w", context.DeadlineExceeded), 503, "Service Unavailable\n", true},
		"the client has gone":                 {gone, fmt.Errorf("querying: %w", context.Canceled), 499, "", false},
		"an error of its own, and it is gone": {gone, errors.New("secret"), 500, "Internal Server Error\n", true},
		"something else was canceled":         {t.Context(), context.Canceled, 500, "Internal Server Error\n", true},
	}
	before := slog.Default()
	defer slog.SetDefault(before)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
			w := httptest.NewRecorder()
			web.WriteError(w, request("GET", "/pay?token=hidden").WithContext(tt.ctx), tt.err)
			if diff := cmp.Diff(tt.body, w.Body.String()); diff != "" || w.Code != tt.status {
				t.Errorf("status %d, want %d (-want +got):\n%s", w.Code, tt.status, diff)
			}
			line := log.String()
			if (line != "") != tt.logged || tt.logged && (!strings.Contains(line, tt.err.Error()) || !strings.Contains(line, "method=GET path=/pay status=")) || strings.Contains(line, "hidden") {
				t.Errorf("logged %q, want a line: %t", line, tt.logged)
			}
		})
	}
}

func TestOnErrorAnswersEverythingThatFails(t *testing.T) {
	t.Parallel()
	r := web.NewRouter()
	r.OnError(func(w http.ResponseWriter, _ *http.Request, err error) {
		status := 500
		if e, ok := errors.AsType[*web.Error](err); ok {
			status = e.Status
		}
		_ = web.Text(w, status, "own: "+err.Error())
	})
	r.Get("/broken", func(http.ResponseWriter, *http.Request) error { return errors.New("x") })
	for target, want := range map[string]string{"GET /broken": "500 own: x", "GET /nope": "404 own: Not Found", "POST /broken": "405 own: Method Not Allowed"} {
		method, path, _ := strings.Cut(target, " ")
		w := httptest.NewRecorder()
		r.ServeHTTP(w, request(method, path))
		if got := fmt.Sprint(w.Code, " ", w.Body); got != want {
			t.Errorf("%s = %s, want %s", target, got, want)
		}
	}
}

func TestABodyCutOffByMaxBodyIs413(t *testing.T) {
	t.Parallel()
	r := web.NewRouter()
	r.Post("/", func(_ http.ResponseWriter, r *http.Request) error {
		_, err := io.ReadAll(r.Body)
		return err
	})
	w := httptest.NewRecorder()
	web.MaxBody(2)(r).ServeHTTP(w, httptest.NewRequest("POST", "/", io.MultiReader(strings.NewReader("abc"))))
	if w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d, want 413", w.Code)
	}
}

func TestAPathWithDoubleSlashesIsCleaned(t *testing.T) {
	t.Parallel()
	r := web.NewRouter()
	r.Get("/a", ok)
	req := request("GET", "/")
	req.URL.Path = "//a"
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	if w.Code/100 != 3 || w.Header().Get("Location") != "/a" {
		t.Errorf("status %d, Location %q, want a redirect to /a", w.Code, w.Header().Get("Location"))
	}
}
