package validate

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/kitgo/kit/internal/fields"
	"github.com/kitgo/kit/internal/nearest"
)

// plan is how values of a type are checked.
type plan struct {
	typ    reflect.Type
	kind   reflect.Kind // Struct, Slice (also of arrays), Map, Pointer, Interface or Invalid for what has nothing below it
	fields []field      // of a struct
	method bool         // the struct, or its pointer, has Validate
	elem   *plan        // of a list, map or pointer
	needed bool         // there is something to check
}

// field is how a field of a struct is checked.
type field struct {
	fields.Field
	label, message string
	rules          rules
	below          *plan
}

// rules are the rules of one value.
type rules struct {
	presence []presence
	checks   []check
	own      []ownRule
	dive     *rules // of the entries
}

// presence says whether a value must be there.
type presence struct {
	rule   string
	params map[string]any
	// missing reports whether a value that is missing is a mistake, and given whether
	// one that is there is.
	missing, given func(w *walk, parent reflect.Value) bool
}

// check is a rule about a value that is there.
type check struct {
	rule   string
	params map[string]any
	ok     func(v, parent reflect.Value) bool
}

// ownRule is a rule of the application.
type ownRule struct {
	name, arg string
	rule      Rule
}

// validator is what a type implements that checks itself.
type validator interface {
	Validate(ctx context.Context) error
}

var validatorType = reflect.TypeFor[validator]()

// compiler makes the plans of a type and of those below it.
type compiler struct {
	rules map[string]Rule
	plans map[reflect.Type]*plan // those begun: a type may hold itself
}

func (c *compiler) plan(t reflect.Type) (*plan, error) {
	if p, ok := c.plans[t]; ok {
		return p, nil
	}
	// While it is not known whether something below needs to be checked, it does.
	p := &plan{typ: t, needed: true}
	c.plans[t] = p
	p.method = reflect.PointerTo(t).Implements(validatorType) && t.Kind() != reflect.Pointer && t.Kind() != reflect.Interface
	var err error
	switch {
	case t.Kind() == reflect.Struct && !fields.Leaf(t):
		p.kind = reflect.Struct
		err = c.structure(p, t)
	case t.Kind() == reflect.Pointer:
		p.kind = t.Kind()
		p.elem, err = c.plan(t.Elem())
		p.needed = err == nil && p.elem.needed
	case (t.Kind() == reflect.Slice || t.Kind() == reflect.Array) && !fields.Leaf(t):
		p.kind = reflect.Slice
		p.elem, err = c.plan(t.Elem())
		p.needed = err == nil && p.elem.needed || p.method
	case t.Kind() == reflect.Map:
		p.kind = t.Kind()
		p.elem, err = c.plan(t.Elem())
		p.needed = err == nil && p.elem.needed || p.method
	default:
		p.needed = p.method
	}
	return p, err
}

func (c *compiler) structure(p *plan, t reflect.Type) error {
	list, err := fields.Of(t)
	if err != nil {
		return err
	}
	p.needed = p.method
	scope := scope{typ: t, fields: list}
	for _, sf := range list {
		f := field{Field: sf, label: sf.Tag.Get("label"), message: sf.Tag.Get("message")}
		terms, err := parseTag(sf.Tag.Get("validate"))
		if err == nil {
			err = c.compile(&f.rules, terms, sf.Type, scope)
		}
		if err != nil {
			return fmt.Errorf("%v.%s: %w", t, sf.Go, err)
		}
		if f.below, err = c.plan(sf.Type); err != nil {
			return err
		}
		if f.below.needed || !f.rules.empty() {
			p.fields = append(p.fields, f)
			p.needed = true
		}
	}
	return nil
}

// compile reads the rules of a value of type t.
func (c *compiler) compile(r *rules, terms []term, t reflect.Type, s scope) error {
	for i, term := range terms {
		if term.name == "dive" {
			inner := deref(t)
			if k := inner.Kind(); k != reflect.Slice && k != reflect.Array && k != reflect.Map {
				return fmt.Errorf("dive needs a list or a map, not %v", t)
			}
			r.dive = &rules{}
			return c.compile(r.dive, terms[i+1:], inner.Elem(), s)
		}
		if err := c.term(r, term, t, s); err != nil {
			return fmt.Errorf("the rule %s: %w", term.name, err)
		}
	}
	return nil
}

func (c *compiler) term(r *rules, term term, t reflect.Type, s scope) error {
	if own, ok := c.rules[term.name]; ok {
		r.own = append(r.own, ownRule{term.name, term.arg, own})
		return nil
	}
	words, err := splitArgs(term.arg)
	if err != nil {
		return err
	}
	if make, ok := presenceRules[term.name]; ok {
		made, err := make(words, s)
		made.rule = term.name
		r.presence = append(r.presence, made)
		return err
	}
	if make, ok := valueRules[term.name]; ok {
		made, err := make(deref(t), words, s)
		if made.rule == "" {
			made.rule = term.name
		}
		r.checks = append(r.checks, made)
		return err
	}
	known := slices.Concat([]string{"dive"}, slices.Collect(maps.Keys(presenceRules)), slices.Collect(maps.Keys(valueRules)), slices.Collect(maps.Keys(c.rules)))
	slices.Sort(known)
	err = fmt.Errorf("there is no such rule")
	if near := nearest.Name(term.name, known); near != "" {
		err = fmt.Errorf("%w; did you mean %s?", err, near)
	}
	return err
}

func (r *rules) empty() bool {
	return len(r.presence) == 0 && len(r.checks) == 0 && len(r.own) == 0 && r.dive == nil
}

// scope is what the rules of a field may name: the fields beside it.
type scope struct {
	typ    reflect.Type
	fields []fields.Field
}

// sibling returns the field with the Go name.
func (s scope) sibling(name string) (fields.Field, error) {
	for _, f := range s.fields {
		if f.Go == name {
			return f, nil
		}
	}
	names := make([]string, len(s.fields))
	for i, f := range s.fields {
		names[i] = f.Go
	}
	if near := nearest.Name(name, names); near != "" {
		return fields.Field{}, fmt.Errorf("%v has no field %s; did you mean %s?", s.typ, name, near)
	}
	return fields.Field{}, fmt.Errorf("%v has no field %s", s.typ, name)
}

// name is what messages call the field.
func name(f fields.Field) Name { return Name{f.Name, f.Tag.Get("label")} }

func deref(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}
