package web

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/kitgo/kit/internal/fields"
)

// form is what a value looks like in an input.
type form uint8

const (
	formText form = iota
	formBool
	formInt
	formUint
	formFloat
	formNumber // a json.Number
	formBytes
	formTime
	formLeaf // reads itself
	formAny
	formStruct
	formList
	formArray
	formMap
	formPointer
	formUpload
)

// shape is how values of a type are read. It is made once for each type.
type shape struct {
	typ  reflect.Type
	form form
	elem *shape // of a list, map or pointer

	fields  []member // of a struct
	byName  map[string]int
	outside bool // a field comes from the path or the query

	fromText, fromJSON bool // the type has UnmarshalText, UnmarshalJSON
	valid              bool // the type has Valid() bool
}

// member is a field of a struct.
type member struct {
	fields.Field
	shape *shape
	label string
	file  *fileRules
}

// shapes holds the shapes of all types that were read so far: reflect.Type -> *shape.
var shapes sync.Map

// shapeOf returns the shape of t, or what cannot be read about it.
func shapeOf(t reflect.Type) (*shape, error) {
	if s, ok := shapes.Load(t); ok {
		return s.(*shape), nil
	}
	c := shaper{}
	s, err := c.shape(t)
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	found, _ := shapes.LoadOrStore(t, s)
	return found.(*shape), nil
}

// shaper makes the shapes of a type and of those below it; a type may hold itself.
type shaper map[reflect.Type]*shape

var (
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
	jsonUnmarshaler = reflect.TypeFor[json.Unmarshaler]()
	validator       = reflect.TypeFor[interface{ Valid() bool }]()
	timeType        = reflect.TypeFor[time.Time]()
	uploadType      = reflect.TypeFor[Upload]()
	numberType      = reflect.TypeFor[json.Number]()
)

func (c shaper) shape(t reflect.Type) (*shape, error) {
	if s, ok := c[t]; ok {
		return s, nil
	}
	s := &shape{typ: t}
	c[t] = s
	if t.Kind() != reflect.Pointer && t.Kind() != reflect.Interface {
		p := reflect.PointerTo(t)
		s.fromText, s.fromJSON = p.Implements(textUnmarshaler), p.Implements(jsonUnmarshaler)
		s.valid = p.Implements(validator) && t.Kind() != reflect.Struct
	}
	switch {
	case t == timeType:
		s.form = formTime
		return s, nil
	case t == uploadType:
		s.form = formUpload
		return s, nil
	case t == numberType:
		s.form = formNumber
		return s, nil
	case s.fromText || s.fromJSON:
		s.form = formLeaf
		return s, nil
	}
	return s, c.ofKind(s, t)
}

func (c shaper) ofKind(s *shape, t reflect.Type) (err error) {
	switch t.Kind() {
	case reflect.String:
		s.form = formText
	case reflect.Bool:
		s.form = formBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		s.form = formInt
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		s.form = formUint
	case reflect.Float32, reflect.Float64:
		s.form = formFloat
	case reflect.Struct:
		s.form = formStruct
		return c.structure(s, t)
	case reflect.Slice:
		if s.form = formList; t.Elem().Kind() == reflect.Uint8 {
			s.form = formBytes
		}
		s.elem, err = c.shape(t.Elem())
	case reflect.Array:
		s.form = formArray
		s.elem, err = c.shape(t.Elem())
	case reflect.Pointer:
		s.form = formPointer
		s.elem, err = c.shape(t.Elem())
	case reflect.Map:
		s.form = formMap
		key, err := c.shape(t.Key())
		if err != nil || (key.form != formText && key.form != formInt && key.form != formUint && !key.fromText) {
			return fmt.Errorf("the keys of %v cannot be read from input", t)
		}
		s.elem, err = c.shape(t.Elem())
		return err
	case reflect.Interface:
		if s.form = formAny; t.NumMethod() > 0 {
			return fmt.Errorf("%v cannot be read from input: it is an interface with methods", t)
		}
	default:
		return fmt.Errorf("%v cannot be read from input; json:\"-\" leaves a field out", t)
	}
	return err
}

func (c shaper) structure(s *shape, t reflect.Type) error {
	list, err := fields.Of(t)
	if err != nil {
		return err
	}
	s.byName = make(map[string]int, len(list))
	for i, f := range list {
		m := member{Field: f, label: f.Tag.Get("label")}
		if m.shape, err = c.shape(f.Type); err == nil {
			m.file, err = fileRulesOf(f)
		}
		if err != nil {
			return fmt.Errorf("%v.%s: %w", t, f.Go, err)
		}
		s.outside = s.outside || f.From != ""
		if f.From == "" {
			s.byName[f.Name] = i
		}
		s.fields = append(s.fields, m)
	}
	return nil
}

// settable returns the field of v, a struct, and makes the structs embedded by pointer
// on the way to it.
func settable(v reflect.Value, index []int) reflect.Value {
	for i, x := range index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	return v
}
