package web

import (
	"net/http"
	"strconv"
)

// Param returns the path parameter name as a T. A value that is no T is a 404: no
// such page exists.
func Param[T string | int | int64](r *http.Request, name string) (T, error) {
	var v T
	var err error
	switch p := any(&v).(type) {
	case *string:
		*p = r.PathValue(name)
	case *int:
		*p, err = strconv.Atoi(r.PathValue(name))
	case *int64:
		*p, err = strconv.ParseInt(r.PathValue(name), 10, 64)
	}
	if err != nil {
		return v, &Error{Status: http.StatusNotFound, Message: http.StatusText(http.StatusNotFound), Err: err}
	}
	return v, nil
}
