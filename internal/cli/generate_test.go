package cli

import (
	"fmt"
	gobuild "go/build"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// When a file cannot be written, those before it are as they were.
func TestAPlanIsWrittenAsAWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := &project{dir: dir}
	if err := os.WriteFile(p.path("routes.go"), []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(p.path("full", "x"), 0o755); err != nil {
		t.Fatal(err)
	}
	pl := &plan{p: p, files: []planned{
		{p.path("a", "b", "new.go"), nil, []byte("new")},
		{p.path("routes.go"), []byte("old"), []byte("new")},
		{p.path("full"), nil, []byte("a folder is there")},
	}}
	if err := pl.write(); err == nil {
		t.Fatal("no error")
	}
	var left []string
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		left = append(left, p.relative(path))
		return err
	})
	if err != nil || len(left) != 4 {
		t.Errorf("what is left: %v, %v", left, err)
	}
	if text, err := os.ReadFile(p.path("routes.go")); err != nil || string(text) != "old" {
		t.Errorf("routes.go is %q, %v", text, err)
	}
}

// The names of net/http's constants are made of the texts of their statuses.
func TestStatusName(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile(filepath.Join(gobuild.Default.GOROOT, "src", "net", "http", "status.go"))
	if err != nil {
		t.Fatal(err)
	}
	for status := 400; status < 600; status++ {
		if http.StatusText(status) == "" {
			continue
		}
		name := strings.TrimPrefix(statusName(status), "http.")
		if !regexp.MustCompile(fmt.Sprintf(`\b%s += %d\b`, name, status)).Match(source) {
			t.Errorf("%d is not http.%s", status, name)
		}
	}
}
