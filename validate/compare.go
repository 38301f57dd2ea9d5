package validate

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/kitgo/kit/internal/fields"
)

// comparisons compare a value with that of another field, or with a fixed one.
var comparisons = map[string]maker{
	"same":      same(true),
	"different": same(false),

	"gt":  ordered(func(c int) bool { return c > 0 }),
	"gte": ordered(func(c int) bool { return c >= 0 }),
	"lt":  ordered(func(c int) bool { return c < 0 }),
	"lte": ordered(func(c int) bool { return c <= 0 }),

	"after":           moment("after", func(c int) bool { return c > 0 }),
	"after_or_equal":  moment("after_or_equal", func(c int) bool { return c >= 0 }),
	"before":          moment("before", func(c int) bool { return c < 0 }),
	"before_or_equal": moment("before_or_equal", func(c int) bool { return c <= 0 }),
}

// same makes a rule that wants a value equal to, or different from, that of another
// field.
func same(want bool) maker {
	return func(t reflect.Type, words []string, s scope) (check, error) {
		other, err := one(words, s)
		if err != nil {
			return check{}, err
		}
		if deref(other.Type) != t || !t.Comparable() {
			return check{}, fmt.Errorf("%s is a %v, which cannot be compared with a %v", other.Go, deref(other.Type), t)
		}
		return check{params: map[string]any{"other": name(other)}, ok: func(v, parent reflect.Value) bool {
			o, ok := valueOf(other, parent)
			equal := ok && o.Equal(v)
			if left, isTime := v.Interface().(time.Time); isTime && ok {
				equal = left.Equal(o.Interface().(time.Time))
			}
			return equal == want
		}}, nil
	}
}

// one reads the name of one other field.
func one(words []string, s scope) (fields.Field, error) {
	if len(words) != 1 {
		return fields.Field{}, errors.New("it needs the name of one other field")
	}
	return s.sibling(words[0])
}

// valueOf returns the value of a field of parent, or false if it is nil.
func valueOf(f fields.Field, parent reflect.Value) (reflect.Value, bool) {
	v, ok := fields.At(parent, f.Index)
	for ok && v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return v, false
		}
		v = v.Elem()
	}
	return v, ok
}

// ordered makes a rule that compares a number with a fixed one or another field's.
func ordered(ok func(int) bool) maker {
	return func(t reflect.Type, words []string, s scope) (check, error) {
		if kindOf(t) != "number" {
			return check{}, fmt.Errorf("it is for numbers, not for %v; for dates there are after and before, for lengths min and max", t)
		}
		if len(words) != 1 {
			return check{}, errors.New("it needs a number or the name of another field")
		}
		c := check{}
		measure := measureOf(t)
		if n, err := strconv.ParseFloat(words[0], 64); err == nil {
			c.params = map[string]any{"other": words[0]}
			c.ok = func(v, _ reflect.Value) bool { return ok(cmp.Compare(measure(v), n)) }
			return c, nil
		}
		other, err := one(words, s)
		if err != nil {
			return c, err
		}
		if kindOf(deref(other.Type)) != "number" {
			return c, fmt.Errorf("%s is no number", other.Go)
		}
		theirs := measureOf(deref(other.Type))
		c.params = map[string]any{"other": name(other)}
		c.ok = func(v, parent reflect.Value) bool {
			o, given := valueOf(other, parent)
			return !given || ok(cmp.Compare(measure(v), theirs(o)))
		}
		return c, nil
	}
}

// moment makes a rule that compares a time with now, a fixed date or another field.
// A field that is not given is not compared with.
func moment(rule string, ok func(int) bool) maker {
	timeType := reflect.TypeFor[time.Time]()
	return func(t reflect.Type, words []string, s scope) (check, error) {
		if t != timeType {
			return check{}, fmt.Errorf("it is for time.Time, not for %v", t)
		}
		if len(words) != 1 {
			return check{}, errors.New("it needs now, a date such as 2026-01-31, or the name of another field")
		}
		if words[0] == "now" {
			return check{rule: rule + ".now", params: map[string]any{"other": "now"}, ok: func(v, _ reflect.Value) bool {
				return ok(v.Interface().(time.Time).Compare(time.Now()))
			}}, nil
		}
		if fixed, err := time.Parse(time.DateOnly, words[0]); err == nil {
			return check{params: map[string]any{"other": words[0]}, ok: func(v, _ reflect.Value) bool {
				return ok(v.Interface().(time.Time).Compare(fixed))
			}}, nil
		}
		other, err := one(words, s)
		if err != nil {
			return check{}, err
		}
		if deref(other.Type) != timeType {
			return check{}, fmt.Errorf("%s is no time.Time", other.Go)
		}
		return check{params: map[string]any{"other": name(other)}, ok: func(v, parent reflect.Value) bool {
			o, given := valueOf(other, parent)
			if !given {
				return true
			}
			theirs := o.Interface().(time.Time)
			return theirs.IsZero() || ok(v.Interface().(time.Time).Compare(theirs))
		}}, nil
	}
}
