package modelgen_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/internal/modelgen"
)

func TestAModelMayBeNamedInAnyWay(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][2]string{
		"Post": {"Post", "posts"}, "post": {"Post", "posts"}, "posts": {"Post", "posts"}, "BlogPost": {"BlogPost", "blog_posts"},
		"blog_post": {"BlogPost", "blog_posts"}, "APIKey": {"APIKey", "api_keys"}, "api_key": {"APIKey", "api_keys"}, "news": {"News", "news"},
		"Address": {"Address", "addresses"}, "Status": {"Status", "statuses"}, "Category": {"Category", "categories"}, "type": {"Type", "types"},
	} {
		d, err := modelgen.NewDraft(t.TempDir(), name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := [2]string{d.Model, d.Table}; got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
}

// Once its table is there, the model is the one that db:sync finds, so that it makes no
// second one.
func TestADraftIsTheModelOfItsTable(t *testing.T) {
	t.Parallel()
	for _, name := range strings.Fields("Post Canvas Bonus Shelf Leaf Chaos Person Datum Virus Box Cache Archive Movie Series Menu Quiz Analysis") {
		dir := filepath.Join(t.TempDir(), "models")
		d, err := modelgen.NewDraft(dir, name)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Write(); err != nil {
			t.Fatal(err)
		}
		if plan := apply(t, dir, table(d.Table)); len(plan.Changes) > 0 {
			t.Errorf("%s: db:sync would change something:\n%s", name, plan.Diff())
		}
	}
}

func TestNamesThatCannotBeThoseOfModels(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "2fa", "_post", "blog-post", "blog post", "../post", "post.go", "Café", strings.Repeat("a", 41)} {
		if _, err := modelgen.NewDraft(t.TempDir(), name); !isA[*modelgen.NameError](err) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func TestTheListOfMigrationsKeepsWhatIsInIt(t *testing.T) {
	t.Parallel()
	const head = "package migrations\n\nimport \"github.com/kitgo/kit/database/migrate\"\n\n"
	for name, c := range map[string]struct{ before, after string }{
		"lines": {
			"var All = migrate.Set{\n\tList: []migrate.Migration{\n\t\ta, // the first\n\t\t// b comes later\n\t},\n}\n",
			"var All = migrate.Set{\n\tList: []migrate.Migration{\n\t\ta, // the first\n\t\t// b comes later\n\t\tcreatePostsTable,\n\t},\n}\n",
		},
		"one line": {
			"var All = migrate.Set{List: []migrate.Migration{a, b /* , */}}\n",
			"var All = migrate.Set{List: []migrate.Migration{a, b /* , */,\n\tcreatePostsTable,\n}}\n",
		},
		"one line with a comma": {
			"var All = migrate.Set{List: []migrate.Migration{a,}}\n",
			"var All = migrate.Set{List: []migrate.Migration{a,\n\tcreatePostsTable,\n}}\n",
		},
		"empty": {
			"var All = migrate.Set{List: []migrate.Migration{}}\n",
			"var All = migrate.Set{List: []migrate.Migration{\n\tcreatePostsTable,\n}}\n",
		},
		"empty lines": {
			"var All = migrate.Set{\n\tList: []migrate.Migration{\n\t},\n}\n",
			"var All = migrate.Set{\n\tList: []migrate.Migration{\n\t\tcreatePostsTable,\n\t},\n}\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := models(t, map[string]string{"all.go": head + c.before})
			if err := draft(t, dir); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(head+strings.Replace(c.after, "b /* , */,", "b, /* , */", 1), folder(t, dir)["all.go"]); diff != "" {
				t.Errorf("all.go (-want +got):\n%s", diff)
			}
		})
	}
}

// draft writes the model Post with its migration, into a folder of migrations.
func draft(t *testing.T, migrations string) error {
	t.Helper()
	d, err := modelgen.NewDraft(filepath.Join(t.TempDir(), "models"), "Post")
	if err != nil {
		t.Fatal(err)
	}
	zone := time.FixedZone("", 3600)
	if err := d.AddMigration(migrations, time.Date(2026, 1, 2, 0, 4, 5, 0, zone)); err != nil {
		return err
	}
	return d.Write()
}

func TestTheNameOfAMigrationHasTheTimeInUTC(t *testing.T) {
	t.Parallel()
	dir := models(t, map[string]string{"all.go": "package history\n\nvar All = migrate.Set{List: []migrate.Migration{}}\n"})
	if err := draft(t, dir); err != nil {
		t.Fatal(err)
	}
	text := folder(t, dir)["m20260101_230405_create_posts_table.go"]
	if !strings.HasPrefix(text, "package history\n") || !strings.Contains(text, `Name: "m20260101_230405_create_posts_table"`) {
		t.Errorf("the migration is:\n%s", text)
	}
}

func TestAMigrationIsNotWrittenTwice(t *testing.T) {
	t.Parallel()
	const list = "package migrations\n\nvar All = migrate.Set{List: []migrate.Migration{}}\n"
	for name, files := range map[string]map[string]string{
		"a variable": {"all.go": list, "posts.go": "package migrations\n\nvar createPostsTable = 1\n"},
		"a Go file":  {"all.go": list, "m20250101_000000_create_posts_table.go": "package migrations\n"},
		"SQL":        {"all.go": list, "m20250101_000000_create_posts_table.up.sql": ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := models(t, files)
			if err := draft(t, dir); !isA[*modelgen.ExistsError](err) {
				t.Errorf("the error is %v", err)
			}
			if diff := cmp.Diff(files, folder(t, dir)); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWithoutAListThereIsNoMigration(t *testing.T) {
	t.Parallel()
	empty := models(t, nil)
	for _, dir := range []string{empty, filepath.Join(empty, "nowhere"), models(t, map[string]string{"all.go": "package migrations\n\nvar List = 1\n"})} {
		if err := draft(t, dir); !isA[*modelgen.ListError](err) {
			t.Errorf("%s: %v", dir, err)
		}
	}
	if err := draft(t, models(t, map[string]string{"all.go": "package"})); !isA[*modelgen.SyntaxError](err) {
		t.Errorf("the error is %v", err)
	}
}

func TestADraftIsNotWrittenOverAnything(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]map[string]string{
		"a struct": {"all.go": "package models\n\ntype Post struct{}\n"},
		"a file":   {"post.go": "package models\n"},
		"db:sync":  {"posts_gen.go": "// Code generated by kit db:sync. DO NOT EDIT.\n\npackage models\n\ntype Post struct{}\n"},
	} {
		if _, err := modelgen.NewDraft(models(t, files), "Post"); !isA[*modelgen.ExistsError](err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	dir := filepath.Join(t.TempDir(), "models")
	d, err := modelgen.NewDraft(dir, "Post")
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Write(); err != nil {
		t.Fatal(err)
	}
	if err := d.Write(); !errors.Is(err, os.ErrExist) {
		t.Errorf("the second Write: %v", err)
	}
}
