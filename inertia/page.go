package inertia

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
)

// page is what one answer is made of.
type page struct {
	component, url, version string
	props, shared           any
	errors                  any // of the request before: by field, or by bag and field; may be nil
	rest                    rest
}

// rest is what comes behind the props of a page object, in what most pages have
// none of.
type rest struct {
	EncryptHistory   bool                       `json:"encryptHistory,omitempty"`
	ClearHistory     bool                       `json:"clearHistory,omitempty"`
	PreserveFragment bool                       `json:"preserveFragment,omitempty"`
	Flash            map[string]json.RawMessage `json:"flash,omitempty"`
	meta
}

// write appends the page object. The props are written as they are encoded: as a
// part of a larger value they would be parsed and written once more.
func (p *page) write(ctx context.Context, e *encoder, a asked) error {
	e.WriteString(`{"component":`)
	if err := e.encode(p.component); err != nil {
		return err
	}
	e.WriteString(`,"props":{"errors":`)
	s := resolver{asked: a}
	if err := p.writeProps(ctx, e, &s); err != nil {
		return err
	}
	e.WriteString(`},"url":`)
	if err := e.encode(p.url); err != nil {
		return err
	}
	e.WriteString(`,"version":`)
	if err := e.encode(p.version); err != nil {
		return err
	}
	p.rest.meta = s.meta
	if err := e.splice(p.rest); err != nil {
		return err
	}
	e.WriteByte('}')
	return nil
}

// writeProps writes the errors and the other props, without the brace at the end.
// The page's props replace shared ones of the same name.
func (p *page) writeProps(ctx context.Context, e *encoder, s *resolver) error {
	own, err := objectOf(p.props)
	if err != nil {
		return err
	}
	shared, err := objectOf(p.shared)
	if err != nil {
		return fmt.Errorf("the shared props: %w", err)
	}
	var list []member
	if shared.IsValid() {
		var n node
		s.meta.Shared = names(shared)
		s.split(&n, shared, "", func(name string) bool { return has(own, name) }, false, 0)
		list = n.members
	}
	// Most props are what encoding/json can write in one go.
	plain := own.IsValid() && !s.asked.partial && !has(own, "errors") && !holds(own, 0)
	if own.IsValid() && !plain {
		var n node
		s.split(&n, own, "", nil, false, 0)
		list = append(list, n.members...)
	}
	if err := s.resolve(ctx); err != nil {
		return err
	}
	if list, err = p.writeErrors(e, list); err != nil {
		return err
	}
	if err := e.members(list, "", false); err != nil || !plain {
		return err
	}
	return e.splice(interfaceOf(own))
}

// writeErrors writes what every page has, also to partial reloads: the errors of the
// page's props or else those of the request before. It returns the other props.
func (p *page) writeErrors(e *encoder, list []member) ([]member, error) {
	at := e.Len()
	for i, m := range list {
		if m.name != "errors" {
			continue
		}
		list = slices.Delete(list, i, i+1)
		if err := e.node(m.node, m.name); err != nil {
			return nil, err
		}
		switch text := e.Bytes()[at:]; {
		case text[0] == '{' && len(text) > len("{}"):
			return list, nil
		case text[0] != '{' && string(text) != "null":
			return nil, fmt.Errorf("prop errors: it is no JSON object; use a map of messages by field")
		}
		e.Truncate(at)
		break
	}
	if p.errors == nil {
		e.WriteString("{}")
		return list, nil
	}
	return list, e.encode(p.errors)
}

// objectOf returns the struct or map that v is or points to; an invalid value for
// nil. A struct can be addressed, so that its fields need not be copied.
func objectOf(v any) (reflect.Value, error) {
	r := reflect.ValueOf(v)
	for r.IsValid() && !opaque(r.Type()) && (r.Kind() == reflect.Pointer || r.Kind() == reflect.Interface) {
		r = r.Elem()
	}
	switch {
	case !r.IsValid(), r.Kind() == reflect.Pointer && r.IsNil(), r.Kind() == reflect.Map && r.IsNil():
		return reflect.Value{}, nil
	case opaque(r.Type()):
		text, err := json.Marshal(v)
		if err != nil {
			return r, err
		}
		var object map[string]json.RawMessage
		if json.Unmarshal(text, &object) != nil {
			return r, fmt.Errorf("%T is no JSON object; use a struct or a map", v)
		}
		return reflect.ValueOf(object), nil
	case r.Kind() == reflect.Map && keysOf(r) != nil:
		return r, nil
	case r.Kind() == reflect.Struct && r.CanAddr():
		return r, nil
	case r.Kind() == reflect.Struct:
		c := reflect.New(r.Type()).Elem()
		c.Set(r)
		return c, nil
	default:
		return r, fmt.Errorf("%T is no JSON object; use a struct or a map", v)
	}
}

// has reports whether the struct or map v has a field of that name in JSON.
func has(v reflect.Value, name string) bool {
	if !v.IsValid() {
		return false
	}
	if v.Kind() == reflect.Map {
		return slices.Contains(names(v), name)
	}
	return slices.ContainsFunc(planOf(v.Type()).fields, func(p planned) bool {
		if p.name != name {
			return false
		}
		_, ok := p.fieldOf(v)
		return ok
	})
}

// names returns the names of the fields that v, a struct or map, has in JSON.
func names(v reflect.Value) []string {
	var list []string
	if v.Kind() == reflect.Map {
		for _, k := range keysOf(v) {
			list = append(list, k.name)
		}
		return list
	}
	for _, p := range planOf(v.Type()).fields {
		if _, ok := p.fieldOf(v); ok {
			list = append(list, p.name)
		}
	}
	return list
}

func interfaceOf(v reflect.Value) any {
	if v.CanAddr() {
		return v.Addr().Interface()
	}
	return v.Interface()
}
