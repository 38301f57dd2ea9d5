package web

import (
	"fmt"
	"net/http"
	"reflect"
	"strconv"
)

// Param returns the path parameter name as a T: a text, number, bool or [time.Time], or
// a type that reads itself from text, such as uuid.UUID. Of a type with a method
// Valid() bool, such as an enumeration, only what is valid is one. A value that is no T
// is a 404: no such page exists.
//
//	type Size string
//
//	func (s Size) Valid() bool { return s == "small" || s == "large" }
//
//	size, err := web.Param[Size](r, "size")
func Param[T any](r *http.Request, name string) (T, error) {
	var v T
	if n, ok := any(&v).(*int64); ok { // the usual key, without reflection
		var err error
		if *n, err = strconv.ParseInt(r.PathValue(name), 10, 64); err != nil {
			return v, notFound(err)
		}
		return v, nil
	}
	return reflected[T](r.PathValue(name))
}

// reflected reads a path parameter of any type.
func reflected[T any](text string) (T, error) {
	var v T
	s, err := shapeOf(reflect.TypeFor[T]())
	if err != nil {
		return v, err
	}
	err = s.setParam(reflect.ValueOf(&v).Elem(), text)
	return v, err
}

// setParam sets v to a path parameter.
func (s *shape) setParam(v reflect.Value, text string) error {
	if s.form == formPointer {
		v.Set(reflect.New(s.elem.typ))
		return s.elem.setParam(v.Elem(), text)
	}
	if text == "" && s.form != formText {
		return notFound(fmt.Errorf("the path has no %v", s.typ))
	}
	if m := s.setText(v, text); m != nil {
		return notFound(fmt.Errorf("%q is no %v: %s", text, s.typ, m.rule))
	}
	return nil
}

// notFound is the error of a path that names nothing.
func notFound(err error) error {
	return &Error{Status: http.StatusNotFound, Message: http.StatusText(http.StatusNotFound), Err: err}
}
