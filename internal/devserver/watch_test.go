package devserver

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// tree is an application's directory with a watcher.
func tree(t *testing.T) (dir string, next func() []string) {
	t.Helper()
	dir = t.TempDir()
	for _, path := range []string{"main.go", "controllers/home.go", "frontend/frontend.go", "frontend/src/app.tsx", "frontend/node_modules/x/x.go", ".git/HEAD", "database/shop.db"} {
		write(t, filepath.Join(dir, path), "before")
	}
	batches, err := Watch(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir, func() []string {
		t.Helper()
		select {
		case list := <-batches:
			slices.Sort(list)
			return list
		case <-time.After(10 * time.Second):
			t.Fatal("nothing has changed")
			return nil
		}
	}
}

func TestWatch(t *testing.T) {
	t.Parallel()
	dir, next := tree(t)
	// What is no source comes first: a batch for it would be seen instead of the last.
	for _, path := range []string{"frontend/src/app.tsx", "frontend/node_modules/x/x.go", ".git/HEAD", "database/shop.db", "database/shop.db-wal", "controllers/home_test.go", "controllers/.home.go.swp", "controllers/home.go~", "frontend/vite.config.ts"} {
		write(t, filepath.Join(dir, path), "after")
	}
	write(t, filepath.Join(dir, "controllers/home.go"), "after")
	if got := next(); !slices.Equal(got, []string{"controllers/home.go"}) {
		t.Errorf("%q has changed", got)
	}
	write(t, filepath.Join(dir, "frontend/frontend.go"), "after")
	if got := next(); !slices.Equal(got, []string{"frontend/frontend.go"}) {
		t.Errorf("%q has changed", got)
	}
	write(t, filepath.Join(dir, ".env"), "A=1")
	if got := next(); !slices.Equal(got, []string{".env"}) {
		t.Errorf("%q has changed", got)
	}
	if err := os.Remove(filepath.Join(dir, "main.go")); err != nil {
		t.Fatal(err)
	}
	if got := next(); !slices.Equal(got, []string{"main.go"}) {
		t.Errorf("%q has changed", got)
	}
}

// As when another branch is checked out: directories come, and many files with them.
func TestWatchManyFilesInNewDirectories(t *testing.T) {
	t.Parallel()
	dir, next := tree(t)
	for i := range 100 {
		write(t, filepath.Join(dir, fmt.Sprintf("new%d/deep/file%d.go", i%7, i)), "new")
	}
	seen := map[string]bool{}
	for len(seen) < 100 {
		for _, path := range next() {
			seen[path] = true
		}
	}
	write(t, filepath.Join(dir, "new3/deep/file3.go"), "again")
	if got := next(); !slices.Equal(got, []string{"new3/deep/file3.go"}) {
		t.Errorf("%q has changed", got)
	}
}

// Editors write in several steps, and people save often: that is few batches.
func TestWatchGathersWhatComesTogether(t *testing.T) {
	t.Parallel()
	dir, next := tree(t)
	for i := range 50 {
		write(t, filepath.Join(dir, "main.go"), strings.Repeat("x", i))
	}
	write(t, filepath.Join(dir, "go.mod"), "module shop")
	batches := 0
	for {
		batches++
		if slices.Contains(next(), "go.mod") {
			break
		}
	}
	if batches > 10 {
		t.Errorf("51 writes are %d batches", batches)
	}
}

func TestWatchNames(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "Home.tsx"), "before")
	batches, err := WatchNames(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "Home.tsx"), "after") // which is there as before
	write(t, filepath.Join(dir, "Posts", "Show.tsx"), "new")
	if got := <-batches; !slices.Equal(got, []string{"Posts/Show.tsx"}) {
		t.Errorf("%q has come", got)
	}
	if err := os.Remove(filepath.Join(dir, "Home.tsx")); err != nil {
		t.Fatal(err)
	}
	if got := <-batches; !slices.Equal(got, []string{"Home.tsx"}) {
		t.Errorf("%q has gone", got)
	}
}
