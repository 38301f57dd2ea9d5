package database

import (
	"fmt"
	"reflect"
	"strconv"
)

// leads reports whether a row has a relation at all: one whose other side is polymorphic
// is for rows of its kind.
func (r *relation) leads(m *model, row reflect.Value) bool {
	if r.when == "" || r.pivot != "" {
		return true
	}
	key, _ := keyIn(m, []string{r.when}, row)
	return key != nil && fmt.Sprint(key) == r.whenValue
}

// pivotKey returns the key that is in the table between; nil when there is none.
func pivotKey(values []any, numbers []bool) any {
	parts := make([]any, len(values))
	for i, v := range values {
		text, isText := v.([]byte) // as MySQL has it
		n, err := strconv.ParseInt(string(text), 10, 64)
		switch {
		case isText && numbers[i] && err == nil:
			parts[i] = n
		case isText:
			parts[i] = string(text)
		default:
			parts[i] = sameKind(v)
		}
	}
	return joinedKey(parts)
}

// joinedKey makes one key of several values.
func joinedKey(parts []any) any {
	switch len(parts) {
	case 0:
		return nil
	case 1:
		return parts[0]
	}
	return fmt.Sprintf("%#v", parts)
}

// sameKind brings equal values of different types, such as an int and an int64, to
// the same one.
func sameKind(v any) any {
	switch v := v.(type) {
	case int64, string:
		return v
	case []byte:
		return string(v)
	case int:
		return int64(v)
	case int32:
		return int64(v)
	case uint64:
		return int64(v) //nolint:gosec // only compared
	}
	return fmt.Sprint(v)
}

// numberIn is keyIn for the usual key, one column with a number.
func numberIn(m *model, columns []string, row reflect.Value) (int64, bool) {
	if len(columns) != 1 {
		return 0, false
	}
	c := m.byName[columns[0]]
	if c == nil || c.codec != (plain{}) {
		return 0, false
	}
	v := c.value(row)
	if v.IsValid() && v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if !v.IsValid() || !v.CanInt() {
		return 0, false
	}
	return v.Int(), true
}

// keyIn returns the key that some columns of a row are, and their values; nil when one
// of them is NULL.
func keyIn(m *model, columns []string, row reflect.Value) (key any, parts []any) {
	if n, ok := numberIn(m, columns, row); ok {
		return n, []any{n}
	}
	parts = make([]any, len(columns))
	same := parts
	if len(columns) > 1 {
		same = make([]any, len(columns))
	}
	for i, name := range columns {
		c := m.byName[name]
		if c == nil {
			return nil, nil
		}
		v := c.value(row)
		for v.IsValid() && v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		if !v.IsValid() || c.nullZero && v.IsZero() {
			return nil, nil
		}
		arg, err := c.codec.arg(v)
		if err != nil || arg == nil {
			return nil, nil
		}
		parts[i] = arg
		if len(columns) == 1 {
			return sameKind(arg), parts
		}
		same[i] = sameKind(arg)
	}
	return joinedKey(same), parts
}

func isNumber(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() >= reflect.Int && t.Kind() <= reflect.Uint64
}

// keyOf returns the value of a column of a row, as an argument.
func keyOf[T any](c *column, row *T) any {
	arg, err := c.codec.arg(c.value(reflect.ValueOf(row).Elem()))
	if err != nil {
		return nil
	}
	return arg
}
