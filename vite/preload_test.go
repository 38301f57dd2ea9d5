package vite_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/vite"
)

const pagesManifest = `{
  "src/app.tsx": {"file": "assets/app-11111111.js", "css": ["assets/app-22222222.css"], "imports": ["_react-33333333.js"], "isEntry": true},
  "_react-33333333.js": {"file": "assets/react-33333333.js"},
  "_chart-77777777.js": {"file": "assets/chart-77777777.js", "css": ["assets/chart-88888888.css"], "imports": ["_react-33333333.js"]},
  "src/pages/Posts/Show.tsx": {"file": "assets/Show-66666666.js", "css": ["assets/app-22222222.css"], "imports": ["_chart-77777777.js", "src/app.tsx"], "isDynamicEntry": true},
  "src/pages/logo.svg": {"file": "assets/logo-99999999.svg"},
  "src/inter.woff2": {"file": "assets/inter-aaaaaaaa.woff2"}
}`

func pagesBuild(t *testing.T, extra map[string]string) *vite.Build {
	t.Helper()
	all := map[string]string{".vite/manifest.json": pagesManifest}
	for _, name := range []string{"Show-66666666.js", "chart-77777777.js", "chart-88888888.css", "logo-99999999.svg", "inter-aaaaaaaa.woff2"} {
		all["assets/"+name] = name
	}
	maps.Copy(all, extra)
	build, err := vite.New(files(all))
	if err != nil {
		t.Fatal(err)
	}
	return build
}

func TestPreload(t *testing.T) {
	t.Parallel()
	build := pagesBuild(t, nil)
	want := `<link rel="stylesheet" href="/assets/chart-88888888.css">
<link rel="modulepreload" href="/assets/Show-66666666.js">
<link rel="modulepreload" href="/assets/chart-77777777.js">
`
	if diff := cmp.Diff(want, build.Preload("src/app.tsx", "src/pages/Posts/Show.tsx")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, source := range []string{"src/pages/Gone.tsx", "src/pages/logo.svg", ""} {
		if got := build.Preload("src/app.tsx", source); got != "" {
			t.Errorf("%q: %s", source, got)
		}
	}
	if diff := cmp.Diff(map[string]string{"Posts/Show": "src/pages/Posts/Show.tsx"}, build.Sources("src/pages")); diff != "" {
		t.Errorf("sources (-want +got):\n%s", diff)
	}
}

func TestPreloadAsset(t *testing.T) {
	t.Parallel()
	build := pagesBuild(t, nil)
	tests := map[string]struct{ source, want, err string }{
		"a font":      {"src/inter.woff2", `<link rel="preload" href="/assets/inter-aaaaaaaa.woff2" as="font" type="font/woff2" crossorigin>` + "\n", ""},
		"an image":    {"src/pages/logo.svg", `<link rel="preload" href="/assets/logo-99999999.svg" as="image">` + "\n", ""},
		"a script":    {"src/app.tsx", "", "neither a font nor an image"},
		"none of its": {"src/gone.woff2", "", "src/gone.woff2"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := build.PreloadAsset(tt.source)
			if got != tt.want || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%q, %v; want %q, error %q", got, err, tt.want, tt.err)
			}
		})
	}
	if got, err := vite.Development("/_kit/vite").PreloadAsset("src/inter.woff2"); got != "" || err != nil {
		t.Errorf("in development: %q, %v", got, err)
	}
}

func TestAssetsOfFormerBuilds(t *testing.T) {
	t.Parallel()
	build := pagesBuild(t, map[string]string{
		".vite/builds.json":          `{"former": [{"replaced": "2026-01-02T03:04:05Z", "files": ["assets/Show-00000001.js"]}]}`,
		"assets/Show-00000001.js":    "the old page",
		"assets/Show-00000001.js.br": "the old page in brotli",
		"assets/Edit-00000002.js":    "of nobody knows what",
	})
	for path, want := range map[string][]string{
		"/assets/Show-00000001.js": {"the old page in brotli", "public, max-age=31536000, immutable"},
		"/assets/Edit-00000002.js": {"of nobody knows what", "no-cache"},
	} {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Accept-Encoding", "br")
		w := httptest.NewRecorder()
		build.Handler(http.NotFoundHandler()).ServeHTTP(w, r)
		if diff := cmp.Diff(want, []string{w.Body.String(), w.Header().Get("Cache-Control")}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
	if build.Version() != pagesBuild(t, nil).Version() {
		t.Error("the version depends on what is kept")
	}
	if _, err := vite.New(files(map[string]string{".vite/builds.json": "{"})); err == nil || !strings.Contains(err.Error(), ".vite/builds.json") {
		t.Errorf("a list that is no JSON: %v", err)
	}
}
