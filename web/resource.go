package web

import (
	"net/http"
	"strings"

	"github.com/kitgo/kit/internal/place"
)

// The methods that a controller of [Router.Resource] may have.
type (
	indexer interface {
		Index(http.ResponseWriter, *http.Request) error
	}
	creator interface {
		Create(http.ResponseWriter, *http.Request) error
	}
	storer interface {
		Store(http.ResponseWriter, *http.Request) error
	}
	shower interface {
		Show(http.ResponseWriter, *http.Request) error
	}
	editor interface {
		Edit(http.ResponseWriter, *http.Request) error
	}
	updater interface {
		Update(http.ResponseWriter, *http.Request) error
	}
	destroyer interface {
		Destroy(http.ResponseWriter, *http.Request) error
	}
)

// Resource registers the routes of a controller for things of one kind; of these, the
// ones that it has methods for:
//
//	GET    /todos           Index    todos.index
//	GET    /todos/create    Create   todos.create
//	POST   /todos           Store    todos.store
//	GET    /todos/{id}      Show     todos.show
//	GET    /todos/{id}/edit Edit     todos.edit
//	PUT    /todos/{id}      Update   todos.update
//	PATCH  /todos/{id}      Update
//	DELETE /todos/{id}      Destroy  todos.destroy
//
// The names come from the words of the path: those below /users/{user}/todos are
// users.todos.index and so on. The group has the middleware.
func (r *Router) Resource(path string, controller any) {
	at := place.Caller()
	name := resourceName(join(r.prefix, braced(path)))
	one := join(path, "{id}")
	before := len(r.table.routes) + len(r.table.errs)
	add := func(method, pattern, action string, h Handler) {
		route := r.route(method, pattern, at)
		route.Handler, route.inner = typeName(controller)+"."+action, r.table.answering(h)
		r.table.register(route)
		if method != http.MethodPatch { // it shares the name of PUT
			r.table.call(route, name+"."+strings.ToLower(action), at)
		}
	}
	if c, ok := controller.(indexer); ok {
		add(http.MethodGet, path, "Index", c.Index)
	}
	if c, ok := controller.(creator); ok {
		add(http.MethodGet, join(path, "create"), "Create", c.Create)
	}
	if c, ok := controller.(storer); ok {
		add(http.MethodPost, path, "Store", c.Store)
	}
	if c, ok := controller.(shower); ok {
		add(http.MethodGet, one, "Show", c.Show)
	}
	if c, ok := controller.(editor); ok {
		add(http.MethodGet, join(one, "edit"), "Edit", c.Edit)
	}
	if c, ok := controller.(updater); ok {
		add(http.MethodPut, one, "Update", c.Update)
		add(http.MethodPatch, one, "Update", c.Update)
	}
	if c, ok := controller.(destroyer); ok {
		add(http.MethodDelete, one, "Destroy", c.Destroy)
	}
	if len(r.table.routes)+len(r.table.errs) == before {
		r.table.fail(at, "the controller %s of %s has none of the methods of a resource, such as Index(http.ResponseWriter, *http.Request) error", typeName(controller), join(r.prefix, path))
	}
}

// resourceName returns the words of a path, without its parameters, with dots between
// them.
func resourceName(path string) string {
	var words []string
	for part := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if _, ok := parameter(part); !ok && part != "" {
			words = append(words, part)
		}
	}
	return strings.Join(words, ".")
}
