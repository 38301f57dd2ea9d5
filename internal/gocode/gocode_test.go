package gocode

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAppendToFunc(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ before, after string }{
		"with lines and comments": {
			"package main\n\n// schedule says what runs.\nfunc (a *app) schedule(s *schedule.Schedule) {\n\t// the first\n\ts.Add(\"a\", a.run) // a remark\n\n\t// the end\n}\n\nvar x = 1 // stays\n",
			"package main\n\n// schedule says what runs.\nfunc (a *app) schedule(s *schedule.Schedule) {\n\t// the first\n\ts.Add(\"a\", a.run) // a remark\n\n\t// the end\n\n\ts.Add(\"new\")\n}\n\nvar x = 1 // stays\n",
		},
		"empty":         {"package main\n\nfunc f(list *schedule.Schedule) {}\n", "package main\n\nfunc f(list *schedule.Schedule) {\n\tlist.Add(\"new\")\n}\n"},
		"on one line":   {"package main\n\nfunc f(s *schedule.Schedule) { s.Add(\"a\") }\n", "package main\n\nfunc f(s *schedule.Schedule) {\n\ts.Add(\"a\")\n\ts.Add(\"new\")\n}\n"},
		"not the first": {"package main\n\nfunc g() {}\n\nfunc h(x int, s *schedule.Schedule) {\n}\n", "package main\n\nfunc g() {}\n\nfunc h(x int, s *schedule.Schedule) {\n\n\ts.Add(\"new\")\n}\n"},
	}
	for name, tt := range tests {
		f := &File{"schedule.go", []byte(tt.before)}
		if err := f.AppendToFunc("schedule", "Schedule", func(s string) string { return s + `.Add("new")` }); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(tt.after, string(f.Text)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
	for _, text := range []string{"package main\n", "package main\n\nfunc f(*schedule.Schedule) {}\n", "package main\n\nfunc f(_ *schedule.Schedule) {}\n", "package main\n\nfunc f(s schedule.Schedule) {}\n"} {
		f := &File{"schedule.go", []byte(text)}
		if err := f.AppendToFunc("schedule", "Schedule", func(s string) string { return s }); !errors.Is(err, ErrNoFunc) || string(f.Text) != text {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestImport(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ before, after string }{
		"there":           {"package main\n\nimport \"shop/tasks\"\n", "package main\n\nimport \"shop/tasks\"\n"},
		"no imports":      {"package main\n\nvar x int\n", "package main\n\nimport \"shop/tasks\"\n\nvar x int\n"},
		"one":             {"package main\n\nimport \"fmt\"\n", "package main\n\nimport (\n\t\"fmt\"\n\n\t\"shop/tasks\"\n)\n"},
		"a named one":     {"package main\n\nimport f \"fmt\"\n", "package main\n\nimport (\n\tf \"fmt\"\n\n\t\"shop/tasks\"\n)\n"},
		"a group of them": {"package main\n\nimport (\n\t\"fmt\" // why\n\n\t\"shop/models\"\n)\n", "package main\n\nimport (\n\t\"fmt\" // why\n\n\t\"shop/models\"\n\t\"shop/tasks\"\n)\n"},
		"on one line":     {"package main\n\nimport (\"fmt\"; \"shop/models\")\n", "package main\n\nimport (\n\t\"fmt\"\n\t\"shop/models\"\n\t\"shop/tasks\"\n)\n"},
		"a remark":        {"package main\n\nimport (\n\t\"fmt\" // why\n)\n", "package main\n\nimport (\n\t\"fmt\" // why\n\n\t\"shop/tasks\"\n)\n"},
		"in its group":    {"package main\n\nimport (\n\t\"fmt\"\n\n\t\"shop/models\"\n\n\t\"example.com/x\"\n)\n", "package main\n\nimport (\n\t\"fmt\"\n\n\t\"shop/models\"\n\t\"shop/tasks\"\n\n\t\"example.com/x\"\n)\n"},
		"other groups":    {"package main\n\nimport (\n\t\"fmt\"\n\n\t\"github.com/kitgo/kit\"\n)\n", "package main\n\nimport (\n\t\"fmt\"\n\n\t\"github.com/kitgo/kit\"\n\n\t\"shop/tasks\"\n)\n"},
	}
	for name, tt := range tests {
		f := &File{"schedule.go", []byte(tt.before)}
		if err := f.Import("shop/tasks"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(tt.after, string(f.Text)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

func TestFindFunc(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.go": "package main\n", "b_test.go": "package main\n\nfunc f(s *schedule.Schedule) {}\n", "c.go": "package main\n\nfunc f(s *schedule.Schedule) {}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if f, err := FindFunc(dir, "schedule", "Schedule"); err != nil || filepath.Base(f.Path) != "c.go" {
		t.Errorf("%v, %v", f, err)
	}
	if _, err := FindFunc(dir, "web", "Router"); !errors.Is(err, ErrNoFunc) {
		t.Errorf("%v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "b.go"), []byte("package"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := FindFunc(dir, "schedule", "Schedule"); err == nil {
		t.Error("a file that Go cannot read is no error")
	} else if syntax, ok := errors.AsType[*SyntaxError](err); !ok || filepath.Base(syntax.Path) != "b.go" {
		t.Errorf("%v", err)
	}
}

func TestPrependToFunc(t *testing.T) {
	t.Parallel()
	f := &File{Path: "routes.go", Text: []byte("package main\n\nfunc routes(r *web.Router) { // all of them\n\tr.Get()\n}\n")}
	if err := f.PrependToFunc("web", "Router", func(r string) string { return "// First.\n" + r + ".Use()\n" }); err != nil {
		t.Fatal(err)
	}
	if want := "package main\n\nfunc routes(r *web.Router) {\n\t// First.\n\tr.Use()\n\n\t// all of them\n\tr.Get()\n}\n"; string(f.Text) != want {
		t.Errorf("%s", f.Text)
	}
	if err := f.PrependToFunc("web", "Other", func(string) string { return "" }); !errors.Is(err, ErrNoFunc) {
		t.Errorf("no such function: %v", err)
	}
}
