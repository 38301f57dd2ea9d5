package schema

import (
	"slices"
	"strings"

	"github.com/kitgo/kit/database"
)

// validate finds the mistakes that show only when the definition is complete.
func (t *Table) validate(d database.Dialect) error {
	if t.name == "" {
		return &DefinitionError{t.at, t.name, "it has no name"}
	}
	if t.create && len(t.columns) == 0 {
		t.failAt(t.at, "it has no columns")
	}
	for _, c := range t.columns {
		t.validateColumn(c)
	}
	for _, f := range t.foreignKeys() {
		t.validateForeignKey(f)
	}
	for _, list := range [][]*Drop{t.dropIndexes, t.dropForeign} {
		for _, drop := range list {
			if drop.named == "" && len(drop.columns) == 0 {
				t.failAt(drop.at, "something is dropped without its columns or its Name")
			}
		}
	}
	t.validateNames()
	switch d {
	case database.MySQL:
		t.validateMySQL()
	case database.Postgres:
		t.validatePostgres()
	case database.SQLite:
		t.validateSQLite()
	}
	return t.err
}

func (t *Table) validateColumn(c *Column) {
	fail := func(text string) { t.failAt(c.at, "column %q: %s", c.name, text) }
	if c.kind == identity && t.primary != nil {
		t.failAt(t.primary.at, "it has both ID and PrimaryKey")
	}
	if c.generated != "" && c.defaultValue(database.Postgres) != "" {
		fail("a generated column has no default")
	}
	if c.generated != "" && c.change {
		fail("a column cannot change into a generated one: drop it and add it again")
	}
	if c.change && c.foreign != nil {
		fail("References and Change do not go together; use Foreign")
	}
	if c.using != "" && !c.change {
		fail("Using needs Change")
	}
	if s, ok := c.fallback.(string); ok && c.kind == enum && !slices.Contains(c.values, s) {
		t.failAt(c.at, "column %q: the default %q is none of its values", c.name, s)
	}
}

func (t *Table) validateForeignKey(f *ForeignKey) {
	column := strings.Join(f.columns, ", ")
	if f.references == "" {
		if f.onDelete != "" || f.onUpdate != "" {
			t.failAt(f.at, "column %q: OnDelete and OnUpdate need References", column)
		}
		t.failAt(f.at, "Foreign(%q) needs References", column)
	}
	if f.onDelete != SetNull && f.onUpdate != SetNull {
		return
	}
	for _, c := range t.columns {
		if slices.Contains(f.columns, c.name) && !c.nullable {
			t.failAt(f.at, "column %q: SetNull needs Nullable", c.name)
		}
	}
}

// validateNames finds what would have the same name, and, in a table that is new, keys
// and indexes over columns that it does not have.
func (t *Table) validateNames() {
	indexes, constraints := map[string]bool{}, map[string]bool{}
	for _, i := range t.indexes {
		if indexes[i.name()] {
			t.failAt(i.at, "two indexes %q", i.name())
		}
		indexes[i.name()] = true
		t.validateColumns(i.columns, func(name string) {
			t.failAt(i.at, "there is no column %q to make a key or an index of", name)
		})
	}
	for _, c := range t.allChecks() {
		if constraints[c.name] {
			t.failAt(c.at, "two checks %q", c.name)
		}
		constraints[c.name] = true
	}
	for _, f := range t.foreignKeys() {
		if constraints[f.name()] {
			t.failAt(f.at, "two constraints %q", f.name())
		}
		constraints[f.name()] = true
		t.validateColumns(f.columns, func(name string) {
			t.failAt(f.at, "there is no column %q to make a key or an index of", name)
		})
	}
	if t.primary != nil {
		t.validateColumns(t.primary.columns, func(name string) {
			t.failAt(t.primary.at, "there is no column %q to make a key or an index of", name)
		})
	}
}

// validateColumns reports the names that are no column of a new table.
func (t *Table) validateColumns(names []string, report func(name string)) {
	for _, name := range names {
		if t.create && !slices.ContainsFunc(t.columns, func(c *Column) bool { return c.name == name }) {
			report(name)
		}
	}
}

// validatePostgres finds what PostgreSQL cannot do.
func (t *Table) validatePostgres() {
	for _, c := range t.columns {
		if c.generated != "" && !c.stored {
			t.failAt(c.at, "column %q: PostgreSQL has no virtual columns; use StoredAs", c.name)
		}
	}
}

// validateSQLite finds what SQLite cannot do.
func (t *Table) validateSQLite() {
	for _, c := range t.columns {
		if strings.Contains(c.comment, "*/") {
			t.failAt(c.at, "column %q: SQLite keeps comments between /* and */, so they cannot have */ in them", c.name)
		}
	}
	if t.comment != nil && strings.Contains(*t.comment, "*/") {
		t.failAt(t.at, "SQLite keeps comments between /* and */, so they cannot have */ in them")
	}
}

// mysqlLongest is how many characters of 4 bytes a varchar holds.
const mysqlLongest = 16383

// validateMySQL finds what MySQL and MariaDB cannot do.
func (t *Table) validateMySQL() {
	large := map[string]bool{}
	for _, c := range t.columns {
		large[c.name] = c.large()
		if c.kind == varchar && c.size > mysqlLongest {
			t.failAt(c.at, "column %q: MySQL has no String longer than %d; use Text", c.name, mysqlLongest)
		}
		if c.using != "" {
			t.failAt(c.at, "column %q: MySQL has no Using; it converts the values itself", c.name)
		}
	}
	refuse := func(names []string, fail func(name string)) {
		for _, name := range names {
			if large[name] {
				fail(name)
			}
		}
	}
	const text = "MySQL cannot make a key or an index of column %q: use String instead, or an index over a part of it by SQL"
	if t.primary != nil {
		refuse(t.primary.columns, func(name string) { t.failAt(t.primary.at, text, name) })
	}
	for _, i := range t.indexes {
		refuse(i.columns, func(name string) { t.failAt(i.at, text, name) })
		if i.where != "" {
			t.failAt(i.at, "index %q: MySQL and MariaDB have no indexes of a part of the rows", i.name())
		}
	}
	for _, f := range t.foreignKeys() {
		refuse(f.columns, func(name string) { t.failAt(f.at, text, name) })
		if f.onDelete == SetDefault || f.onUpdate == SetDefault {
			t.failAt(f.at, "column %q: MySQL has no SetDefault", strings.Join(f.columns, ", "))
		}
	}
}
