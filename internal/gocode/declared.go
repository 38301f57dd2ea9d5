package gocode

import (
	"go/ast"
	"os"
	"path/filepath"
	"slices"
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

// Redeclares returns a name that a file declares at its top and another one of its package
// does, too, and the path of that one; "" if there is none. The file need not exist yet. A
// package's own tests belong to it; those of package x_test are another package.
func (f *File) Redeclares() (name, path string, err error) {
	paths, err := filepath.Glob(filepath.Join(filepath.Dir(f.Path), "*.go"))
	if err != nil {
		return "", "", err
	}
	names := f.declared()
	for _, path := range paths {
		if path == f.Path {
			continue
		}
		if info, err := os.Stat(path); err != nil || info.IsDir() {
			continue
		}
		other, err := Read(path)
		if err != nil {
			return "", "", err
		}
		if other.Package() != f.Package() {
			continue
		}
		for _, name := range names {
			if other.Declares(name) {
				return name, path, nil
			}
		}
	}
	return "", "", nil
}

// Declares reports whether the file declares a name at its top.
func (f *File) Declares(name string) bool { return slices.Contains(f.declared(), name) }

// declared returns the names that the file declares at its top, but for those that a
// package may have several times.
func (f *File) declared() []string {
	_, file, err := f.parse()
	if err != nil {
		return nil
	}
	var names []string
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				names = append(names, d.Name.Name)
			}
		case *ast.GenDecl:
			names = append(names, specNames(d)...)
		}
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == "_" || name == "init" })
}

// specNames returns the names of a declaration of types, variables or constants.
func specNames(d *ast.GenDecl) []string {
	var names []string
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			names = append(names, spec.Name.Name)
		case *ast.ValueSpec:
			for _, n := range spec.Names {
				names = append(names, n.Name)
			}
		}
	}
	return names
}
