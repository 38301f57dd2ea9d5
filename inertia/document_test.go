package inertia_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/kitgo/kit/inertia"
	"github.com/kitgo/kit/vite"
)

// pagesBuild is a build with a chunk for each page.
func pagesBuild(t *testing.T) *vite.Build {
	t.Helper()
	build, err := vite.New(fstest.MapFS{
		".vite/manifest.json": {Data: []byte(`{
			"src/app.tsx": {"file": "assets/app-11111111.js", "isEntry": true},
			"src/inter.woff2": {"file": "assets/inter-22222222.woff2"},
			"src/pages/Posts/Show.tsx": {"file": "assets/Show-33333333.js", "css": ["assets/Show-44444444.css"], "imports": ["src/app.tsx"]}
		}`)},
		"assets/app-11111111.js":      {},
		"assets/inter-22222222.woff2": {},
		"assets/Show-33333333.js":     {},
		"assets/Show-44444444.css":    {},
	})
	if err != nil {
		t.Fatal(err)
	}
	return build
}

func TestADocumentFetchesWhatItsPageNeeds(t *testing.T) {
	t.Parallel()
	pages := inertia.New(pagesBuild(t), &inertia.Options{Preload: []string{"src/inter.woff2"}})
	w := visit(t, pages, func(w http.ResponseWriter, r *http.Request) error {
		return pages.Render(w, r, "Posts/Show", nil)
	}, "GET", "/posts/1")
	const want = `<title>Kit</title>
<link rel="preload" href="/assets/inter-22222222.woff2" as="font" type="font/woff2" crossorigin>
<script type="module" src="/assets/app-11111111.js"></script>
<link rel="stylesheet" href="/assets/Show-44444444.css">
<link rel="modulepreload" href="/assets/Show-33333333.js">
</head>
`
	if !strings.Contains(w.Body.String(), want) {
		t.Errorf("the document is\n%s\nwant in it\n%s", w.Body, want)
	}
}

func TestAPageThatTheBuildDoesNotHave(t *testing.T) {
	t.Parallel()
	pages := inertia.New(pagesBuild(t), nil)
	for _, header := range []string{"", "true"} {
		r := httptest.NewRequest("GET", "/posts", nil)
		r.Header.Set("X-Inertia", header)
		w := httptest.NewRecorder()
		err := pages.Render(w, r, "Posts/Index", nil)
		if err == nil || !strings.Contains(err.Error(), "src/pages/Posts/Index.tsx") || w.Body.Len() > 0 {
			t.Errorf("error %v, body %q", err, w.Body)
		}
	}
}

func TestAFileToPreloadThatTheBuildDoesNotHave(t *testing.T) {
	t.Parallel()
	pages := inertia.New(pagesBuild(t), &inertia.Options{Preload: []string{"src/gone.woff2"}})
	r := httptest.NewRequest("GET", "/", nil)
	if err := pages.Render(httptest.NewRecorder(), r, "Posts/Show", nil); err == nil || !strings.Contains(err.Error(), "src/gone.woff2") {
		t.Errorf("error %v", err)
	}
}
