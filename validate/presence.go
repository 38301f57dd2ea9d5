package validate

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/kitgo/kit/internal/fields"
)

// presenceRules are the rules about whether a value must be there.
var presenceRules = map[string]func(words []string, s scope) (presence, error){
	"required":   func(words []string, _ scope) (presence, error) { return presence{missing: always}, none(words) },
	"prohibited": func(words []string, _ scope) (presence, error) { return presence{given: always}, none(words) },
	"required_if": func(words []string, s scope) (presence, error) {
		is, params, err := isOneOf(words, s)
		return presence{missing: is, params: params}, err
	},
	"required_unless": func(words []string, s scope) (presence, error) {
		is, params, err := isOneOf(words, s)
		return presence{missing: not(is), params: params}, err
	},
	"prohibited_if": func(words []string, s scope) (presence, error) {
		is, params, err := isOneOf(words, s)
		return presence{given: is, params: params}, err
	},
	"prohibited_unless": func(words []string, s scope) (presence, error) {
		is, params, err := isOneOf(words, s)
		return presence{given: not(is), params: params}, err
	},
	"required_with": func(words []string, s scope) (presence, error) {
		given, params, err := siblings(words, s)
		return presence{missing: func(w *walk, v reflect.Value) bool { return given(w, v) > 0 }, params: params}, err
	},
	"required_with_all": func(words []string, s scope) (presence, error) {
		given, params, err := siblings(words, s)
		return presence{missing: func(w *walk, v reflect.Value) bool { return given(w, v) == len(words) }, params: params}, err
	},
	"required_without": func(words []string, s scope) (presence, error) {
		given, params, err := siblings(words, s)
		return presence{missing: func(w *walk, v reflect.Value) bool { return given(w, v) < len(words) }, params: params}, err
	},
	"required_without_all": func(words []string, s scope) (presence, error) {
		given, params, err := siblings(words, s)
		return presence{missing: func(w *walk, v reflect.Value) bool { return given(w, v) == 0 }, params: params}, err
	},
	"prohibited_with": func(words []string, s scope) (presence, error) {
		given, params, err := siblings(words, s)
		return presence{given: func(w *walk, v reflect.Value) bool { return given(w, v) > 0 }, params: params}, err
	},
}

func always(*walk, reflect.Value) bool { return true }

func not(f func(*walk, reflect.Value) bool) func(*walk, reflect.Value) bool {
	return func(w *walk, v reflect.Value) bool { return !f(w, v) }
}

func none(words []string) error {
	if len(words) > 0 {
		return fmt.Errorf("it takes no argument, not %q", strings.Join(words, " "))
	}
	return nil
}

// isOneOf reads "Field value…" and reports whether the field has one of the values.
func isOneOf(words []string, s scope) (func(*walk, reflect.Value) bool, map[string]any, error) {
	if len(words) < 2 {
		return nil, nil, errors.New("it needs a field and its values, such as Kind business")
	}
	other, err := s.sibling(words[0])
	if err != nil {
		return nil, nil, err
	}
	values := words[1:]
	is := func(_ *walk, parent reflect.Value) bool {
		v, ok := fields.At(parent, other.Index)
		return ok && slices.Contains(values, textOf(v))
	}
	return is, map[string]any{"other": name(other), "values": values}, nil
}

// siblings reads "Field…" and counts those that were given.
func siblings(words []string, s scope) (func(*walk, reflect.Value) int, map[string]any, error) {
	if len(words) == 0 {
		return nil, nil, errors.New("it needs the names of other fields")
	}
	others, names := make([]fields.Field, len(words)), make([]Name, len(words))
	for i, word := range words {
		other, err := s.sibling(word)
		if err != nil {
			return nil, nil, err
		}
		others[i], names[i] = other, name(other)
	}
	count := func(w *walk, parent reflect.Value) int {
		n := 0
		for _, other := range others {
			if w.isGiven(other, parent) {
				n++
			}
		}
		return n
	}
	return count, map[string]any{"other": names}, nil
}

// isGiven reports whether the field beside the one being checked has a value.
func (w *walk) isGiven(f fields.Field, parent reflect.Value) bool {
	v, ok := fields.At(parent, f.Index)
	if !ok {
		return false
	}
	path := w.path
	w.path = slices.Concat(path[:w.depth], fields.Path{{Name: f.Name}})
	defer func() { w.path = path }()
	return w.failed[w.at()] || !w.missing(v) && !isBlank(v)
}

// textOf returns v as it is written in tags and texts.
func textOf(v reflect.Value) string {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return ""
		}
		v = v.Elem()
	}
	if m, ok := v.Interface().(encoding.TextMarshaler); ok {
		text, err := m.MarshalText()
		if err == nil {
			return string(text)
		}
	}
	if v.Kind() == reflect.String {
		return v.String()
	}
	return fmt.Sprint(v.Interface())
}

// Field is the value that a [Rule] is asked about.
type Field struct {
	Path string // of the field, as in [FieldError]
	Arg  string // what follows the = in the tag

	value, parent reflect.Value
}

// Value returns the value; of a pointer, what it points to.
func (f Field) Value() any { return f.value.Interface() }

// Text returns the value as text: texts as they are, numbers in decimal.
func (f Field) Text() string { return textOf(f.value) }

// Sibling returns the value of the field with the Go name name in the same struct, or
// false if there is no such field.
func (f Field) Sibling(name string) (any, bool) {
	list, err := fields.Of(f.parent.Type())
	if err != nil {
		return nil, false
	}
	for _, sf := range list {
		if sf.Go != name {
			continue
		}
		if v, ok := fields.At(f.parent, sf.Index); ok {
			return v.Interface(), true
		}
		return reflect.Zero(sf.Type).Interface(), true
	}
	return nil, false
}
