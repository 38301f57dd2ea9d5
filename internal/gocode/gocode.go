// Package gocode changes Go files that belong to users: it puts lines where they belong and
// leaves the rest as it is, comments and blank lines included.
//
//	file, err := gocode.Read("schedule.go")
//	err = file.AppendToFunc("schedule", "Schedule", func(s string) string { return s + ".Add(…)" })
//	err = file.Import("example.com/shop/tasks")
//	err = os.WriteFile(file.Path, file.Text, 0o644)
//
// Places are found with go/parser, and changed in the text: go/ast loses the place of
// comments.
package gocode

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// ErrNoFunc means that there is no function to append to.
var ErrNoFunc = errors.New("no such function")

// File is the text of a Go file.
type File struct {
	Path string
	Text []byte
}

// SyntaxError is a file that Go cannot read.
type SyntaxError struct {
	Path string
	Err  error
}

// Error returns what is wrong where.
func (e *SyntaxError) Error() string { return e.Err.Error() }

// Unwrap returns the error of go/parser.
func (e *SyntaxError) Unwrap() error { return e.Err }

// Read reads a file. One that is no Go is a [*SyntaxError].
func Read(path string) (*File, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f := &File{path, text}
	_, _, err = f.parse()
	return f, err
}

// FindFunc reads the files of a package, without its tests, and returns the one with a
// function that takes a *pkg.Type; else the error is [ErrNoFunc].
func FindFunc(dir, pkg, typ string) (*File, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := Read(path)
		if err != nil {
			return nil, err
		}
		if _, _, _, ok := f.find(pkg, typ); ok {
			return f, nil
		}
	}
	return nil, fmt.Errorf("%w: none in %s takes a *%s.%s", ErrNoFunc, dir, pkg, typ)
}

func (f *File) parse() (*token.FileSet, *ast.File, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, f.Path, f.Text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, nil, &SyntaxError{f.Path, err}
	}
	return set, file, nil
}

// find returns the function that takes a *pkg.Type, and the name of that parameter.
func (f *File) find(pkg, typ string) (set *token.FileSet, found *ast.FuncDecl, parameter string, ok bool) {
	set, file, err := f.parse()
	if err != nil {
		return nil, nil, "", false
	}
	for _, d := range file.Decls {
		function, isFunc := d.(*ast.FuncDecl)
		if !isFunc || function.Body == nil {
			continue
		}
		for _, p := range function.Type.Params.List {
			star, isPointer := p.Type.(*ast.StarExpr)
			if !isPointer || len(p.Names) == 0 || p.Names[0].Name == "_" {
				continue
			}
			selector, isSelector := star.X.(*ast.SelectorExpr)
			if !isSelector || selector.Sel.Name != typ {
				continue
			}
			if x, isIdent := selector.X.(*ast.Ident); isIdent && x.Name == pkg {
				return set, function, p.Names[0].Name, true
			}
		}
	}
	return nil, nil, "", false
}

// AppendToFunc adds a line to the end of the function that takes a *pkg.Type; line gets the
// name of that parameter.
func (f *File) AppendToFunc(pkg, typ string, line func(parameter string) string) error {
	set, function, parameter, ok := f.find(pkg, typ)
	if !ok {
		return fmt.Errorf("%w: none in %s takes a *%s.%s", ErrNoFunc, f.Path, pkg, typ)
	}
	return f.insert(set.Position(function.Body.Rbrace).Offset, "\n"+line(parameter)+"\n")
}

// PrependToFunc adds lines to the beginning of the function that takes a *pkg.Type; lines
// gets the name of that parameter.
func (f *File) PrependToFunc(pkg, typ string, lines func(parameter string) string) error {
	set, function, parameter, ok := f.find(pkg, typ)
	if !ok {
		return fmt.Errorf("%w: none in %s takes a *%s.%s", ErrNoFunc, f.Path, pkg, typ)
	}
	return f.insert(set.Position(function.Body.Lbrace).Offset+1, "\n"+lines(parameter)+"\n")
}

// Import adds an import, unless it is there.
func (f *File) Import(path string) error {
	set, file, err := f.parse()
	if err != nil {
		return err
	}
	for _, spec := range file.Imports {
		if have, _ := strconv.Unquote(spec.Path.Value); have == path {
			return nil
		}
	}
	at := func(p token.Pos) int { return set.Position(p).Offset }
	for _, d := range file.Decls {
		block, isBlock := d.(*ast.GenDecl)
		if !isBlock || block.Tok != token.IMPORT {
			continue
		}
		if block.Lparen.IsValid() {
			// After the last one of the same origin, or in a group of its own.
			last, gap := block.Specs[len(block.Specs)-1], "\n\n"
			for _, spec := range block.Specs {
				if have, _ := strconv.Unquote(spec.(*ast.ImportSpec).Path.Value); root(have) == root(path) {
					last, gap = spec, "\n"
				}
			}
			end := at(last.End())
			if line := bytes.IndexByte(f.Text[end:], '\n'); line >= 0 && end+line < at(block.Rparen) {
				end += line // a remark stays where it is
			}
			return f.insert(end, gap+strconv.Quote(path)+"\n")
		}
		text := fmt.Sprintf("import (\n%s\n\n%q\n)", f.Text[at(block.Specs[0].Pos()):at(block.Specs[0].End())], path)
		return f.replace(at(block.Pos()), at(block.End()), text)
	}
	return f.insert(at(file.Name.End()), fmt.Sprintf("\n\nimport %q\n", path))
}

// root is the first element of a path: that of a module's address, or of a package of Go
// itself.
func root(path string) string {
	first, _, _ := strings.Cut(path, "/")
	return first
}

func (f *File) insert(at int, text string) error { return f.replace(at, at, text) }

func (f *File) replace(begin, end int, text string) error {
	return f.set(string(slices.Concat(f.Text[:begin], []byte(text), f.Text[end:])))
}

// set makes text, once formatted, that of the file. Windows' ends of lines stay, which
// go/format takes away.
func (f *File) set(text string) error {
	source, err := format.Source([]byte(text))
	if err != nil {
		return fmt.Errorf("change %s: %w", f.Path, err)
	}
	if bytes.Contains(f.Text, []byte("\r\n")) {
		source = bytes.ReplaceAll(bytes.ReplaceAll(source, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
	}
	f.Text = source
	return nil
}
