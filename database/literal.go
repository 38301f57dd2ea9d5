package database

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// literal adds a value as SQL.
func (s *statement) literal(b []byte, v any) []byte {
	if v == nil {
		return append(b, "NULL"...)
	}
	return s.gen.AppendValue(b, reflect.ValueOf(v))
}

// straight adds a field of the usual kinds as SQL for SQLite, as literal would, but
// straight from the row into the text: that is most of the work of storing many rows. It
// reports whether it could.
func (s *statement) straight(c codec, v reflect.Value) bool {
	if n, ok := c.(nullable); ok {
		if v.IsZero() {
			s.sql("NULL")
			return true
		}
		c = n.codec
	}
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			s.sql("NULL")
			return true
		}
		v = v.Elem()
	}
	switch c.(type) {
	case plain:
		return s.straightPlain(v)
	case instant:
		if t, ok := v.Addr().Interface().(*time.Time); ok {
			s.buf = s.gen.Dialect().AppendTime(s.buf, t.Truncate(time.Microsecond))
			return true
		}
	}
	return false
}

func (s *statement) straightPlain(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.String:
		s.straightText(v.String())
	case reflect.Bool:
		s.buf = s.gen.Dialect().AppendBool(s.buf, v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		s.buf = strconv.AppendInt(s.buf, v.Int(), 10)
	case reflect.Float64:
		f := v.Float()
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return false
		}
		s.buf = strconv.AppendFloat(s.buf, f, 'f', -1, 64)
	default:
		return false
	}
	return true
}

func (s *statement) straightText(text string) {
	s.refuseZeroByte(text)
	s.buf = append(s.buf, '\'')
	for {
		before, after, quoted := strings.Cut(text, "'")
		s.buf = append(s.buf, before...)
		if !quoted {
			break
		}
		s.buf = append(s.buf, "''"...)
		text = after
	}
	s.buf = append(s.buf, '\'')
}

func (s *statement) refuseZeroByte(text string) {
	if strings.IndexByte(text, 0) >= 0 {
		s.fail(fmt.Errorf("the text %.20q has a zero byte, which no database stores", text))
	}
}
