package vite_test

import (
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/vite"
)

const manifest = `{
  "src/app.tsx": {"file": "assets/app-11111111.js", "css": ["assets/app-22222222.css"], "imports": ["_react-33333333.js", "_lib-44444444.js"], "dynamicImports": ["src/pages/Home.tsx"], "isEntry": true},
  "_react-33333333.js": {"file": "assets/react-33333333.js", "imports": ["_lib-44444444.js"]},
  "_lib-44444444.js": {"file": "assets/lib-44444444.js", "css": ["assets/lib-55555555.css"]},
  "src/pages/Home.tsx": {"file": "assets/Home-66666666.js", "imports": ["_react-33333333.js"], "isDynamicEntry": true}
}`

func files(extra map[string]string) fstest.MapFS {
	all := map[string]string{
		".vite/manifest.json":        manifest,
		".gitkeep":                   "",
		"assets/app-11111111.js":     "app in plain text",
		"assets/app-11111111.js.br":  "app in brotli",
		"assets/app-11111111.js.gz":  "app in gzip",
		"assets/app-22222222.css":    "app styles",
		"assets/react-33333333.js":   "react",
		"assets/lib-44444444.js":     "lib",
		"assets/lib-55555555.css":    "lib styles",
		"assets/Home-66666666.js":    "home",
		"assets/user-settings.json":  "{}", // from public/assets: its name has no hash
		"assets/app-11111111.js.map": "the map of app",
		"favicon.svg":                "<svg/>",
		"download.gz":                "a file of its own",
	}
	for name, content := range extra {
		all[name] = content
	}
	fsys := fstest.MapFS{}
	for name, content := range all {
		fsys[name] = &fstest.MapFile{Data: []byte(content)}
	}
	return fsys
}

func open(t testing.TB) *vite.Build {
	t.Helper()
	build, err := vite.New(files(nil))
	if err != nil {
		t.Fatal(err)
	}
	return build
}

func TestTags(t *testing.T) {
	t.Parallel()
	got, err := open(t).Tags("src/app.tsx")
	if err != nil {
		t.Fatal(err)
	}
	want := `<link rel="stylesheet" href="/assets/lib-55555555.css">
<link rel="stylesheet" href="/assets/app-22222222.css">
<link rel="modulepreload" href="/assets/react-33333333.js">
<link rel="modulepreload" href="/assets/lib-44444444.js">
<script type="module" src="/assets/app-11111111.js"></script>
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := open(t).Tags("src/other.tsx"); err == nil || !strings.Contains(err.Error(), "src/other.tsx") {
		t.Errorf("an unknown entry: %v", err)
	}
}

func TestBuildsThatAreWrong(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fsys fstest.MapFS
		want string
	}{
		"a manifest that is no JSON": {files(map[string]string{".vite/manifest.json": "{"}), ".vite/manifest.json"},
		"an import that is missing":  {files(map[string]string{".vite/manifest.json": `{"src/app.tsx": {"file": "assets/app-11111111.js", "imports": ["_gone.js"]}}`}), "_gone.js"},
		"an entry without a file":    {files(map[string]string{".vite/manifest.json": `{"src/app.tsx": {}}`}), `names "" for src/app.tsx`},
		"an image that is missing":   {files(map[string]string{".vite/manifest.json": `{"src/app.tsx": {"file": "assets/app-11111111.js", "assets": ["assets/gone-1.png"]}}`}), "assets/gone-1.png"},
		"a file that is missing":     {files(map[string]string{".vite/manifest.json": `{"src/app.tsx": {"file": "assets/gone-1.js"}}`}), "assets/gone-1.js"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := vite.New(tt.fsys); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one about %s", err, tt.want)
			}
		})
	}
}

func TestNotBuiltYet(t *testing.T) {
	t.Parallel()
	build, err := vite.New(fstest.MapFS{".gitkeep": {}})
	if err != nil {
		t.Fatal(err)
	}
	tags, err := build.Tags("src/app.tsx")
	if err != nil || tags != "" || build.Built() || build.Version() != "" {
		t.Errorf("tags %q, %v; built %t, version %q", tags, err, build.Built(), build.Version())
	}
}

func TestVersionFollowsTheManifest(t *testing.T) {
	t.Parallel()
	same, err := vite.New(files(nil))
	if err != nil {
		t.Fatal(err)
	}
	other, err := vite.New(files(map[string]string{".vite/manifest.json": manifest + "\n"}))
	if err != nil {
		t.Fatal(err)
	}
	if v := open(t).Version(); v == "" || v != same.Version() || v == other.Version() {
		t.Errorf("versions %q, %q, %q", v, same.Version(), other.Version())
	}
}

func TestHandler(t *testing.T) {
	t.Parallel()
	build := open(t)
	handler := build.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	const immutable = "public, max-age=31536000, immutable"
	tests := map[string]struct {
		method, path, accept      string
		status                    int
		body, encoding, cache, ct string
	}{
		"a script":                        {"GET", "/assets/app-11111111.js", "", 200, "app in plain text", "", immutable, "text/javascript; charset=utf-8"},
		"brotli is best":                  {"GET", "/assets/app-11111111.js", "gzip, deflate, br", 200, "app in brotli", "br", immutable, "text/javascript; charset=utf-8"},
		"gzip if there is no brotli":      {"GET", "/assets/app-11111111.js", "gzip", 200, "app in gzip", "gzip", immutable, "text/javascript; charset=utf-8"},
		"the client's order counts":       {"GET", "/assets/app-11111111.js", "gzip;q=1.0, br;q=0.5", 200, "app in gzip", "gzip", immutable, "text/javascript; charset=utf-8"},
		"identity is preferred":           {"GET", "/assets/app-11111111.js", "br;q=0.5, identity", 200, "app in plain text", "", immutable, "text/javascript; charset=utf-8"},
		"a public file below assets":      {"GET", "/assets/user-settings.json", "", 200, "{}", "", "no-cache", "application/json"},
		"the map of a script":             {"GET", "/assets/app-11111111.js.map", "", 200, "the map of app", "", immutable, "application/json"},
		"q=0 refuses":                     {"GET", "/assets/app-11111111.js", "br;q=0, gzip;q=0", 200, "app in plain text", "", immutable, "text/javascript; charset=utf-8"},
		"a star allows":                   {"GET", "/assets/app-11111111.js", "*", 200, "app in brotli", "br", immutable, "text/javascript; charset=utf-8"},
		"identity only":                   {"GET", "/assets/app-11111111.js", "identity", 200, "app in plain text", "", immutable, "text/javascript; charset=utf-8"},
		"nonsense":                        {"GET", "/assets/app-11111111.js", "br;q=x,,;=", 200, "app in plain text", "", immutable, "text/javascript; charset=utf-8"},
		"a file without variants":         {"GET", "/assets/app-22222222.css", "br", 200, "app styles", "", immutable, "text/css; charset=utf-8"},
		"a public file is asked again":    {"GET", "/favicon.svg", "", 200, "<svg/>", "", "no-cache", "image/svg+xml"},
		"HEAD":                            {"HEAD", "/assets/app-11111111.js", "br", 200, "", "br", immutable, "text/javascript; charset=utf-8"},
		"a .gz without its plain file":    {"GET", "/download.gz", "", 200, "a file of its own", "", "no-cache", "application/octet-stream"},
		"a variant is no document":        {"GET", "/assets/app-11111111.js.br", "", 404, "Not Found\n", "", "no-store", "text/plain; charset=utf-8"},
		"a missing asset":                 {"GET", "/assets/old-00000000.js", "", 404, "Not Found\n", "", "no-store", "text/plain; charset=utf-8"},
		"the manifest is hidden":          {"GET", "/.vite/manifest.json", "", 418, "", "", "", ""},
		"hidden files are hidden":         {"GET", "/.gitkeep", "", 418, "", "", "", ""},
		"no listing of folders":           {"GET", "/assets/", "", 404, "Not Found\n", "", "no-store", "text/plain; charset=utf-8"},
		"other paths are the app's":       {"GET", "/about", "", 418, "", "", "", ""},
		"other methods are the app's":     {"POST", "/assets/app-11111111.js", "", 418, "", "", "", ""},
		"no way out of the build by dots": {"GET", "/assets/../.vite/manifest.json", "", 404, "Not Found\n", "", "no-store", "text/plain; charset=utf-8"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(tt.method, "http://x/", nil)
			r.URL.Path = tt.path
			if tt.accept != "" {
				r.Header.Set("Accept-Encoding", tt.accept)
			}
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			h := w.Header()
			got := []string{w.Body.String(), h.Get("Content-Encoding"), h.Get("Cache-Control"), h.Get("Content-Type")}
			if diff := cmp.Diff([]string{tt.body, tt.encoding, tt.cache, tt.ct}, got); diff != "" || w.Code != tt.status {
				t.Errorf("status %d, want %d (-want +got):\n%s", w.Code, tt.status, diff)
			}
			if strings.HasSuffix(tt.path, "app-11111111.js") && tt.status == 200 && h.Get("Vary") != "Accept-Encoding" {
				t.Errorf("Vary = %q", h.Get("Vary"))
			}
		})
	}
}

func TestConditionalRequestsAndRanges(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(open(t).Handler(http.NotFoundHandler()))
	defer server.Close()
	get := func(headers ...string) *http.Response {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/assets/app-11111111.js", nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		response, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { response.Body.Close() })
		return response
	}
	plain, brotli := get("Accept-Encoding", "identity"), get("Accept-Encoding", "br")
	etag := plain.Header.Get("ETag")
	if !strings.HasPrefix(etag, `"`) || etag == brotli.Header.Get("ETag") {
		t.Errorf("ETags %s and %s; want two strong ones", etag, brotli.Header.Get("ETag"))
	}
	if brotli.ContentLength != int64(len("app in brotli")) {
		t.Errorf("Content-Length of the brotli variant is %d", brotli.ContentLength)
	}
	if r := get("Accept-Encoding", "identity", "If-None-Match", etag); r.StatusCode != 304 || r.Header.Get("ETag") != etag {
		t.Errorf("with its ETag: %s", r.Status)
	}
	if r := get("Accept-Encoding", "br", "If-None-Match", etag); r.StatusCode != 200 {
		t.Errorf("with the ETag of another variant: %s", r.Status)
	}
	if r := get("Accept-Encoding", "br", "If-Match", `"other"`); r.StatusCode != 412 {
		t.Errorf("if it is another one: %s", r.Status)
	} else if _, err := io.ReadAll(r.Body); err != nil {
		t.Errorf("the answer 412 is cut off: %v", err)
	}
	if r := get("Accept-Encoding", "br", "If-None-Match", brotli.Header.Get("ETag")); r.StatusCode != 304 {
		t.Errorf("the brotli variant with its ETag: %s", r.Status)
	}
	part := get("Accept-Encoding", "identity", "Range", "bytes=0-2")
	body, _ := io.ReadAll(part.Body)
	if part.StatusCode != 206 || string(body) != "app" {
		t.Errorf("a range: %s %q", part.Status, body)
	}
	if again := get("Accept-Encoding", "identity", "Range", "bytes=3-", "If-Range", etag); again.StatusCode != 206 {
		t.Errorf("the rest of the same file: %s", again.Status)
	}
}

func TestRangesOfACompressedFile(t *testing.T) {
	t.Parallel()
	handler := open(t).Handler(http.NotFoundHandler())
	const all = "app in brotli"
	get := func(method string, headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, "/assets/app-11111111.js", nil)
		r.Header.Set("Accept-Encoding", "br")
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w
	}
	etag := get("GET").Header().Get("ETag")
	tests := map[string]struct {
		method               string
		headers              []string
		status               int
		body, length, ranged string
	}{
		"its beginning":             {"GET", []string{"Range", "bytes=0-2"}, 206, "app", "3", "bytes 0-2/13"},
		"its end":                   {"GET", []string{"Range", "bytes=-6"}, 206, "brotli", "6", "bytes 7-12/13"},
		"the rest of the same file": {"GET", []string{"Range", "bytes=7-", "If-Range", etag}, 206, "brotli", "6", "bytes 7-12/13"},
		"the rest of another file":  {"GET", []string{"Range", "bytes=7-", "If-Range", `"other"`}, 200, all, "13", ""},
		"several ranges":            {"GET", []string{"Range", "bytes=0-2,4-5"}, 200, all, "13", ""},
		"behind its end":            {"GET", []string{"Range", "bytes=99-"}, 416, "invalid range: failed to overlap\n", "", "bytes */13"},
		"HEAD":                      {"HEAD", nil, 200, "", "13", ""},
		"HEAD of a range":           {"HEAD", []string{"Range", "bytes=0-2"}, 206, "", "3", "bytes 0-2/13"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := get(tt.method, tt.headers...)
			h := w.Header()
			got := []string{w.Body.String(), h.Get("Content-Length"), h.Get("Content-Range")}
			if diff := cmp.Diff([]string{tt.body, tt.length, tt.ranged}, got); diff != "" || w.Code != tt.status {
				t.Errorf("status %d, want %d (-want +got):\n%s", w.Code, tt.status, diff)
			}
			encoding := "br"
			if w.Code == 416 {
				encoding = ""
			}
			if h.Get("Content-Encoding") != encoding {
				t.Errorf("status %d has Content-Encoding %q", w.Code, h.Get("Content-Encoding"))
			}
		})
	}
}

// broken is a build whose files can be listed but not read.
type broken struct{ fstest.MapFS }

func (b broken) Open(name string) (fs.File, error) {
	if strings.HasPrefix(name, "assets/app") {
		return nil, fs.ErrPermission
	}
	return b.MapFS.Open(name)
}

func TestAFileThatCannotBeReadIs500(t *testing.T) {
	t.Parallel()
	build, err := vite.New(broken{files(nil)})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	build.Handler(http.NotFoundHandler()).ServeHTTP(w, httptest.NewRequest("GET", "/assets/app-11111111.js", nil))
	if w.Code != 500 || w.Header().Get("Cache-Control") != "no-store" || strings.Contains(w.Body.String(), "permission") {
		t.Errorf("%d %v %q", w.Code, w.Header(), w.Body)
	}
}
