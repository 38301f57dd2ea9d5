package scaffold_test

import (
	"io/fs"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/examples"
	"github.com/kitgo/kit/internal/scaffold"
)

// What `kit new --example` writes is what a reader sees in examples/, but for the path
// of the module.
func TestExamplesAreTheFilesThatAreThere(t *testing.T) {
	t.Parallel()
	starter := newApp(t, scaffold.Postgres)
	for _, name := range scaffold.Examples() {
		files, err := scaffold.NewExample(name, scaffold.App{
			Name: "my-shop", Module: "example.com/my-shop", Database: scaffold.Postgres,
			Kit: scaffold.Kit{Version: "v1.2.3"},
		})
		if err != nil {
			t.Fatal(err)
		}
		got := contents(files)
		if len(got) != len(files) {
			t.Errorf("%s has a file twice", name)
		}
		err = fs.WalkDir(examples.Files, name, func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			there, err := fs.ReadFile(examples.Files, file)
			if err != nil {
				return err
			}
			want := strings.ReplaceAll(string(there), "github.com/kitgo/kit/examples/"+name, "example.com/my-shop")
			inner := strings.TrimPrefix(file, name+"/")
			if diff := cmp.Diff(want, got[inner]); diff != "" {
				t.Errorf("%s (-there +generated):\n%s", file, diff)
			}
			delete(got, inner)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		// The rest is the starter's, which has no Go code and no pages in it.
		for file, content := range got {
			if content != starter[file] {
				t.Errorf("%s is neither in examples/%s nor in the starter", file, name)
			}
			if path.Ext(file) == ".go" || strings.HasPrefix(file, "frontend/src/") {
				t.Errorf("%s of the starter is in the example %s", file, name)
			}
		}
		for _, file := range []string{"go.mod", ".env", "frontend/package-lock.json", "frontend/vite.config.ts"} {
			if got[file] == "" {
				t.Errorf("the example %s has no %s", name, file)
			}
		}
	}
}

// What an example repeats of the starter stays as it is there.
func TestExamplesFollowTheStarter(t *testing.T) {
	t.Parallel()
	starter := newApp(t, scaffold.SQLite)
	for _, name := range scaffold.Examples() {
		for _, file := range []string{"frontend/frontend.go", "frontend/dist/.gitkeep", "frontend/src/app.tsx", "frontend/src/reload.ts", "frontend/src/components/Ago.tsx", "frontend/src/components/Failure.tsx"} {
			content, err := fs.ReadFile(examples.Files, name+"/"+file)
			if err != nil {
				t.Error(err)
			} else if diff := cmp.Diff(starter[file], string(content)); diff != "" {
				t.Errorf("%s of the example %s differs from the starter's (-starter +example):\n%s", file, name, diff)
			}
		}
	}
}
