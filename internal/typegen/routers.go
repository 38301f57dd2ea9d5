package typegen

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/types/typeutil"
)

// routine is the body of a function that gets a router, which may be without a name.
type routine struct {
	body *ast.BlockStmt
	in   *code
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

// takesRouter reports whether an expression is a function that gets a router.
func (c *code) takesRouter(expr ast.Expr) bool {
	t := c.info.TypeOf(expr)
	if t == nil {
		return false
	}
	s, ok := t.Underlying().(*types.Signature)
	return ok && takesRouter(s)
}

// groups reports whether a call gives a function the router of a group.
func groups(callee *types.Func, call *ast.CallExpr) bool {
	return callee != nil && (callee.Name() == "Group" || callee.Name() == "Host") &&
		isMethod(callee, webPath, "Router") && len(call.Args) == 2
}

// names reports whether expr is the name of a function, which may be one of another module.
func (c *code) names(expr ast.Expr) bool {
	var object types.Object
	switch e := ast.Unparen(expr).(type) {
	case *ast.Ident:
		object = c.info.Uses[e]
	case *ast.SelectorExpr:
		object = c.info.Uses[e.Sel]
	}
	_, ok := object.(*types.Func)
	return ok
}

// starts returns the functions whose router is that of the application: those that no
// other one gives a router. What lies in another function that gets one comes with that.
func (r *routing) starts() []routine {
	var list []routine
	r.each(func(c *code, n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, to := range n.Lhs {
				if len(n.Lhs) == len(n.Rhs) {
					r.variable(c, to, n.Rhs[i])
				}
			}
		case *ast.ValueSpec:
			for i, to := range n.Names {
				if len(n.Names) == len(n.Values) {
					r.variable(c, to, n.Values[i])
				}
			}
		}
		return true
	})
	r.each(func(c *code, n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		var given []routine
		callee, _ := typeutil.Callee(c.info, call).(*types.Func)
		switch {
		case groups(callee, call):
			given = r.routines(c, call.Args[1])
		case c.takesRouter(call.Fun):
			given = r.routines(c, call.Fun)
		}
		for _, g := range given {
			r.given[g.body] = true
		}
		return true
	})
	r.each(func(c *code, n ast.Node) bool {
		body := c.routine(n)
		if body != nil && !r.given[body] {
			list = append(list, routine{body, c})
		}
		return body == nil
	})
	return list
}

// each looks at all nodes of the program.
func (r *routing) each(look func(c *code, n ast.Node) bool) {
	for _, c := range r.program.packages {
		for _, file := range c.syntax {
			ast.Inspect(file, func(n ast.Node) bool { return look(c, n) })
		}
	}
}

// routine returns the body of n if that is a function that gets a router.
func (c *code) routine(n ast.Node) *ast.BlockStmt {
	switch n := n.(type) {
	case *ast.FuncDecl:
		if fn, ok := c.info.Defs[n.Name].(*types.Func); ok && takesRouter(fn.Signature()) {
			return n.Body
		}
	case *ast.FuncLit:
		if c.takesRouter(n) {
			return n.Body
		}
	}
	return nil
}

// variable notes the function without a name that a variable gets.
func (r *routing) variable(c *code, to, value ast.Expr) {
	name, ok := to.(*ast.Ident)
	if !ok {
		return
	}
	literal, ok := ast.Unparen(value).(*ast.FuncLit)
	if v, isVariable := c.info.ObjectOf(name).(*types.Var); ok && isVariable {
		r.variables[v] = append(r.variables[v], routine{literal.Body, c})
	}
}

// routines returns the functions of the program that expr is: one by its name, one
// without a name, those that a variable gets, or those that a called function returns.
func (r *routing) routines(c *code, expr ast.Expr) []routine {
	switch e := ast.Unparen(expr).(type) {
	case *ast.FuncLit:
		return []routine{{e.Body, c}}
	case *ast.Ident:
		return r.object(c.info.Uses[e])
	case *ast.SelectorExpr:
		return r.object(c.info.Uses[e.Sel])
	case *ast.IndexExpr:
		return r.routines(c, e.X)
	case *ast.CallExpr:
		callee, _ := typeutil.Callee(c.info, e).(*types.Func)
		if callee == nil {
			return nil
		}
		var list []routine
		body, in := r.program.declared(callee)
		if body == nil {
			return nil
		}
		ast.Inspect(body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.ReturnStmt:
				if len(n.Results) != 1 {
					return true
				}
				if _, again := ast.Unparen(n.Results[0]).(*ast.CallExpr); !again { // against functions that return themselves
					list = append(list, r.routines(in, n.Results[0])...)
				}
			}
			return true
		})
		return list
	}
	return nil
}

func (r *routing) object(object types.Object) []routine {
	switch o := object.(type) {
	case *types.Var:
		return r.variables[o]
	case *types.Func:
		if body, in := r.program.declared(o); body != nil {
			return []routine{{body, in}}
		}
	}
	return nil
}
