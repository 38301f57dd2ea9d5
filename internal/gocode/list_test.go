package gocode

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var migration = Type{Path: "github.com/kitgo/kit/database/migrate", Name: "Migration"}

func TestAppendToList(t *testing.T) {
	t.Parallel()
	const head = "package migrations\n\nimport \"github.com/kitgo/kit/database/migrate\"\n\n"
	for name, c := range map[string]struct{ before, after string }{
		"lines": {
			"var All = migrate.Set{\n\tList: []migrate.Migration{\n\t\ta, // the first\n\t\t// b comes later\n\t},\n}\n",
			"var All = migrate.Set{\n\tList: []migrate.Migration{\n\t\ta, // the first\n\t\t// b comes later\n\t\tcreatePosts,\n\t},\n}\n",
		},
		"one line": {
			"var All = migrate.Set{List: []migrate.Migration{a, b /* , */}}\n",
			"var All = migrate.Set{List: []migrate.Migration{a, b, /* , */\n\tcreatePosts,\n}}\n",
		},
		"one line with a comma": {
			"var All = migrate.Set{List: []migrate.Migration{a,}}\n",
			"var All = migrate.Set{List: []migrate.Migration{a,\n\tcreatePosts,\n}}\n",
		},
		"empty": {
			"var All = migrate.Set{List: []migrate.Migration{}}\n",
			"var All = migrate.Set{List: []migrate.Migration{\n\tcreatePosts,\n}}\n",
		},
		"empty lines": {
			"var All = migrate.Set{\n\tList: []migrate.Migration{\n\t},\n}\n",
			"var All = migrate.Set{\n\tList: []migrate.Migration{\n\t\tcreatePosts,\n\t},\n}\n",
		},
	} {
		for _, end := range []string{"\n", "\r\n"} {
			lines := func(s string) string { return strings.ReplaceAll(head+s, "\n", end) }
			f := &File{"migrations.go", []byte(lines(c.before))}
			if err := f.AppendToList("List", migration, "createPosts"); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if diff := cmp.Diff(lines(c.after), string(f.Text)); diff != "" {
				t.Errorf("%s with %q (-want +got)\n%s", name, end, diff)
			}
		}
	}
}

func TestFindList(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	none := func() {
		t.Helper()
		if _, err := FindList(dir, "List", migration); !errors.Is(err, ErrNoList) {
			t.Errorf("error %v", err)
		}
	}
	none()
	const list = "package m\n\nimport \"github.com/kitgo/kit/database/migrate\"\n\nvar All = migrate.Set{List: []migrate.Migration{}}\n"
	write("a.go", "package m\n\nimport (\n\t\"github.com/kitgo/kit/database/migrate\"\n\t\"other\"\n)\n\nvar List = 1\n\nvar A = x{List: 1, Other: []migrate.Migration{}}\n\nvar B = x{List: []other.Migration{}}\n\nvar C = x{List: []migrate.Other{}}\n")
	write("a_test.go", list)
	write("a.txt", list)
	none()
	write("a2.go", "package m\n\nimport \"other/migrate\"\n\nvar Other = migrate.Set{List: []migrate.Migration{}}\n")
	none()
	write("b.go", list)
	f, err := FindList(dir, "List", migration)
	if err != nil || filepath.Base(f.Path) != "b.go" || f.Package() != "m" || !f.Declares("All") || f.Declares("List") {
		t.Errorf("%v, %v", f, err)
	}
	write("c.go", "package")
	if _, err := FindList(dir, "List", migration); err == nil {
		t.Error("a file that Go cannot read is no error")
	} else if syntax, ok := errors.AsType[*SyntaxError](err); !ok || filepath.Base(syntax.Path) != "c.go" {
		t.Errorf("%v", err)
	}
	if _, err := FindList(filepath.Join(dir, "nowhere"), "List", migration); !errors.Is(err, ErrNoList) {
		t.Errorf("error %v", err)
	}
}

func TestAppendToField(t *testing.T) {
	t.Parallel()
	const head = "package main\n\nimport (\n\t\"github.com/kitgo/kit\"\n\t\"github.com/spf13/cobra\"\n\n\t\"shop/x\"\n)\n\n"
	app, command := Type{Path: "github.com/kitgo/kit", Name: "App"}, Type{Path: "github.com/spf13/cobra", Name: "Command", Pointer: true}
	for name, c := range map[string]struct{ before, after string }{
		"no field": {
			"\treturn &kit.App{\n\t\tDB: db, // the database\n\t}\n",
			"\treturn &kit.App{\n\t\tDB: db, // the database\n\t\tCommands: []*cobra.Command{\n\t\t\tx.Command(),\n\t\t},\n\t}\n",
		},
		"a field": {
			"\treturn &kit.App{\n\t\tCommands: []*cobra.Command{\n\t\t\ty.Command(),\n\t\t},\n\t\tDB: db,\n\t}\n",
			"\treturn &kit.App{\n\t\tCommands: []*cobra.Command{\n\t\t\ty.Command(),\n\t\t\tx.Command(),\n\t\t},\n\t\tDB: db,\n\t}\n",
		},
		"on one line": {
			"\treturn &kit.App{DB: db}\n",
			"\treturn &kit.App{DB: db,\n\t\tCommands: []*cobra.Command{\n\t\t\tx.Command(),\n\t\t},\n\t}\n",
		},
	} {
		f := &File{"main.go", []byte(head + "func f() *kit.App {\n" + c.before + "}\n")}
		if err := f.AppendToField(app, "Commands", command, "shop/x", func(pkg string) string { return pkg + ".Command()" }); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(head+"func f() *kit.App {\n"+c.after+"}\n", string(f.Text)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
	for _, text := range []string{"var x = kit.Config{}", "var x = kit.App{Commands: list()}", "var x = kit.App{Commands: []cobra.Command{}}"} {
		f := &File{"main.go", []byte(head + text + "\n")}
		if err := f.AppendToField(app, "Commands", command, "shop/x", func(pkg string) string { return pkg + ".Command()" }); !errors.Is(err, ErrNoList) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// The names that a file gives to packages are those of what is added, and the imports come
// with it.
func TestAppendToFieldImports(t *testing.T) {
	t.Parallel()
	app, command := Type{Path: "github.com/kitgo/kit", Name: "App"}, Type{Path: "github.com/spf13/cobra", Name: "Command", Pointer: true}
	for before, after := range map[string]string{
		"import k \"github.com/kitgo/kit\"\n\nfunc f(x int) *k.App {\n\treturn &k.App{}\n}\n":                                    "import (\n\tk \"github.com/kitgo/kit\"\n\t\"github.com/spf13/cobra\"\n\n\tshopx \"shop/x\"\n)\n\nfunc f(x int) *k.App {\n\treturn &k.App{\n\t\tCommands: []*cobra.Command{\n\t\t\tshopx.Command(),\n\t\t},\n\t}\n}\n",
		"import (\n\t\"github.com/kitgo/kit\"\n\tc \"github.com/spf13/cobra\"\n)\n\nvar a = kit.App{Commands: []*c.Command{}}\n": "import (\n\t\"github.com/kitgo/kit\"\n\tc \"github.com/spf13/cobra\"\n\n\t\"shop/x\"\n)\n\nvar a = kit.App{Commands: []*c.Command{\n\tx.Command(),\n}}\n",
	} {
		f := &File{filepath.Join(t.TempDir(), "main.go"), []byte("package main\n\n" + before)}
		if err := f.AppendToField(app, "Commands", command, "shop/x", func(pkg string) string { return pkg + ".Command()" }); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff("package main\n\n"+after, string(f.Text)); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
}
