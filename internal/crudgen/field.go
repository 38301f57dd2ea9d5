package crudgen

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/kitgo/kit/internal/columns"
	"github.com/kitgo/kit/internal/modelgen"
)

// Field is a column in the form and on the pages.
type Field struct {
	Column     columns.Column
	Name, Type string // of the field of the model
	Key        string // in JSON
	Label      string
	One, Table string         // the variable of what it is a field of, and its table
	Relation   modelgen.Field // of the row that is chosen
	Choice     *choice        // the rows of which one is chosen; nil for all other fields
}

// Input is the control of the field: a type of HTML's input, or else textarea, select,
// yesno or choice.
func (f *Field) Input() string {
	switch f.Column.Type {
	case columns.Text, columns.JSON:
		return "textarea"
	case columns.Integer, columns.BigInt, columns.SmallInt, columns.Float:
		return "number"
	case columns.Bool:
		if f.Column.Nullable {
			return "yesno"
		}
		return "checkbox"
	case columns.Date:
		return "date"
	case columns.DateTime, columns.Timestamp:
		return "datetime-local"
	case columns.Time:
		return "time"
	case columns.Enum:
		return "select"
	case columns.Reference:
		if f.Choice != nil {
			return "choice"
		}
		return "number"
	}
	return "text"
}

// Line is the field of the form in Go.
func (f *Field) Line() string {
	return fmt.Sprintf("%s %s %s", f.Name, f.GoType(), f.tag())
}

// GoType is the type of the field of the form.
func (f *Field) GoType() string {
	star := ""
	if f.Column.Nullable {
		star = "*"
	}
	switch f.Column.Type {
	case columns.JSON:
		return star + "string" // as it is typed
	case columns.Enum:
		return star + "models." + strings.TrimPrefix(f.Type, "*")
	}
	return f.Type
}

// tag is the tag of the field of the form.
func (f *Field) tag() string {
	rules, message := f.rules()
	if !f.Column.Nullable && f.Column.Type != columns.Bool {
		rules = append([]string{"required"}, rules...)
	}
	if f.Column.Unique {
		rules = append(rules, fmt.Sprintf("unique=%s.%s id!=ID", f.Table, f.Column.Name))
	}
	var parts []string
	for _, p := range [][2]string{{"json", f.Key}, {"label", f.goLabel()}, {"validate", strings.Join(rules, ",")}, {"message", message}} {
		if p[1] != "" {
			parts = append(parts, p[0]+":"+strconv.Quote(p[1]))
		}
	}
	text := strings.Join(parts, " ")
	if strings.Contains(text, "`") {
		return strconv.Quote(text)
	}
	return "`" + text + "`"
}

// goLabel is what messages call the field, if that is not by its name.
func (f *Field) goLabel() string {
	if f.Choice != nil {
		return strings.ToLower(f.Label)
	}
	return ""
}

// rules are the rules of the column, and what is said when one of them is broken; "" for
// what they say by themselves.
func (f *Field) rules() (list []string, message string) {
	c := f.Column
	is := func(what string) string { return "The " + strings.ToLower(f.Label) + " must be " + what + "." }
	switch c.Type {
	case columns.String:
		return []string{"max=" + strconv.Itoa(c.Length)}, ""
	case columns.Char:
		return []string{"len=" + strconv.Itoa(c.Length)}, ""
	case columns.Integer:
		return []string{"between=-2147483648 2147483647"}, ""
	case columns.SmallInt:
		return []string{"between=-32768 32767"}, ""
	case columns.Decimal:
		whole := max(c.Precision-c.Scale, 1)
		if c.Scale == 0 {
			return []string{fmt.Sprintf("matches='^-?[0-9]{1,%d}$'", whole)}, is("a whole number")
		}
		return []string{fmt.Sprintf("matches='^-?[0-9]{1,%d}([.][0-9]{1,%d})?$'", whole, c.Scale)}, is("a number such as " + f.decimal())
	case columns.Time:
		return []string{"date='15:04'"}, is("a time such as 09:30")
	case columns.JSON:
		return []string{"json"}, ""
	case columns.UUID:
		return []string{"uuid"}, ""
	case columns.ULID:
		return []string{"len=26"}, ""
	case columns.Enum:
		var values []string
		for _, v := range c.Values {
			if strings.ContainsAny(v, " ',") {
				v = "'" + strings.ReplaceAll(v, "'", "''") + "'"
			}
			values = append(values, v)
		}
		return []string{"oneof=" + strings.Join(values, " ")}, ""
	}
	if f.Choice != nil {
		return []string{"exists=" + c.Table + ".id"}, ""
	}
	return nil, ""
}

// decimal is an example of a decimal number.
func (f *Field) decimal() string {
	if f.Column.Scale == 0 {
		return "7"
	}
	return "0." + strings.Repeat("5", min(f.Column.Scale, 2))
}

// Fill sets the field of the model to that of the form.
func (f *Field) Fill() string {
	switch {
	case f.Column.Type == columns.JSON && f.Column.Nullable:
		return fmt.Sprintf("%s.%s = nil\nif f.%[2]s != nil {\n%[1]s.%[2]s = json.RawMessage(*f.%[2]s)\n}", f.One, f.Name)
	case f.Column.Type == columns.JSON:
		return fmt.Sprintf("%s.%s = json.RawMessage(f.%[2]s)", f.One, f.Name)
	}
	return fmt.Sprintf("%s.%s = f.%[2]s", f.One, f.Name)
}
