package cli

import (
	"fmt"
	"go/ast"
	"go/token"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/kitgo/kit/internal/gocode"
)

// route is a route as the code has it: what cannot be read there is empty.
type route struct {
	method, pattern, name string
	at                    token.Pos
}

// resourceActions are the methods of a controller of r.Resource, and their routes.
var resourceActions = [...]struct{ action, method, path string }{
	{"Index", http.MethodGet, ""},
	{"Create", http.MethodGet, "/create"},
	{"Store", http.MethodPost, ""},
	{"Show", http.MethodGet, "/{id}"},
	{"Edit", http.MethodGet, "/{id}/edit"},
	{"Update", http.MethodPut, "/{id}"},
	{"Update", http.MethodPatch, "/{id}"},
	{"Destroy", http.MethodDelete, "/{id}"},
}

// jsonActions are those of a controller without pages.
func jsonActions() []string { return []string{"Index", "Store", "Show", "Update", "Destroy"} }

// resourceRoutes returns the routes of r.Resource for a controller with some methods.
func resourceRoutes(path string, actions []string) []route {
	var words []string
	for word := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if !strings.HasPrefix(word, "{") && !strings.HasPrefix(word, ":") {
			words = append(words, word)
		}
	}
	var list []route
	for _, a := range resourceActions {
		if slices.Contains(actions, a.action) {
			list = append(list, route{method: a.method, pattern: joined(path, a.path), name: strings.Join(append(slices.Clone(words), strings.ToLower(a.action)), ".")})
		}
	}
	return list
}

// free refuses routes that the function with the routes has already: with both of them the
// application would not start. Only what is written out there is seen.
func (p *project) free(routes *gocode.Func, wanted ...route) error {
	set, body, router, err := routes.Body()
	if err != nil {
		return err
	}
	r := routeReader{controllers: p.path("controllers")}
	r.read(body, router, "", true)
	if r.err != nil {
		return r.err
	}
	for _, have := range r.found {
		for _, want := range wanted {
			what := ""
			switch {
			case have.pattern != "" && have.method == want.method && nameless(have.pattern) == nameless(want.pattern):
				what = want.method + " " + want.pattern + " is a route"
			case have.name != "" && have.name == want.name:
				what = fmt.Sprintf("a route has the name %q", want.name)
			default:
				continue
			}
			return usage(fmt.Sprintf("%s already, in %s:%d; nothing was written", what, p.relative(routes.Path), set.Position(have.at).Line), "choose another name, or change what is there")
		}
	}
	return nil
}

// routeReader reads the routes that code registers.
type routeReader struct {
	controllers string // their folder
	found       []route
	err         error
}

// read reads the routes that code registers at the variable router, below a prefix. If that
// is not known, or they are on a host of their own, their patterns do not count.
func (r *routeReader) read(code ast.Node, router, prefix string, known bool) {
	ast.Inspect(code, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		call, method, name := unchained(call, router)
		if call == nil {
			return true
		}
		args := call.Args
		if method == "Handle" {
			method, _ = text(args[0])
			args = args[1:]
		}
		if len(args) == 0 {
			return false
		}
		path, pathKnown := text(args[0])
		pathKnown = pathKnown && known
		switch method {
		case "Group", "Host":
			if f, ok := args[len(args)-1].(*ast.FuncLit); ok && len(f.Type.Params.List) == 1 && len(f.Type.Params.List[0].Names) == 1 {
				r.read(f.Body, f.Type.Params.List[0].Names[0].Name, joined(prefix, path), pathKnown && method == "Group")
			}
		case "Resource":
			if pathKnown && len(args) == 2 {
				for _, have := range resourceRoutes(joined(prefix, path), r.actions(args[1])) {
					have.at = call.Pos()
					r.found = append(r.found, have)
				}
			}
		default:
			have := route{method: strings.ToUpper(method), name: name, at: call.Pos()}
			if pathKnown {
				have.pattern = joined(prefix, path)
			}
			r.found = append(r.found, have)
		}
		return false
	})
}

// unchained returns the call of a method of the router that a chain of calls begins with,
// and the name that the chain gives to its route; nil for any other.
func unchained(call *ast.CallExpr, router string) (first *ast.CallExpr, method, name string) {
	for {
		selector, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return nil, "", ""
		}
		if x, ok := selector.X.(*ast.Ident); ok && x.Name == router && len(call.Args) > 0 {
			return call, selector.Sel.Name, name
		}
		if selector.Sel.Name == "Name" && len(call.Args) == 1 {
			name, _ = text(call.Args[0])
		}
		if call, ok = selector.X.(*ast.CallExpr); !ok {
			return nil, "", ""
		}
	}
}

// actions returns the methods of a controller such as controllers.Posts{} or
// controllers.NewPosts(…); for one that is made elsewhere, what most have.
func (r *routeReader) actions(controller ast.Expr) []string {
	if address, ok := controller.(*ast.UnaryExpr); ok {
		controller = address.X
	}
	var typ ast.Expr
	switch x := controller.(type) {
	case *ast.CompositeLit:
		typ = x.Type
	case *ast.CallExpr:
		typ = x.Fun
	}
	if selector, ok := typ.(*ast.SelectorExpr); ok {
		methods, err := gocode.Methods(r.controllers, strings.TrimPrefix(selector.Sel.Name, "New"))
		if err != nil {
			r.err = err
		}
		if len(methods) > 0 {
			return methods
		}
	}
	return jsonActions()
}

// text returns the value of a text that is written out; not ok for any other expression.
func text(x ast.Expr) (value string, ok bool) {
	literal, ok := x.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return "", false
	}
	value, err := strconv.Unquote(literal.Value)
	return value, err == nil
}

// joined joins a prefix and a pattern as package web does.
func joined(prefix, pattern string) string {
	path := strings.TrimSuffix(prefix, "/") + "/" + strings.TrimPrefix(pattern, "/")
	if path == "/" {
		return path
	}
	return strings.TrimSuffix(path, "/")
}

var parameterName = regexp.MustCompile(`\{[^}.$]+|/:[^/]+`)

// nameless returns a pattern without the names of its parameters.
func nameless(pattern string) string {
	return parameterName.ReplaceAllStringFunc(pattern, func(s string) string {
		if strings.HasPrefix(s, "/:") {
			return "/{}"
		}
		return "{"
	})
}
