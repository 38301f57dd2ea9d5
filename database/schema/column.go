package schema

import (
	"fmt"
	"strconv"
	"time"

	"github.com/kitgo/kit/database"
)

// kind is the type of a column, in no dialect.
type kind int

const (
	identity kind = iota
	uuid
	varchar
	text
	integer
	bigint
	boolean
	float
	decimal
	timestamp
	date
	json
	binary
)

// Action is what happens to a row when the row that it refers to is deleted or
// gets another key.
type Action string

// The actions. Without one, the database refuses to delete a row that others refer
// to.
const (
	Cascade    Action = "CASCADE"
	SetNull    Action = "SET NULL"
	SetDefault Action = "SET DEFAULT"
	Restrict   Action = "RESTRICT"
	NoAction   Action = "NO ACTION"
)

// Column is one column of a [Table].
type Column struct {
	table       *Table
	name        string
	kind        kind
	size, scale int
	nullable    bool
	fallback    any    // the default; nil for none
	expression  string // the default, as SQL
	now         bool   // the default is the current time
	references  string
	onDelete    Action
	onUpdate    Action
}

// Nullable allows NULL.
func (c *Column) Nullable() *Column {
	c.nullable = true
	return c
}

// Default is the value of rows that are inserted without one: a string, bool,
// number or time.Time.
func (c *Column) Default(v any) *Column {
	if !isLiteral(v) {
		c.table.fail("column %q: a default cannot be a %T; use DefaultExpr", c.name, v)
	}
	c.onlyDefault()
	c.fallback = v
	return c
}

// DefaultExpr is Default with an SQL expression, such as "lower(hex(randomblob(16)))".
// SQLite cannot add such a column to a table that has rows.
func (c *Column) DefaultExpr(sql string) *Column {
	if sql == "" {
		c.table.fail("column %q: DefaultExpr is empty", c.name)
	}
	c.onlyDefault()
	c.expression = sql
	return c
}

func (c *Column) onlyDefault() {
	if c.fallback != nil || c.expression != "" {
		c.table.fail("column %q has two defaults", c.name)
	}
}

// large reports whether MySQL keeps the values of the column outside of the row.
func (c *Column) large() bool { return c.kind == text || c.kind == json || c.kind == binary }

// Unique adds a unique index over the column.
func (c *Column) Unique() *Column {
	c.table.UniqueIndex(c.name)
	return c
}

// References makes the column a foreign key to the column "id" of a table.
func (c *Column) References(table string) *Column {
	if table == "" {
		c.table.fail("column %q: References without a table", c.name)
	}
	c.references = table
	return c
}

// OnDelete says what happens to the row when the one that it refers to is deleted.
func (c *Column) OnDelete(a Action) *Column {
	c.onDelete = c.action(a)
	return c
}

// OnUpdate says what happens to the row when the key that it refers to changes.
func (c *Column) OnUpdate(a Action) *Column {
	c.onUpdate = c.action(a)
	return c
}

func (c *Column) action(a Action) Action {
	switch a {
	case Cascade, SetNull, SetDefault, Restrict, NoAction:
	default:
		c.table.fail("column %q: %q is not an Action", c.name, string(a))
	}
	return a
}

// isLiteral reports whether literal knows a value.
func isLiteral(v any) bool {
	switch v.(type) {
	case bool, string, int, int64, int32, int16, int8, uint8, uint16, uint32, uint, uint64, float64, float32, time.Time:
		return true
	}
	return false
}

// literal returns the default as SQL.
func (c *Column) literal(d database.Dialect) string {
	switch v := c.fallback.(type) {
	case bool:
		if v {
			return "TRUE"
		}
		return "FALSE"
	case string:
		return quoteString(d, v)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case float32:
		return strconv.FormatFloat(float64(v), 'g', -1, 32)
	case time.Time:
		layout := "2006-01-02 15:04:05.999999-07:00"
		switch {
		case c.kind == date:
			layout = time.DateOnly
		case d == database.MySQL:
			layout = "2006-01-02 15:04:05.999999"
		}
		return quoteString(d, v.UTC().Format(layout))
	default:
		return fmt.Sprint(v)
	}
}
