package modelgen

import (
	"slices"
	"strings"

	"ariga.io/atlas/sql/schema"
)

// checks is what the CHECK constraints of a table say about its columns.
type checks struct {
	values map[string][]string // the values that a column may have
	json   map[string]bool     // the columns that hold JSON
}

func readChecks(t *schema.Table, backslash bool) checks {
	c := checks{map[string][]string{}, map[string]bool{}}
	for _, a := range t.Attrs {
		if check, ok := a.(*schema.Check); ok {
			c.read(tokens(check.Expr, backslash))
		}
	}
	return c
}

// read understands json_valid(x), and the forms in which the databases keep
// "x IN ('a', 'b')", also after "x IS NULL OR".
func (c checks) read(list []lexeme) {
	if len(list) == 2 && list[0].is("json_valid") {
		c.json[list[1].text] = true
		return
	}
	if len(list) > 4 && list[1].is("is") && list[2].is("null") && list[3].is("or") && list[0].text == list[4].text {
		list = list[4:]
	}
	if len(list) < 3 || list[0].string {
		return
	}
	column, list := list[0].text, list[1:]
	switch {
	case list[0].is("in"):
		list = list[1:]
	case len(list) > 4 && list[0].is("=") && list[1].is("any") && list[2].is("array") && list[3].is("[") && list[len(list)-1].is("]"):
		list = list[4 : len(list)-1]
	case list[0].is("=") && len(list) == 2:
		list = list[1:]
	default:
		return
	}
	var values []string
	for i, t := range list {
		switch {
		case i%2 == 0 && t.string:
			values = append(values, t.text)
		case i%2 == 1 && t.is(","):
		default:
			return
		}
	}
	c.values[column] = values
}

func (c checks) apply(column *Column) {
	if column.Kind != Text || column.Array {
		return
	}
	// A word in an expression is in lower case, and so are such names in PostgreSQL.
	values := c.values[column.Name]
	if values == nil {
		values = c.values[strings.ToLower(column.Name)]
	}
	switch {
	case c.json[column.Name]:
		column.Kind = JSON
	case values != nil:
		column.Kind, column.Values = Enum, slices.Clone(values)
	}
}
