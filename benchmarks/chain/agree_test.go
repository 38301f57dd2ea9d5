package chain_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/kitgo/kit/benchmarks/tasks"
)

func TestMain(m *testing.M) {
	if name := os.Getenv(serveVariable); name != "" {
		serve(name)
		return
	}
	os.Exit(m.Run())
}

// TestTheyDoTheSame: only what does the same work may be compared.
func TestTheyDoTheSame(t *testing.T) {
	for _, c := range contenders {
		var out bytes.Buffer
		h := c.make(slog.New(slog.NewJSONHandler(&out, nil)))
		ask := func(method, path string, headers ...string) *httptest.ResponseRecorder {
			out.Reset()
			r := httptest.NewRequest(method, path, strings.NewReader("body"))
			for i := 0; i+1 < len(headers); i += 2 {
				r.Header.Set(headers[i], headers[i+1])
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return w
		}
		w := ask("GET", "/text")
		if w.Code != 200 || w.Body.String() != text {
			t.Errorf("%s: %d %q", c.name, w.Code, w.Body)
		}
		if got := w.Header().Get("Content-Type"); !strings.EqualFold(got, "text/plain; charset=utf-8") {
			t.Errorf("%s: the text is %s", c.name, got)
		}
		var list []item
		if err := json.Unmarshal(ask("GET", "/json").Body.Bytes(), &list); err != nil || len(list) != 5 || list[1].Tags[1] != "home" {
			t.Errorf("%s: %v %v", c.name, list, err)
		}
		for _, task := range tasks.All {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, task.Request()())
			if w.Code != 200 || w.Body.String() != task.Want {
				t.Errorf("%s, %s: %d %q", c.name, task.Name, w.Code, w.Body)
			}
		}
		if c.name == "net/http, nothing" {
			continue
		}
		for _, header := range headers {
			if got := w.Header().Get(header[0]); got != header[1] {
				t.Errorf("%s: %s is %q", c.name, header[0], got)
			}
		}
		if w.Header().Get("X-Request-ID") == "" {
			t.Errorf("%s: no id", c.name)
		}
		ask("GET", "/text")
		var logged map[string]any
		if err := json.Unmarshal(out.Bytes(), &logged); err != nil {
			t.Fatalf("%s: logged %q: %v", c.name, &out, err)
		}
		for _, key := range []string{"method", "path", "status", "bytes", "duration", "client", "request_id"} {
			if v := logged[key]; v == nil || v == "" {
				t.Errorf("%s: the line has no %s: %s", c.name, key, &out)
			}
		}
		if w := ask("POST", "/read", "Sec-Fetch-Site", "cross-site"); w.Code != http.StatusForbidden {
			t.Errorf("%s: a write from another site: %d", c.name, w.Code)
		}
		if w := ask("POST", "/read"); w.Code != 200 {
			t.Errorf("%s: a write: %d", c.name, w.Code)
		}
	}
}
