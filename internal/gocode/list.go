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

// FindList reads the files of a package, without its tests, and returns the one with a
// list key: []pkg.Type{…}; else the error is [ErrNoList]. All of them are read, so that a
// file with a mistake is found before anything is changed.
func FindList(dir, key, typ string) (*File, error) {
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
		if _, list := f.list(key, typ); list != nil && found == nil {
			found = f
		}
	}
	if found == nil {
		return nil, fmt.Errorf("%w: none in %s is %s: []%s{…}", ErrNoList, dir, key, typ)
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

// Declares reports whether the file declares a name at its top.
func (f *File) Declares(name string) bool {
	_, file, err := f.parse()
	if err != nil {
		return false
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.Name == name {
				return true
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if declares(spec, name) {
					return true
				}
			}
		}
	}
	return false
}

func declares(spec ast.Spec, name string) bool {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		return spec.Name.Name == name
	case *ast.ValueSpec:
		for _, n := range spec.Names {
			if n.Name == name {
				return true
			}
		}
	}
	return false
}

// list returns the list key: []pkg.Type{…}, whose type is typ, such as migrate.Migration.
func (f *File) list(key, typ string) (*token.FileSet, *ast.CompositeLit) {
	set, file, err := f.parse()
	if err != nil {
		return nil, nil
	}
	pkg, name, _ := strings.Cut(typ, ".")
	var found *ast.CompositeLit
	ast.Inspect(file, func(n ast.Node) bool {
		pair, ok := n.(*ast.KeyValueExpr)
		if !ok {
			return true
		}
		if k, ok := pair.Key.(*ast.Ident); !ok || k.Name != key {
			return true
		}
		list, ok := pair.Value.(*ast.CompositeLit)
		if !ok {
			return true
		}
		array, ok := list.Type.(*ast.ArrayType)
		if !ok {
			return true
		}
		element, ok := array.Elt.(*ast.SelectorExpr)
		if !ok || element.Sel.Name != name {
			return true
		}
		if x, ok := element.X.(*ast.Ident); ok && x.Name == pkg {
			found = list
		}
		return true
	})
	return set, found
}

// AppendToList adds an element, on a line of its own, to the list key: []pkg.Type{…}.
func (f *File) AppendToList(key, typ, element string) error {
	set, list := f.list(key, typ)
	if list == nil {
		return fmt.Errorf("%w: none in %s is %s: []%s{…}", ErrNoList, f.Path, key, typ)
	}
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
