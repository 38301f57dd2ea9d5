package validate

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// sizeRules compare the size of a value with numbers: the characters of a text, the
// entries of a list or map, the value of a number.
var sizeRules = map[string]maker{
	"min": size(1, func(size float64, n []float64) bool { return size >= n[0] }, "min"),
	"max": size(1, func(size float64, n []float64) bool { return size <= n[0] }, "max"),
	"between": size(2, func(size float64, n []float64) bool {
		return size >= n[0] && size <= n[1]
	}, "min", "max"),
	"len": func(t reflect.Type, words []string, s scope) (check, error) {
		if kindOf(t) == "number" {
			return check{}, errors.New("it is for text and lists; a number has no length")
		}
		return size(1, func(size float64, n []float64) bool { return size == n[0] }, "len")(t, words, s)
	},
	"multiple_of": func(t reflect.Type, words []string, s scope) (check, error) {
		if kindOf(t) != "number" {
			return check{}, fmt.Errorf("it is for numbers, not for %v", t)
		}
		if len(words) == 1 && (words[0] == "0" || strings.HasPrefix(words[0], "-")) {
			return check{}, fmt.Errorf("%s is no step", words[0])
		}
		c, err := size(1, isMultiple, "step")(t, words, s)
		c.rule = "multiple_of"
		return c, err
	},
}

// isMultiple allows for the error of decimal fractions: 0.3 is a multiple of 0.1.
func isMultiple(v float64, n []float64) bool {
	q := v / n[0]
	return math.Abs(q-math.Round(q)) <= 1e-9*max(1, math.Abs(q))
}

// size makes a rule with count numbers, which messages call names.
func size(count int, ok func(size float64, numbers []float64) bool, names ...string) maker {
	return func(t reflect.Type, words []string, _ scope) (check, error) {
		if len(words) != count {
			return check{}, fmt.Errorf("it needs %d number(s), not %d", count, len(words))
		}
		kind := kindOf(t)
		if kind == "" {
			return check{}, fmt.Errorf("it is for text, numbers, lists and maps, not for %v", t)
		}
		numbers, params := make([]float64, count), map[string]any{}
		for i, word := range words {
			n, err := strconv.ParseFloat(word, 64)
			if err != nil {
				return check{}, fmt.Errorf("%q is no number", word)
			}
			if kind != "number" && (n < 0 || n != math.Trunc(n)) {
				return check{}, fmt.Errorf("%s is no length", word)
			}
			numbers[i], params[names[i]] = n, word
		}
		measure := measureOf(t)
		return check{
			rule:   ruleName(names) + "." + kind,
			params: params,
			ok:     func(v, _ reflect.Value) bool { return ok(measure(v), numbers) },
		}, nil
	}
}

func ruleName(names []string) string {
	if len(names) == 2 {
		return "between"
	}
	return names[0]
}

// kindOf returns what messages about sizes call a type, or "" if it has none.
func kindOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "text"
	case reflect.Slice, reflect.Array, reflect.Map:
		return "list"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		return "number"
	default:
		return ""
	}
}

// measureOf returns how the size of a value of type t is measured.
func measureOf(t reflect.Type) func(reflect.Value) float64 {
	switch kindOf(t) {
	case "text":
		return characters
	case "list":
		return func(v reflect.Value) float64 { return float64(v.Len()) }
	}
	switch {
	case t.Kind() == reflect.Float32 || t.Kind() == reflect.Float64:
		return reflect.Value.Float
	case t.Kind() >= reflect.Uint && t.Kind() <= reflect.Uint64:
		return func(v reflect.Value) float64 { return float64(v.Uint()) }
	}
	return func(v reflect.Value) float64 { return float64(v.Int()) }
}
