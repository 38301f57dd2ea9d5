package gocode

import (
	"errors"
	"fmt"
	"go/ast"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ErrNoList means that there is no list to add to.
var ErrNoList = errors.New("no such list")

// FindLiteral reads the files of a package, without its tests, and returns the one with a
// literal typ{…}, such as kit.App{…}; else the error is [ErrNoList].
func FindLiteral(dir string, typ Type) (*File, error) {
	return findFile(dir, typ.String()+"{…}", func(f *File) bool {
		_, literal := f.literal(typ)
		return literal != nil
	})
}

// literal returns the literal typ{…}.
func (f *File) literal(typ Type) (*token.FileSet, *ast.CompositeLit) {
	set, file, err := f.parse()
	if err != nil {
		return nil, nil
	}
	var found *ast.CompositeLit
	ast.Inspect(file, func(n ast.Node) bool {
		if literal, ok := n.(*ast.CompositeLit); ok && found == nil && isType(file, literal.Type, typ) {
			found = literal
		}
		return found == nil
	})
	return set, found
}

// AppendToField adds an element to the list in the field key: []listType{…} of the literal
// typ{…}, and the field if there is none, with their imports: the element is made of the
// name that the package of a path has there. When the field has another value, or there is
// no literal, the error is [ErrNoList].
func (f *File) AppendToField(typ Type, key string, listType Type, address string, element func(pkg string) string) error {
	_, literal := f.literal(typ)
	if literal == nil {
		return fmt.Errorf("%w: there is no %s{…} in %s", ErrNoList, typ, f.Path)
	}
	value := valueOf(literal, key)
	_, file, err := f.parse()
	if err != nil {
		return err
	}
	if value != nil && listOf(file, value, listType) == nil {
		return fmt.Errorf("%w: %s in %s is no []%s{…}", ErrNoList, key, f.Path, listType)
	}
	hidden := namesAt(file, literal.Pos())
	pkg, err := f.importBut(address, hidden)
	if err != nil {
		return err
	}
	text := element(pkg)
	if value == nil {
		of, err := f.importBut(listType.Path, hidden)
		if err != nil {
			return err
		}
		text = key + ": []" + listType.in(of) + "{\n" + text + ",\n}"
	}
	set, literal := f.literal(typ) // where it is now
	if value != nil {
		literal = valueOf(literal, key).(*ast.CompositeLit)
	}
	return f.appendTo(set, literal, text)
}

// valueOf returns the value of a field in a literal; nil if it does not have it.
func valueOf(literal *ast.CompositeLit, key string) ast.Expr {
	for _, e := range literal.Elts {
		if pair, ok := e.(*ast.KeyValueExpr); ok && isNamed(pair.Key, key) {
			return pair.Value
		}
	}
	return nil
}

// FindList reads the files of a package, without its tests, and returns the one with a
// list key: []pkg.Type{…}, or for an empty key with a variable that is []pkg.Type{…}; else
// the error is [ErrNoList]. All of them are read, so that a file with a mistake is found
// before anything is changed.
func FindList(dir, key string, typ Type) (*File, error) {
	return findFile(dir, key+": []"+typ.String()+"{…}", func(f *File) bool {
		_, list := f.list(key, typ)
		return list != nil
	})
}

// findFile returns the first file of a package, without its tests, that has something.
func findFile(dir, what string, has func(*File) bool) (*File, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var found *File
	for _, e := range entries {
		if e.IsDir() || filepath.Ext(e.Name()) != ".go" || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		f, err := Read(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		if found == nil && has(f) {
			found = f
		}
	}
	if found == nil {
		return nil, fmt.Errorf("%w: none in %s is %s", ErrNoList, dir, what)
	}
	return found, nil
}

// Package returns the name of the file's package.
func (f *File) Package() string {
	_, file, err := f.parse()
	if err != nil {
		return ""
	}
	return file.Name.Name
}

// list returns the list key: []pkg.Type{…}; for an empty key that of a variable.
func (f *File) list(key string, typ Type) (*token.FileSet, *ast.CompositeLit) {
	set, file, err := f.parse()
	if err != nil {
		return nil, nil
	}
	var found *ast.CompositeLit
	ast.Inspect(file, func(n ast.Node) bool {
		if pair, ok := n.(*ast.KeyValueExpr); ok && key != "" && isNamed(pair.Key, key) {
			if list := listOf(file, pair.Value, typ); list != nil {
				found = list
			}
		}
		if variable, ok := n.(*ast.ValueSpec); ok && key == "" {
			for _, value := range variable.Values {
				if list := listOf(file, value, typ); list != nil && found == nil {
					found = list
				}
			}
		}
		return true
	})
	return set, found
}

// listOf returns an expression that is []typ{…}, and nil for any other.
func listOf(file *ast.File, x ast.Expr, typ Type) *ast.CompositeLit {
	list, ok := x.(*ast.CompositeLit)
	if !ok {
		return nil
	}
	if array, ok := list.Type.(*ast.ArrayType); ok && isType(file, array.Elt, typ) {
		return list
	}
	return nil
}

func isNamed(x ast.Expr, name string) bool {
	id, ok := x.(*ast.Ident)
	return ok && id.Name == name
}

// Lists reports whether a list that [FindList] finds has the element of a name.
func (f *File) Lists(key string, typ Type, name string) bool {
	_, list := f.list(key, typ)
	if list == nil {
		return false
	}
	for _, e := range list.Elts {
		if isNamed(e, name) {
			return true
		}
	}
	return false
}

// AppendToList adds an element, on a line of its own, to the list key: []pkg.Type{…}.
func (f *File) AppendToList(key string, typ Type, element string) error {
	set, list := f.list(key, typ)
	if list == nil {
		return fmt.Errorf("%w: none in %s is %s: []%s{…}", ErrNoList, f.Path, key, typ)
	}
	return f.appendTo(set, list, element)
}

// appendTo adds an element, on lines of its own, to a literal in braces.
func (f *File) appendTo(set *token.FileSet, list *ast.CompositeLit, element string) error {
	offset := func(p token.Pos) int { return set.Position(p).Offset }
	begin, end := offset(list.Lbrace), offset(list.Rbrace)
	text := string(f.Text)
	// Before the line of the brace, if it has one of its own.
	at, insert := end, "\n"+element+",\n"
	if line := strings.LastIndexByte(text[:end], '\n') + 1; line > begin && strings.TrimSpace(text[line:end]) == "" {
		at, insert = line, element+",\n"
	}
	if n := len(list.Elts); n > 0 {
		if last := offset(list.Elts[n-1].End()); !comma(text[last:end]) {
			text = text[:last] + "," + text[last:]
			at++
		}
	}
	return f.set(text[:at] + insert + text[at:])
}

// comma reports whether source has a comma outside of comments.
func comma(source string) bool {
	var s scanner.Scanner
	files := token.NewFileSet()
	s.Init(files.AddFile("", -1, len(source)), []byte(source), nil, 0)
	for {
		_, t, _ := s.Scan()
		if t == token.COMMA || t == token.EOF {
			return t == token.COMMA
		}
	}
}
