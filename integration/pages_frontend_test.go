package integration_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/kitgo/kit/internal/scaffold"
	"github.com/kitgo/kit/vite"
)

// pagesFrontend builds the frontend of testdata/pages twice with the packages and the
// configuration of a new application, as two releases. It returns the folder that has
// the builds: 1 and 2.
func pagesFrontend(tb testing.TB) string {
	tb.Helper()
	return workshop.pages.get(tb, func() (string, error) {
		dir := filepath.Join(workshop.dir, "pages")
		files, err := scaffold.NewApp(scaffold.App{Name: "pages", Module: "pages", Database: scaffold.SQLite})
		if err != nil {
			return "", err
		}
		for _, f := range files {
			if !strings.HasPrefix(f.Path, "frontend/") || strings.HasPrefix(f.Path, "frontend/src/pages/") || f.Path == "frontend/src/app.tsx" {
				continue
			}
			path := filepath.Join(dir, f.Path)
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, f.Content, 0o644)); err != nil {
				return "", err
			}
		}
		frontend := filepath.Join(dir, "frontend")
		err = errors.Join(
			os.CopyFS(filepath.Join(frontend, "src"), os.DirFS("testdata/pages/src")),
			command(frontend, "npm", "ci", "--no-audit", "--no-fund"),
		)
		if err != nil {
			return "", err
		}
		for _, release := range []string{"1", "2"} {
			err := errors.Join(
				command(frontend, "npm", "run", "build"),
				os.CopyFS(filepath.Join(dir, release), os.DirFS(filepath.Join(frontend, "dist"))),
				replaceIn(filepath.Join(frontend, "src", "Later.tsx"), "release 1", "release 2"),
				replaceIn(filepath.Join(frontend, "src", "pages", "Other.tsx"), "release 1", "release 2"),
			)
			if err != nil {
				return "", err
			}
		}
		return dir, nil
	})
}

func replaceIn(path, old, by string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(strings.ReplaceAll(string(text), old, by)), 0o644)
}

// release opens one of the builds. Without former ones it has only its own assets.
func release(tb testing.TB, name string, former bool) *vite.Build {
	tb.Helper()
	fsys := os.DirFS(filepath.Join(pagesFrontend(tb), name))
	if !former {
		fsys = withoutFormer(tb, fsys)
	}
	build, err := vite.New(fsys)
	if err != nil {
		tb.Fatal(err)
	}
	return build
}

// withoutFormer is what a build that keeps no other would have made.
func withoutFormer(tb testing.TB, build fs.FS) fs.FS {
	tb.Helper()
	list, err := fs.ReadFile(build, ".vite/builds.json")
	if err != nil {
		tb.Fatal(err)
	}
	own := fstest.MapFS{}
	err = fs.WalkDir(build, ".", func(name string, d fs.DirEntry, err error) error {
		plain := strings.TrimSuffix(strings.TrimSuffix(name, ".br"), ".gz")
		if err != nil || d.IsDir() || name == ".vite/builds.json" || strings.Contains(string(list), `"`+plain+`"`) {
			return err
		}
		text, err := fs.ReadFile(build, name)
		own[name] = &fstest.MapFile{Data: text}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return own
}
