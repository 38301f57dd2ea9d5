package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/kitgo/kit/internal/fields"
)

// jsonReader reads a JSON document. Syntax, duplicate names and UTF-8 are the
// decoder's; types, limits and paths are its own.
type jsonReader struct {
	*binding
	dec *jsontext.Decoder
}

// jsonBuffer is what the reading of a document needs besides its values.
type jsonBuffer struct {
	document bytes.Buffer
	dec      jsontext.Decoder
}

var jsonBuffers = sync.Pool{New: func() any { return new(jsonBuffer) }}

// json reads the body as a JSON document.
func (b *binding) json(v reflect.Value) error {
	buffer := jsonBuffers.Get().(*jsonBuffer)
	defer func() {
		if buffer.document.Cap() <= largestBuffer {
			jsonBuffers.Put(buffer)
		}
	}()
	buffer.document.Reset()
	if err := b.document(&buffer.document); err != nil {
		return err
	}
	if len(bytes.TrimSpace(buffer.document.Bytes())) == 0 {
		return malformed("The request body is empty, but should be JSON.", nil)
	}
	buffer.dec.Reset(&buffer.document)
	j := jsonReader{b, &buffer.dec}
	err := j.value(b.shape, v)
	if err == nil {
		if _, err = j.dec.ReadToken(); err == nil {
			err = malformed("The JSON goes on after its end.", nil)
		} else if errors.Is(err, io.EOF) {
			err = nil
		}
	}
	return jsonError(err)
}

// document reads the body into memory.
func (b *binding) document(to *bytes.Buffer) error {
	body := limited(b.r, b.in.MaxDocument, standardDocument)
	if n := b.r.ContentLength; n > 0 {
		// No growing while it is read, but not for what a client only announces.
		to.Grow(int(min(n, 16<<10)) + bytes.MinRead)
	}
	if _, err := to.ReadFrom(body); err != nil {
		return readError(err)
	}
	return nil
}

// jsonError says where a document is malformed.
func jsonError(err error) error {
	syntax, ok := errors.AsType[*jsontext.SyntacticError](err)
	switch {
	case ok && errors.Is(err, jsontext.ErrDuplicateName):
		return malformed(fmt.Sprintf("The JSON has %s twice.", pointerText(syntax.JSONPointer)), err)
	case ok && syntax.JSONPointer != "":
		return malformed(fmt.Sprintf("The JSON is malformed at byte %d, in %s.", syntax.ByteOffset+1, pointerText(syntax.JSONPointer)), err)
	case ok:
		return malformed(fmt.Sprintf("The JSON is malformed at byte %d.", syntax.ByteOffset+1), err)
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return malformed("The JSON ends too early.", err)
	}
	return err
}

// pointerText returns a pointer as paths are written here: items.2.price.
func pointerText(p jsontext.Pointer) string {
	var parts []string
	for part := range p.Tokens() {
		parts = append(parts, part)
	}
	return clip(strings.Join(parts, "."))
}

// value reads the next value into v.
func (j *jsonReader) value(s *shape, v reflect.Value) error {
	if err := j.more(); err != nil {
		return err
	}
	kind := j.dec.PeekKind()
	if kind == 'n' && (s.form != formLeaf || !s.fromJSON) { // as if it were not there
		_, err := j.dec.ReadToken()
		if err == nil && len(j.path) == 0 && s.form != formPointer && s.form != formAny {
			return j.fail(&mistake{rule: s.typeRule()})
		}
		return err
	}
	switch s.form {
	case formPointer:
		if v.IsNil() {
			v.Set(reflect.New(s.elem.typ))
		}
		j.count-- // it is one value with the next
		return j.value(s.elem, v.Elem())
	case formStruct:
		return j.structure(s, v, kind)
	case formList, formArray:
		return j.list(s, v, kind)
	case formMap:
		return j.entries(s, v, kind)
	case formAny:
		x, err := j.any()
		if err == nil && x != nil {
			v.Set(reflect.ValueOf(x))
		}
		return err
	case formLeaf:
		return j.leaf(s, v, kind)
	default:
		return j.scalar(s, v, kind)
	}
}

// typeRule is the rule of a value that is of another type than s.
func (s *shape) typeRule() string {
	switch s.form {
	case formText:
		return "type.text"
	case formBool:
		return "type.boolean"
	case formInt, formUint:
		return "type.integer"
	case formFloat, formNumber:
		return "type.number"
	case formBytes:
		return "type.bytes"
	case formTime:
		return "type.time"
	case formStruct, formMap:
		return "type.object"
	case formList, formArray:
		return "type.list"
	case formUpload:
		return "type.file"
	case formPointer:
		return s.elem.typeRule()
	default:
		return "invalid"
	}
}

// mismatch skips the next value, which is of another type than s.
func (j *jsonReader) mismatch(s *shape) error {
	if err := j.skip(); err != nil {
		return err
	}
	return j.fail(&mistake{rule: s.typeRule()})
}

// skip reads over the next value.
func (j *jsonReader) skip() error {
	for depth := j.dec.StackDepth(); ; {
		if _, err := j.dec.ReadToken(); err != nil {
			return err
		}
		switch now := j.dec.StackDepth(); {
		case now > j.in.maxDepth():
			return j.tooDeep()
		case now == depth:
			return nil
		}
	}
}

func (j *jsonReader) structure(s *shape, v reflect.Value, kind jsontext.Kind) error {
	if kind != '{' {
		return j.mismatch(s)
	}
	if _, err := j.dec.ReadToken(); err != nil {
		return err
	}
	for j.dec.PeekKind() != '}' {
		name, err := j.dec.ReadValue()
		if err != nil {
			return err
		}
		if i, ok := s.byName[string(unquoted(name))]; ok {
			m := &s.fields[i]
			leave := j.enter(fields.Segment{Name: m.Name}, m.label)
			err = j.value(m.shape, settable(v, m.Index))
			leave()
		} else {
			err = j.unknown(string(unquoted(name)))
		}
		if err != nil {
			return err
		}
	}
	j.given(v)
	_, err := j.dec.ReadToken()
	return err
}

// unknown skips the value of a member that the type does not have.
func (j *jsonReader) unknown(name string) error {
	defer j.enter(named(name), "")()
	if err := j.more(); err != nil {
		return err
	}
	if err := j.skip(); err != nil || j.in.AllowUnknown {
		return err
	}
	return j.fail(&mistake{rule: "unknown"})
}

// unquoted returns the text of a JSON string that is valid; it may be a part of raw.
func unquoted(raw jsontext.Value) []byte {
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1]
	}
	text, _ := jsontext.AppendUnquote(nil, raw)
	return text
}

func (j *jsonReader) list(s *shape, v reflect.Value, kind jsontext.Kind) error {
	if kind != '[' {
		return j.mismatch(s)
	}
	if _, err := j.dec.ReadToken(); err != nil {
		return err
	}
	if s.form == formList {
		v.Set(reflect.MakeSlice(s.typ, 0, 4))
	}
	n := 0
	for ; j.dec.PeekKind() != ']'; n++ {
		var entry reflect.Value
		switch {
		case s.form == formList:
			v.Grow(1)
			v.SetLen(n + 1)
			entry = v.Index(n)
			entry.SetZero()
		case n < v.Len():
			entry = v.Index(n)
		default:
			entry = reflect.New(s.elem.typ).Elem() // one too many
		}
		leave := j.enter(fields.Segment{Index: n}, j.label)
		err := j.value(s.elem, entry)
		leave()
		if err != nil {
			return err
		}
	}
	if _, err := j.dec.ReadToken(); err != nil {
		return err
	}
	if s.form == formArray && n != v.Len() {
		return j.fail(&mistake{"type.length", map[string]any{"count": strconv.Itoa(v.Len())}})
	}
	return nil
}

func (j *jsonReader) entries(s *shape, v reflect.Value, kind jsontext.Kind) error {
	if kind != '{' {
		return j.mismatch(s)
	}
	if _, err := j.dec.ReadToken(); err != nil {
		return err
	}
	v.Set(reflect.MakeMap(s.typ))
	for j.dec.PeekKind() != '}' {
		raw, err := j.dec.ReadValue()
		if err != nil {
			return err
		}
		name := string(unquoted(raw))
		leave := j.enter(named(name), j.label)
		key, entry := reflect.New(s.typ.Key()).Elem(), reflect.New(s.elem.typ).Elem()
		if m := j.key(key, name); m != nil {
			if err = j.skip(); err == nil {
				err = j.fail(m)
			}
		} else if err = j.value(s.elem, entry); err == nil {
			v.SetMapIndex(key, entry)
		}
		leave()
		if err != nil {
			return err
		}
	}
	_, err := j.dec.ReadToken()
	return err
}

// key reads the key of a map.
func (b *binding) key(key reflect.Value, name string) *mistake {
	s, err := shapeOf(key.Type())
	if err != nil {
		return &mistake{rule: "unknown"}
	}
	if m := s.setText(key, name); m != nil {
		return &mistake{rule: "unknown"}
	}
	return nil
}

// leaf lets v read itself.
func (j *jsonReader) leaf(s *shape, v reflect.Value, kind jsontext.Kind) error {
	if !s.fromJSON {
		if kind != '"' {
			return j.mismatch(s)
		}
		return j.scalar(s, v, kind)
	}
	raw, err := j.dec.ReadValue()
	if err != nil {
		return err
	}
	if (kind == '{' || kind == '[') && depthOf(raw)+len(j.path) > j.in.maxDepth() {
		return j.tooDeep()
	}
	if (kind == '"' || kind == '0') && len(raw) > maxLeaf ||
		v.Addr().Interface().(json.Unmarshaler).UnmarshalJSON(raw) != nil {
		return j.fail(&mistake{rule: "invalid"})
	}
	j.given(v)
	return nil
}

// depthOf returns how deep the objects and lists of a valid value lie in each other.
func depthOf(raw jsontext.Value) int {
	depth, deepest, quoted := 0, 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return deepest
}

func (j *jsonReader) scalar(s *shape, v reflect.Value, kind jsontext.Kind) error {
	var fits bool
	switch s.form {
	case formBool:
		fits = kind == 't' || kind == 'f'
	case formInt, formUint, formFloat, formNumber:
		fits = kind == '0'
	case formUpload:
	default:
		fits = kind == '"'
	}
	if !fits {
		return j.mismatch(s)
	}
	raw, err := j.dec.ReadValue()
	if err != nil {
		return err
	}
	text := []byte(raw)
	if kind == '"' {
		text = unquoted(raw)
	}
	if m := s.setText(v, string(text)); m != nil {
		return j.fail(m)
	}
	j.given(v)
	return nil
}

// any reads a value of any type, as encoding/json does.
func (j *jsonReader) any() (any, error) {
	tok, err := j.dec.ReadToken()
	if err != nil {
		return nil, err
	}
	switch tok.Kind() {
	case 't', 'f':
		return tok.Bool(), nil
	case '"':
		return j.anyText(tok.String())
	case '0':
		n, err := strconv.ParseFloat(tok.String(), 64)
		if err != nil {
			return nil, j.fail(&mistake{rule: "type.number"})
		}
		return n, nil
	case '{':
		m := map[string]any{}
		for j.dec.PeekKind() != '}' {
			name, err := j.dec.ReadToken()
			if err != nil {
				return nil, err
			}
			key := name.String()
			if m[key], err = j.below(named(key)); err != nil {
				return nil, err
			}
		}
		_, err := j.dec.ReadToken()
		return m, err
	case '[':
		list := []any{}
		for j.dec.PeekKind() != ']' {
			x, err := j.below(fields.Segment{Index: len(list)})
			if err != nil {
				return nil, err
			}
			list = append(list, x)
		}
		_, err := j.dec.ReadToken()
		return list, err
	default:
		return nil, nil
	}
}

func (j *jsonReader) anyText(text string) (any, error) {
	if strings.IndexByte(text, 0) >= 0 {
		return nil, j.fail(&mistake{rule: "text.encoding"})
	}
	return text, nil
}

// below reads a value within one of any type.
func (j *jsonReader) below(part fields.Segment) (any, error) {
	defer j.enter(part, j.label)()
	if err := j.more(); err != nil {
		return nil, err
	}
	return j.any()
}
