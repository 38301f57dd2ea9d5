package gocode

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
)

// ErrNoFunc means that there is no function to append to.
var ErrNoFunc = errors.New("no such function")

// FieldError is a field that names no function which a generator could write into.
type FieldError struct{ Field, Path, Reason string }

// Error says what the field is: kit.App.Routes in main.go is no function of this package.
func (e *FieldError) Error() string {
	return e.Field + " in " + filepath.Base(e.Path) + " " + e.Reason
}

// Wanted is a function that takes a *Parameter, and that a field of a literal names, as in
// kit.App{Routes: a.routes}.
type Wanted struct {
	Literal   Type
	Field     string
	Parameter Type // without the star
}

func (w Wanted) field() string { return w.Literal.String() + "." + w.Field }

func (w Wanted) pointer() Type {
	return Type{Path: w.Parameter.Path, Name: w.Parameter.Name, Pointer: true}
}

// Func is a function that lines can be added to.
type Func struct {
	*File
	wanted         Wanted
	name, receiver string // as it is declared; no name for a closure in the field
}

// FindFunc reads the files of a package, without its tests, and returns the function that
// the field names, or is: if it names no such function, the error is a [*FieldError].
// Without the field it is the first one that takes the parameter; if there is none, the
// error is [ErrNoFunc].
func FindFunc(dir string, w Wanted) (*Func, error) {
	files, err := sources(dir)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		_, file, err := f.parse()
		if err != nil {
			return nil, err
		}
		if value := fieldOf(file, w); value != nil {
			return follow(files, f, file, value, w)
		}
	}
	for _, f := range files {
		for _, d := range f.functions() {
			fn := &Func{f, w, d.Name.Name, receiverType(d)}
			if _, err := fn.locate(); err == nil {
				return fn, nil
			}
		}
	}
	return nil, fmt.Errorf("%w: none in %s takes a %s", ErrNoFunc, dir, w.pointer())
}

// sources reads the files of a package, without its tests.
func sources(dir string) ([]*File, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	var files []*File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := Read(path)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// functions returns the functions and methods that the file declares.
func (f *File) functions() []*ast.FuncDecl {
	_, file, err := f.parse()
	if err != nil {
		return nil
	}
	var list []*ast.FuncDecl
	for _, d := range file.Decls {
		if d, ok := d.(*ast.FuncDecl); ok {
			list = append(list, d)
		}
	}
	return list
}

// fieldOf returns the value of the field in a file's literal; nil if there is none.
func fieldOf(file *ast.File, w Wanted) ast.Expr {
	var value ast.Expr
	ast.Inspect(file, func(n ast.Node) bool {
		literal, ok := n.(*ast.CompositeLit)
		if !ok || value != nil || !isType(file, literal.Type, w.Literal) {
			return value == nil
		}
		for _, e := range literal.Elts {
			if pair, ok := e.(*ast.KeyValueExpr); ok && isNamed(pair.Key, w.Field) && !isNamed(pair.Value, "nil") {
				value = ast.Unparen(pair.Value)
			}
		}
		return value == nil
	})
	return value
}

// follow returns the function that the value of the field is, or names.
func follow(files []*File, f *File, file *ast.File, value ast.Expr, w Wanted) (*Func, error) {
	var list []*Func
	switch value := value.(type) {
	case *ast.FuncLit:
		list = []*Func{{f, w, "", ""}}
	case *ast.Ident:
		for _, f := range files {
			for _, d := range f.functions() {
				if d.Recv == nil && d.Name.Name == value.Name {
					list = append(list, &Func{f, w, value.Name, ""})
				}
			}
		}
	case *ast.SelectorExpr:
		if slices.Contains(imported(file), identName(value.X)) {
			break // a function of another package
		}
		for _, f := range files {
			for _, d := range f.functions() {
				if receiver := receiverType(d); d.Name.Name == value.Sel.Name && receiver != "" {
					list = append(list, &Func{f, w, d.Name.Name, receiver})
				}
			}
		}
		if x, ok := value.X.(*ast.Ident); ok && len(list) > 1 {
			structure := typeOf(file, x)
			list = slices.DeleteFunc(list, func(fn *Func) bool { return structure != "" && fn.receiver != structure })
		}
	}
	mistake := &FieldError{w.field(), f.Path, "is no function of this package"}
	switch {
	case len(list) == 1:
		if _, err := list[0].locate(); err != nil {
			mistake.Reason = "takes no " + w.pointer().String() + " with a name"
			return nil, mistake
		}
		return list[0], nil
	case len(list) > 1:
		mistake.Reason = "may be the method of several types"
	}
	return nil, mistake
}

// typeOf returns the name of the type of a variable or parameter of the function that it is
// in, as far as that is written beside it: a := &app{}; else "".
func typeOf(file *ast.File, variable *ast.Ident) string {
	name := variable.Name
	var found string
	ast.Inspect(file, func(n ast.Node) bool {
		if _, ok := n.(ast.Decl); ok && (variable.Pos() < n.Pos() || n.End() <= variable.Pos()) {
			return false
		}
		var x ast.Expr
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE && len(n.Lhs) == len(n.Rhs) {
				for i, left := range n.Lhs {
					if isNamed(left, name) {
						x = n.Rhs[i]
					}
				}
			}
		case *ast.Field:
			for _, id := range n.Names {
				if id.Name == name {
					x = n.Type
				}
			}
		case *ast.ValueSpec:
			for i, id := range n.Names {
				if id.Name == name && n.Type != nil {
					x = n.Type
				} else if id.Name == name && i < len(n.Values) {
					x = n.Values[i]
				}
			}
		}
		if found == "" && x != nil {
			found = typeName(x)
		}
		return true
	})
	return found
}

// typeName returns the name of the type that an expression is, points to, or makes.
func typeName(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.UnaryExpr:
		if literal, ok := x.X.(*ast.CompositeLit); ok && x.Op == token.AND {
			return typeName(literal.Type)
		}
	case *ast.CompositeLit:
		return typeName(x.Type)
	case *ast.StarExpr:
		return typeName(x.X)
	case *ast.CallExpr:
		if isNamed(x.Fun, "new") && len(x.Args) == 1 {
			return typeName(x.Args[0])
		}
	case *ast.IndexExpr:
		return typeName(x.X)
	case *ast.Ident:
		return x.Name
	}
	return ""
}

// receiverType returns the name of the type of a method; "" for a function.
func receiverType(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) != 1 {
		return ""
	}
	return typeName(d.Recv.List[0].Type)
}

// located is a function in the syntax of its file.
type located struct {
	set       *token.FileSet
	file      *ast.File
	receiver  *ast.FieldList // nil for a function and a closure
	body      *ast.BlockStmt
	parameter string
}

// locate finds the function in the text as it is now.
func (fn *Func) locate() (*located, error) {
	set, file, err := fn.parse()
	if err != nil {
		return nil, err
	}
	l := &located{set: set, file: file}
	var signature *ast.FuncType
	if closure, ok := fieldOf(file, fn.wanted).(*ast.FuncLit); ok && fn.name == "" {
		signature, l.body = closure.Type, closure.Body
	}
	for _, d := range file.Decls {
		if d, ok := d.(*ast.FuncDecl); ok && d.Name.Name == fn.name && receiverType(d) == fn.receiver && l.body == nil {
			signature, l.receiver, l.body = d.Type, d.Recv, d.Body
		}
	}
	if l.body != nil {
		for _, p := range signature.Params.List {
			if isType(file, p.Type, fn.wanted.pointer()) && len(p.Names) > 0 && p.Names[0].Name != "_" {
				l.parameter = p.Names[0].Name
				return l, nil
			}
		}
	}
	return nil, fmt.Errorf("%w: none in %s takes a %s", ErrNoFunc, fn.Path, fn.wanted.pointer())
}

// Body returns the statements of the function, and the name of the parameter in them.
func (fn *Func) Body() (set *token.FileSet, body *ast.BlockStmt, parameter string, err error) {
	l, err := fn.locate()
	if err != nil {
		return nil, nil, "", err
	}
	return l.set, l.body, l.parameter, nil
}

// Append adds a line to the end of the function, before a return there; line gets the name
// of the parameter.
func (fn *Func) Append(line func(parameter string) string) error {
	l, err := fn.locate()
	if err != nil {
		return err
	}
	text := "\n" + line(l.parameter) + "\n"
	at, returns := l.end()
	if returns {
		text += "\n"
	}
	return fn.insert(l.set.Position(at).Offset, text)
}

// end returns where the function ends: at its brace, or at a return before that with the
// comments above it.
func (l *located) end() (at token.Pos, returns bool) {
	n := len(l.body.List)
	if n == 0 {
		return l.body.Rbrace, false
	}
	last, ok := l.body.List[n-1].(*ast.ReturnStmt)
	if !ok {
		return l.body.Rbrace, false
	}
	line := func(p token.Pos) int { return l.set.Position(p).Line }
	at = last.Pos()
	before := line(l.body.Lbrace)
	if n > 1 {
		before = line(l.body.List[n-2].End())
	}
	for _, c := range slices.Backward(l.file.Comments) {
		if c.End() <= at && line(c.End())+1 == line(at) && line(c.Pos()) > before {
			at = c.Pos()
		}
	}
	return at, true
}

// Prepend adds lines to the beginning of the function; lines gets the name of the
// parameter.
func (fn *Func) Prepend(lines func(parameter string) string) error {
	l, err := fn.locate()
	if err != nil {
		return err
	}
	return fn.insert(l.set.Position(l.body.Lbrace).Offset+1, "\n"+lines(l.parameter)+"\n")
}

// Import adds an import to the file of the function, unless it is there, and returns the
// name of the package in the function.
func (fn *Func) Import(address string) (name string, err error) {
	l, err := fn.locate()
	if err != nil {
		return "", err
	}
	return fn.importBut(address, namesAt(l.file, l.body.Rbrace))
}
