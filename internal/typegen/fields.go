package typegen

import (
	"go/types"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// field is a field of a struct as encoding/json sees it.
type field struct {
	name     string
	v        *types.Var
	index    []int
	tagged   bool
	omits    bool // left out when it is empty
	optional bool // that, or left out with the pointer that it is behind
	quoted   bool
	typ      string // as the tag ts says
}

// fields returns the fields of a struct in the order and by the rules of
// [json.Marshal].
func (c *converter) fields(t *types.Struct) []tsField {
	var all []field
	c.collect(t, nil, map[*types.Struct]bool{}, false, &all)
	var list []tsField
	path := c.path
	for _, f := range all {
		if !dominates(f, all) {
			continue
		}
		c.path = path + "." + f.name
		converted := ts{text: f.typ, union: strings.Contains(f.typ, "|")}
		if f.typ == "" {
			converted = c.convert(f.v.Type())
		}
		if f.quoted {
			converted.text, converted.union = "string", false
		}
		if f.omits {
			converted.null = c.nullInside(f.v.Type()) // what is null is left out
		}
		list = append(list, tsField{f.name, f.optional || c.sentLater(f.v.Type()), converted})
	}
	c.path = path
	return list
}

// nullInside reports whether a value of t that is not nil can be null in JSON: a pointer
// to one that is.
func (c *converter) nullInside(t types.Type) bool {
	p, ok := types.Unalias(t).(*types.Pointer)
	return ok && c.convert(p.Elem()).null
}

// collect adds the fields of t, which is at index of the outermost struct, and those of
// the structs embedded in it.
func (c *converter) collect(t *types.Struct, index []int, above map[*types.Struct]bool, optional bool, to *[]field) {
	if above[t] {
		return
	}
	above[t] = true
	defer delete(above, t)
	for i := range t.NumFields() {
		v := t.Field(i)
		tag := reflect.StructTag(t.Tag(i))
		text := tag.Get("json")
		inner, pointer := v.Type(), false
		if p, ok := types.Unalias(inner).(*types.Pointer); ok {
			inner, pointer = p.Elem(), true
		}
		_, isStruct := inner.Underlying().(*types.Struct)
		embedded := v.Embedded() && isStruct
		if text == "-" || !v.Exported() && !embedded || c.reading && outside(tag) {
			continue
		}
		name, options, _ := strings.Cut(text, ",")
		if !validName(name) {
			name = ""
		}
		at := append(slices.Clone(index), i)
		if embedded && name == "" {
			if s, ok := inner.Underlying().(*types.Struct); ok {
				c.collect(s, at, above, optional || pointer, to)
			}
			continue
		}
		if !v.Exported() {
			continue
		}
		o := strings.Split(options, ",")
		f := field{name: name, v: v, index: at, tagged: name != "", typ: tag.Get("ts")}
		if name == "" {
			f.name = v.Name()
		}
		f.omits = !c.reading && (slices.Contains(o, "omitempty") && canBeEmpty(v.Type()) || slices.Contains(o, "omitzero"))
		f.optional = optional || f.omits
		if b, ok := inner.Underlying().(*types.Basic); ok && slices.Contains(o, "string") {
			f.quoted = b.Info()&(types.IsBoolean|types.IsString|types.IsInteger|types.IsFloat) != 0 && !hasMethod(inner, "MarshalJSON") && !hasMethod(inner, "MarshalText")
		}
		*to = append(*to, f)
	}
}

// outside reports whether a field of a form is read from elsewhere than its body.
func outside(tag reflect.StructTag) bool {
	_, isJSON := tag.Lookup("json")
	for _, name := range []string{"path", "query", "header"} {
		if _, ok := tag.Lookup(name); ok && !isJSON {
			return true
		}
	}
	return false
}

// canBeEmpty reports whether omitempty says something about t: not about structs.
func canBeEmpty(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Struct:
		return false
	case *types.Array:
		return u.Len() == 0
	default:
		return true
	}
}

// validName reports whether encoding/json takes a name from a tag.
func validName(name string) bool {
	for _, r := range name {
		if !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return false
		}
	}
	return name != ""
}

// dominates reports whether f is the field of its name: the least deep one, of those
// the one with a tag, and none if that leaves two.
func dominates(f field, all []field) bool {
	for _, other := range all {
		if other.name != f.name || slices.Equal(other.index, f.index) {
			continue
		}
		if len(other.index) < len(f.index) || len(other.index) == len(f.index) && (other.tagged || !f.tagged) {
			return false
		}
	}
	return true
}
