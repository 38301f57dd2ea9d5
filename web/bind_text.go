package web

import (
	"encoding"
	"encoding/base64"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// mistake is what is wrong with a value, as package validate has messages for it.
type mistake struct {
	rule   string
	params map[string]any
}

// maxLeaf is the length in bytes above which no type is asked to read a text: some,
// such as big.Int, take long for what fits into a document.
const maxLeaf = 64 << 10

// times are the layouts of a time in an input: RFC 3339, and what the fields date and
// datetime-local of a page send.
var times = []string{time.RFC3339Nano, "2006-01-02T15:04", "2006-01-02T15:04:05", time.DateOnly}

// setText sets v to what text says. It is for values that are no struct, list or map.
func (s *shape) setText(v reflect.Value, text string) *mistake {
	if m := s.setPlain(v, text); m != nil {
		return m
	}
	if s.valid && !v.Addr().Interface().(interface{ Valid() bool }).Valid() {
		return &mistake{rule: "invalid"}
	}
	return nil
}

func (s *shape) setPlain(v reflect.Value, text string) *mistake {
	switch s.form {
	case formText:
		if !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0 {
			return &mistake{rule: "text.encoding"}
		}
		v.SetString(text)
	case formAny:
		if !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0 {
			return &mistake{rule: "text.encoding"}
		}
		v.Set(reflect.ValueOf(text))
	case formBool:
		b, ok := truth(text)
		if !ok {
			return &mistake{rule: "type.boolean"}
		}
		v.SetBool(b)
	case formInt, formUint, formFloat, formNumber:
		return s.setNumber(v, text)
	case formBytes:
		b, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return &mistake{rule: "type.bytes"}
		}
		v.SetBytes(b)
	case formTime:
		for _, layout := range times {
			if t, err := time.Parse(layout, text); err == nil {
				v.Set(reflect.ValueOf(t))
				return nil
			}
		}
		return &mistake{rule: "type.time"}
	case formLeaf:
		if len(text) > maxLeaf || !s.fromText ||
			v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text)) != nil {
			return &mistake{rule: "invalid"}
		}
	default:
		return &mistake{rule: "invalid"}
	}
	return nil
}

// truth reads a bool as forms write it.
func truth(text string) (value, ok bool) {
	switch strings.ToLower(text) {
	case "true", "1", "on", "yes":
		return true, true
	case "false", "0", "off", "no":
		return false, true
	}
	return false, false
}

// setNumber sets v to a decimal number.
func (s *shape) setNumber(v reflect.Value, text string) *mistake {
	var err error
	switch s.form {
	case formInt:
		var n int64
		if n, err = strconv.ParseInt(text, 10, s.typ.Bits()); err == nil {
			v.SetInt(n)
			return nil
		}
	case formUint:
		var n uint64
		if n, err = strconv.ParseUint(text, 10, s.typ.Bits()); err == nil {
			v.SetUint(n)
			return nil
		}
		if len(text) > 1 && text[0] == '-' && strings.Trim(text[1:], "0123456789") == "" {
			err = strconv.ErrRange
		}
	default:
		if strings.Trim(text, "0123456789+-.eE") != "" {
			return &mistake{rule: "type.number"} // NaN, Inf and hexadecimal are Go's
		}
		bits := 64
		if s.form == formFloat {
			bits = s.typ.Bits()
		}
		var n float64
		n, err = strconv.ParseFloat(text, bits)
		switch {
		case s.form == formNumber && (err == nil || errors.Is(err, strconv.ErrRange)):
			v.SetString(text)
			return nil
		case err == nil:
			v.SetFloat(n)
			return nil
		}
	}
	switch {
	case !errors.Is(err, strconv.ErrRange) && s.form != formInt && s.form != formUint:
		return &mistake{rule: "type.number"}
	case !errors.Is(err, strconv.ErrRange):
		return &mistake{rule: "type.integer"}
	case text[0] == '-':
		return &mistake{rule: "range.below"}
	}
	return &mistake{rule: "range.above"}
}
