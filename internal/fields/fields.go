// Package fields lists the fields of a struct under the names that input and answers
// use for them.
package fields

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Field is an exported field of a struct, or of a struct embedded in it.
type Field struct {
	Name  string // of the tags path, query or json, else the Go name
	From  string // "path", "query", or "" for the body
	Go    string // the Go name
	Index []int  // for [At]
	Type  reflect.Type
	Tag   reflect.StructTag
}

// Of returns the fields of the struct type t in the order of their declaration. A
// field whose json tag is "-" is left out unless path or query names it. Of two
// fields with the same name the one embedded less deeply wins, as in Go; two at the
// same depth are an error.
func Of(t reflect.Type) ([]Field, error) {
	var all []Field
	if err := collect(t, nil, map[reflect.Type]bool{}, &all); err != nil {
		return nil, err
	}
	at := map[string]int{}
	list := all[:0]
	for _, f := range all {
		i, taken := at[f.Name]
		switch {
		case !taken:
			at[f.Name] = len(list)
			list = append(list, f)
		case len(f.Index) < len(list[i].Index):
			list[i] = f
		case len(f.Index) == len(list[i].Index):
			return nil, fmt.Errorf("%v has two fields with the name %q: %s and %s", t, f.Name, list[i].Go, f.Go)
		}
	}
	return list, nil
}

func collect(t reflect.Type, index []int, within map[reflect.Type]bool, all *[]Field) error {
	if within[t] {
		return nil // a type embedded in itself: its own fields win
	}
	within[t] = true
	defer delete(within, t)
	for i := range t.NumField() {
		sf := t.Field(i)
		at := slices.Concat(index, []int{i})
		name, from := nameOf(sf)
		if sf.Anonymous && name == "" && from == "" {
			inner := sf.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			if inner.Kind() == reflect.Struct && !Leaf(inner) {
				if sf.Type.Kind() == reflect.Pointer && !sf.IsExported() {
					return fmt.Errorf("%v embeds *%s, which cannot be set from outside; embed it without the pointer", t, inner.Name())
				}
				if err := collect(inner, at, within, all); err != nil {
					return err
				}
				continue
			}
		}
		if !sf.IsExported() || name == "-" {
			continue
		}
		if name == "" {
			name = sf.Name
		}
		*all = append(*all, Field{Name: name, From: from, Go: sf.Name, Index: at, Type: sf.Type, Tag: sf.Tag})
	}
	return nil
}

// nameOf returns the name that the tags give a field, "-" if it has none, or "" if
// the tags say nothing.
func nameOf(f reflect.StructField) (name, from string) {
	for _, source := range []string{"path", "query"} {
		if name, ok := f.Tag.Lookup(source); ok && name != "" {
			return name, source
		}
	}
	tag := f.Tag.Get("json")
	if tag == "-" {
		return "-", ""
	}
	name, _, _ = strings.Cut(tag, ",")
	return name, ""
}

var (
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
	jsonUnmarshaler = reflect.TypeFor[json.Unmarshaler]()
	isZeroer        = reflect.TypeFor[interface{ IsZero() bool }]()
)

// Leaf reports whether values of type t are read and checked as a whole, although
// their type may be a struct: they read themselves from text or JSON, or say
// themselves whether they are zero.
func Leaf(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(textUnmarshaler) || p.Implements(jsonUnmarshaler) || p.Implements(isZeroer)
}

// At returns the field of v at index, or false if a pointer to a struct embedded on
// the way is nil.
func At(v reflect.Value, index []int) (reflect.Value, bool) {
	for i, x := range index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return reflect.Value{}, false
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	return v, true
}
