package schema

import (
	"strings"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/internal/place"
)

// Index is an index of a [Table].
type Index struct {
	table        *Table
	at           place.Place
	columns      []string
	expressions  []string // in place of columns
	unique       bool
	named        string
	where        string
	concurrently bool
}

// Index adds an index over columns. Its name is the table's and the columns' with
// "index" at the end, joined by underscores.
func (t *Table) Index(columns ...string) *Index { return t.addIndex(&Index{columns: columns}) }

// UniqueIndex adds an index whose values must differ from row to row. Its name ends
// with "unique".
func (t *Table) UniqueIndex(columns ...string) *Index {
	return t.addIndex(&Index{columns: columns, unique: true})
}

// IndexExpr adds an index over SQL expressions, such as "lower(email)". MariaDB has
// none: there, index a generated column.
func (t *Table) IndexExpr(name string, expressions ...string) *Index {
	return t.addIndex(&Index{named: name, expressions: expressions})
}

// UniqueIndexExpr is [Table.IndexExpr] with values that must differ from row to row.
func (t *Table) UniqueIndexExpr(name string, expressions ...string) *Index {
	return t.addIndex(&Index{named: name, expressions: expressions, unique: true})
}

func (t *Table) addIndex(i *Index) *Index {
	i.table, i.at = t, here()
	if len(i.columns)+len(i.expressions) == 0 {
		t.fail("an index without columns")
	}
	if i.expressions != nil && i.named == "" {
		t.fail("an index over expressions without a name")
	}
	t.indexes = append(t.indexes, i)
	return i
}

// Name gives the index another name.
func (i *Index) Name(name string) *Index {
	i.named = name
	return i
}

// Where makes it an index of the rows for which an SQL expression is true. MySQL and
// MariaDB have no such indexes.
func (i *Index) Where(expression string) *Index {
	if expression == "" {
		i.table.fail("Where of an index is empty")
	}
	i.where = expression
	return i
}

// Concurrently lets PostgreSQL build the index while others write to the table. It is
// for migrations with NoTransaction only. When it fails, it leaves an index that is not
// valid: drop it and try again. Other databases do as they always do.
func (i *Index) Concurrently() *Index {
	i.concurrently = true
	return i
}

func (i *Index) name() string {
	switch {
	case i.named != "":
		return i.named
	case i.unique:
		return conventional(i.table.name, i.columns, "unique")
	}
	return conventional(i.table.name, i.columns, "index")
}

// statement returns the index as a statement of PostgreSQL or SQLite.
func (i *Index) statement(d database.Dialect) string {
	sql := "CREATE "
	if i.unique {
		sql += "UNIQUE "
	}
	sql += "INDEX "
	if i.concurrently && d == database.Postgres {
		sql += "CONCURRENTLY "
	}
	sql += quote(d, i.name()) + " ON " + quote(d, i.table.name) + " (" + i.parts(d) + ")"
	if i.where != "" {
		sql += " WHERE " + i.where
	}
	return sql
}

// mysql returns the index as a part of a table.
func (i *Index) mysql() string {
	unique := ""
	if i.unique {
		unique = "UNIQUE "
	}
	return unique + "INDEX " + quote(database.MySQL, i.name()) + " (" + i.parts(database.MySQL) + ")"
}

func (i *Index) parts(d database.Dialect) string {
	if i.expressions == nil {
		return quoteAll(d, i.columns)
	}
	return "(" + strings.Join(i.expressions, "), (") + ")"
}
