package modelgen_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/kitgo/kit/internal/modelgen"
)

// table returns a table with an id and text columns.
func table(name string, columns ...string) modelgen.Table {
	t := modelgen.Table{Name: name, PrimaryKey: []string{"id"}, Columns: []modelgen.Column{{Name: "id", Kind: modelgen.Int, Auto: true}}}
	for _, c := range columns {
		t.Columns = append(t.Columns, modelgen.Column{Name: c})
	}
	return t
}

// models makes a folder with files.
func models(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "models")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func apply(t *testing.T, dir string, tables ...modelgen.Table) *modelgen.Plan {
	t.Helper()
	plan, err := modelgen.NewPlan(dir, tables)
	if err != nil {
		t.Fatal(err)
	}
	if err := plan.Apply(); err != nil {
		t.Fatal(err)
	}
	return plan
}

func TestWhatTheUserWroteIsLeftAlone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file, want string // want is a part of the note; "" for none
		made       bool
	}{
		"a struct":              {"package models\n\ntype Post struct{}\n", "Post is written by hand", false},
		"a struct that is own":  {"package models\n\n// Post is mine.\n//\n//kit:own\ntype Post struct{}\n", "", false},
		"own in a group":        {"package models\n\ntype (\n\t//kit:own\n\tPost struct{}\n)\n", "", false},
		"a function":            {"package models\n\nfunc Post() {}\n", "the name Post is in use", false},
		"a constant":            {"package models\n\nconst Post = 1\n", "the name Post is in use", false},
		"a type":                {"package models\n\ntype Post string\n", "the name Post is in use", false},
		"methods":               {"package models\n\nfunc (p Post) Ok() bool { return true }\n", "", true},
		"another package":       {"package models_test\n\ntype Post struct{}\n", "", true},
		"a file with a gen end": {"package models\n\ntype Other struct{}\n", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := "post.go"
			switch name {
			case "another package":
				file = "post_test.go"
			case "a file with a gen end":
				file = "posts_gen.go" // not Kit's, though its name is
			}
			dir := models(t, map[string]string{file: c.file})
			plan := apply(t, dir, table("posts", "title"))
			after := folder(t, dir)
			if after[file] != c.file {
				t.Errorf("the user's file is now:\n%s", after[file])
			}
			if got := strings.Contains(after["posts_gen.go"]+after["posts2_gen.go"], "type Post struct {\n\tID"); got != c.made {
				t.Errorf("made: %v, want %v: %v", got, c.made, after)
			}
			var notes string
			for _, n := range plan.Notes {
				notes += n.File + ": " + n.Message
			}
			if c.want == "" && notes != "" || !strings.Contains(notes, c.want) {
				t.Errorf("the notes are %q, want %q", notes, c.want)
			}
			if again := apply(t, dir, table("posts", "title")); len(again.Changes) > 0 {
				t.Errorf("a second run changes something:\n%s", again.Diff())
			}
		})
	}
}

func TestTheFileOfATableThatIsGoneGoes(t *testing.T) {
	t.Parallel()
	dir := models(t, nil)
	apply(t, dir, table("posts"), table("tags"))
	plan := apply(t, dir, table("tags"))
	want := []modelgen.Change{{File: "posts_gen.go", Action: modelgen.Remove, Why: "its table is gone"}}
	if diff := cmp.Diff(want, plan.Changes, cmpopts.IgnoreUnexported(modelgen.Change{})); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if len(plan.Notes) != 1 || plan.Notes[0].File != "post.go" {
		t.Errorf("notes: %v", plan.Notes)
	}
	after := folder(t, dir)
	if _, there := after["posts_gen.go"]; there || after["post.go"] == "" || after["tags_gen.go"] == "" {
		t.Errorf("files: %v", after)
	}
	if !strings.HasPrefix(plan.Diff(), "--- a/models/posts_gen.go\n+++ /dev/null\n@@ -1,") {
		t.Errorf("the diff is:\n%s", plan.Diff())
	}
}

// A checkout of Git for Windows has other line ends.
func TestLineEndsAreNoDifference(t *testing.T) {
	t.Parallel()
	dir := models(t, nil)
	apply(t, dir, table("posts"))
	for name, text := range folder(t, dir) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.ReplaceAll(text, "\n", "\r\n")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if plan := apply(t, dir, table("posts")); len(plan.Changes) > 0 {
		t.Errorf("changes: %v", plan.Changes)
	}
	if plan := apply(t, dir, table("posts", "title")); len(plan.Changes) != 1 {
		t.Errorf("changes: %v", plan.Changes)
	}
}

// A plan that was not applied has written nothing.
func TestAPlanAloneWritesNothing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "models")
	plan, err := modelgen.NewPlan(dir, []modelgen.Table{table("posts")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the folder is there: %v", err)
	}
	if !strings.Contains(plan.Diff(), "--- /dev/null\n+++ b/models/posts_gen.go\n") {
		t.Errorf("the diff is:\n%s", plan.Diff())
	}
}

// A file that the user makes between plan and work is not overwritten.
func TestAFileThatCameIntoBeingIsNotOverwritten(t *testing.T) {
	t.Parallel()
	dir := models(t, nil)
	plan, err := modelgen.NewPlan(dir, []modelgen.Table{table("posts")})
	if err != nil {
		t.Fatal(err)
	}
	const mine = "package models\n"
	if err := os.WriteFile(filepath.Join(dir, "post.go"), []byte(mine), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := plan.Apply(); !errors.Is(err, os.ErrExist) {
		t.Errorf("Apply: %v", err)
	}
	if got := folder(t, dir)["post.go"]; got != mine {
		t.Errorf("the file is now:\n%s", got)
	}
}

func TestNamesAreGivenOnce(t *testing.T) {
	t.Parallel()
	dir := models(t, map[string]string{"own.go": "package shop\n\ntype PostKind string\n\nconst PostStateOn = 1\n"})
	posts := table("posts", "a", "A", "a_", "post2")
	posts.Columns = append(posts.Columns,
		modelgen.Column{Name: "kind", Kind: modelgen.Enum, Values: []string{"x"}},
		modelgen.Column{Name: "state", Kind: modelgen.Enum, Values: []string{"on", "ON", "o-n", "o_n"}},
	)
	apply(t, dir, table("post"), posts, table("a.b"))
	after := folder(t, dir)
	for _, want := range []string{
		"package shop", "type Post2 struct", "`bun:\"table:posts\"`", "\tA ", "\tA2 ", "\tA3 ", "json:\"a2\"",
		"Post2Kind", "Post2StateOn ", "Post2StateON ", "Post2StateON2 ",
	} {
		if !strings.Contains(after["posts_gen.go"], want) {
			t.Errorf("there is no %q in:\n%s", want, after["posts_gen.go"])
		}
	}
	if _, there := after["a_b_gen.go"]; there {
		t.Error("a table whose name bun cannot write has a model")
	}
}

// A type that the user wrote is that of the column.
func TestAnEnumOfTheUserIsUsed(t *testing.T) {
	t.Parallel()
	dir := models(t, map[string]string{"own.go": "package models\n\ntype PostKind string\n"})
	posts := table("posts")
	posts.Columns = append(posts.Columns, modelgen.Column{Name: "kind", Kind: modelgen.Enum, Values: []string{"x"}})
	apply(t, dir, posts)
	text := folder(t, dir)["posts_gen.go"]
	if !strings.Contains(text, "Kind PostKind") || strings.Contains(text, "type PostKind") {
		t.Errorf("the model is:\n%s", text)
	}
}

func TestAFileThatGoCannotReadIsNamed(t *testing.T) {
	t.Parallel()
	dir := models(t, map[string]string{"bad.go": "package models\n\nfunc {\n"})
	_, err := modelgen.NewPlan(dir, nil)
	syntax, ok := errors.AsType[*modelgen.SyntaxError](err)
	if !ok || syntax.Path != filepath.Join(dir, "bad.go") || !strings.Contains(err.Error(), "bad.go:3") {
		t.Errorf("NewPlan: %v", err)
	}
}
