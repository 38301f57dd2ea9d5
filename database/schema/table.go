package schema

import (
	"errors"
	"fmt"

	"github.com/kitgo/kit/database"
)

// Table describes a table to create or to change. Its methods are called in the
// function given to [Builder.Create] and [Builder.Table]; the first mistake is
// what those return.
type Table struct {
	name        string
	create      bool
	columns     []*Column
	primary     []string
	foreign     []*Column // of columns that exist or are defined elsewhere
	indexes     []index
	renames     [][2]string
	drops       []string
	dropIndexes []index
	dependents  mysqlDependents
	err         error
}

type index struct {
	columns []string
	unique  bool
}

// fail keeps the first mistake.
func (t *Table) fail(format string, args ...any) {
	if t.err == nil {
		t.err = fmt.Errorf("table %q: %w", t.name, fmt.Errorf(format, args...))
	}
}

func (t *Table) add(c *Column) *Column {
	c.table = t
	if c.name == "" {
		t.fail("a column has no name")
	}
	for _, other := range t.columns {
		if other.name == c.name {
			t.fail("two columns %q", c.name)
		}
	}
	t.columns = append(t.columns, c)
	return c
}

// ID adds the primary key "id": a 64-bit number that the database chooses, and
// which is never given out twice. It belongs in [Builder.Create].
func (t *Table) ID() *Column {
	if !t.create {
		t.fail("ID belongs in Create: a primary key cannot be added to a table")
	}
	return t.add(&Column{name: "id", kind: identity})
}

// UUID adds a column for a UUID: uuid in PostgreSQL, text elsewhere.
func (t *Table) UUID(name string) *Column { return t.add(&Column{name: name, kind: uuid}) }

// String adds a column for text of at most n characters. SQLite does not check n; in
// MySQL it is at most 16383.
func (t *Table) String(name string, n int) *Column {
	if n < 1 {
		t.fail("column %q: %d is not a length", name, n)
	}
	return t.add(&Column{name: name, kind: varchar, size: n})
}

// Text adds a column for text of any length.
func (t *Table) Text(name string) *Column { return t.add(&Column{name: name, kind: text}) }

// Integer adds a column for a 32-bit number; SQLite stores 64 bits.
func (t *Table) Integer(name string) *Column { return t.add(&Column{name: name, kind: integer}) }

// BigInteger adds a column for a 64-bit number.
func (t *Table) BigInteger(name string) *Column { return t.add(&Column{name: name, kind: bigint}) }

// Bool adds a column for true and false.
func (t *Table) Bool(name string) *Column { return t.add(&Column{name: name, kind: boolean}) }

// Float adds a column for a 64-bit floating point number.
func (t *Table) Float(name string) *Column { return t.add(&Column{name: name, kind: float}) }

// Decimal adds a column for a number of precision digits, scale of them after the
// point. It is exact in PostgreSQL; SQLite computes with floating point numbers.
func (t *Table) Decimal(name string, precision, scale int) *Column {
	if precision < 1 || scale < 0 || scale > precision {
		t.fail("column %q: Decimal(%d, %d) needs a precision from 1 and a scale from 0 to the precision", name, precision, scale)
	}
	return t.add(&Column{name: name, kind: decimal, size: precision, scale: scale})
}

// Timestamp adds a column for an instant, in microseconds: timestamptz in PostgreSQL,
// datetime(6) in UTC in MySQL, text in UTC in SQLite.
func (t *Table) Timestamp(name string) *Column { return t.add(&Column{name: name, kind: timestamp}) }

// Date adds a column for a day.
func (t *Table) Date(name string) *Column { return t.add(&Column{name: name, kind: date}) }

// JSON adds a column for a JSON document: jsonb in PostgreSQL, json in MySQL, text in
// SQLite, where the type's name JSON TEXT tells people and kit db:sync what it holds.
func (t *Table) JSON(name string) *Column { return t.add(&Column{name: name, kind: json}) }

// Binary adds a column for bytes.
func (t *Table) Binary(name string) *Column { return t.add(&Column{name: name, kind: binary}) }

// ForeignID adds a column for the ID of another table, which [Column.References]
// names. It has no index unless one is asked for; MySQL makes one for a foreign key.
func (t *Table) ForeignID(name string) *Column { return t.add(&Column{name: name, kind: bigint}) }

// Timestamps adds created_at and updated_at, which are the time of the insertion
// unless a value is given. SQLite cannot add them to a table that has rows.
func (t *Table) Timestamps() {
	for _, name := range []string{"created_at", "updated_at"} {
		t.add(&Column{name: name, kind: timestamp, now: true})
	}
}

// Foreign makes a column that the table already has a foreign key:
// Foreign("user_id").References("users"). Only its References, OnDelete and OnUpdate
// count. SQLite can do this only in [Builder.Create].
func (t *Table) Foreign(column string) *Column {
	c := &Column{table: t, name: column}
	t.foreign = append(t.foreign, c)
	return c
}

// PrimaryKey makes columns the primary key. It belongs in [Builder.Create].
func (t *Table) PrimaryKey(columns ...string) {
	switch {
	case !t.create:
		t.fail("PrimaryKey belongs in Create: a primary key cannot be added to a table")
	case len(columns) == 0:
		t.fail("PrimaryKey without columns")
	case t.primary != nil:
		t.fail("two primary keys")
	}
	t.primary = columns
}

// Index adds an index over columns. Its name is the table's and the columns' with
// "index" at the end, joined by underscores.
func (t *Table) Index(columns ...string) { t.addIndex(index{columns, false}) }

// UniqueIndex adds an index whose values must differ from row to row. Its name ends
// with "unique".
func (t *Table) UniqueIndex(columns ...string) { t.addIndex(index{columns, true}) }

func (t *Table) addIndex(i index) {
	if len(i.columns) == 0 {
		t.fail("an index without columns")
	}
	t.indexes = append(t.indexes, i)
}

// DropIndex drops the index that Index made with the same columns. A foreign key that
// would be left without an index gets one of its own name in MySQL, which needs one.
func (t *Table) DropIndex(columns ...string) { t.dropIndex(index{columns, false}) }

// DropUniqueIndex drops the index that UniqueIndex or [Column.Unique] made with the
// same columns.
func (t *Table) DropUniqueIndex(columns ...string) { t.dropIndex(index{columns, true}) }

func (t *Table) dropIndex(i index) {
	t.onlyChange("DropIndex")
	if len(i.columns) == 0 {
		t.fail("DropIndex without columns")
	}
	t.dropIndexes = append(t.dropIndexes, i)
}

// DropColumn drops columns, and the indexes and foreign keys over them; in SQLite a
// column with a foreign key cannot be dropped.
func (t *Table) DropColumn(names ...string) {
	t.onlyChange("DropColumn")
	if len(names) == 0 {
		t.fail("DropColumn without columns")
	}
	t.drops = append(t.drops, names...)
}

// RenameColumn renames a column. Indexes and foreign keys follow; their names stay.
func (t *Table) RenameColumn(from, to string) {
	t.onlyChange("RenameColumn")
	t.renames = append(t.renames, [2]string{from, to})
}

func (t *Table) onlyChange(method string) {
	if t.create {
		t.fail("%s belongs in Table, not in Create", method)
	}
}

// check finds the mistakes that show only when the definition is complete.
func (t *Table) check(d database.Dialect) error {
	if t.name == "" {
		return errors.New("a table has no name")
	}
	if t.create && len(t.columns) == 0 {
		t.fail("has no columns")
	}
	for _, c := range t.columns {
		if c.kind == identity && t.primary != nil {
			t.fail("has both ID and PrimaryKey")
		}
		if c.references == "" && (c.onDelete != "" || c.onUpdate != "") {
			t.fail("column %q: OnDelete and OnUpdate need References", c.name)
		}
		if !c.nullable && (c.onDelete == SetNull || c.onUpdate == SetNull) {
			t.fail("column %q: SetNull needs Nullable", c.name)
		}
	}
	for _, c := range t.foreign {
		if c.references == "" {
			t.fail("Foreign(%q) needs References", c.name)
		}
	}
	if t.create {
		t.checkNames()
	}
	if d == database.MySQL {
		t.checkMySQL()
	}
	return t.err
}

// checkNames finds keys and indexes over columns that are not in the definition.
func (t *Table) checkNames() {
	known := map[string]bool{}
	for _, c := range t.columns {
		known[c.name] = true
	}
	used := append([]string(nil), t.primary...)
	for _, i := range t.indexes {
		used = append(used, i.columns...)
	}
	for _, c := range t.foreign {
		used = append(used, c.name)
	}
	for _, name := range used {
		if !known[name] {
			t.fail("there is no column %q to make a key or an index of", name)
		}
	}
}
