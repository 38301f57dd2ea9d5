package inertia

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"sync"
)

// encoder writes JSON into a buffer of its own. encoding/json escapes <, >, &,
// U+2028 and U+2029, so that no text can end the script element that holds a page.
type encoder struct {
	bytes.Buffer
	json *json.Encoder
}

var encoders = sync.Pool{New: func() any {
	e := new(encoder)
	e.json = json.NewEncoder(&e.Buffer)
	return e
}}

// largest is the size above which a buffer is not kept.
const largest = 1 << 20

func (e *encoder) free() {
	if e.Cap() <= largest {
		e.Reset()
		encoders.Put(e)
	}
}

// encode writes v as JSON.
func (e *encoder) encode(v any) error {
	if err := e.json.Encode(v); err != nil {
		return err
	}
	e.Truncate(e.Len() - 1) // the end of line
	return nil
}

// node writes n, which is at path. The error names the field that cannot be encoded.
func (e *encoder) node(n *node, path string) error {
	switch n.kind {
	case object:
		e.WriteByte('{')
		if err := e.members(n.members, path, true); err != nil {
			return err
		}
		e.WriteByte('}')
	case array:
		for i := range n.items {
			e.WriteByte("[,"[min(i, 1)])
			if err := e.node(&n.items[i], join(path, strconv.Itoa(i))); err != nil {
				return err
			}
		}
		if len(n.items) == 0 {
			e.WriteByte('[')
		}
		e.WriteByte(']')
	default:
		at := e.Len()
		if err := e.encode(n.value); err != nil {
			return fmt.Errorf("prop %s: %w", blame(reflect.ValueOf(n.value), path, 0), err)
		}
		if text := e.Bytes()[at:]; n.quoted && string(text) != "null" {
			text = bytes.Clone(text)
			e.Truncate(at)
			return e.encode(string(text))
		}
	}
	return nil
}

// members writes the fields of an object that is not empty unless first is true.
func (e *encoder) members(list []member, path string, first bool) error {
	for _, m := range list {
		if m.node.kind == absent {
			continue
		}
		if !first {
			e.WriteByte(',')
		}
		first = false
		if err := e.encode(m.name); err != nil {
			return err
		}
		e.WriteByte(':')
		if err := e.node(m.node, join(path, m.name)); err != nil {
			return err
		}
	}
	return nil
}

// splice writes the fields of v, which is encoded as an object, behind those that
// the object in the buffer has.
func (e *encoder) splice(v any) error {
	at := e.Len()
	if err := e.encode(v); err != nil {
		return fmt.Errorf("prop %s: %w", blame(reflect.ValueOf(v), "", 0), err)
	}
	e.Truncate(e.Len() - 1) // the brace at the end
	if e.Len() == at+1 {
		e.Truncate(at)
		return nil
	}
	e.Bytes()[at] = ','
	return nil
}

// blame returns the path of the value in v that cannot be encoded.
func blame(v reflect.Value, path string, depth int) string {
	const deepest = 20 // a value that holds itself has no end
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer && !opaque(v.Type()) {
		v = v.Elem()
	}
	if !v.IsValid() || depth == deepest || opaque(v.Type()) {
		return path
	}
	fails := func(v reflect.Value) bool {
		_, err := json.Marshal(v.Interface())
		return err != nil
	}
	switch v.Kind() {
	case reflect.Struct:
		for _, p := range planOf(v.Type()).fields {
			if f, ok := p.fieldOf(v); ok && fails(f) {
				return blame(f, join(path, p.name), depth+1)
			}
		}
	case reflect.Map:
		for _, k := range keysOf(v) {
			if f := v.MapIndex(k.value); fails(f) {
				return blame(f, join(path, k.name), depth+1)
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if f := v.Index(i); fails(f) {
				return blame(f, join(path, strconv.Itoa(i)), depth+1)
			}
		}
	default: // a value without parts
	}
	return path
}
