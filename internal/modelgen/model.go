package modelgen

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// model is the Go of a table.
type model struct {
	table     *Table
	name      string
	declared  *declared // what the user has in its place; nil if nothing
	fields    []field
	relations []field
	enums     []enum
	omitted   []string // columns that bun cannot name

	names taken // of fields
	keys  taken // of JSON
}

// field is a field of a struct.
type field struct {
	name, typ, comment string
	bun, kit, json     string // tags
}

// enum is a string type with its constants.
type enum struct {
	name, column string
	constants    [][2]string // name and value
}

// build returns the models of tables. What the user has written keeps its names.
func build(tables []Table, w *written) []*model {
	used := taken{}
	for name := range w.declared {
		used[name] = true
	}
	var list []*model
	given := taken{}
	for i := range tables {
		m := &model{table: &tables[i], name: given.free(modelName(tables[i].Name)), names: taken{"BaseModel": true}, keys: taken{"-": true}}
		if d, ok := w.declared[m.name]; ok {
			m.declared = &d
		}
		used[m.name] = true
		list = append(list, m)
	}
	for _, m := range list {
		for i := range m.table.Columns {
			m.addColumn(&m.table.Columns[i], used, w)
		}
	}
	relate(list)
	return list
}

// isModel reports whether relations can lead to the model.
func (m *model) isModel() bool {
	return bunCanName(m.table.Name) && (m.declared == nil || m.declared.isStruct)
}

// types are the Go types of the kinds.
var types = map[Kind]string{
	Text: "string", Int: "int64", Uint: "uint64", Bool: "bool", Float: "float64", Decimal: "string",
	Time: "time.Time", JSON: "json.RawMessage", Bytes: "[]byte",
}

func (m *model) addColumn(c *Column, used taken, w *written) {
	if !bunCanName(c.Name) {
		m.omitted = append(m.omitted, c.Name)
		return
	}
	f := field{name: m.names.free(goName(c.Name)), typ: types[c.Kind]}
	if c.Kind == Enum {
		f.typ = m.addEnum(c, f.name, used, w)
	}
	options := []string{columnTag(c.Name)}
	if slices.Contains(m.table.PrimaryKey, c.Name) {
		options = append(options, "pk")
	}
	if c.Auto {
		options = append(options, "autoincrement")
	}
	switch {
	case c.Array:
		f.typ = "[]" + f.typ
		options = append(options, "array")
	case c.SoftDelete():
		options = append(options, "soft_delete", "nullzero")
	case c.Nullable && c.Kind != Bytes && c.Kind != JSON:
		f.typ = "*" + f.typ
	}
	if c.Generated {
		options = append(options, "default:"+Computed, "skipupdate")
		f.comment = "The database computes it."
	} else {
		d, comment := defaultTag(c)
		options, f.comment = append(options, d...), comment
	}
	f.bun = strings.Join(options, ",")
	f.json = m.keys.free(cmp.Or(snake(c.Name), "x"))
	switch {
	case secret(c.Name):
		f.json = "-"
	case c.SoftDelete():
		f.json += ",omitzero"
	}
	m.fields = append(m.fields, f)
}

// defaultTag returns the option for the default of a column, by which package database
// leaves a zero field to the database, and a comment where that is a surprise.
func defaultTag(c *Column) (option []string, comment string) {
	stamped := c.Kind == Time && (c.Name == "created_at" || c.Name == "updated_at") // package database sets them
	switch {
	case c.Default == "" || stamped:
		return nil, ""
	case c.Kind == Bool && c.Default == "true" && !c.Nullable:
		// With the option no row could be inserted with false.
		return nil, "The default of the database is true; a row that is inserted from Go has what is here."
	case !c.Nullable && slices.Contains([]Kind{Int, Uint, Float}, c.Kind) && c.Default != "0" && c.Default != Computed:
		comment = "A row that is inserted with 0 gets the default of the database, " + c.Default + "."
	}
	return []string{"default:" + c.Default}, comment
}

// secret reports whether a column is left out of JSON.
func secret(column string) bool {
	list := words(column)
	if len(list) == 0 {
		return false
	}
	last := list[len(list)-1]
	hash := len(list) > 1 && list[len(list)-2] == "password" && (last == "hash" || last == "digest")
	return hash || slices.Contains([]string{"password", "token", "secret"}, last)
}

// bunCanName reports whether bun can write a name in SQL: it takes a dot for the end of
// a name, and a star at the beginning for all columns.
func bunCanName(name string) bool {
	return !strings.Contains(name, ".") && !strings.HasPrefix(name, "*")
}

// columnTag returns the name of a column in bun's tag.
func columnTag(name string) string {
	switch {
	case strings.Contains(name, `"`):
		return strconv.Quote(name)
	case strings.ContainsAny(name, ",:()"):
		return `"` + name + `"`
	}
	return name
}

// addEnum returns the type of an enum: of the user if there is one of its name.
func (m *model) addEnum(c *Column, fieldName string, used taken, w *written) string {
	name := m.name + fieldName
	if d, ok := w.declared[name]; ok && d.isType {
		return name
	}
	if m.declared != nil {
		return name // nothing is written for this table
	}
	e := enum{name: used.free(name), column: c.Name}
	for _, v := range c.Values {
		suffix := "Empty"
		if v != "" {
			suffix = pascal(words(v))
		}
		e.constants = append(e.constants, [2]string{used.free(e.name + suffix), v})
	}
	m.enums = append(m.enums, e)
	return e.name
}

// tag returns the tag of a field as Go source.
func (f field) tag() string {
	var parts []string
	for _, t := range [][2]string{{"bun", f.bun}, {"kit", f.kit}, {"json", f.json}} {
		if t[1] != "" {
			parts = append(parts, fmt.Sprintf("%s:%s", t[0], strconv.Quote(t[1])))
		}
	}
	text := strings.Join(parts, " ")
	if strings.Contains(text, "`") {
		return strconv.Quote(text)
	}
	return "`" + text + "`"
}
