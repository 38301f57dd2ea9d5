package crudgen

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/kitgo/kit/internal/columns"
)

// Missing reports whether the value of the form may be missing while it is filled in,
// although the column is not null.
func (f *Field) Missing() bool {
	switch f.Input() {
	case "number", "date", "datetime-local", "choice":
		return !f.Column.Nullable
	}
	return false
}

// TSType is the type of a value that may be missing.
func (f *Field) TSType() string {
	switch f.Input() {
	case "number", "choice":
		return "number"
	}
	return "string"
}

// Widened are the fields whose values may be missing while the form is filled in.
func (r *Resource) Widened() []*Field {
	var list []*Field
	for _, f := range r.Fields {
		if f.Missing() {
			list = append(list, f)
		}
	}
	return list
}

// Values is the type of what is in the form.
func (r *Resource) Values() string {
	var names, types []string
	for _, f := range r.Widened() {
		names = append(names, quote(f.Key))
		types = append(types, f.Key+": "+f.TSType()+" | null")
	}
	if len(names) == 0 {
		return r.TSForm()
	}
	return fmt.Sprintf("Omit<%s, %s> & { %s }", r.TSForm(), strings.Join(names, " | "), strings.Join(types, "; "))
}

// Initial is the value of the form at its beginning.
func (f *Field) Initial() string {
	value := f.One + "?." + f.Key
	switch f.Input() {
	case "date":
		value += "?.slice(0, 10)"
	case "datetime-local":
		value += "?.slice(0, 16)"
	case "time":
		value += "?.slice(0, 5)"
	}
	if f.Column.Type == columns.JSON {
		if f.Column.Nullable {
			return fmt.Sprintf("%s ? JSON.stringify(%s.%s, null, 2) : null", value, f.One, f.Key)
		}
		return fmt.Sprintf("%s ? JSON.stringify(%s.%s, null, 2) : ''", f.One, f.One, f.Key)
	}
	return value + " ?? " + f.initial()
}

// initial is the value of the form of a new row.
func (f *Field) initial() string {
	if f.Column.Default != "" {
		if text, err := strconv.Unquote(f.Column.Default); err == nil {
			return quote(text)
		}
		if f.Column.Type == columns.Decimal {
			return quote(f.Column.Default)
		}
		return f.Column.Default
	}
	switch {
	case f.Column.Nullable || f.Missing():
		return "null"
	case f.Column.Type == columns.Bool:
		return "false"
	case f.Column.Type == columns.Enum:
		return quote(f.Column.Values[0])
	}
	return "''"
}

// Value is the value of the control.
func (f *Field) Value() string {
	value := "data." + f.Key
	if f.Input() == "yesno" {
		return value + " === null ? '' : String(" + value + ")"
	}
	if f.Column.Nullable || f.Missing() {
		return value + " ?? ''"
	}
	return value
}

// Changed is the value of the form after the control was changed.
func (f *Field) Changed() string {
	const value = "event.target.value"
	switch f.Input() {
	case "number":
		return value + " === '' ? null : Number(" + value + ")"
	case "choice":
		return "Number(" + value + ") || null"
	case "yesno":
		return value + " === '' ? null : " + value + " === 'true'"
	case "select":
		if f.Column.Nullable {
			return fmt.Sprintf("(%s || null) as Values[%s]", value, quote(f.Key))
		}
		return fmt.Sprintf("%s as Values[%s]", value, quote(f.Key))
	}
	if f.Column.Nullable || f.Missing() {
		return value + " || null"
	}
	return value
}

// Attributes are further attributes of the control.
func (f *Field) Attributes() []string {
	c := f.Column
	switch {
	case c.Type == columns.Text:
		return []string{"rows={8}"}
	case c.Type == columns.JSON:
		return []string{"rows={8}", "spellCheck={false}"}
	case c.Type == columns.String || c.Type == columns.Char:
		list := []string{fmt.Sprintf("maxLength={%d}", c.Length)}
		if kind := textKind(c.Name); kind != "" {
			list = append([]string{fmt.Sprintf("type=%q", kind)}, list...)
		}
		return list
	case c.Type == columns.Decimal:
		return []string{`inputMode="decimal"`}
	case c.Type == columns.UUID, c.Type == columns.ULID:
		return []string{"spellCheck={false}"}
	case c.Type == columns.Float:
		return []string{`type="number"`, `step="any"`}
	case f.Input() == "text", f.Input() == "select", f.Input() == "choice", f.Input() == "yesno":
		return nil
	}
	return []string{fmt.Sprintf("type=%q", f.Input())}
}

// textKind is the type of the input for a text, by the name of its column.
func textKind(column string) string {
	switch {
	case column == "email" || strings.HasSuffix(column, "_email"):
		return "email"
	case column == "url" || strings.HasSuffix(column, "_url"):
		return "url"
	case column == "phone" || strings.HasSuffix(column, "_phone"):
		return "tel"
	}
	return ""
}

// Chosen reports whether the control is a select.
func (f *Field) Chosen() bool {
	switch f.Input() {
	case "select", "yesno", "choice":
		return true
	}
	return false
}

// FormLabel is the label of the control.
func (f *Field) FormLabel() string {
	label := f.Label
	if f.Input() == "datetime-local" {
		label += " (UTC)"
	}
	if f.Column.Nullable {
		label += " (optional)"
	}
	return label
}

// Option is a value of an enumeration.
type Option struct{ Value, Text string }

// Options are the values of an enumeration, as JSX has them.
func (f *Field) Options() []Option {
	var list []Option
	for _, v := range f.Column.Values {
		text := capital(strings.NewReplacer("_", " ", "-", " ").Replace(v))
		o := Option{strconv.Quote(v), text}
		if strings.ContainsAny(v, "\"\\&\n") {
			o.Value = "{" + quote(v) + "}"
		}
		if strings.ContainsAny(v, "{}<>&") || strings.TrimSpace(text) != text {
			o.Text = "{" + quote(text) + "}"
		}
		list = append(list, o)
	}
	return list
}

// Shown is the value on a page, as JSX has it.
func (f *Field) Shown() string {
	value := f.One + "." + f.Key
	text := value
	switch f.Column.Type {
	case columns.Bool:
		text = value + " ? 'Yes' : 'No'"
		if f.Column.Nullable {
			return "{" + value + " !== null && (" + text + ")}"
		}
	case columns.Date:
		text = "new Date(" + value + ").toLocaleDateString(undefined, { timeZone: 'UTC' })"
	case columns.DateTime, columns.Timestamp:
		text = "new Date(" + value + ").toLocaleString(undefined, { timeZone: 'UTC', timeZoneName: 'short' })"
	case columns.JSON:
		return "{JSON.stringify(" + value + ", null, 2)}"
	case columns.Reference:
		if f.Choice != nil {
			return "{" + f.One + "." + f.Relation.JSON + "?" + property(f.Choice.Label.JSON) + "}"
		}
	}
	if text != value && f.Column.Type != columns.Bool && f.Column.Nullable {
		text = value + " && " + text
	}
	return "{" + text + "}"
}

// Long reports whether the value may have several lines.
func (f *Field) Long() bool { return f.Column.Type == columns.Text || f.Column.Type == columns.JSON }

// Numeric reports whether the value stands at the right of its column.
func (f *Field) Numeric() bool {
	return f.Input() == "number" || f.Column.Type == columns.Decimal
}

var identifier = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_$]*$`)

// property is the access to a property.
func property(name string) string {
	if identifier.MatchString(name) {
		return "." + name
	}
	return ".[" + quote(name) + "]"
}

// quote returns a literal of TypeScript.
func quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`, "\n", `\n`, "\r", `\r`).Replace(s) + "'"
}
