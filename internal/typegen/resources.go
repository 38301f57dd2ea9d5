package typegen

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// resource are the routes that [web.Router.Resource] gives a controller, by its methods;
// below is what comes behind the path of the resource.
var resource = []struct{ action, method, below string }{
	{"Index", "get", ""}, {"Create", "get", "create"}, {"Store", "post", ""},
	{"Show", "get", "{id}"}, {"Edit", "get", "{id}/edit"}, {"Update", "put", "{id}"}, {"Destroy", "delete", "{id}"},
}

// resource adds the routes of r.Resource(path, controller).
func (r *routing) resource(c *code, call *ast.CallExpr, prefix string) {
	place := r.program.place(call.Args[0].Pos())
	path, ok := text(c, call.Args[0])
	controller := c.info.TypeOf(call.Args[1])
	if !ok || controller == nil || types.IsInterface(controller) {
		r.untyped = append(r.untyped, place+": the path or the controller of the resource is computed")
		return
	}
	path = joinPattern(prefix, path)
	var words []string
	for part := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if part != "" && !strings.HasPrefix(part, "{") {
			words = append(words, part)
		}
	}
	methods := types.NewMethodSet(controller)
	for _, route := range resource {
		selection := methods.Lookup(nil, route.action)
		if selection == nil || !isHandler(selection.Type()) {
			continue
		}
		name := strings.Join(append(words[:len(words):len(words)], strings.ToLower(route.action)), ".")
		r.add(name, route.method, joinPattern(path, route.below), call.Args[0].Pos())
	}
}

// isHandler reports whether a method is one that the router calls:
// func(http.ResponseWriter, *http.Request) error.
func isHandler(t types.Type) bool {
	s, ok := t.(*types.Signature)
	return ok && areTypes(s.Params(), "net/http.ResponseWriter", "*net/http.Request") && areTypes(s.Results(), "error")
}

func areTypes(list *types.Tuple, want ...string) bool {
	var have []string
	for v := range list.Variables() {
		have = append(have, types.TypeString(v.Type(), nil))
	}
	return slices.Equal(have, want)
}
