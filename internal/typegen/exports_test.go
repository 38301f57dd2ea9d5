package typegen_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kitgo/kit/internal/typegen"
)

// TestWhatIsKeptIsUsedWhileItIsTrue counts how often the go command is asked for export
// data, by a program of that name before it on the PATH.
func TestWhatIsKeptIsUsedWhileItIsTrue(t *testing.T) {
	files := map[string]string{}
	for name, text := range smallShop {
		files[name] = text
	}
	dir := newModule(t, files)
	prices := t.TempDir()
	writeFile(t, filepath.Join(prices, "go.mod"), "module prices\n\ngo 1.26\n")
	writeFile(t, filepath.Join(prices, "prices.go"), "package prices\n\n// Price is a price.\ntype Price struct{ Cents int }\n")
	mod := filepath.Join(dir, "go.mod")
	edit(t, mod, "\nrequire github.com/kitgo/kit ", "\nrequire prices v0.0.0\n\nreplace prices => "+prices+"\n\nrequire github.com/kitgo/kit ")
	edit(t, filepath.Join(dir, "models", "post.go"), "import \"time\"", "import (\n\t\"prices\"\n\t\"time\"\n)")
	edit(t, filepath.Join(dir, "models", "post.go"), "Posted time.Time", "Price prices.Price\n\tPosted time.Time")

	asked := countingGo(t)
	kept := filepath.Join(t.TempDir(), "cache", "exports.json")
	load := func(want string, often int) {
		t.Helper()
		program, err := typegen.NewLoader(dir, kept).Load(t.Context())
		if err != nil {
			t.Errorf("%v", err)
			return
		}
		out, err := program.Generate("")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(out.Types), want) {
			t.Errorf("no %s in\n%s", want, out.Types)
		}
		if n := asked(); n != often {
			t.Errorf("asked %d times for export data, want %d", n, often)
		}
	}
	// What was edited within a second before is not kept: it may be edited again within
	// the same tick of the file system's clock.
	old := func() {
		t.Helper()
		for _, name := range []string{"go.mod", "prices.go"} {
			past(t, filepath.Join(prices, name))
		}
	}
	load("Cents: number", 1)
	if _, err := os.Stat(kept); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("kept what had just been edited: %v", err)
	}
	old()
	load("Cents: number", 1)
	load("Cents: number", 0)
	edit(t, filepath.Join(dir, "models", "post.go"), "Title string `json:\"title\"`", "Title string `json:\"name\"`")
	load("name: string", 0)

	edit(t, filepath.Join(prices, "prices.go"), "Cents int", "Euros int")
	load("Euros: number", 1)
	old()
	load("Euros: number", 1)
	load("Euros: number", 0)

	edit(t, mod, "\nreplace prices", "\n// A note.\nreplace prices")
	load("Euros: number", 1)
	load("Euros: number", 0)

	t.Setenv("GOFLAGS", "-tags=other")
	load("Euros: number", 1)
	load("Euros: number", 0)

	// A package that was not known, and is when the question has been answered.
	edit(t, filepath.Join(dir, "models", "post.go"), "\"time\"", "\"container/ring\"\n\t\"time\"")
	edit(t, filepath.Join(dir, "models", "post.go"), "type Post struct", "var _ ring.Ring\n\n// Post is a post.\ntype Post struct")
	load("Euros: number", 1)
	load("Euros: number", 0)

	// The compiler's cache was cleaned, or half of a file was written.
	text, err := os.ReadFile(kept)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, kept, strings.ReplaceAll(string(text), "-d\"", "-gone\""))
	load("Euros: number", 1)
	writeFile(t, kept, string(text[:len(text)/2]))
	load("Euros: number", 1)
	load("Euros: number", 0)
}

// TestProblemsWithPackagesAreTold has what the go command, and not the compiler, finds.
func TestProblemsWithPackagesAreTold(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ file, text, want string }{
		"two packages": {"models/other.go", "package other\n", "models: found packages models (kind.go) and other (other.go)"},
		"no package":   {"empty/empty.go", "", "empty/empty.go:1:1: expected 'package', found 'EOF'"},
		"no such package of a module": {
			"main.go", "package main\n\nimport _ \"example.com/nowhere\"\n\nfunc main() {}\n",
			"main.go:3:10: could not import example.com/nowhere (no required module provides package example.com/nowhere; to add it:",
		},
		"no such package of the application": {
			"main.go", "package main\n\nimport _ \"shop/nothing\"\n\nfunc main() {}\n",
			"main.go:3:10: could not import shop/nothing (",
		},
		"a cycle": {
			"models/cycle.go", "package models\n\nimport _ \"shop/controllers\"\n",
			"import cycle not allowed: package shop/",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := map[string]string{}
			for name, text := range smallShop {
				files[name] = text
			}
			files[test.file] = test.text
			_, err := typegen.Load(t.Context(), newModule(t, files))
			if !errors.Is(err, typegen.ErrBroken) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v\nwant %s", err, test.want)
			}
		})
	}
}

// Of the environment of this program when it stands before the go command: where that is,
// and the file that gets a line for each call.
const (
	realGo  = "TYPEGEN_REAL_GO"
	callLog = "TYPEGEN_CALL_LOG"
)

func TestMain(m *testing.M) {
	if program := os.Getenv(realGo); program != "" {
		os.Exit(standIn(program, os.Getenv(callLog)))
	}
	os.Exit(m.Run())
}

// standIn writes down how it is called, and runs the program.
func standIn(program, log string) (code int) {
	f, err := os.OpenFile(log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	if _, err := f.WriteString(strings.Join(os.Args[1:], " ") + "\n"); err != nil {
		panic(err)
	}
	c := exec.Command(program, os.Args[1:]...) //nolint:gosec // the go command
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	if err := c.Run(); err != nil {
		return 1
	}
	return 0
}

// countingGo puts this program before the go command, and returns a function that tells
// how often export data was asked for since the last time.
func countingGo(t *testing.T) (asked func() int) {
	t.Helper()
	program, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	log := filepath.Join(dir, "log")
	if err := os.WriteFile(filepath.Join(dir, filepath.Base(program)), self, 0o700); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
	t.Setenv(realGo, program)
	t.Setenv(callLog, log)
	return func() int {
		text, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(log); err != nil {
			t.Fatal(err)
		}
		return strings.Count(string(text), " -export ")
	}
}

func edit(tb testing.TB, path, old, by string) {
	tb.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		tb.Fatalf("%s has no %s", path, old)
	}
	writeFile(tb, path, strings.Replace(string(text), old, by, 1))
}

// past makes a file look as if it had been written an hour ago.
func past(tb testing.TB, path string) {
	tb.Helper()
	info, err := os.Stat(path)
	if err != nil {
		tb.Fatal(err)
	}
	then := info.ModTime().Add(-3600e9)
	if err := os.Chtimes(path, then, then); err != nil {
		tb.Fatal(err)
	}
}
