package schema

import (
	"fmt"
	"strconv"
	"time"
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
	fallback    string // the default, as SQL
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
	literal, err := literal(v)
	if err != nil {
		c.table.fail("column %q: %w", c.name, err)
	}
	return c.fall(literal)
}

// DefaultExpr is Default with an SQL expression, such as "lower(hex(randomblob(16)))".
// SQLite cannot add such a column to a table that has rows.
func (c *Column) DefaultExpr(sql string) *Column {
	if sql == "" {
		c.table.fail("column %q: DefaultExpr is empty", c.name)
	}
	return c.fall("(" + sql + ")")
}

func (c *Column) fall(sql string) *Column {
	if c.fallback != "" {
		c.table.fail("column %q has two defaults", c.name)
	}
	c.fallback = sql
	return c
}

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

// literal returns a value as SQL that both dialects read.
func literal(v any) (string, error) {
	switch v := v.(type) {
	case bool:
		if v {
			return "TRUE", nil
		}
		return "FALSE", nil
	case string:
		return quoteString(v), nil
	case int:
		return strconv.Itoa(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case int32, int16, int8, uint8, uint16, uint32, uint, uint64:
		return fmt.Sprint(v), nil
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), nil
	case float32:
		return strconv.FormatFloat(float64(v), 'g', -1, 32), nil
	case time.Time:
		return quoteString(v.UTC().Format("2006-01-02 15:04:05.999999-07:00")), nil
	}
	return "", fmt.Errorf("a default cannot be a %T; use DefaultExpr", v)
}
