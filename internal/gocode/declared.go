package gocode

import (
	"os"
	"path/filepath"
	"strings"
)

// DeclaredIn returns the file of a package, but for the one of a path, that declares a name
// at its top; "" if none does. Tests are not looked at.
func DeclaredIn(dir, name, without string) (string, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return "", err
	}
	for _, path := range paths {
		if path == without || strings.HasSuffix(path, "_test.go") {
			continue
		}
		if info, err := os.Stat(path); err != nil || info.IsDir() {
			continue
		}
		f, err := Read(path)
		if err != nil {
			return "", err
		}
		if f.Declares(name) {
			return path, nil
		}
	}
	return "", nil
}
