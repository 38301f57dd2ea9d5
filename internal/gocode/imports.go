package gocode

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Type is a type with a name, or a pointer to it.
type Type struct {
	Path, Name string // github.com/kitgo/kit/web, Router
	Pointer    bool
}

// String returns the type as files name it that do not rename its package.
func (t Type) String() string { return t.in(packageName(t.Path)) }

// in returns the type as a file names it that knows its package by a name.
func (t Type) in(pkg string) string {
	if t.Pointer {
		return "*" + pkg + "." + t.Name
	}
	return pkg + "." + t.Name
}

var version = regexp.MustCompile(`^v[0-9]+$`)

// packageName returns the name that the package of a path has by custom.
func packageName(address string) string {
	base := path.Base(address)
	if version.MatchString(base) && path.Dir(address) != "." {
		base = path.Base(path.Dir(address))
	}
	return base
}

// importNames returns the names that a file has for a package: several, or none. One of a
// "." or "_" is as it is.
func importNames(file *ast.File, address string) []string {
	var names []string
	for _, spec := range file.Imports {
		have, _ := strconv.Unquote(spec.Path.Value)
		switch {
		case have != address:
		case spec.Name != nil:
			names = append(names, spec.Name.Name)
		default:
			names = append(names, packageName(address))
		}
	}
	return names
}

// imported returns the names that a file has for packages.
func imported(file *ast.File) []string {
	var names []string
	for _, spec := range file.Imports {
		address, _ := strconv.Unquote(spec.Path.Value)
		names = append(names, importNames(file, address)...)
	}
	return names
}

// isNameOf reports whether an expression is a name of a package, whatever the file calls
// that.
func isNameOf(file *ast.File, x ast.Expr, address, name string) bool {
	names := importNames(file, address)
	if selector, ok := x.(*ast.SelectorExpr); ok && selector.Sel.Name == name {
		pkg, ok := selector.X.(*ast.Ident)
		return ok && slices.Contains(names, pkg.Name)
	}
	return isNamed(x, name) && slices.Contains(names, ".")
}

// isType reports whether an expression is a type.
func isType(file *ast.File, x ast.Expr, t Type) bool {
	if t.Pointer {
		star, ok := x.(*ast.StarExpr)
		return ok && isType(file, star.X, Type{Path: t.Path, Name: t.Name})
	}
	return isNameOf(file, x, t.Path, t.Name)
}

// Uses reports whether the code of the file, its comments aside, has a name of a package.
func (f *File) Uses(address, name string) bool {
	_, file, err := f.parse()
	if err != nil {
		return false
	}
	found := false
	ast.Inspect(file, func(n ast.Node) bool {
		if x, ok := n.(ast.Expr); ok && isNameOf(file, x, address, name) {
			found = true
		}
		return !found
	})
	return found
}

// Import adds an import, unless it is there, and returns the name of the package in the
// file. That is another than usual if the user gave it one, or has something else of the
// usual name.
func (f *File) Import(address string) (name string, err error) { return f.importBut(address, nil) }

// importBut is Import for a place where some names mean something else.
func (f *File) importBut(address string, hidden []string) (name string, err error) {
	_, file, err := f.parse()
	if err != nil {
		return "", err
	}
	for _, have := range importNames(file, address) {
		if have != "." && have != "_" && !slices.Contains(hidden, have) {
			return have, nil
		}
	}
	taken, err := f.taken(file)
	if err != nil {
		return "", err
	}
	taken = append(taken, hidden...)
	usual := packageName(address)
	name = usual
	if slices.Contains(taken, name) {
		name = plain(path.Base(path.Dir(address))) + name
	}
	for i, first := 2, name; slices.Contains(taken, name); i++ {
		name = first + strconv.Itoa(i)
	}
	spec := strconv.Quote(address)
	if name != usual {
		spec = name + " " + spec
	}
	return name, f.addImport(address, spec)
}

// plain returns the letters and digits of a word, from the first letter on.
func plain(word string) string {
	return strings.TrimLeft(strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(word)), "0123456789")
}

// taken returns the names that an import of the file cannot have: those of its other
// imports, and what its package declares.
func (f *File) taken(file *ast.File) ([]string, error) {
	names := append(f.declared(), imported(file)...)
	paths, err := filepath.Glob(filepath.Join(filepath.Dir(f.Path), "*.go"))
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		if path == f.Path {
			continue
		}
		other, err := Read(path)
		if err != nil {
			return nil, err
		}
		if other.Package() == f.Package() {
			names = append(names, other.declared()...)
		}
	}
	return names, nil
}

// addImport adds an import that is not there.
func (f *File) addImport(address, text string) error {
	set, file, err := f.parse()
	if err != nil {
		return err
	}
	at := func(p token.Pos) int { return set.Position(p).Offset }
	for _, d := range file.Decls {
		block, isBlock := d.(*ast.GenDecl)
		if !isBlock || block.Tok != token.IMPORT {
			continue
		}
		if block.Lparen.IsValid() && len(block.Specs) == 0 {
			return f.insert(at(block.Rparen), "\n"+text+"\n")
		}
		if block.Lparen.IsValid() {
			// After the last one of the same origin, or in a group of its own.
			last, gap := block.Specs[len(block.Specs)-1], "\n\n"
			for _, spec := range block.Specs {
				if have, _ := strconv.Unquote(spec.(*ast.ImportSpec).Path.Value); root(have) == root(address) {
					last, gap = spec, "\n"
				}
			}
			end := at(last.End())
			if line := bytes.IndexByte(f.Text[end:], '\n'); line >= 0 && end+line < at(block.Rparen) {
				end += line // a remark stays where it is
			}
			return f.insert(end, gap+text+"\n")
		}
		first := block.Specs[0]
		return f.replace(at(block.Pos()), at(block.End()), fmt.Sprintf("import (\n%s\n\n%s\n)", f.Text[at(first.Pos()):at(first.End())], text))
	}
	return f.insert(at(file.Name.End()), "\n\nimport "+text+"\n")
}

// root is the first element of a path: that of a module's address, or of a package of Go
// itself.
func root(path string) string {
	first, _, _ := strings.Cut(path, "/")
	return first
}
