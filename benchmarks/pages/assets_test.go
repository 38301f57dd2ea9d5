package pages_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/kitgo/kit/vite"
)

const (
	script     = "assets/app-B3x8Qz1k.js"
	scriptSize = 300_000
	// What real scripts of that size shrink to.
	brotliSize, gzipSize = 82_000, 96_000
)

// writeBuild writes a build with one script. Its variants hold random bytes: nobody
// unpacks them.
func writeBuild(tb testing.TB, size int) (dir string) {
	tb.Helper()
	dir = tb.TempDir()
	random := rand.NewChaCha8([32]byte{1})
	for name, n := range map[string]int{script: size, script + ".br": size * brotliSize / scriptSize, script + ".gz": size * gzipSize / scriptSize, ".vite/manifest.json": 0} {
		text := make([]byte, n)
		_, _ = random.Read(text)
		if n == 0 {
			text = fmt.Appendf(nil, `{"src/app.tsx": {"file": %q, "isEntry": true}}`, script)
		}
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o644); err != nil { //nolint:gosec // nginx reads it as somebody else
			tb.Fatal(err)
		}
	}
	return dir
}

// openBuild opens a build from memory, where an application has it.
func openBuild(tb testing.TB) *vite.Build {
	tb.Helper()
	return inMemory(tb, writeBuild(tb, scriptSize))
}

func inMemory(tb testing.TB, dir string) *vite.Build {
	tb.Helper()
	build, err := buildFrom(dir)
	if err != nil {
		tb.Fatal(err)
	}
	return build
}

// BenchmarkAssets serves a script of 300 KB and one ten times as large: what is allocated
// does not grow with it.
func BenchmarkAssets(b *testing.B) {
	for _, size := range []int{scriptSize, 10 * scriptSize} {
		build := inMemory(b, writeBuild(b, size))
		h := build.Handler(http.NotFoundHandler())
		for _, encoding := range []string{"br", "gzip", "identity"} {
			b.Run(fmt.Sprintf("%d KB/%s", size/1000, encoding), func(b *testing.B) {
				r := httptest.NewRequest("GET", "/"+script, nil)
				r.Header.Set("Accept-Encoding", encoding)
				w := writer{http.Header{}}
				b.ReportAllocs()
				for b.Loop() {
					clear(w.header)
					h.ServeHTTP(w, r)
				}
			})
		}
	}
}
