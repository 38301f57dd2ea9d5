package database

import (
	"database/sql"
	"database/sql/driver"
	"encoding"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
	"github.com/uptrace/bun/schema"
)

// codec turns a field into an argument and a value of the database into the field.
type codec interface {
	// arg returns what the driver gets for a field.
	arg(field reflect.Value) (any, error)
	// dest returns what rows.Scan writes a value to. field is a pointer to the field.
	dest(field any) any
}

// plain is a field that database/sql and the drivers know.
type plain struct{}

func (plain) arg(v reflect.Value) (any, error) { return argument(v.Interface()) }
func (plain) dest(field any) any               { return field }

// valuer is a field with methods of its own.
type valuer struct{}

func (valuer) arg(v reflect.Value) (any, error) {
	if v.CanAddr() {
		if a, ok := v.Addr().Interface().(driver.Valuer); ok {
			return a.Value()
		}
	}
	return argument(v.Interface())
}
func (valuer) dest(field any) any { return field }

// document is a field that is stored as JSON.
type document struct{}

func (document) arg(v reflect.Value) (any, error) { return jsonText(v.Interface()) }
func (document) dest(field any) any               { return &jsonScanner{field} }

// jsonText returns the JSON of a value, as text: what is bytes, PostgreSQL takes for
// bytea.
func jsonText(v any) (any, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode as JSON: %w", err)
	}
	return string(text), nil
}

type jsonScanner struct{ field any }

// Scan implements sql.Scanner.
func (s *jsonScanner) Scan(src any) error {
	switch src := src.(type) {
	case nil:
		reflect.ValueOf(s.field).Elem().SetZero()
		return nil
	case []byte:
		return json.Unmarshal(src, s.field)
	case string:
		return json.Unmarshal([]byte(src), s.field)
	}
	return fmt.Errorf("cannot decode a %T as JSON", src)
}

// raw is a field of bytes with a name of its own, such as json.RawMessage.
type raw struct{}

func (raw) arg(v reflect.Value) (any, error) {
	if v.Type() == reflect.TypeFor[json.RawMessage]() && !v.IsNil() {
		return string(v.Bytes()), nil
	}
	return v.Bytes(), nil
}
func (raw) dest(field any) any { return &bytesScanner{field} }

type bytesScanner struct{ field any }

// Scan implements sql.Scanner.
func (s *bytesScanner) Scan(src any) error {
	v := reflect.ValueOf(s.field).Elem()
	switch src := src.(type) {
	case nil:
		v.SetZero()
	case []byte:
		v.SetBytes(append([]byte{}, src...))
	case string:
		v.SetBytes([]byte(src))
	default:
		return fmt.Errorf("cannot store a %T in %s", src, v.Type())
	}
	return nil
}

// array is a field that is an array of PostgreSQL.
type array struct{}

func (array) arg(v reflect.Value) (any, error) { return v.Interface(), nil }
func (array) dest(field any) any               { return pgtype.NewMap().SQLScanner(field) }

// text is a field that marshals itself as text, such as netip.Addr.
type text struct{}

func (text) arg(v reflect.Value) (any, error) {
	m, ok := v.Interface().(encoding.TextMarshaler)
	if !ok {
		return nil, fmt.Errorf("%s does not marshal itself as text", v.Type())
	}
	b, err := m.MarshalText()
	return string(b), err
}
func (text) dest(field any) any { return &textScanner{field} }

type textScanner struct{ field any }

// Scan implements sql.Scanner.
func (s *textScanner) Scan(src any) error {
	u, ok := s.field.(encoding.TextUnmarshaler)
	if !ok {
		return fmt.Errorf("%T does not unmarshal itself from text", s.field)
	}
	switch src := src.(type) {
	case nil:
		reflect.ValueOf(s.field).Elem().SetZero()
		return nil
	case []byte:
		return u.UnmarshalText(src)
	case string:
		return u.UnmarshalText([]byte(src))
	}
	return fmt.Errorf("cannot store a %T in a %T", src, s.field)
}

// instant is a time. SQLite has it as text, which its driver recognizes by the type of
// a column only.
type instant struct{ sqlite bool }

func (instant) arg(v reflect.Value) (any, error) { return argument(v.Interface()) }

func (i instant) dest(field any) any {
	if i.sqlite {
		return &timeScanner{field}
	}
	return field
}

type timeScanner struct{ field any }

// Scan implements sql.Scanner.
func (s *timeScanner) Scan(src any) error {
	t, ok := src.(time.Time)
	if !ok {
		text, isText := src.(string)
		if b, isBytes := src.([]byte); isBytes {
			text, isText = string(b), true
		}
		if isText {
			var err error
			if t, err = parseTime(text); err != nil {
				return err
			}
			ok = true
		}
	}
	switch field := s.field.(type) {
	case *time.Time:
		if !ok {
			return fmt.Errorf("converting %s to time.Time is unsupported", nameOf(src))
		}
		*field = t
	case **time.Time:
		switch {
		case ok:
			*field = &t
		case src == nil:
			*field = nil
		default:
			return fmt.Errorf("converting %s to *time.Time is unsupported", nameOf(src))
		}
	}
	return nil
}

func nameOf(src any) string {
	if src == nil {
		return "NULL"
	}
	return fmt.Sprintf("a %T", src)
}

// parseTime reads the forms in which SQLite's functions and its driver write a time.
func parseTime(s string) (time.Time, error) {
	for _, layout := range []string{"2006-01-02 15:04:05.999999999-07:00", time.RFC3339Nano, "2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a time", s)
}

// codecOf returns how a field is stored; nil when it cannot be.
func codecOf(f *schema.Field, d Dialect) codec {
	typ := f.StructField.Type
	c := kindOf(typ, d)
	switch {
	case f.Tag.HasOption("array") && d == Postgres:
		c = array{}
	case isJSON(f):
		c = document{}
	}
	if f.NullZero && c != nil && typ.Kind() != reflect.Pointer {
		return nullable{c, f.Scan}
	}
	return c
}

// isJSON reports whether a tag says so.
func isJSON(f *schema.Field) bool {
	name, _ := f.Tag.Option("type")
	name = strings.ToLower(name)
	return (name == "json" || name == "jsonb") && f.StructField.Type.Kind() != reflect.String && f.StructField.Type != reflect.TypeFor[json.RawMessage]()
}

func kindOf(typ reflect.Type, d Dialect) codec {
	base := typ
	if base.Kind() == reflect.Pointer {
		base = base.Elem()
	}
	switch {
	case base == reflect.TypeFor[time.Time]():
		return instant{d == SQLite}
	case reflect.PointerTo(base).Implements(reflect.TypeFor[sql.Scanner]()):
		return valuer{}
	case base == reflect.TypeFor[[]byte]():
		return plain{}
	case base.Kind() == reflect.Slice && base.Elem().Kind() == reflect.Uint8 && typ == base:
		return raw{}
	}
	switch base.Kind() {
	case reflect.Bool, reflect.String, reflect.Float32, reflect.Float64,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return plain{}
	case reflect.Struct, reflect.Array, reflect.Map, reflect.Slice, reflect.Interface:
		if typ == base && base.Implements(reflect.TypeFor[encoding.TextMarshaler]()) && reflect.PointerTo(base).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
			return text{}
		}
		return document{}
	default:
		return nil
	}
}

// nullable is a field whose zero value is NULL.
type nullable struct {
	codec
	scan schema.ScannerFunc
}

func (n nullable) arg(v reflect.Value) (any, error) {
	if v.IsZero() {
		return nil, nil
	}
	return n.codec.arg(v)
}

func (n nullable) dest(field any) any {
	return &nullScanner{reflect.ValueOf(field).Elem(), n.scan}
}

// nullScanner makes NULL the zero value, as bun does.
type nullScanner struct {
	field reflect.Value
	scan  schema.ScannerFunc
}

// Scan implements sql.Scanner.
func (s *nullScanner) Scan(src any) error { return s.scan(s.field, src) }

// argument prepares a value for the drivers: times in UTC and with the microseconds
// that all databases keep, names of types taken off, documents as JSON.
func argument(v any) (any, error) {
	switch v := v.(type) {
	case nil, bool, string, []byte, int, int64, float64, int32, int16, int8, uint8, uint16, uint32, float32:
		return v, nil
	case time.Time:
		return v.UTC().Truncate(time.Microsecond), nil
	case json.RawMessage:
		if v == nil {
			return nil, nil
		}
		return string(v), nil
	case driver.Valuer:
		return valueOf(v)
	}
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Pointer:
		if r.IsNil() {
			return nil, nil
		}
		return argument(r.Elem().Interface())
	case reflect.Bool:
		return r.Bool(), nil
	case reflect.String:
		return r.String(), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return r.Int(), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if n := r.Uint(); n > math.MaxInt64 { // drivers know no such number
			return strconv.FormatUint(n, 10), nil
		}
		return int64(r.Uint()), nil //nolint:gosec // it fits
	case reflect.Float32, reflect.Float64:
		return r.Float(), nil
	case reflect.Slice:
		if r.Type().Elem().Kind() == reflect.Uint8 {
			return r.Bytes(), nil
		}
	case reflect.Struct, reflect.Map, reflect.Array:
	default:
		return nil, fmt.Errorf("a %T cannot be an argument", v)
	}
	if m, ok := v.(encoding.TextMarshaler); ok {
		b, err := m.MarshalText()
		return string(b), err
	}
	return jsonText(v)
}

// valueOf calls a Valuer; one with a pointer that is nil is NULL, as in database/sql.
func valueOf(v driver.Valuer) (any, error) {
	if r := reflect.ValueOf(v); r.Kind() == reflect.Pointer && r.IsNil() {
		return nil, nil
	}
	value, err := v.Value()
	if t, ok := value.(time.Time); ok {
		return t.UTC().Truncate(time.Microsecond), err
	}
	return value, err
}
