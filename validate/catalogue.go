package validate

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"unicode"
)

// Catalogue is how messages are said in one language, or by one application. What it
// lacks is said in English; a nil Catalogue is English.
//
// A message may hold {field}, the name of the field, and the parameters of its rule,
// such as {max}. {max:character|characters} is the one of the words that fits the
// number max, by Plural.
type Catalogue struct {
	// Messages holds the message of each rule. The key is a rule ("required"), or a
	// rule and the kind of value it is about ("max.text"), and for one field only, the
	// field before both: "title.required", "items.*.price.min.number". [English] has all
	// rules of this package.
	Messages map[string]string
	// Fields holds what messages call fields, by their path ("items.*.price") or the
	// last part of it ("price").
	Fields map[string]string
	// Plural returns which of the forms of a word is used for n; nil is English: the
	// first for 1, else the second.
	Plural func(n int) int
}

// English returns a copy of the messages of all rules of this package, to see what a
// translation needs.
func English() map[string]string { return maps.Clone(english) }

// say makes the message of f.
func (c *Catalogue) say(f *FieldError) string {
	if c == nil {
		c = &Catalogue{}
	}
	pattern := patternOf(f.Field)
	text, ok := c.message(pattern, f.Rule)
	if !ok {
		text = english["invalid"]
	}
	return c.fill(text, func(name string) (string, bool) {
		if name == "field" {
			return c.name(f.Field, pattern, f.Label), true
		}
		v, ok := f.Params[name]
		return c.param(v), ok
	})
}

// message returns the message of rule for a field: its own, that of the rule and its
// kind, that of the rule.
func (c *Catalogue) message(pattern, rule string) (string, bool) {
	bare, _, hasKind := strings.Cut(rule, ".")
	keys := []string{pattern + "." + rule, pattern + "." + bare, rule, bare}
	for i, key := range keys {
		if !hasKind && i%2 == 1 {
			continue
		}
		if text, ok := c.Messages[key]; ok {
			return text, true
		}
	}
	for _, key := range keys[2:] {
		if text, ok := english[key]; ok {
			return text, true
		}
	}
	text, ok := c.Messages["invalid"]
	return text, ok
}

// name returns what messages call the field at path.
func (c *Catalogue) name(path, pattern, label string) string {
	if name, ok := c.Fields[pattern]; ok {
		return name
	}
	list, last := "", path
	if dot := strings.LastIndexByte(path, '.'); dot >= 0 {
		list, last = path[:dot], path[dot+1:]
	}
	if n, err := strconv.Atoi(last); err == nil && list != "" {
		text, _ := c.message("", "entry")
		return c.fill(text, func(name string) (string, bool) {
			if name == "number" {
				return strconv.Itoa(n + 1), true
			}
			return c.name(list, patternOf(list), label), true
		})
	}
	if name, ok := c.Fields[last]; ok {
		return name
	}
	if label != "" {
		return label
	}
	if path == "" {
		text, _ := c.message("", "input")
		return text
	}
	return words(last)
}

// param returns the parameter of a message as text.
func (c *Catalogue) param(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case Name:
		return c.name(v.Field, patternOf(v.Field), v.Label)
	case []Name:
		names := make([]string, len(v))
		for i, n := range v {
			names[i] = c.param(n)
		}
		return c.list(names)
	case []string:
		return c.list(v)
	}
	return fmt.Sprint(v)
}

// list returns "a, b or c".
func (c *Catalogue) list(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	or, _ := c.message("", "or")
	return strings.Join(items[:len(items)-1], ", ") + " " + or + " " + items[len(items)-1]
}

// fill replaces the names in braces. A name without a value stays as it is.
func (c *Catalogue) fill(text string, value func(string) (string, bool)) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "{")
		inside, after, closed := strings.Cut(rest, "}")
		if !ok || !closed {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(before)
		name, forms, isPlural := strings.Cut(inside, ":")
		switch v, known := value(name); {
		case !known:
			b.WriteString("{" + inside + "}")
		case isPlural:
			b.WriteString(c.form(v, strings.Split(forms, "|")))
		default:
			b.WriteString(v)
		}
		text = after
	}
}

// form returns the form of a word for the number n.
func (c *Catalogue) form(n string, forms []string) string {
	number, err := strconv.Atoi(n)
	i := 1
	switch {
	case err != nil: // 2.5: the many
	case c.Plural != nil:
		i = c.Plural(number)
	case number == 1:
		i = 0
	}
	return forms[max(0, min(i, len(forms)-1))]
}

// patternOf returns the path with * for the numbers of list entries.
func patternOf(path string) string {
	if !strings.ContainsAny(path, "0123456789") {
		return path
	}
	parts := strings.Split(path, ".")
	for i, p := range parts {
		if _, err := strconv.Atoi(p); err == nil {
			parts[i] = "*"
		}
	}
	return strings.Join(parts, ".")
}

// words returns the words of a name: "unit price" for unit_price and unitPrice.
func words(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		switch {
		case r == '_' || r == '-':
			b.WriteByte(' ')
			continue
		case unicode.IsUpper(r):
			after := i > 0 && unicode.IsUpper(runes[i-1]) // another capital
			before := i+1 < len(runes) && unicode.IsUpper(runes[i+1])
			last := i+1 == len(runes) || !unicode.IsLetter(runes[i+1])
			begins := i > 0 && unicode.IsLetter(runes[i-1]) && (!after || !before && !last)
			acronym := before || after && last
			if begins {
				b.WriteByte(' ')
			}
			if !acronym {
				r = unicode.ToLower(r)
			}
		}
		b.WriteRune(r)
	}
	return b.String()
}
