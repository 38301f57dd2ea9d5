package gocode

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

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
		"an empty block":  {"package main\n\nimport ()\n", "package main\n\nimport (\n\t\"shop/tasks\"\n)\n"},
		"other groups":    {"package main\n\nimport (\n\t\"fmt\"\n\n\t\"github.com/kitgo/kit\"\n)\n", "package main\n\nimport (\n\t\"fmt\"\n\n\t\"github.com/kitgo/kit\"\n\n\t\"shop/tasks\"\n)\n"},
	}
	for name, tt := range tests {
		f := &File{"schedule.go", []byte(tt.before)}
		if got, err := f.Import("shop/tasks"); err != nil || got != "tasks" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if diff := cmp.Diff(tt.after, string(f.Text)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

// A package that the file gives another name has that; another one of its name gives way.
func TestImportWithNames(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ before, path, want, line string }{
		"renamed":               {"import jobs \"shop/tasks\"", "shop/tasks", "jobs", `import jobs "shop/tasks"`},
		"for its effect":        {"import _ \"shop/tasks\"", "shop/tasks", "tasks", "\n\t\"shop/tasks\"\n"},
		"all of its names":      {"import . \"shop/tasks\"", "shop/tasks", "tasks", "\n\t\"shop/tasks\"\n"},
		"twice":                 {"import (\n\t_ \"shop/tasks\"\n\tjobs \"shop/tasks\"\n)", "shop/tasks", "jobs", "jobs"},
		"another of the name":   {"import \"other/tasks\"", "shop/tasks", "shoptasks", `shoptasks "shop/tasks"`},
		"another so named":      {"import tasks \"fmt\"", "example.com/my-shop/tasks", "myshoptasks", `myshoptasks "example.com/my-shop/tasks"`},
		"both names":            {"import (\n\ttasks \"fmt\"\n\tshoptasks \"os\"\n)", "shop/tasks", "shoptasks2", `shoptasks2 "shop/tasks"`},
		"declared":              {"func tasks() {}", "shop/tasks", "shoptasks", `shoptasks "shop/tasks"`},
		"declared in a test":    {"", "shop/controllers", "shopcontrollers", `shopcontrollers "shop/controllers"`},
		"a version in its path": {"import \"example.com/tasks/v2\"", "example.com/tasks/v2", "tasks", `import "example.com/tasks/v2"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "a_test.go"), []byte("package main\n\nvar controllers int\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			f := &File{filepath.Join(dir, "b.go"), []byte("package main\n\n" + tt.before + "\n")}
			got, err := f.Import(tt.path)
			if err != nil || got != tt.want || !strings.Contains(string(f.Text), tt.line) {
				t.Errorf("%q, %v:\n%s", got, err, f.Text)
			}
		})
	}
}

func TestUses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"import \"shop/tasks\"\n\nvar x = tasks.Digest{}":       true,
		"import jobs \"shop/tasks\"\n\nvar x = &jobs.Digest{}":  true,
		"import . \"shop/tasks\"\n\nvar x Digest":               true,
		"import \"shop/tasks\"\n\n// tasks.Digest{}\nvar x = 1": false,
		"import \"shop/tasks\"\n\nvar x = \"tasks.Digest{}\"":   false,
		"import \"other/tasks\"\n\nvar x = tasks.Digest{}":      false,
		"import \"shop/tasks\"\n\nvar x = tasks.Other{}.Digest": false,
		"import jobs \"shop/tasks\"\n\nvar x = tasks.Digest{}":  false,
	} {
		f := &File{"a.go", []byte("package main\n\n" + text + "\n")}
		if f.Uses("shop/tasks", "Digest") != want {
			t.Errorf("%s: not %t", text, want)
		}
	}
}
