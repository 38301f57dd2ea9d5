package validate

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// maker reads the argument of a rule about a value of type t. The rule of the check
// is that of the tag, unless it says another.
type maker = func(t reflect.Type, words []string, s scope) (check, error)

// valueRules are the rules about a value that is there.
var valueRules = func() map[string]maker {
	all := map[string]maker{
		"accepted":   accepted,
		"oneof":      oneOf,
		"notin":      notIn,
		"distinct":   distinct,
		"matches":    matches,
		"date":       date,
		"startswith": affix(strings.HasPrefix, true),
		"endswith":   affix(strings.HasSuffix, true),
		"contains":   affix(strings.Contains, true),
		"excludes":   affix(strings.Contains, false),
	}
	for name, ok := range textRules {
		all[name] = func(t reflect.Type, words []string, _ scope) (check, error) {
			return onText(t, ok), errors.Join(none(words), needsText(t))
		}
	}
	maps.Copy(all, sizeRules)
	maps.Copy(all, comparisons)
	return all
}()

// onText is the check of a text; t is a string type, or [needsText] says that it is
// none.
func onText(_ reflect.Type, ok func(string) bool) check {
	return check{ok: func(v, _ reflect.Value) bool { return ok(v.String()) }}
}

func needsText(t reflect.Type) error {
	if t.Kind() != reflect.String {
		return fmt.Errorf("it is for text, not for %v", t)
	}
	return nil
}

func accepted(t reflect.Type, words []string, _ scope) (check, error) {
	if t.Kind() != reflect.Bool {
		return check{}, fmt.Errorf("it is for bool, not for %v", t)
	}
	return check{ok: func(v, _ reflect.Value) bool { return v.Bool() }}, none(words)
}

func oneOf(t reflect.Type, words []string, _ scope) (check, error) {
	return set(t, words, true)
}

func notIn(t reflect.Type, words []string, _ scope) (check, error) {
	return set(t, words, false)
}

func set(t reflect.Type, words []string, want bool) (check, error) {
	if len(words) == 0 {
		return check{}, errors.New("it needs values, with spaces between them")
	}
	params := map[string]any{"values": words}
	if t.Kind() == reflect.String {
		return check{params: params, ok: func(v, _ reflect.Value) bool { return slices.Contains(words, v.String()) == want }}, nil
	}
	if k := t.Kind(); k == reflect.Slice || k == reflect.Map {
		return check{}, fmt.Errorf("it is not for %v; write dive before it", t)
	}
	return check{params: params, ok: func(v, _ reflect.Value) bool { return slices.Contains(words, textOf(v)) == want }}, nil
}

func distinct(t reflect.Type, words []string, _ scope) (check, error) {
	if k := t.Kind(); (k != reflect.Slice && k != reflect.Array) || !t.Elem().Comparable() {
		return check{}, fmt.Errorf("it is for lists of values that can be compared, not for %v", t)
	}
	return check{ok: func(v, _ reflect.Value) bool {
		seen := make(map[any]struct{}, v.Len())
		for i := range v.Len() {
			entry := v.Index(i)
			if !entry.Comparable() {
				continue // an interface that holds what cannot be compared
			}
			if _, twice := seen[entry.Interface()]; twice {
				return false
			}
			seen[entry.Interface()] = struct{}{}
		}
		return true
	}}, none(words)
}

func matches(t reflect.Type, words []string, _ scope) (check, error) {
	if len(words) != 1 {
		return check{}, errors.New("it needs one regular expression, in quotes if it has spaces or commas")
	}
	re, err := regexp.Compile(words[0])
	if err != nil {
		return check{}, err
	}
	c := onText(t, re.MatchString)
	c.params = map[string]any{"pattern": words[0]}
	return c, needsText(t)
}

// affix makes a rule that wants, or does not want, one of its words in a text.
func affix(has func(text, word string) bool, want bool) maker {
	return func(t reflect.Type, words []string, _ scope) (check, error) {
		if len(words) == 0 {
			return check{}, errors.New("it needs a text")
		}
		c := onText(t, func(text string) bool {
			return slices.ContainsFunc(words, func(word string) bool { return has(text, word) }) == want
		})
		c.params = map[string]any{"values": words}
		return c, needsText(t)
	}
}

// characters is the length of a text as people count it, but for letters that are
// composed of several code points.
func characters(v reflect.Value) float64 { return float64(utf8.RuneCountInString(v.String())) }
