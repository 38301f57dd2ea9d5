package validate

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/kitgo/kit/internal/fields"
)

// maxErrors is the number of mistakes after which no more are looked for: an answer
// that lists thousands helps nobody but who asks for them to burden the server.
const maxErrors = 100

var errEnough = errors.New("enough mistakes")

// walk is one validation.
type walk struct {
	v       *Validator
	ctx     context.Context
	decoded bool // zeros is known
	zeros   map[string]bool
	failed  map[string]bool // fields that could not be decoded
	errs    Errors
	path    fields.Path
	room    [8]fields.Segment // for path
	depth   int               // of the path to the struct whose field is being checked
}

// at returns the path so far as text.
func (w *walk) at() string { return w.path.String() }

// value checks what is below v, and calls its method.
func (w *walk) value(p *plan, v reflect.Value) error {
	if !p.needed || w.failed != nil && w.failed[w.at()] {
		return nil
	}
	before := len(w.errs)
	switch p.kind {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return w.value(p.elem, v.Elem())
	case reflect.Struct:
		for i := range p.fields {
			if err := w.field(&p.fields[i], v); err != nil {
				return err
			}
		}
	case reflect.Slice, reflect.Map:
		if err := w.entries(v, func(entry reflect.Value) error { return w.value(p.elem, entry) }); err != nil {
			return err
		}
	default:
	}
	if p.method && len(w.errs) == before && !w.failedBelow() {
		return w.call(v)
	}
	return nil
}

// entries calls f for each entry of a list or map, with the path to it.
func (w *walk) entries(v reflect.Value, f func(reflect.Value) error) error {
	w.path = append(w.path, fields.Segment{})
	defer func() { w.path = w.path[:len(w.path)-1] }()
	last := len(w.path) - 1
	if v.Kind() != reflect.Map {
		for i := range v.Len() {
			w.path[last].Index = i
			if err := f(v.Index(i)); err != nil {
				return err
			}
		}
		return nil
	}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(keyText(a), keyText(b)) })
	for _, key := range keys {
		w.path[last] = fields.Segment{Name: keyText(key)}
		// An entry of a map cannot be changed, and so has no pointer methods: a copy has.
		entry := reflect.New(v.Type().Elem()).Elem()
		entry.Set(v.MapIndex(key))
		if err := f(entry); err != nil {
			return err
		}
	}
	return nil
}

func keyText(key reflect.Value) string {
	if key.Kind() == reflect.String {
		return key.String()
	}
	return fmt.Sprint(key.Interface())
}

func (w *walk) field(f *field, parent reflect.Value) error {
	w.depth = len(w.path)
	w.path = append(w.path, fields.Segment{Name: f.Name})
	defer func() { w.path = w.path[:len(w.path)-1] }()
	if w.failed != nil && w.failed[w.at()] {
		return nil
	}
	v, ok := fields.At(parent, f.Index)
	if !ok {
		v = reflect.Zero(f.Type)
	}
	ok, err := w.rules(&f.rules, f, v, parent)
	if err != nil || !ok {
		return err
	}
	return w.value(f.below, v)
}

// rules checks v by r, and reports whether what is below it is worth a look.
func (w *walk) rules(r *rules, f *field, v, parent reflect.Value) (bool, error) {
	missing := w.missing(v)
	for i := range r.presence {
		p := &r.presence[i]
		if missing || isBlank(v) {
			if p.missing != nil && p.missing(w, parent) {
				return false, w.add(f, p.rule, p.params)
			}
		} else if p.given != nil && p.given(w, parent) {
			return false, w.add(f, p.rule, p.params)
		}
	}
	if missing {
		return true, nil
	}
	inner := v
	for inner.Kind() == reflect.Pointer && !inner.IsNil() {
		inner = inner.Elem()
	}
	before := len(w.errs)
	for i := range r.checks {
		if c := &r.checks[i]; !c.ok(inner, parent) {
			if err := w.add(f, c.rule, c.params); err != nil {
				return false, err
			}
		}
	}
	if len(w.errs) > before {
		return r.dive != nil, nil
	}
	for i := range r.own {
		own := &r.own[i]
		ok, err := own.rule(w.ctx, Field{Path: w.at(), Arg: own.arg, value: inner, parent: parent})
		if err != nil {
			return false, fmt.Errorf("the rule %s of %s: %w", own.name, w.at(), err)
		}
		if !ok {
			return false, w.add(f, own.name, map[string]any{"arg": own.arg})
		}
	}
	if r.dive == nil {
		return true, nil
	}
	return true, w.entries(inner, func(entry reflect.Value) error {
		if w.failed != nil && w.failed[w.at()] {
			return nil
		}
		_, err := w.rules(r.dive, f, entry, parent)
		return err
	})
}

// add adds a mistake at the path so far.
func (w *walk) add(f *field, rule string, params map[string]any) error {
	w.errs = append(w.errs, FieldError{Field: w.at(), Rule: rule, Params: params, Label: f.label, Message: f.message})
	if len(w.errs) >= maxErrors {
		return errEnough
	}
	return nil
}

// failedBelow reports whether something at or below the path could not be decoded.
func (w *walk) failedBelow() bool {
	if len(w.failed) == 0 {
		return false
	}
	at := w.at()
	for path := range w.failed {
		if at == "" || path == at || strings.HasPrefix(path, at+".") {
			return true
		}
	}
	return false
}

// call calls the Validate method of v, and adds what it says.
func (w *walk) call(v reflect.Value) error {
	if !v.CanAddr() {
		copied := reflect.New(v.Type())
		copied.Elem().Set(v)
		v = copied.Elem()
	}
	err := v.Addr().Interface().(validator).Validate(w.ctx)
	if err == nil {
		return nil
	}
	errs, ok := errors.AsType[Errors](err)
	if !ok {
		return err
	}
	at := w.at()
	for _, f := range errs {
		switch {
		case f.Field == "":
			f.Field = at
		case at != "":
			f.Field = at + "." + f.Field
		}
		w.errs = append(w.errs, f)
	}
	if len(w.errs) >= maxErrors {
		return errEnough
	}
	return nil
}

// missing reports whether v was not given.
func (w *walk) missing(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
		return v.IsNil()
	case reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		if z, ok := zeroer(v); ok {
			return z.IsZero()
		}
		return v.IsZero() && !w.zeros[w.at()]
	default:
		return v.IsZero() && w.decoded && !w.zeros[w.at()]
	}
}

// isBlank reports whether v is there but says nothing: what a required value must
// not be.
func isBlank(v reflect.Value) bool {
	for v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.String:
		return strings.TrimSpace(v.String()) == ""
	case reflect.Slice, reflect.Map:
		return v.Len() == 0
	case reflect.Struct:
		z, ok := zeroer(v)
		return ok && z.IsZero()
	default:
		return false
	}
}

func zeroer(v reflect.Value) (interface{ IsZero() bool }, bool) {
	if v.CanAddr() {
		v = v.Addr()
	}
	z, ok := v.Interface().(interface{ IsZero() bool })
	return z, ok
}
