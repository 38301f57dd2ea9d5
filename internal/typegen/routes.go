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
	program   *Program
	routes    []route
	named     map[string]token.Pos
	variables map[*types.Var][]routine
	given     map[*ast.BlockStmt]bool // functions that another one gives a router
	under     []*ast.BlockStmt        // against functions that call themselves
	untyped   []string
	errs      []error
}

// routes returns the routes with names, sorted by them.
func (p *Program) routes() (list []route, untyped []string, errs []error) {
	r := &routing{program: p, named: map[string]token.Pos{}, variables: map[*types.Var][]routine{}, given: map[*ast.BlockStmt]bool{}}
	for _, f := range r.starts() {
		r.function(f, "")
	}
	slices.SortFunc(r.routes, func(a, b route) int { return strings.Compare(a.name, b.name) })
	return r.routes, r.untyped, r.errs
}

// function looks at the calls in a function whose routes are below prefix.
func (r *routing) function(f routine, prefix string) {
	if slices.Contains(r.under, f.body) {
		return
	}
	r.under = append(r.under, f.body)
	defer func() { r.under = r.under[:len(r.under)-1] }()
	c := f.in
	ast.Inspect(f.body, func(n ast.Node) bool {
		if body := c.routine(n); body != nil && r.given[body] {
			return false // it comes where it is given one
		}
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		callee, _ := typeutil.Callee(c.info, call).(*types.Func)
		switch {
		case groups(callee, call):
			r.group(c, call, callee.Name() == "Group", prefix)
			return false
		case callee != nil && callee.Name() == "Name" && isMethod(callee, webPath, "Route"):
			r.name(c, call, prefix)
			return false
		case callee != nil && callee.Name() == "Resource" && isMethod(callee, webPath, "Router") && len(call.Args) == 2:
			r.resource(c, call, prefix)
			return false
		case c.takesRouter(call.Fun):
			for _, f := range r.routines(c, call.Fun) {
				r.function(f, prefix)
			}
		}
		return true
	})
}

// group looks at the routes of a group, which may be below another prefix.
func (r *routing) group(c *code, call *ast.CallExpr, prefixed bool, prefix string) {
	if prefixed {
		below, ok := text(c, call.Args[0])
		if !ok {
			r.untyped = append(r.untyped, r.program.place(call.Pos())+": the prefix of the group is computed")
			return
		}
		prefix = joinPattern(prefix, below)
	}
	list := r.routines(c, call.Args[1])
	if len(list) == 0 && !c.names(call.Args[1]) {
		r.untyped = append(r.untyped, r.program.place(call.Pos())+": the function of the group is computed")
	}
	for _, f := range list {
		r.function(f, prefix)
	}
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
