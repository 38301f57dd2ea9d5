package crudgen

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/kitgo/kit/internal/columns"
)

// Sample is a value that the form takes, as Go; "" if it is left out.
func (f *Field) Sample() string { return f.sample(false) }

// sample returns a value that the form takes, or another one.
func (f *Field) sample(other bool) string {
	c := f.Column
	pick := func(one, two string) string {
		if other {
			return two
		}
		return one
	}
	switch c.Type {
	case columns.String:
		if words := pick(f.Label, "Other "+strings.ToLower(f.Label)); len(words) <= c.Length {
			return strconv.Quote(words)
		}
		return strconv.Quote(pick("a", "b"))
	case columns.Char:
		return strconv.Quote(strings.Repeat(pick("a", "b"), c.Length))
	case columns.Text:
		return strconv.Quote(pick("A text.", "Another text."))
	case columns.Integer, columns.BigInt, columns.SmallInt:
		return pick("7", "8")
	case columns.Decimal:
		return strconv.Quote(f.decimal())
	case columns.Float:
		return pick("1.5", "2.5")
	case columns.Bool:
		return pick("true", "false")
	case columns.Date:
		return strconv.Quote("2026-01-31")
	case columns.DateTime, columns.Timestamp:
		return strconv.Quote("2026-01-31T09:30")
	case columns.Time:
		return strconv.Quote("09:30")
	case columns.JSON:
		return "`{\"a\": 1}`"
	case columns.UUID:
		return strconv.Quote("0190a6f0-7a3f-7c3e-8a00-0000000000" + pick("01", "02"))
	case columns.ULID:
		return strconv.Quote("01ARZ3NDEKTSV4RRFFQ69G5FA" + pick("V", "W"))
	case columns.Enum:
		return strconv.Quote(pick(c.Values[0], c.Values[len(c.Values)-1]))
	}
	switch {
	case f.Choice == nil:
		return pick("7", "8")
	case c.Table == f.Table: // there is none before the first
		return ""
	}
	return variable(f.Choice.Model, "Item") + "." + f.Choice.Key.Name
}

// Wrong is a value that the form does not take, as Go.
func (f *Field) Wrong() string {
	c := f.Column
	switch c.Type {
	case columns.String, columns.Char:
		return fmt.Sprintf("strings.Repeat(\"x\", %d)", c.Length+1)
	case columns.Decimal, columns.UUID, columns.ULID, columns.Enum, columns.Bool, columns.Date, columns.DateTime, columns.Timestamp, columns.Time:
		return strconv.Quote("none of these")
	case columns.JSON:
		return strconv.Quote("{")
	case columns.Reference:
		if f.Choice != nil {
			return "404"
		}
	}
	if c.Nullable {
		return "true"
	}
	return "nil"
}

// Other is a field with another value, and whether the model has it then; nil if there is
// none whose values can be compared.
func (r *Resource) Other() *Change {
	for _, f := range r.Fields {
		value := f.sample(true)
		if f.Column.Nullable || value == "" || value == f.Sample() {
			continue
		}
		switch f.Column.Type {
		case columns.Bool:
			return &Change{f.Key, value, r.One + "." + f.Name}
		case columns.String, columns.Char, columns.Text, columns.Integer, columns.BigInt, columns.SmallInt, columns.Float, columns.UUID, columns.ULID, columns.Enum:
			return &Change{f.Key, value, r.One + "." + f.Name + " != " + value}
		}
	}
	return nil
}

// Change is a field of the form with another value.
type Change struct {
	Key, Value string
	Differs    string // whether a row has not got it
}

// Sent are the fields that the tests send.
func (r *Resource) Sent() []*Field {
	var list []*Field
	for _, f := range r.Fields {
		if f.Sample() != "" {
			list = append(list, f)
		}
	}
	return list
}

// FirstUnique is the first field whose values are unique; nil if there is none.
func (r *Resource) FirstUnique() *Field {
	for _, f := range r.Fields {
		if f.Column.Unique && f.Sample() != "" {
			return f
		}
	}
	return nil
}

// Uses reports whether a template needs an import.
func (r *Resource) Uses(what string) bool {
	for _, f := range r.Fields {
		switch {
		case what == "strings" && strings.HasPrefix(f.Wrong(), "strings."),
			what == "time" && strings.HasSuffix(f.GoType(), "time.Time"),
			what == "json" && f.Column.Type == columns.JSON:
			return true
		}
	}
	return false
}

// ParentsUse reports whether the rows that the tests store need an import.
func (r *Resource) ParentsUse(what string) bool {
	for _, p := range r.Parents {
		if strings.Contains(p.Literal, what+".") {
			return true
		}
	}
	return false
}
