package migrationgen

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// past is what the migrations in Go say about a table, as far as it can be said again
// elsewhere: with the names t and schema alone.
type past struct {
	create  string            // what is between the braces of the function of Create
	columns map[string]string // the lines of columns that are still as they were added
	indexes []pastIndex
	changed []string // the migrations that changed the table after it was created
}

// pastIndex is a line such as t.Index("a", "b").
type pastIndex struct {
	text    string
	columns []string
}

// readPast reads the ways there of the migrations in a folder, in their order.
func readPast(dir, table string) (*past, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	p := &past{columns: map[string]string{}}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read the migrations: %w", err)
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, text, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		source := func(from, to token.Pos) string {
			return string(text[files.Position(from).Offset:files.Position(to).Offset])
		}
		ast.Inspect(file, func(n ast.Node) bool {
			pair, ok := n.(*ast.KeyValueExpr)
			if !ok || !isName(pair.Key, "Up") {
				return true
			}
			ast.Inspect(pair.Value, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok {
					p.read(call, table, strings.TrimSuffix(filepath.Base(path), ".go"), source)
				}
				return true
			})
			return false
		})
	}
	return p, nil
}

// read notes a call of Create or Table for the table.
func (p *past) read(call *ast.CallExpr, table, migration string, source func(from, to token.Pos) string) {
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || len(call.Args) < 2 || text(call.Args[1]) != table {
		return
	}
	switch method.Sel.Name {
	case "Create", "Table":
	case "Drop", "DropIfExists", "Rename":
		*p = past{columns: map[string]string{}}
		return
	default:
		return
	}
	define, ok := call.Args[len(call.Args)-1].(*ast.FuncLit)
	if !ok {
		return
	}
	if method.Sel.Name == "Create" {
		*p = past{columns: map[string]string{}}
		if portable(define.Body) {
			p.create = source(define.Body.Lbrace+1, define.Body.Rbrace)
		}
	} else {
		p.changed = append(p.changed, migration)
	}
	for _, statement := range define.Body.List {
		p.readLine(statement, source)
	}
}

// readLine notes a line such as t.String("title", 200).Nullable().
func (p *past) readLine(statement ast.Stmt, source func(from, to token.Pos) string) {
	line, ok := statement.(*ast.ExprStmt)
	if !ok {
		return
	}
	methods, first := chain(line.X)
	if len(methods) == 0 {
		return
	}
	var names []string
	for _, a := range first.Args {
		if name := text(a); name != "" {
			names = append(names, name)
		}
	}
	written := source(line.Pos(), line.End())
	switch {
	case len(names) == 0:
	case strings.HasPrefix(methods[0], "Drop"), methods[0] == "RenameColumn", slices.Contains(methods, "Change"):
		for _, name := range names {
			delete(p.columns, name)
			p.indexes = slices.DeleteFunc(p.indexes, func(i pastIndex) bool { return slices.Contains(i.columns, name) })
		}
	case methods[0] == "Index", methods[0] == "UniqueIndex", methods[0] == "Foreign":
		if portable(line) {
			p.indexes = append(p.indexes, pastIndex{written, names})
		}
	default:
		if portable(line) {
			p.columns[names[0]] = written
		}
	}
}

// chain returns the methods of a line, the first one first, and the call of that one.
func chain(x ast.Expr) (methods []string, first *ast.CallExpr) {
	for {
		call, ok := x.(*ast.CallExpr)
		if !ok {
			return methods, first
		}
		method, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return nil, nil
		}
		methods, first, x = slices.Insert(methods, 0, method.Sel.Name), call, method.X
	}
}

// portable reports whether code uses no names but t, schema and those of Go.
func portable(n ast.Node) bool {
	ok := true
	var visit func(ast.Node) bool
	visit = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			ast.Inspect(n.X, visit) // not the name after the point
			return false
		case *ast.Ident:
			ok = ok && slices.Contains([]string{"t", "schema", "true", "false", "nil"}, n.Name)
		}
		return ok
	}
	ast.Inspect(n, visit)
	return ok
}

func isName(x ast.Expr, name string) bool {
	id, ok := x.(*ast.Ident)
	return ok && id.Name == name
}

// text returns the value of a literal text; "" for anything else.
func text(x ast.Expr) string {
	literal, ok := x.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return ""
	}
	s, err := strconv.Unquote(literal.Value)
	if err != nil {
		return ""
	}
	return s
}
