package cli_test

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// generators are the generators with arguments behind the name, and a file that each of
// them must read.
var generators = []struct {
	command string
	more    []string
	reads   string
}{
	{"make:crud", []string{"title:string", "--skip-types"}, "routes.go"},
	{"make:model", []string{"title:string", "--migration", "--factory", "--controller"}, "migrations/migrations.go"},
	{"make:migration", nil, "migrations/migrations.go"},
	{"make:controller", nil, "routes.go"},
	{"make:controller", []string{"--resource"}, "routes.go"},
	{"make:middleware", nil, ""},
	{"make:inertia", []string{"--skip-types"}, "routes.go"},
	{"make:task", nil, "schedule.go"},
	{"make:command", nil, "main.go"},
	{"make:seeder", nil, "seeders/seeders.go"},
	{"make:factory", nil, "models/heartbeat.go"},
	{"make:test", nil, "main.go"},
	{"make:action", nil, ""},
	{"make:error", nil, ""},
}

// application returns a function that makes a new application.
func application(t *testing.T) func(t *testing.T) string {
	t.Helper()
	made := filepath.Join(t.TempDir(), "shop")
	if code, text := kit(t, filepath.Dir(made), "new", "shop", "--no-interaction", "--no-git"); code != 0 {
		t.Fatal(text)
	}
	return func(t *testing.T) string {
		t.Helper()
		dir := filepath.Join(t.TempDir(), "shop")
		if err := os.CopyFS(dir, os.DirFS(made)); err != nil {
			t.Fatal(err)
		}
		return dir
	}
}

// kit runs the command in a folder, and returns its exit code and what it wrote to stderr.
func kit(t *testing.T, dir string, args ...string) (code int, stderr string) {
	t.Helper()
	var text bytes.Buffer
	c := exec.CommandContext(t.Context(), "kit", args...)
	c.Dir, c.Stderr = dir, &text
	if err := c.Run(); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			t.Fatal(err)
		}
		return exit.ExitCode(), text.String()
	}
	return 0, text.String()
}

// tree returns the files below a folder.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			files[path] = "a folder"
			return err
		}
		text, err := os.ReadFile(path)
		files[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// oneMistake is an error, with a hint or without.
var oneMistake = regexp.MustCompile(`^error: [^\n]+\n(hint: [^\n]+\n)?$`)

// refused runs a generator that must change nothing.
func refused(t *testing.T, dir string, want int, args ...string) string {
	t.Helper()
	before := tree(t, dir)
	code, text := kit(t, dir, args...)
	if code != want || !oneMistake.MatchString(text) {
		t.Errorf("kit %q = %d, want %d and one line with a hint:\n%s", args, code, want, text)
	}
	if after := tree(t, dir); !maps.Equal(before, after) {
		t.Errorf("kit %q changed files: %q", args, slices.Sorted(maps.Keys(after)))
	}
	return text
}

func TestNamesThatGeneratorsRefuse(t *testing.T) {
	t.Parallel()
	dir := application(t)(t)
	names := []string{"", " ", "two words", "../x", "a\\b", "/etc/x", "a/", "x.go", "Café", "日本", "a;b", "a\nb", "2fa", "_", strings.Repeat("a", 200)}
	for _, g := range generators {
		t.Run(strings.Join(append([]string{g.command}, g.more...), " "), func(t *testing.T) {
			t.Parallel()
			for _, name := range names {
				refused(t, dir, 2, append([]string{g.command, name}, g.more...)...)
			}
			refused(t, dir, 2, g.command)
			refused(t, dir, 2, g.command, "Fine", "--no-such-flag")
		})
	}
}

func TestProjectsThatGeneratorsRefuse(t *testing.T) {
	t.Parallel()
	fresh := application(t)
	for _, g := range generators {
		t.Run(strings.Join(append([]string{g.command}, g.more...), " "), func(t *testing.T) {
			t.Parallel()
			name := "Invoice"
			if g.command == "make:factory" {
				name = "Heartbeat"
			}
			args := append([]string{g.command, name}, g.more...)
			dir := fresh(t)

			empty := t.TempDir()
			refused(t, empty, 1, args...)
			write(t, filepath.Join(empty, "go.mod"), "module other\n")
			if text := refused(t, empty, 1, args...); !strings.Contains(text, "is not a Kit application") {
				t.Errorf("another project: %s", text)
			}

			if g.reads != "" {
				text := read(t, filepath.Join(dir, g.reads))
				write(t, filepath.Join(dir, g.reads), strings.Replace(text, "package ", "package package ", 1))
				if text := refused(t, dir, 1, args...); !strings.Contains(text, g.reads+":") {
					t.Errorf("%s cannot be read, but the error is %s", g.reads, text)
				}
				write(t, filepath.Join(dir, g.reads), text)
			}

			// A second time it is there.
			if code, text := kit(t, dir, args...); code != 0 {
				t.Fatalf("kit %q = %d:\n%s", args, code, text)
			}
			if text := refused(t, dir, 2, args...); !strings.Contains(text, "already exists") {
				t.Errorf("a second time: %s", text)
			}
		})
	}
}

// A name that another file of the package has is refused: Go would not compile the two.
func TestNamesThatAreDeclaredElsewhere(t *testing.T) {
	t.Parallel()
	dir := application(t)(t)
	write(t, filepath.Join(dir, "controllers", "inside_test.go"), "package controllers\n\ntype fakes struct{}\n\nfunc Helper() {}\n")
	write(t, filepath.Join(dir, "tasks", "all.go"), "package tasks\n\nvar Sweep, Mop = 1, 2\n")
	for _, folder := range []string{"actions", "problems", "commands", "middleware"} {
		if err := os.MkdirAll(filepath.Join(dir, folder), 0o750); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, folder, "all.go"), "package "+folder+"\n\nconst Taken = 1\n")
		write(t, filepath.Join(dir, folder, "all_test.go"), "package "+folder+"_test\n\nfunc TestTested() {}\n")
	}
	write(t, filepath.Join(dir, "frontend", "src", "pages", "About.tsx"), "mine")
	for _, tt := range []struct{ args, name, path string }{
		{"make:controller About", "About", "controllers/home.go"},
		{"make:controller NewHome", "NewHome", "controllers/home.go"},
		{"make:controller About --resource", "About", "controllers/home.go"},
		{"make:controller Helper", "Helper", "controllers/inside_test.go"},
		{"make:inertia About --force", "About", "controllers/home.go"},
		{"make:test HomeShowsTheHeartbeats", "TestHomeShowsTheHeartbeats", "main_test.go"},
		{"make:task Mop", "Mop", "tasks/all.go"},
		{"make:action Taken", "Taken", "actions/all.go"},
		{"make:action Tested", "TestTested", "actions/all_test.go"},
		{"make:error Taken", "Taken", "problems/all.go"},
		{"make:command Taken", "Taken", "commands/all.go"},
		{"make:middleware Taken", "Taken", "middleware/all.go"},
	} {
		text := refused(t, dir, 2, strings.Fields(tt.args)...)
		if want := "error: " + tt.name + " already exists, in " + filepath.FromSlash(tt.path) + "; nothing was written\n"; !strings.HasPrefix(text, want) {
			t.Errorf("kit %s: %swant %s", tt.args, text, want)
		}
	}
	// The other package of a folder is none of it.
	write(t, filepath.Join(dir, "controllers", "outside_test.go"), "package controllers_test\n\ntype Carts struct{}\n")
	if code, text := kit(t, dir, "make:controller", "Carts"); code != 0 {
		t.Errorf("Carts = %d %s", code, text)
	}
}

// Files with the ends of lines of Windows keep them.
func TestGeneratorsKeepTheEndsOfLines(t *testing.T) {
	t.Parallel()
	dir := application(t)(t)
	for path, text := range tree(t, dir) {
		if filepath.Ext(path) == ".go" {
			write(t, path, strings.ReplaceAll(text, "\n", "\r\n"))
		}
	}
	before := tree(t, dir)
	words := []string{"Range", "Type", "Func", "Map", "Select", "Import", "Const", "Switch", "Package", "Go", "Struct", "Return", "Defer", "Var"}
	for i, g := range generators {
		name := words[i]
		if g.command == "make:factory" {
			name = "Heartbeat"
		}
		if code, text := kit(t, dir, append([]string{g.command, name}, g.more...)...); code != 0 {
			t.Errorf("kit %s %s %q = %d:\n%s", g.command, name, g.more, code, text)
		}
	}
	changed := 0
	for path, text := range tree(t, dir) {
		old, there := before[path]
		if !there || old == text || filepath.Ext(path) != ".go" {
			continue
		}
		changed++
		if strings.Count(text, "\n") != strings.Count(text, "\r\n") {
			t.Errorf("%s has other ends of lines now", path)
		}
	}
	if changed < 5 {
		t.Errorf("only %d files were changed", changed)
	}
	vet := exec.CommandContext(t.Context(), "go", "vet", "./...")
	vet.Dir = dir
	if out, err := vet.CombinedOutput(); err != nil {
		t.Errorf("go vet: %v\n%s", err, out)
	}
}

// Generators that run at once wait for each other.
func TestGeneratorsAtOnce(t *testing.T) {
	t.Parallel()
	dir := application(t)(t)
	names := []string{"Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Zeta"}
	var all sync.WaitGroup
	for _, name := range names {
		all.Go(func() {
			if code, text := kit(t, dir, "make:model", name, "title:string", "--migration", "--controller"); code != 0 {
				t.Errorf("%s: %d\n%s", name, code, text)
			}
		})
	}
	all.Wait()
	routes, list := read(t, filepath.Join(dir, "routes.go")), read(t, filepath.Join(dir, "migrations", "migrations.go"))
	for _, name := range names {
		if !strings.Contains(routes, "controllers."+name) || !strings.Contains(list, "create"+name) {
			t.Errorf("%s is not listed:\n%s\n%s", name, routes, list)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
