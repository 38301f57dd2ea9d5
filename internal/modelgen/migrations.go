package modelgen

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ListError is a folder of migrations in which the list of them is not found.
type ListError struct{ Dir string }

// Error says what was looked for.
func (e *ListError) Error() string {
	return "there is no list of migrations in " + e.Dir
}

// migrations is what is in the folder of the migrations.
type migrations struct {
	dir, pkg string
	names    map[string]string // of the variables, and the files they are in
	files    []string

	file        string // has the list
	text        []byte
	begin, end  int // where the list's braces are
	lastElement int // the end of the last element; 0 for none
}

func readMigrations(dir string) (*migrations, error) {
	m := &migrations{dir: dir, names: map[string]string{}}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &ListError{dir}
	}
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	for _, e := range entries {
		m.files = append(m.files, e.Name())
		if filepath.Ext(e.Name()) != ".go" || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		if err := m.read(e.Name()); err != nil {
			return nil, err
		}
	}
	if m.file == "" {
		return nil, &ListError{dir}
	}
	return m, nil
}

func (m *migrations) read(name string) error {
	path := filepath.Join(m.dir, name)
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, text, parser.SkipObjectResolution)
	if err != nil {
		return &SyntaxError{path, err}
	}
	m.pkg = file.Name.Name
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			for _, v := range n.Names {
				m.names[v.Name] = name
			}
		case *ast.KeyValueExpr:
			if list, ok := listOf(n); ok {
				offset := func(p token.Pos) int { return files.Position(p).Offset }
				m.file, m.text, m.begin, m.end = name, text, offset(list.Lbrace), offset(list.Rbrace)
				if len(list.Elts) > 0 {
					m.lastElement = offset(list.Elts[len(list.Elts)-1].End())
				}
			}
		}
		return true
	})
	return nil
}

// listOf returns the list in List: []migrate.Migration{…}.
func listOf(n *ast.KeyValueExpr) (*ast.CompositeLit, bool) {
	key, ok := n.Key.(*ast.Ident)
	if !ok || key.Name != "List" {
		return nil, false
	}
	list, ok := n.Value.(*ast.CompositeLit)
	if !ok {
		return nil, false
	}
	array, ok := list.Type.(*ast.ArrayType)
	if !ok {
		return nil, false
	}
	element, ok := array.Elt.(*ast.SelectorExpr)
	return list, ok && element.Sel.Name == "Migration"
}

// find returns the file of a migration with a variable, or whose name ends with title.
func (m *migrations) find(variable, title string) (file string, ok bool) {
	if file, ok := m.names[variable]; ok {
		return file, true
	}
	for _, file := range m.files {
		name, _, _ := strings.Cut(file, ".")
		if strings.HasSuffix(name, "_"+title) {
			return file, true
		}
	}
	return "", false
}

// append returns the file of the list with one more element. The rest of it stays as it
// is: the element is put into the text, as go/ast loses the place of comments.
func (m *migrations) append(variable string) ([]byte, error) {
	text := bytes.Clone(m.text)
	at := m.end
	// Before the line of the brace, if it has one of its own.
	line := bytes.LastIndexByte(text[:at], '\n') + 1
	insert := "\n" + variable + ",\n"
	if line > m.begin && len(bytes.TrimSpace(text[line:at])) == 0 {
		at, insert = line, variable+",\n"
	}
	if m.lastElement > 0 && !comma(text[m.lastElement:m.end]) {
		text = slices.Insert(text, m.lastElement, ',')
		at++
	}
	source, err := format.Source([]byte(string(text[:at]) + insert + string(text[at:])))
	if err != nil {
		return nil, fmt.Errorf("add to the list in %s: %w", filepath.Join(m.dir, m.file), err)
	}
	return source, nil
}

// comma reports whether source has a comma outside of comments.
func comma(source []byte) bool {
	var s scanner.Scanner
	files := token.NewFileSet()
	s.Init(files.AddFile("", -1, len(source)), source, nil, 0)
	for {
		_, t, _ := s.Scan()
		if t == token.COMMA || t == token.EOF {
			return t == token.COMMA
		}
	}
}
