package modelgen_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The models compile and stand go vet in an application's module, and carry rows and
// relations to every database and back.
func TestModelsWorkInAnApplication(t *testing.T) {
	t.Parallel()
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			url := d.url(t)
			db := open(t, url)
			define(t, db, shop)
			dir := application(t)
			sync(t, db, filepath.Join(dir, "models"))
			if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "program"))); err != nil {
				t.Fatal(err)
			}
			run(t, dir, "gofmt", "-l", "models")
			run(t, dir, "go", "vet", "./...")
			if out := run(t, dir, "go", "run", ".", url); out != "ok\n" {
				t.Errorf("the program printed %q", out)
			}
		})
	}
}

// application makes a module that uses this checkout, with what it has in go.sum.
func application(t *testing.T) string {
	t.Helper()
	checkout, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(checkout, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile(filepath.Join(checkout, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	const kit = "github.com/kitgo/kit"
	text := strings.Replace(string(mod), "module "+kit, "module example.com/shop", 1)
	text += "\nrequire " + kit + " v0.0.0\n\nreplace " + kit + " => " + checkout + "\n"
	dir := t.TempDir()
	for name, content := range map[string][]byte{"go.mod": []byte(text), "go.sum": sum} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// run runs a program in dir without a network and returns what it printed; what gofmt
// prints is a mistake.
func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), name, args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=-mod=mod", "CGO_ENABLED=0")
	out, err := c.CombinedOutput()
	if err != nil || name == "gofmt" && len(out) > 0 {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}
