package typegen

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/types/typeutil"
)

// route is a route with a name.
type route struct {
	name, method, pattern string
}

// parameters returns the names in the pattern; one that takes the rest of a path ends in
// three dots.
func (r route) parameters() []string {
	var list []string
	for rest := r.pattern; ; {
		_, behind, ok := strings.Cut(rest, "{")
		name, after, closed := strings.Cut(behind, "}")
		if !ok || !closed {
			return list
		}
		if name != "$" {
			list = append(list, name)
		}
		rest = after
	}
}

// methods are those of [web.Router] that register a route.
var methods = map[string]string{"Get": "get", "Post": "post", "Put": "put", "Patch": "patch", "Delete": "delete"}

// routing collects the routes of functions that get a router.
type routing struct {
	program *Program
	routes  []route
	named   map[string]token.Pos
	called  map[*types.Func]bool // functions that another one gives a router
	under   []*types.Func        // against functions that call themselves
	untyped []string
	errs    []error
}

// routes returns the routes with names, sorted by them.
func (p *Program) routes() (list []route, untyped []string, errs []error) {
	r := &routing{program: p, named: map[string]token.Pos{}, called: map[*types.Func]bool{}}
	r.findCalled()
	for _, c := range p.packages {
		for _, file := range c.syntax {
			for _, d := range file.Decls {
				decl, ok := d.(*ast.FuncDecl)
				if !ok || decl.Body == nil {
					continue
				}
				if fn, ok := c.info.Defs[decl.Name].(*types.Func); ok && takesRouter(fn.Signature()) && !r.called[fn] {
					r.body(c, decl.Body, "")
				}
			}
		}
	}
	slices.SortFunc(r.routes, func(a, b route) int { return strings.Compare(a.name, b.name) })
	return r.routes, r.untyped, r.errs
}

// findCalled finds the functions whose router is that of another function.
func (r *routing) findCalled() {
	for _, c := range r.program.packages {
		for _, file := range c.syntax {
			ast.Inspect(file, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				callee, _ := typeutil.Callee(c.info, call).(*types.Func)
				if callee != nil && takesRouter(callee.Signature()) {
					r.called[callee.Origin()] = true
				}
				if callee != nil && callee.Name() == "Group" && isMethod(callee, webPath, "Router") && len(call.Args) == 2 {
					if fn := functionOf(c, call.Args[1]); fn != nil {
						r.called[fn.Origin()] = true
					}
				}
				return true
			})
		}
	}
}

// takesRouter reports whether a function gets a *web.Router.
func takesRouter(s *types.Signature) bool {
	for v := range s.Params().Variables() {
		if isRouter(v.Type()) {
			return true
		}
	}
	return false
}

func isRouter(t types.Type) bool {
	pointer, ok := types.Unalias(t).(*types.Pointer)
	if !ok {
		return false
	}
	named, ok := types.Unalias(pointer.Elem()).(*types.Named)
	return ok && isType(named, webPath, "Router")
}

// functionOf returns the function or method that expr names.
func functionOf(c *code, expr ast.Expr) *types.Func {
	var object types.Object
	switch e := ast.Unparen(expr).(type) {
	case *ast.Ident:
		object = c.info.Uses[e]
	case *ast.SelectorExpr:
		object = c.info.Uses[e.Sel]
	}
	fn, _ := object.(*types.Func)
	return fn
}

// body looks at the calls in a function whose routes are below prefix.
func (r *routing) body(c *code, body ast.Node, prefix string) {
	ast.Inspect(body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		callee, _ := typeutil.Callee(c.info, call).(*types.Func)
		switch {
		case callee == nil:
			return true
		case callee.Name() == "Group" && isMethod(callee, webPath, "Router") && len(call.Args) == 2:
			r.group(c, call, prefix)
			return false
		case callee.Name() == "Name" && isMethod(callee, webPath, "Route"):
			r.name(c, call, prefix)
			return false
		case callee.Name() == "Resource" && isMethod(callee, webPath, "Router") && len(call.Args) == 2:
			r.resource(c, call, prefix)
			return false
		case takesRouter(callee.Signature()):
			r.function(callee, prefix)
			return true
		}
		return true
	})
}

// group looks at what is below another prefix.
func (r *routing) group(c *code, call *ast.CallExpr, prefix string) {
	below, ok := text(c, call.Args[0])
	if !ok {
		r.untyped = append(r.untyped, r.program.place(call.Pos())+": the prefix of the group is computed")
		return
	}
	prefix = joinPattern(prefix, below)
	if literal, ok := ast.Unparen(call.Args[1]).(*ast.FuncLit); ok {
		r.body(c, literal.Body, prefix)
	} else if fn := functionOf(c, call.Args[1]); fn != nil {
		r.function(fn, prefix)
	}
}

// function looks at a function of the program.
func (r *routing) function(fn *types.Func, prefix string) {
	body, in := r.program.declared(fn)
	if body == nil || slices.Contains(r.under, fn) {
		return
	}
	r.under = append(r.under, fn)
	r.body(in, body, prefix)
	r.under = r.under[:len(r.under)-1]
}

// name adds the route of r.Get(…).Name(…).
func (r *routing) name(c *code, call *ast.CallExpr, prefix string) {
	selector, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || len(call.Args) != 1 {
		return
	}
	place := r.program.place(call.Args[0].Pos())
	registration, ok := ast.Unparen(selector.X).(*ast.CallExpr)
	name, known := text(c, call.Args[0])
	if !ok || !known {
		r.untyped = append(r.untyped, place+": the route or its name is computed")
		return
	}
	callee, _ := typeutil.Callee(c.info, registration).(*types.Func)
	if callee == nil || !isMethod(callee, webPath, "Router") {
		r.untyped = append(r.untyped, place+": the route is computed")
		return
	}
	method, arguments := methods[callee.Name()], registration.Args
	if callee.Name() == "Handle" && len(arguments) > 0 {
		verb, _ := text(c, arguments[0])
		method, arguments = strings.ToLower(verb), arguments[1:]
	}
	if method == "" || len(arguments) == 0 {
		r.untyped = append(r.untyped, place+": the method of the route is computed")
		return
	}
	pattern, ok := text(c, arguments[0])
	if !ok {
		r.untyped = append(r.untyped, place+": the pattern of the route is computed")
		return
	}
	r.add(name, method, joinPattern(prefix, pattern), call.Args[0].Pos())
}

// add adds a route whose name is at a place.
func (r *routing) add(name, method, pattern string, at token.Pos) {
	if first, twice := r.named[name]; twice {
		r.errs = append(r.errs, &Problem{Place: r.program.place(at), Message: "there are two routes with the name " + name, Advice: "the other one is at " + r.program.place(first)})
		return
	}
	r.named[name] = at
	r.routes = append(r.routes, route{name, method, pattern})
}

// joinPattern is as package web does it, with {id} for :id.
func joinPattern(prefix, pattern string) string {
	parts := strings.Split(strings.TrimSuffix(prefix, "/")+"/"+strings.TrimPrefix(pattern, "/"), "/")
	for i, part := range parts {
		if name, ok := strings.CutPrefix(part, ":"); ok {
			parts[i] = "{" + name + "}"
		}
	}
	p := strings.Join(parts, "/")
	if p != "/" {
		p = strings.TrimSuffix(p, "/")
	}
	return p
}
