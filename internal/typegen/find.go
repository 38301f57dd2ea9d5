package typegen

import (
	"cmp"
	"encoding/json"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/types/typeutil"
)

const (
	inertiaPath = "github.com/kitgo/kit/inertia"
	webPath     = "github.com/kitgo/kit/web"
)

// value is an expression of the program whose type is wanted.
type value struct {
	expr ast.Expr
	in   *code
	at   token.Pos
}

type page struct {
	component string
	value
}

type flash struct {
	key string
	value
}

type form struct {
	typ types.Type
	at  token.Pos
}

// found is what the program says about its pages, in the order of the code.
type found struct {
	pages   []page
	flashes []flash
	shared  []value
	forms   []form
	untyped []string
}

// find looks at every call of the program.
func (p *Program) find() *found {
	f := new(found)
	for _, c := range p.packages {
		for _, file := range c.syntax {
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.CallExpr:
					p.call(f, c, n)
				case *ast.CompositeLit:
					if named, ok := c.info.TypeOf(n).(*types.Named); ok && isType(named, inertiaPath, "Options") {
						p.options(f, c, n)
					}
				}
				return true
			})
		}
	}
	slices.SortStableFunc(f.pages, func(a, b page) int { return cmp.Compare(a.component, b.component) })
	slices.SortStableFunc(f.flashes, func(a, b flash) int { return cmp.Compare(a.key, b.key) })
	return f
}

func (p *Program) call(f *found, c *code, call *ast.CallExpr) {
	fn, ok := typeutil.Callee(c.info, call).(*types.Func)
	if !ok {
		return
	}
	switch name := fn.Name(); {
	case (name == "Render" || name == "RenderStatus") && renders(fn) && len(call.Args) > 2:
		n := len(call.Args)
		component, ok := text(c, call.Args[n-2])
		if !ok {
			f.untyped = append(f.untyped, p.place(call.Pos())+": the name of the page is computed")
			return
		}
		f.pages = append(f.pages, page{component, value{call.Args[n-1], c, call.Pos()}})
	case name == "Flash" && isMethod(fn, inertiaPath, "Renderer") && len(call.Args) == 4:
		key, ok := text(c, call.Args[2])
		if !ok {
			f.untyped = append(f.untyped, p.place(call.Pos())+": the key of the flash is computed")
			return
		}
		f.flashes = append(f.flashes, flash{key, value{call.Args[3], c, call.Pos()}})
	case (name == "Bind" || name == "BindTo") && fn.Pkg() != nil && fn.Pkg().Path() == webPath:
		if arguments := instance(c, call); arguments != nil && arguments.Len() == 1 {
			f.forms = append(f.forms, form{arguments.At(0), call.Pos()})
		}
	}
}

// renders reports whether fn is like [inertia.Renderer.Render]: an application may call
// it through an interface of its own.
func renders(fn *types.Func) bool {
	s := fn.Signature()
	n := s.Params().Len()
	if n < 4 || s.Recv() == nil {
		return false
	}
	props, isInterface := s.Params().At(n - 1).Type().Underlying().(*types.Interface)
	component, isBasic := s.Params().At(n - 2).Type().(*types.Basic)
	writer, isNamed := s.Params().At(0).Type().(*types.Named)
	return isInterface && props.Empty() && isBasic && component.Kind() == types.String && isNamed && isType(writer, "net/http", "ResponseWriter")
}

// options finds the shared props.
func (p *Program) options(f *found, c *code, literal *ast.CompositeLit) {
	for _, element := range literal.Elts {
		pair, ok := element.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		if key, ok := pair.Key.(*ast.Ident); !ok || key.Name != "Share" {
			continue
		}
		body, in := p.body(c, pair.Value)
		if body == nil {
			f.untyped = append(f.untyped, p.place(pair.Pos())+": what the function returns is not known")
			continue
		}
		ast.Inspect(body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.ReturnStmt:
				if len(n.Results) == 2 && !in.info.Types[n.Results[0]].IsNil() {
					f.shared = append(f.shared, value{n.Results[0], in, n.Pos()})
				}
			}
			return true
		})
	}
}

// body returns the body of the function that expr is.
func (p *Program) body(c *code, expr ast.Expr) (*ast.BlockStmt, *code) {
	switch e := ast.Unparen(expr).(type) {
	case *ast.FuncLit:
		return e.Body, c
	case *ast.Ident:
		return p.declared(c.info.Uses[e])
	case *ast.SelectorExpr:
		return p.declared(c.info.Uses[e.Sel])
	default:
		return nil, nil
	}
}

// declared returns the body of a function of the program.
func (p *Program) declared(object types.Object) (*ast.BlockStmt, *code) {
	fn, ok := object.(*types.Func)
	if !ok {
		return nil, nil
	}
	for _, c := range p.packages {
		if c.types != fn.Pkg() {
			continue
		}
		for _, file := range c.syntax {
			for _, d := range file.Decls {
				if decl, ok := d.(*ast.FuncDecl); ok && c.info.Defs[decl.Name] == fn.Origin() {
					return decl.Body, c
				}
			}
		}
	}
	return nil, nil
}

// text returns the constant string that expr is.
func text(c *code, expr ast.Expr) (string, bool) {
	v := c.info.Types[expr].Value
	if v == nil || v.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(v), true
}

// instance returns the type arguments of a call.
func instance(c *code, call *ast.CallExpr) *types.TypeList {
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.IndexExpr:
		return instanceOf(c, f.X)
	case *ast.IndexListExpr:
		return instanceOf(c, f.X)
	default:
		return instanceOf(c, f)
	}
}

func instanceOf(c *code, expr ast.Expr) *types.TypeList {
	switch e := expr.(type) {
	case *ast.Ident:
		return c.info.Instances[e].TypeArgs
	case *ast.SelectorExpr:
		return c.info.Instances[e.Sel].TypeArgs
	default:
		return nil
	}
}

func isType(t *types.Named, path, name string) bool {
	o := t.Obj()
	return o.Name() == name && o.Pkg() != nil && o.Pkg().Path() == path
}

// isMethod reports whether fn is a method of a type, or of a pointer to it.
func isMethod(fn *types.Func, path, name string) bool {
	receiver := fn.Signature().Recv()
	if receiver == nil {
		return false
	}
	t := receiver.Type()
	if pointer, ok := t.(*types.Pointer); ok {
		t = pointer.Elem()
	}
	named, ok := t.(*types.Named)
	return ok && isType(named, path, name)
}

// typeOf returns the TypeScript of an expression. A literal map whose keys are known has
// a type of its own.
func (p *Program) typeOf(c *converter, v value, at token.Pos, what string) ts {
	c.at, c.path = at, what
	if t, ok := p.literal(c, v); ok {
		return t
	}
	if v.in.info.Types[v.expr].IsNil() {
		return ts{text: "{}"}
	}
	t := v.in.info.TypeOf(v.expr)
	if pointer, ok := types.Unalias(t).(*types.Pointer); ok {
		t = pointer.Elem() // a nil one has no props
	}
	if _, isInterface := t.Underlying().(*types.Interface); isInterface && what != "" && what[0] == 'p' {
		return ts{text: "Record<string, unknown>"}
	}
	return c.convert(t)
}

func (p *Program) literal(c *converter, v value) (ts, bool) {
	literal, ok := ast.Unparen(v.expr).(*ast.CompositeLit)
	if !ok {
		return ts{}, false
	}
	m, ok := v.in.info.TypeOf(literal).Underlying().(*types.Map)
	if !ok {
		return ts{}, false
	}
	if _, isInterface := m.Elem().Underlying().(*types.Interface); !isInterface {
		return ts{}, false
	}
	var fields []tsField
	path := c.path
	for _, element := range literal.Elts {
		pair, ok := element.(*ast.KeyValueExpr)
		if !ok {
			return ts{}, false
		}
		name, ok := text(v.in, pair.Key)
		if !ok {
			return ts{}, false
		}
		c.path = path + "." + name
		field := tsField{name: name, optional: c.sentLater(v.in.info.TypeOf(pair.Value))}
		if inner, ok := p.literal(c, value{pair.Value, v.in, pair.Pos()}); ok {
			field.ts = inner
		} else {
			field.ts = c.convert(types.Default(v.in.info.TypeOf(pair.Value)))
		}
		fields = append(fields, field)
	}
	c.path = path
	slices.SortFunc(fields, func(a, b tsField) int { return cmp.Compare(a.name, b.name) })
	return object(fields), true
}

// property is a name as a TypeScript property: quoted if it must be.
func property(name string) string {
	for i, r := range name {
		letter := r == '_' || r == '$' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return quote(name)
		}
	}
	if name == "" {
		return "''"
	}
	return name
}

// quote is a TypeScript string, in single quotes if nothing in it is special.
func quote(s string) string {
	plain := func(r rune) bool { return r >= ' ' && r <= '~' && r != '\'' && r != '\\' }
	if strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return "'" + s + "'"
	}
	text, err := json.Marshal(s)
	if err != nil { // a string can always be written
		panic(err)
	}
	return string(text)
}
