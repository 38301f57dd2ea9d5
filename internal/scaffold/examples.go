package scaffold

import (
	"bytes"
	"fmt"
	"go/format"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/kitgo/kit/examples"
)

// examplesModule is the path below which the packages of the examples are.
const examplesModule = "github.com/kitgo/kit/examples/"

// Examples returns the names of the applications that [NewExample] knows.
func Examples() []string {
	entries, err := fs.ReadDir(examples.Files, ".")
	if err != nil {
		panic(err) // it is in the binary
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = entry.Name()
	}
	return names
}

// NewExample returns the files of an example as an application of its own: what the
// folder of the example has, and from [NewApp] what every application has alike, which
// is all but the Go code and the sources of the pages.
func NewExample(name string, a App) ([]File, error) {
	starter, err := NewApp(a)
	if err != nil {
		return nil, err
	}
	own, err := exampleFiles(name, a.Module)
	if err != nil {
		return nil, fmt.Errorf("reading the example %s: %w", name, err)
	}
	for _, f := range starter {
		replaced := path.Ext(f.Path) == ".go" || strings.HasPrefix(f.Path, "frontend/src/")
		if !replaced && !slices.ContainsFunc(own, func(o File) bool { return o.Path == f.Path }) {
			own = append(own, f)
		}
	}
	slices.SortFunc(own, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return own, nil
}

// exampleFiles returns what the folder of an example has, with its imports under another
// module's path.
func exampleFiles(name, modulePath string) ([]File, error) {
	var files []File
	err := fs.WalkDir(examples.Files, name, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(examples.Files, file)
		if err != nil {
			return err
		}
		if path.Ext(file) == ".go" {
			content = bytes.ReplaceAll(content, []byte(`"`+examplesModule+name+`/`), []byte(`"`+modulePath+`/`))
			if content, err = format.Source(content); err != nil { // the order of the imports
				return err
			}
		}
		files = append(files, File{Path: strings.TrimPrefix(file, name+"/"), Content: content})
		return nil
	})
	return files, err
}
