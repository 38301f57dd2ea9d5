package inertia

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// plan is how a struct is encoded: its fields as encoding/json names them.
type plan struct {
	fields []planned
}

type planned struct {
	name                        string
	index                       []int
	omitEmpty, omitZero, quoted bool
	tagged                      bool
}

var plans sync.Map // reflect.Type -> *plan

// planOf returns the fields of the struct type t in the order and by the rules of
// [json.Marshal].
func planOf(t reflect.Type) *plan {
	if known, ok := plans.Load(t); ok {
		return known.(*plan)
	}
	var all []planned
	collect(t, nil, map[reflect.Type]bool{}, &all)
	p := new(plan)
	for _, f := range all {
		if dominates(f, all) {
			p.fields = append(p.fields, f)
		}
	}
	known, _ := plans.LoadOrStore(t, p)
	return known.(*plan)
}

// collect adds the fields of t, which is at index of the outermost struct, and those
// of the structs embedded in it.
func collect(t reflect.Type, index []int, above map[reflect.Type]bool, to *[]planned) {
	if above[t] {
		return
	}
	above[t] = true
	defer delete(above, t)
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("json")
		inner := f.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		embedded := f.Anonymous && inner.Kind() == reflect.Struct
		if tag == "-" || !f.IsExported() && !embedded {
			continue
		}
		name, options, _ := strings.Cut(tag, ",")
		if !valid(name) {
			name = ""
		}
		at := append(slices.Clone(index), i)
		if embedded && name == "" {
			collect(inner, at, above, to)
			continue
		}
		if !f.IsExported() {
			continue
		}
		o := strings.Split(options, ",")
		p := planned{name: name, index: at, tagged: name != "", omitEmpty: slices.Contains(o, "omitempty"), omitZero: slices.Contains(o, "omitzero")}
		if name == "" {
			p.name = f.Name
		}
		switch inner.Kind() {
		case reflect.Bool, reflect.String, reflect.Float32, reflect.Float64,
			reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
			reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
			p.quoted = slices.Contains(o, "string")
		default: // the option says nothing about other types
		}
		*to = append(*to, p)
	}
}

// valid reports whether encoding/json takes a name from a tag.
func valid(name string) bool {
	return name != "" && !strings.ContainsAny(name, "\\\"'`,")
}

// dominates reports whether f is the field of its name: the least deep one, of
// those the one with a tag, and none if that leaves two.
func dominates(f planned, all []planned) bool {
	for _, other := range all {
		if other.name != f.name || slices.Equal(other.index, f.index) {
			continue
		}
		if len(other.index) < len(f.index) {
			return false
		}
		if len(other.index) == len(f.index) && (other.tagged || !f.tagged) {
			return false
		}
	}
	return true
}

// fieldOf returns the field of v; not ok if it is in an embedded nil pointer, or
// empty and to be left out.
func (p planned) fieldOf(v reflect.Value) (f reflect.Value, ok bool) {
	for i, at := range p.index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return v, false
			}
			v = v.Elem()
		}
		v = v.Field(at)
	}
	if p.omitEmpty && empty(v) || p.omitZero && zero(v) {
		return v, false
	}
	return v, true
}

func empty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	default:
		return v.IsZero()
	}
}

func zero(v reflect.Value) bool {
	type zeroer interface{ IsZero() bool }
	if v.Kind() == reflect.Pointer && v.IsNil() || v.Kind() == reflect.Interface && v.IsNil() {
		return true
	}
	if z, ok := v.Interface().(zeroer); ok {
		return z.IsZero()
	}
	if v.CanAddr() {
		if z, ok := v.Addr().Interface().(zeroer); ok {
			return z.IsZero()
		}
	}
	return v.IsZero()
}

var (
	lazyType      = reflect.TypeFor[lazy]()
	marshalerType = reflect.TypeFor[json.Marshaler]()
	textType      = reflect.TypeFor[encoding.TextMarshaler]()
)

// opaque reports whether values of t write their JSON themselves.
func opaque(t reflect.Type) bool {
	return t.Implements(marshalerType) || t.Implements(textType) ||
		t.Kind() != reflect.Pointer && (reflect.PointerTo(t).Implements(marshalerType) || reflect.PointerTo(t).Implements(textType))
}

var holders sync.Map // reflect.Type -> bool

// mayHold reports whether a value of type t can hold a lazy prop: most cannot, and
// are then handed to encoding/json as they are.
func mayHold(t reflect.Type) bool {
	if known, ok := holders.Load(t); ok {
		return known.(bool)
	}
	// Only the answer for t itself is kept: those for types that it leads to may
	// rest on what is being asked.
	may := look(t, map[reflect.Type]bool{})
	holders.Store(t, may)
	return may
}

func look(t reflect.Type, asked map[reflect.Type]bool) bool {
	if t.Implements(lazyType) {
		return true
	}
	if asked[t] {
		return false
	}
	asked[t] = true
	switch k := t.Kind(); {
	case k == reflect.Interface:
		return true
	case k == reflect.Pointer:
		return look(t.Elem(), asked)
	case opaque(t):
		return false
	}
	switch t.Kind() {
	case reflect.Map, reflect.Slice, reflect.Array:
		return look(t.Elem(), asked)
	case reflect.Struct:
		return slices.ContainsFunc(planOf(t).fields, func(f planned) bool { return look(t.FieldByIndex(f.index).Type, asked) })
	default:
		return false
	}
}

// tooDeep is where a value is taken for one that holds itself; encoding/json then
// says so.
const tooDeep = 500

// holds reports whether there is a lazy prop in v.
func holds(v reflect.Value, depth int) bool {
	if !v.IsValid() || !mayHold(v.Type()) || depth > tooDeep {
		return false
	}
	if v.Type().Implements(lazyType) && v.Kind() == reflect.Struct {
		return true
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		return holds(v.Elem(), depth+1)
	case reflect.Map:
		for entry := v.MapRange(); entry.Next(); {
			if holds(entry.Value(), depth+1) {
				return true
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if holds(v.Index(i), depth+1) {
				return true
			}
		}
	case reflect.Struct:
		for _, p := range planOf(v.Type()).fields {
			if f, ok := p.fieldOf(v); ok && holds(f, depth+1) {
				return true
			}
		}
	default: // a value without parts
	}
	return false
}
