package web

import (
	"context"
	"net/http"
)

// Bound loads what the path parameter name is the key of:
//
//	todo, err := web.Bound(r, "id", c.todos.Find)
//
// A key that is no K is a 404, as with [Param], without a call of load. The error of
// load is returned as it is; database.ErrNotFound is a 404 by itself.
func Bound[T, K any](r *http.Request, name string, load func(context.Context, K) (T, error)) (T, error) {
	key, err := Param[K](r, name)
	if err != nil {
		var none T
		return none, err
	}
	return load(r.Context(), key)
}
