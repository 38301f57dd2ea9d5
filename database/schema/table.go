package schema

import (
	"fmt"

	"github.com/kitgo/kit/internal/place"
)

// Table describes a table to create or to change. Its methods are called in the
// function given to [Builder.Create] and [Builder.Table]; the first mistake is
// what those return.
type Table struct {
	name          string
	at            place.Place
	create        bool
	columns       []*Column // new ones, and those that change
	primary       *primaryKey
	foreign       []*ForeignKey // those that Foreign made
	indexes       []*Index
	checks        []*check
	comment       *string
	renames       [][2]string
	renameIndexes [][2]string
	drops         []string
	dropIndexes   []*Drop
	dropForeign   []*Drop
	dropChecks    []*Drop
	dropPrimary   bool
	dependents    dependents
	err           error
}

type primaryKey struct {
	at      place.Place
	columns []string
}

// check is a check constraint.
type check struct {
	at               place.Place
	name, expression string
}

// dependents are what a change of a table has to know about the table as it is.
type dependents struct {
	mysqlDependents
	postgresDependents
}

// fail keeps the first mistake, which is in the line that is being called.
func (t *Table) fail(format string, args ...any) { t.failAt(here(), format, args...) }

func (t *Table) failAt(at place.Place, format string, args ...any) {
	if t.err == nil {
		t.err = &DefinitionError{at, t.name, fmt.Sprintf(format, args...)}
	}
}

func (t *Table) add(c *Column) *Column {
	c.table, c.at = t, here()
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

// added returns the columns that are new.
func (t *Table) added() []*Column {
	var list []*Column
	for _, c := range t.columns {
		if !c.change {
			list = append(list, c)
		}
	}
	return list
}

// changed returns the columns that the table has and that get another definition.
func (t *Table) changed() []*Column {
	var list []*Column
	for _, c := range t.columns {
		if c.change {
			list = append(list, c)
		}
	}
	return list
}

// foreignKeys returns all foreign keys to add.
func (t *Table) foreignKeys() []*ForeignKey {
	var list []*ForeignKey
	for _, c := range t.columns {
		if c.foreign != nil {
			list = append(list, c.foreign)
		}
	}
	return append(list, t.foreign...)
}

// PrimaryKey makes columns the primary key. To add one to a table that exists, SQLite
// builds it anew.
func (t *Table) PrimaryKey(columns ...string) {
	switch {
	case len(columns) == 0:
		t.fail("PrimaryKey without columns")
	case t.primary != nil:
		t.fail("two primary keys")
	}
	t.primary = &primaryKey{here(), columns}
}

// Check adds a check constraint: only rows for which an SQL expression is not false
// come in. On a table that exists, SQLite builds it anew for that.
func (t *Table) Check(name, expression string) {
	switch {
	case name == "":
		t.fail("Check without a name")
	case expression == "":
		t.fail("the check %q is empty", name)
	}
	t.checks = append(t.checks, &check{here(), name, expression})
}

// Comment describes the table for people who look into the database. SQLite keeps it
// in the text of the table's definition; to change it, it builds the table anew.
func (t *Table) Comment(text string) { t.comment = &text }

// RenameColumn renames a column. Indexes and foreign keys follow; their names stay.
func (t *Table) RenameColumn(from, to string) {
	t.onlyChange("RenameColumn")
	t.renames = append(t.renames, [2]string{from, to})
}

// RenameIndex renames an index. SQLite builds it anew for that.
func (t *Table) RenameIndex(from, to string) {
	t.onlyChange("RenameIndex")
	t.renameIndexes = append(t.renameIndexes, [2]string{from, to})
}

func (t *Table) onlyChange(method string) {
	if t.create {
		t.fail("%s belongs in Table, not in Create", method)
	}
}

// renamed returns what a column is called after the renames.
func (t *Table) renamed(column string) string {
	for _, r := range t.renames {
		if column == r[0] {
			column = r[1]
		}
	}
	return column
}
