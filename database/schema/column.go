package schema

import "github.com/kitgo/kit/internal/place"

// Column is one column of a [Table].
type Column struct {
	table       *Table
	at          place.Place
	name        string
	kind        kind
	size, scale int
	values      []string // of an enum
	nullable    bool
	fallback    any    // the default; nil for none
	expression  string // the default, as SQL
	now         bool   // the default is the current time
	generated   string // the expression of a generated column
	stored      bool   // a generated column is kept in the row
	check       string
	comment     string
	foreign     *ForeignKey
	change      bool
	using       string
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
		c.fail("a default cannot be a %T; use DefaultExpr", v)
	}
	c.onlyDefault()
	c.fallback = v
	return c
}

// DefaultExpr is Default with an SQL expression, such as "lower(hex(randomblob(16)))".
// To add such a column to a table that exists, SQLite builds it anew.
func (c *Column) DefaultExpr(sql string) *Column {
	if sql == "" {
		c.fail("DefaultExpr is empty")
	}
	c.onlyDefault()
	c.expression = sql
	return c
}

// UseCurrent makes the time of the insertion the default of a Timestamp, DateTime, Date
// or Time; those but Timestamp have that of UTC.
func (c *Column) UseCurrent() *Column {
	switch c.kind {
	case timestamp, datetime, date, clock:
	default:
		c.fail("UseCurrent is for times")
	}
	c.onlyDefault()
	c.now = true
	return c
}

func (c *Column) onlyDefault() {
	if c.fallback != nil || c.expression != "" || c.now {
		c.fail("it has two defaults")
	}
}

// StoredAs makes the column a generated one: its value is that of an SQL expression
// over the other columns, computed when the row is written. To add one to a table that
// exists, SQLite builds it anew. MariaDB does not check that the value is not NULL.
func (c *Column) StoredAs(expression string) *Column { return c.generate(expression, true) }

// VirtualAs is [Column.StoredAs] with a value that is computed when it is read.
// PostgreSQL has no such columns.
func (c *Column) VirtualAs(expression string) *Column { return c.generate(expression, false) }

func (c *Column) generate(expression string, stored bool) *Column {
	switch {
	case expression == "":
		c.fail("a generated column needs an expression")
	case c.generated != "":
		c.fail("it is generated twice")
	case c.kind == identity:
		c.fail("an ID cannot be generated from other columns")
	}
	c.generated, c.stored = expression, stored
	return c
}

// Check lets only rows in for which an SQL expression is not false. The constraint has
// the name of the table and the column with "check" at the end; [Table.Check] takes
// another one.
func (c *Column) Check(expression string) *Column {
	switch {
	case expression == "":
		c.fail("Check is empty")
	case c.check != "":
		c.fail("it has two checks; use Table.Check, which gives each a name")
	}
	c.check = expression
	return c
}

// Comment describes the column for people who look into the database. SQLite keeps it
// in the text of the table's definition.
func (c *Column) Comment(text string) *Column {
	c.comment = text
	return c
}

// Primary makes the column the primary key, as [Table.PrimaryKey] does.
func (c *Column) Primary() *Column {
	c.table.PrimaryKey(c.name)
	return c
}

// Index adds an index over the column.
func (c *Column) Index() *Column {
	c.table.Index(c.name)
	return c
}

// Unique adds a unique index over the column.
func (c *Column) Unique() *Column {
	c.table.UniqueIndex(c.name)
	return c
}

// References makes the column a foreign key to the column "id" of a table, or to
// another one that is its primary key or unique.
func (c *Column) References(table string, column ...string) *Column {
	c.key().References(table, column...)
	return c
}

// OnDelete says what happens to the row when the one that it refers to is deleted.
func (c *Column) OnDelete(a Action) *Column {
	c.key().OnDelete(a)
	return c
}

// OnUpdate says what happens to the row when the key that it refers to changes.
func (c *Column) OnUpdate(a Action) *Column {
	c.key().OnUpdate(a)
	return c
}

func (c *Column) key() *ForeignKey {
	if c.foreign == nil {
		c.foreign = &ForeignKey{table: c.table, at: c.at, columns: []string{c.name}}
	}
	return c.foreign
}

// Change gives a column that the table has this definition: type, NULL, default and
// comment, those that are not written here are gone. Keys, indexes and checks stay.
//
//	t.String("title", 300).Nullable().Change()
//
// PostgreSQL refuses values that do not fit without a loss, see [Column.Using]. MySQL
// and MariaDB refuse what does not fit. SQLite builds the table anew and refuses only
// NULL where it is not allowed.
func (c *Column) Change() *Column {
	c.table.onlyChange("Change")
	if c.kind == identity {
		c.fail("an ID cannot be changed")
	}
	c.change = true
	return c
}

// Using makes the new value of a column that changes from an SQL expression over the
// old row, such as "CAST(pages AS integer)". MySQL has nothing like it.
func (c *Column) Using(expression string) *Column {
	if expression == "" {
		c.fail("Using is empty")
	}
	c.using = expression
	return c
}

func (c *Column) fail(format string, args ...any) {
	c.table.failAt(here(), "column %q: "+format, append([]any{c.name}, args...)...)
}
