package gocode

import (
	"go/ast"
	"go/types"
	"path/filepath"
	"strings"
)

// Receiver returns the receiver of the method that takes a *pkg.Type, by its name and
// type; not ok if that is a function, or the receiver has no name.
func (f *File) Receiver(pkg, typ string) (name, receiver string, ok bool) {
	_, function, _, found := f.find(pkg, typ)
	if !found || function.Recv == nil || len(function.Recv.List) != 1 || len(function.Recv.List[0].Names) == 0 {
		return "", "", false
	}
	x := function.Recv.List[0].Type
	if star, isPointer := x.(*ast.StarExpr); isPointer {
		x = star.X
	}
	ident, isIdent := x.(*ast.Ident)
	name = function.Recv.List[0].Names[0].Name
	if !isIdent || name == "_" {
		return "", "", false
	}
	return name, ident.Name, true
}

// FindField reads the files of a package, without its tests, and returns the first field
// of a struct that has a type, as the source has it: *inertia.Renderer. It is "" if there
// is none.
func FindField(dir, structure, typ string) (string, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return "", err
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := Read(path)
		if err != nil {
			return "", err
		}
		if name := f.field(structure, typ); name != "" {
			return name, nil
		}
	}
	return "", nil
}

// field returns the first field of a struct that has a type.
func (f *File) field(structure, typ string) string {
	_, file, err := f.parse()
	if err != nil {
		return ""
	}
	var name string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok || spec.Name.Name != structure {
			return true
		}
		fields, ok := spec.Type.(*ast.StructType)
		if !ok {
			return false
		}
		for _, field := range fields.Fields.List {
			if name == "" && len(field.Names) > 0 && types.ExprString(field.Type) == typ {
				name = field.Names[0].Name
			}
		}
		return false
	})
	return name
}
