package devserver

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCompile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := compiler{dir: dir, binary: filepath.Join(t.TempDir(), "shop")}
	write(t, filepath.Join(dir, "go.mod"), "module shop\n\ngo 1.26\n")
	write(t, filepath.Join(dir, "main.go"), "package main\n\nfunc main() { println(\"one\") }\n")
	one, err := c.compile(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "README.md"), "Not a part of the program.")
	if same, err := c.compile(t.Context()); err != nil || same != one {
		t.Errorf("what is not a part of it makes another program (%v)", err)
	}
	write(t, filepath.Join(dir, "main.go"), "package main\n\nimport \"shop/models\"\n\nfunc main() {\n\tmodels.Save(\n\t\tunknown)\n\treturn 1\n}\n")
	write(t, filepath.Join(dir, "models/post.go"), "package models\n\nfunc Save(int) {}\n")
	_, err = c.compile(t.Context())
	wrong, ok := errors.AsType[*compileError](err)
	if !ok {
		t.Fatalf("error %v", err)
	}
	want := []Mistake{
		{File: "main.go", Line: 7, Column: 3, Message: "undefined: unknown", Source: "unknown)"},
		{File: "main.go", Line: 8, Column: 9, Message: "too many return values\n\thave (number)\n\twant ()", Source: "return 1"},
	}
	if diff := cmp.Diff(want, wrong.mistakes); diff != "" {
		t.Errorf("the mistakes (-want +got):\n%s", diff)
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		output string
		want   []Mistake
	}{
		"syntax":            {"# shop/controllers\ncontrollers/home.go:3:1: syntax error: unexpected }", []Mistake{{File: "controllers/home.go", Line: 3, Column: 1, Message: "syntax error: unexpected }"}}},
		"no column":         {"main.go:10: vet: x", []Mistake{{File: "main.go", Line: 10, Message: "vet: x"}}},
		"a missing package": {"main.go:5:2: package shop/nothing is not in std", []Mistake{{File: "main.go", Line: 5, Column: 2, Message: "package shop/nothing is not in std"}}},
		"none":              {"go: updates to go.mod needed", nil},
		"too many":          {"./a.go:1:1: x\ntoo many errors", []Mistake{{File: "a.go", Line: 1, Column: 1, Message: "x"}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, compiler{dir: t.TempDir()}.mistakes(tt.output)); diff != "" {
				t.Errorf("the mistakes (-want +got):\n%s", diff)
			}
		})
	}
}
