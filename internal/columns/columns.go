// Package columns reads the columns of a table as people type them on the command line,
// and writes them as the lines of a migration.
//
//	list, err := columns.Parse([]string{"title:string:200", "price:decimal:10,2:nullable", "author:references"})
//	list[0].Definition("t") // t.String("title", 200)
//	list[2].Definition("t") // t.ForeignID("author_id").References("authors").Index()
//
// The words after the name are its type, what the type is given, and modifiers, which may
// be in any order.
package columns

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kitgo/kit/internal/identifier"
	"github.com/kitgo/kit/internal/modelgen"
	"github.com/kitgo/kit/internal/nearest"
)

// Column is a column of a table.
type Column struct {
	Name             string // such as author_id
	Type             Type
	Length           int      // of a String or a Char
	Precision, Scale int      // of a Decimal
	Values           []string // of an Enum
	Table            string   // what a Reference refers to
	Nullable         bool
	Unique           bool
	Index            bool
	Default          string // a Go literal, now for the time of the insertion; "" for none

	typed bool
}

// Typed reports whether the type was given, not assumed.
func (c Column) Typed() bool { return c.typed }

// IsNow reports whether the database sets the column to the time of the insertion.
func (c Column) IsNow() bool { return c.Default == now }

// Error is a column that cannot be read.
type Error struct{ Column, Problem, Advice string }

// Error says what is wrong with which column.
func (e *Error) Error() string { return fmt.Sprintf("the column %q: %s", e.Column, e.Problem) }

// Hint says what to write.
func (e *Error) Hint() string { return e.Advice }

// longest is how many bytes a name may have: those of indexes have the table's in front,
// and PostgreSQL allows 63.
const longest = 40

// Parse reads columns, each such as title, title:string:200:unique or
// author:references:users. A name without a type is that of a string. The error is an
// [*Error].
func Parse(args []string) ([]Column, error) {
	var list []Column
	seen := map[string]bool{}
	for _, arg := range args {
		c, err := parse(arg)
		if err != nil {
			return nil, err
		}
		if seen[c.Name] {
			return nil, &Error{arg, "there is a column " + c.Name + " already", "give each column once"}
		}
		seen[c.Name] = true
		list = append(list, c)
	}
	return list, nil
}

func parse(arg string) (Column, error) {
	parts := strings.Split(arg, ":")
	bad := func(advice, format string, args ...any) (Column, error) {
		return Column{}, &Error{arg, fmt.Sprintf(format, args...), advice}
	}
	if problem := identifier.Problem(parts[0], longest, "_"); problem != "" {
		return bad("begin with a name of letters, digits and _, such as title:string", "its name %s", problem)
	}
	c := Column{Name: modelgen.Snake(parts[0]), Type: String}
	rest := parts[1:]
	if len(rest) > 0 && !isModifier(rest[0]) {
		typ, ok := typeOf(rest[0])
		if !ok {
			return bad(typeAdvice(rest[0]), "there is no type %q", rest[0])
		}
		c.Type, c.typed, rest = typ, true, rest[1:]
	}
	if len(rest) > 0 && !isModifier(rest[0]) && c.Type.argument != "" {
		if problem := c.setArgument(rest[0]); problem != "" {
			return bad(modifierAdvice(rest[0], "such as "+parts[0]+":"+c.Type.argument), "%s", problem)
		}
		rest = rest[1:]
	} else if problem := c.setArgument(""); problem != "" {
		return bad("such as "+parts[0]+":"+c.Type.argument, "%s", problem)
	}
	for _, word := range rest {
		if problem := c.modify(word); problem != "" {
			return bad(modifierAdvice(word, "the modifiers are nullable, unique, index and default=VALUE"), "%s", problem)
		}
	}
	return c, nil
}

// setArgument sets what the type is given, or what holds without it.
func (c *Column) setArgument(s string) string {
	var err error
	switch {
	case c.Type == String && s == "":
		c.Length = 255
	case c.Type == Char && s == "", c.Type == Enum && s == "":
		return "a column of the type " + c.Type.name + " needs more"
	case c.Type == Decimal && s == "":
		c.Precision, c.Scale = 10, 2
	case c.Type == String, c.Type == Char:
		if c.Length, err = strconv.Atoi(s); err != nil || c.Length < 1 {
			return fmt.Sprintf("%q is not a number of characters", s)
		}
	case c.Type == Decimal:
		precision, scale, _ := strings.Cut(s, ",")
		var err2 error
		c.Precision, err = strconv.Atoi(precision)
		c.Scale, err2 = strconv.Atoi(scale)
		if err != nil || err2 != nil || c.Precision < 1 || c.Scale < 0 || c.Scale > c.Precision {
			return fmt.Sprintf("%q are not the digits of a number, and those after its point", s)
		}
	case c.Type == Enum:
		c.Values = strings.Split(s, ",")
		for i, v := range c.Values {
			if v == "" {
				return "one of its values is empty"
			}
			if slices.Contains(c.Values[:i], v) {
				return fmt.Sprintf("it has the value %q twice", v)
			}
		}
	case c.Type == Reference:
		c.refer(s)
	}
	return ""
}

// refer makes author the column author_id that refers to authors, or to table.
func (c *Column) refer(table string) {
	stem := strings.TrimSuffix(c.Name, "_id")
	c.Name = stem + "_id"
	c.Table = table
	if table == "" {
		c.Table = modelgen.TableName(stem)
	}
	c.Index = true // not every database makes one, and rows are looked for by it
}

// modifiers are the words that stand for themselves.
var modifiers = []string{"nullable", "unique", "index"}

// modifierAdvice returns the modifier that word was most likely meant to be, or else.
func modifierAdvice(word, or string) string {
	if isModifier(word) {
		return or
	}
	if name := nearest.Name(word, modifiers); name != "" {
		return "did you mean " + name + "?"
	}
	return or
}

func isModifier(word string) bool {
	return slices.Contains(modifiers, word) || word == "null" || strings.HasPrefix(word, "default=")
}

func (c *Column) modify(word string) string {
	value, isDefault := strings.CutPrefix(word, "default=")
	switch {
	case isDefault:
		return c.setDefault(value)
	case word == "nullable", word == "null":
		c.Nullable = true
	case word == "unique":
		c.Unique, c.Index = true, false
	case word == "index":
		c.Index = !c.Unique
	default:
		return fmt.Sprintf("%q is no modifier", word)
	}
	if (c.Unique || c.Index) && !c.Type.indexable {
		return "a column of the type " + c.Type.name + " cannot have an index"
	}
	return ""
}

func (c *Column) setDefault(value string) string {
	literal, ok := "", false
	if c.Type.literal != nil {
		literal, ok = c.Type.literal(value)
	}
	if !ok || c.Type == Enum && !slices.Contains(c.Values, value) {
		return fmt.Sprintf("%q cannot be the default of a column of the type %s", value, c.Type.name)
	}
	c.Default = literal
	return ""
}

// Definition returns the column as a line of a migration, whose table is called table.
func (c Column) Definition(table string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s.%s(%q", table, c.Type.method, c.Name)
	switch c.Type {
	case String, Char:
		fmt.Fprintf(&b, ", %d", c.Length)
	case Decimal:
		fmt.Fprintf(&b, ", %d, %d", c.Precision, c.Scale)
	case Enum:
		for _, v := range c.Values {
			fmt.Fprintf(&b, ", %q", v)
		}
	}
	b.WriteString(")")
	if c.Table != "" {
		fmt.Fprintf(&b, ".References(%q)", c.Table)
	}
	for _, m := range []struct {
		is   bool
		text string
	}{
		{c.Nullable, ".Nullable()"}, {c.Default == now, ".UseCurrent()"}, {c.Default != "" && c.Default != now, ".Default(" + c.Default + ")"},
		{c.Unique, ".Unique()"}, {c.Index, ".Index()"},
	} {
		if m.is {
			b.WriteString(m.text)
		}
	}
	return b.String()
}
