package schema

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kitgo/kit/database"
)

// mysqlDependents are what stands on the columns and indexes that a change of a table
// drops. PostgreSQL takes it down by itself, and asks for no index behind a foreign key.
type mysqlDependents struct {
	foreign []string // foreign keys to drop
	indexes []string // indexes to drop
	needed  []namedIndex
}

// namedIndex is an index for a foreign key that stays and would lose its last one. It
// has the key's name, as those that InnoDB makes by itself.
type namedIndex struct {
	name    string
	columns []string
}

// mysqlLongest is how many characters of 4 bytes a varchar holds.
const mysqlLongest = 16383

// checkMySQL finds what MySQL and MariaDB cannot do.
func (t *Table) checkMySQL() {
	large := map[string]bool{}
	for _, c := range t.columns {
		large[c.name] = c.large()
		if c.size > mysqlLongest {
			t.fail("column %q: MySQL has no String longer than %d; use Text", c.name, mysqlLongest)
		}
	}
	keys := [][]string{t.primary}
	for _, i := range t.indexes {
		keys = append(keys, i.columns)
	}
	for _, name := range slices.Concat(keys...) {
		if large[name] {
			t.fail("MySQL cannot make a key or an index of column %q: use String instead, or an index over a part of it by SQL", name)
		}
	}
	for _, c := range t.withReferences() {
		if c.onDelete == SetDefault || c.onUpdate == SetDefault {
			t.fail("column %q: MySQL has no SetDefault", c.name)
		}
	}
}

// alterMySQL returns a change as one statement, which MySQL from 8 and MariaDB from
// 10.6 carry out as a whole or not at all: they have no transactions for the schema.
func (t *Table) alterMySQL() []string {
	const d = database.MySQL
	var clauses []string
	add := func(format string, args ...any) { clauses = append(clauses, fmt.Sprintf(format, args...)) }
	for _, r := range t.renames {
		add("RENAME COLUMN %s TO %s", quote(d, r[0]), quote(d, r[1]))
	}
	for _, name := range t.dependents.foreign {
		add("DROP FOREIGN KEY %s", quote(d, name))
	}
	for _, i := range t.dropIndexes {
		add("DROP INDEX %s", quote(d, i.name(t.name)))
	}
	for _, name := range t.dependents.indexes {
		add("DROP INDEX %s", quote(d, name))
	}
	for _, name := range t.drops {
		add("DROP COLUMN %s", quote(d, name))
	}
	for _, c := range t.columns {
		add("ADD COLUMN %s", c.definition(d))
	}
	for _, i := range t.dependents.needed {
		add("ADD INDEX %s (%s)", quote(d, i.name), quoteAll(d, i.columns))
	}
	for _, i := range t.indexes {
		add("ADD %s", i.mysql(t.name))
	}
	for _, c := range t.withReferences() {
		add("ADD %s", c.constraint(d))
	}
	if clauses == nil {
		return nil
	}
	return []string{"ALTER TABLE " + quote(d, t.name) + "\n\t" + strings.Join(clauses, ",\n\t")}
}

// mysql returns an index as part of a table.
func (i index) mysql(table string) string {
	unique := ""
	if i.unique {
		unique = "UNIQUE "
	}
	return unique + "INDEX " + quote(database.MySQL, i.name(table)) + " (" + quoteAll(database.MySQL, i.columns) + ")"
}

// mysqlKey is a column of an index or of a foreign key, in the order of the columns.
type mysqlKey struct {
	Name   string `bun:"name"`
	Column string `bun:"name_of_column"`
}

// mysqlDependents looks up what stands on the columns and indexes that t drops.
func (b *Builder) mysqlDependents(ctx context.Context, t *Table) (d mysqlDependents, err error) {
	indexes, err := b.mysqlKeys(ctx, t, "indexes", `SELECT index_name AS name, column_name AS name_of_column FROM information_schema.statistics
		WHERE table_schema = database() AND table_name = ? AND column_name IS NOT NULL ORDER BY index_name, seq_in_index`)
	if err != nil {
		return d, err
	}
	foreign, err := b.mysqlKeys(ctx, t, "foreign keys", `SELECT constraint_name AS name, column_name AS name_of_column FROM information_schema.key_column_usage
		WHERE table_schema = database() AND table_name = ? AND referenced_table_name IS NOT NULL ORDER BY constraint_name, ordinal_position`)
	if err != nil {
		return d, err
	}
	dropped := func(column string) bool { return slices.Contains(t.drops, column) }
	for _, i := range t.dropIndexes {
		delete(indexes, i.name(t.name))
	}
	for _, name := range slices.Sorted(maps.Keys(indexes)) {
		columns := indexes[name]
		if !slices.ContainsFunc(columns, dropped) {
			continue
		}
		delete(indexes, name)
		// An index over the column alone goes with it; a longer one would only lose it.
		if len(columns) > 1 && name != "PRIMARY" {
			d.indexes = append(d.indexes, name)
		}
	}
	left := slices.Collect(maps.Values(indexes))
	for _, i := range t.indexes {
		left = append(left, i.columns)
	}
	for _, name := range slices.Sorted(maps.Keys(foreign)) {
		columns := foreign[name]
		switch {
		case slices.ContainsFunc(columns, dropped):
			d.foreign = append(d.foreign, name)
		case !slices.ContainsFunc(left, func(index []string) bool { return startsWith(index, columns) }):
			d.needed = append(d.needed, namedIndex{name, columns})
		}
	}
	return d, nil
}

// mysqlKeys returns the columns of the table's indexes or foreign keys, as they will
// be called after the renames of t.
func (b *Builder) mysqlKeys(ctx context.Context, t *Table, what, query string) (map[string][]string, error) {
	var rows []mysqlKey
	if err := b.conn.IDB().NewRaw(query, t.name).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("list the %s of table %s: %w", what, t.name, err)
	}
	keys := map[string][]string{}
	for _, row := range rows {
		column := row.Column
		for _, r := range t.renames {
			if row.Column == r[0] {
				column = r[1]
			}
		}
		keys[row.Name] = append(keys[row.Name], column)
	}
	return keys, nil
}

func startsWith(list, start []string) bool {
	return len(list) >= len(start) && slices.Equal(list[:len(start)], start)
}

// mysqlCharset returns what a new table needs in a database that is not in utf8mb4, as
// that of a MariaDB without settings. Else the table takes the database's collation.
func (b *Builder) mysqlCharset(ctx context.Context) (string, error) {
	var charset string
	if err := b.conn.QueryRowContext(ctx, "SELECT @@character_set_database").Scan(&charset); err != nil {
		return "", fmt.Errorf("ask for the character set of the database: %w", err)
	}
	if charset == "utf8mb4" {
		return "", nil
	}
	return " DEFAULT CHARSET=utf8mb4", nil
}
