// Package gocode changes Go files that belong to users: it puts lines where they belong and
// leaves the rest as it is, comments and blank lines included.
//
//	schedule, err := gocode.FindFunc(".", gocode.Wanted{…})
//	tasks, err := schedule.Import("example.com/shop/tasks")
//	err = schedule.Append(func(s string) string { return s + ".Add(" + tasks + ".…)" })
//	err = os.WriteFile(schedule.Path, schedule.Text, 0o644)
//
// Packages are known by their paths: a file may give them other names. Places are found with go/parser, and changed in the text: go/ast loses the place of
// comments.
package gocode

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"slices"
)

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

func (f *File) parse() (*token.FileSet, *ast.File, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, f.Path, f.Text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, nil, &SyntaxError{f.Path, err}
	}
	return set, file, nil
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
