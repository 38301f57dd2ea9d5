package inertia_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/inertia"
	"github.com/kitgo/kit/vite"
)

func renderer(t testing.TB) (pages *inertia.Renderer, version string) {
	t.Helper()
	build, err := vite.New(fstest.MapFS{
		".vite/manifest.json":    {Data: []byte(`{"src/app.tsx": {"file": "assets/app-11111111.js"}}`)},
		"assets/app-11111111.js": {Data: []byte("app")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return inertia.New(build, &inertia.Options{Title: "Tom & Jerry", Head: `<link rel="icon" href="/favicon.svg">`}), build.Version()
}

type props struct {
	Name string `json:"name"`
}

// visit sends a request with headers given in pairs through the middleware to a
// handler.
func visit(t *testing.T, pages *inertia.Renderer, h func(w http.ResponseWriter, r *http.Request) error, method, target string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	pages.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			t.Error(err)
		}
	})).ServeHTTP(w, r)
	return w
}

func TestAFirstVisitIsADocument(t *testing.T) {
	t.Parallel()
	pages, version := renderer(t)
	w := visit(t, pages, func(w http.ResponseWriter, r *http.Request) error {
		return pages.Render(w, r, "Users/Show", props{"</script><b>&"})
	}, "GET", "/users/7?tab=a&b=%20")
	want := `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tom &amp; Jerry</title>
<link rel="icon" href="/favicon.svg">
<script type="module" src="/assets/app-11111111.js"></script>
</head>
<body>
<script data-page="app" type="application/json">{"component":"Users/Show","props":{"errors":{},"name":"\u003c/script\u003e\u003cb\u003e\u0026"},"url":"/users/7?tab=a\u0026b=%20","version":"` + version + `"}</script>
<div id="app"></div>
</body>
</html>
`
	if diff := cmp.Diff(want, w.Body.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if w.Code != 200 || w.Header().Get("Content-Type") != "text/html; charset=utf-8" || w.Header().Get("Vary") != "X-Inertia" || w.Header().Get("X-Inertia") != "" {
		t.Errorf("status %d, headers %v", w.Code, w.Header())
	}
}

func TestALaterVisitIsJSON(t *testing.T) {
	t.Parallel()
	pages, version := renderer(t)
	tests := map[string]struct {
		props any
		want  string
	}{
		"a struct":              {props{"Ada"}, `{"errors":{},"name":"Ada"}`},
		"a pointer":             {&props{"Ada"}, `{"errors":{},"name":"Ada"}`},
		"a map":                 {map[string]any{"n": 1}, `{"errors":{},"n":1}`},
		"nothing":               {nil, `{"errors":{}}`},
		"a nil pointer":         {(*props)(nil), `{"errors":{}}`},
		"an empty struct":       {struct{}{}, `{"errors":{}}`},
		"errors further down":   {map[string]any{"a": map[string]any{"errors": 1}, "b": []string{"errors", "\\\"errors\""}, "c": "errors"}, `{"errors":{},"a":{"errors":1},"b":["errors","\\\"errors\""],"c":"errors"}`},
		"errors that are nil":   {map[string]any{"a": 1, "errors": map[string]string(nil), "z": 2}, `{"errors":{},"a":1,"z":2}`},
		"errors of the handler": {map[string]any{"errors": map[string]string{"name": "is missing"}}, `{"errors":{"name":"is missing"}}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := visit(t, pages, func(w http.ResponseWriter, r *http.Request) error { return pages.Render(w, r, "Show", tt.props) },
				"GET", "/users?page=2", "X-Inertia", "true", "X-Inertia-Version", version)
			var page struct {
				Component, URL, Version string
				Props                   json.RawMessage
			}
			if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil {
				t.Fatal(err)
			}
			if page.Component != "Show" || page.URL != "/users?page=2" || page.Version != version || string(page.Props) != tt.want {
				t.Errorf("page %s, props want %s", w.Body, tt.want)
			}
			if w.Header().Get("X-Inertia") != "true" || w.Header().Get("Content-Type") != "application/json" || w.Header().Get("Vary") != "X-Inertia" {
				t.Errorf("headers %v", w.Header())
			}
		})
	}
}

func TestPropsThatCannotBeSent(t *testing.T) {
	t.Parallel()
	pages, _ := renderer(t)
	for name, value := range map[string]any{"a list": []int{1}, "a number": 1, "a channel": make(chan int), "a list of errors": map[string]any{"errors": []string{"x"}}, "a function inside": map[string]any{"f": func() {}}} {
		w := httptest.NewRecorder()
		err := pages.Render(w, httptest.NewRequest("GET", "/", nil), "Show", value)
		if err == nil || !strings.Contains(err.Error(), "the props of page Show") || w.Body.Len() > 0 {
			t.Errorf("%s: error %v, %d bytes written", name, err, w.Body.Len())
		}
	}
}

func TestProtocol(t *testing.T) {
	t.Parallel()
	pages, version := renderer(t)
	redirect := func(status int, to string) func(http.ResponseWriter, *http.Request) error {
		return func(w http.ResponseWriter, r *http.Request) error { http.Redirect(w, r, to, status); return nil }
	}
	tests := map[string]struct {
		handler func(http.ResponseWriter, *http.Request) error
		method  string
		headers []string
		status  int
		want    map[string]string // headers of the answer; "" means absent
	}{
		"other assets": {nil, "GET", []string{"X-Inertia", "true", "X-Inertia-Version", "old"}, 409,
			map[string]string{"X-Inertia-Location": "/x?y=1", "X-Inertia-Version": version, "X-Inertia": "", "Vary": "X-Inertia"}},
		"no version at all": {nil, "GET", []string{"X-Inertia", "true"}, 409,
			map[string]string{"X-Inertia-Location": "/x?y=1"}},
		"a write with other assets is done": {redirect(303, "/"), "POST", []string{"X-Inertia", "true", "X-Inertia-Version", "old"}, 303,
			map[string]string{"Location": "/", "Vary": "X-Inertia"}},
		"a document has no version": {redirect(302, "/"), "GET", nil, 302,
			map[string]string{"Location": "/", "Vary": "X-Inertia"}},
		"302 after PUT":            {redirect(302, "/"), "PUT", []string{"X-Inertia", "true"}, 303, map[string]string{"Location": "/"}},
		"302 after PATCH":          {redirect(302, "/"), "PATCH", []string{"X-Inertia", "true"}, 303, map[string]string{"Location": "/"}},
		"302 after DELETE":         {redirect(302, "/"), "DELETE", []string{"X-Inertia", "true"}, 303, map[string]string{"Location": "/"}},
		"307 after PUT stays":      {redirect(307, "/"), "PUT", []string{"X-Inertia", "true"}, 307, map[string]string{"Location": "/"}},
		"302 after a form's PUT":   {redirect(302, "/"), "PUT", nil, 302, map[string]string{"Location": "/"}},
		"a redirect to a fragment": {redirect(303, "/x#there"), "POST", []string{"X-Inertia", "true"}, 409, map[string]string{"X-Inertia-Redirect": "/x#there", "Location": "", "X-Inertia": ""}},
		"a fragment, prefetched":   {redirect(303, "/x#there"), "POST", []string{"X-Inertia", "true", "Purpose", "prefetch"}, 303, map[string]string{"Location": "/x#there"}},
		"a fragment, in a form":    {redirect(303, "/x#there"), "POST", nil, 303, map[string]string{"Location": "/x#there"}},
		"another site, from a visit": {func(w http.ResponseWriter, r *http.Request) error {
			return inertia.Location(w, r, "https://pay.example/1")
		}, "POST", []string{"X-Inertia", "true"}, 409, map[string]string{"X-Inertia-Location": "https://pay.example/1", "X-Inertia-Version": "", "X-Inertia": ""}},
		"another site, from a form": {func(w http.ResponseWriter, r *http.Request) error {
			return inertia.Location(w, r, "https://pay.example/1")
		}, "POST", nil, 303, map[string]string{"Location": "https://pay.example/1"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := tt.handler
			if h == nil {
				h = func(http.ResponseWriter, *http.Request) error { t.Error("the handler ran"); return nil }
			}
			w := visit(t, pages, h, tt.method, "/x?y=1", tt.headers...)
			if w.Code != tt.status {
				t.Errorf("status %d, want %d", w.Code, tt.status)
			}
			for header, want := range tt.want {
				if got := w.Header().Get(header); got != want {
					t.Errorf("%s = %q, want %q", header, got, want)
				}
			}
			if w.Code == http.StatusConflict && w.Body.Len() > 0 {
				t.Errorf("a 409 with the body %q", w.Body)
			}
		})
	}
}

func TestOtherVaryValuesStay(t *testing.T) {
	t.Parallel()
	pages, _ := renderer(t)
	w := httptest.NewRecorder()
	w.Header().Set("Vary", "Accept-Encoding")
	pages.Middleware(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if got := strings.Join(w.Header().Values("Vary"), ", "); got != "Accept-Encoding, X-Inertia" {
		t.Errorf("Vary = %s", got)
	}
}

func TestWithoutABuildThePageSaysHowToMakeOne(t *testing.T) {
	t.Parallel()
	build, err := vite.New(fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	pages := inertia.New(build, nil)
	w := httptest.NewRecorder()
	if err := pages.Render(w, httptest.NewRequest("GET", "/", nil), "Home", nil); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(w.Body.String(), "kit build") || !strings.Contains(w.Body.String(), `"component":"Home"`) {
		t.Errorf("the document is %s", w.Body)
	}
}
