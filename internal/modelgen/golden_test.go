package modelgen_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata/shop anew, from SQLite")

// The same schema gives the same bytes on every database.
func TestModelsAreTheSameOnEveryDatabase(t *testing.T) {
	t.Parallel()
	golden := filepath.Join("testdata", "shop")
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			db := open(t, d.url(t))
			define(t, db, shop)
			dir := filepath.Join(t.TempDir(), "models")
			sync(t, db, dir)
			if *update && d.name == "SQLite" {
				if err := os.RemoveAll(golden); err != nil {
					t.Fatal(err)
				}
				if err := os.CopyFS(golden, os.DirFS(dir)); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(folder(t, golden), folder(t, dir)); diff != "" {
				t.Errorf("the models are not those of %s (-want +got):\n%s", golden, diff)
			}
			if plan := planFor(t, db, dir); len(plan.Changes) != 0 || plan.Diff() != "" {
				t.Errorf("a second run would change something:\n%s", plan.Diff())
			}
		})
	}
}

// folder returns the files of a folder by their names.
func folder(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(text)
	}
	return files
}
