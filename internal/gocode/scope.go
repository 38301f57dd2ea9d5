package gocode

import (
	"go/ast"
	"go/token"
)

// namesAt returns the names that functions around a place give to something of their own:
// there these names are no packages.
func namesAt(file *ast.File, at token.Pos) []string {
	var names []string
	add := func(n ast.Node) {
		switch n := n.(type) {
		case *ast.FieldList:
			if n == nil {
				return
			}
			for _, field := range n.List {
				for _, id := range field.Names {
					names = append(names, id.Name)
				}
			}
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				for _, left := range n.Lhs {
					names = append(names, identName(left))
				}
			}
		case *ast.DeclStmt:
			if d, ok := n.Decl.(*ast.GenDecl); ok {
				names = append(names, specNames(d)...)
			}
		}
	}
	before := func(list []ast.Stmt) {
		for _, s := range list {
			if s.End() <= at {
				add(s)
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil || at < n.Pos() || n.End() <= at {
			return false
		}
		switch n := n.(type) {
		case *ast.FuncDecl:
			add(n.Recv)
			add(n.Type.TypeParams)
			add(n.Type.Params)
			add(n.Type.Results)
		case *ast.FuncLit:
			add(n.Type.Params)
			add(n.Type.Results)
		case *ast.BlockStmt:
			before(n.List)
		case *ast.CaseClause:
			before(n.Body)
		case *ast.IfStmt:
			add(n.Init)
		case *ast.ForStmt:
			add(n.Init)
		case *ast.SwitchStmt:
			add(n.Init)
		case *ast.RangeStmt:
			if n.Tok == token.DEFINE {
				names = append(names, identName(n.Key), identName(n.Value))
			}
		}
		return true
	})
	return names
}

// identName returns the name that an expression is; "" for any other.
func identName(x ast.Expr) string {
	if id, ok := x.(*ast.Ident); ok {
		return id.Name
	}
	return ""
}
