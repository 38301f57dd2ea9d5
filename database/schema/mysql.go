package schema

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kitgo/kit/database"
)

// mysqlDependents are what stands on the columns and keys that a change of a table
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

// alterMySQL returns a change as one statement, which MySQL from 8 and MariaDB from
// 10.6 carry out as a whole or not at all: they have no transactions for the schema.
func (t *Table) alterMySQL() []string {
	const d = database.MySQL
	var clauses []string
	add := func(format string, args ...any) { clauses = append(clauses, fmt.Sprintf(format, args...)) }
	before := map[string]string{} // the old names of columns that are renamed and changed
	for _, r := range t.renames {
		if slices.ContainsFunc(t.changed(), func(c *Column) bool { return c.name == r[1] }) {
			before[r[1]] = r[0]
			continue
		}
		add("RENAME COLUMN %s TO %s", quote(d, r[0]), quote(d, r[1]))
	}
	for _, drop := range t.dropForeign {
		add("DROP FOREIGN KEY %s", quote(d, drop.name()))
	}
	for _, name := range t.dependents.foreign {
		add("DROP FOREIGN KEY %s", quote(d, name))
	}
	for _, drop := range t.dropChecks {
		add("DROP CONSTRAINT %s", quote(d, drop.name()))
	}
	for _, drop := range t.dropIndexes {
		add("DROP INDEX %s", quote(d, drop.name()))
	}
	for _, name := range t.dependents.indexes {
		add("DROP INDEX %s", quote(d, name))
	}
	for _, r := range t.renameIndexes {
		add("RENAME INDEX %s TO %s", quote(d, r[0]), quote(d, r[1]))
	}
	if t.dropPrimary {
		add("DROP PRIMARY KEY")
	}
	for _, name := range t.drops {
		add("DROP COLUMN %s", quote(d, name))
	}
	for _, c := range t.changed() {
		if old := before[c.name]; old != "" {
			add("CHANGE COLUMN %s %s", quote(d, old), c.definition(d))
		} else {
			add("MODIFY COLUMN %s", c.definition(d))
		}
	}
	for _, c := range t.added() {
		add("ADD COLUMN %s", c.definition(d))
	}
	if t.primary != nil {
		add("ADD %s", t.primary.constraint(d))
	}
	for _, i := range t.dependents.needed {
		add("ADD INDEX %s (%s)", quote(d, i.name), quoteAll(d, i.columns))
	}
	for _, i := range t.indexes {
		add("ADD %s", i.mysql())
	}
	for _, c := range t.constraintChecks(d) {
		add("ADD %s", c.constraint(d))
	}
	for _, f := range t.foreignKeys() {
		add("ADD %s", f.constraint(d))
	}
	if t.comment != nil {
		add("COMMENT = %s", quoteString(d, *t.comment))
	}
	if clauses == nil {
		return nil
	}
	return []string{"ALTER TABLE " + quote(d, t.name) + "\n\t" + strings.Join(clauses, ",\n\t")}
}

// mysqlKey is a column of an index or of a foreign key, in the order of the columns.
type mysqlKey struct {
	Name   string `bun:"name"`
	Column string `bun:"name_of_column"`
}

// mysqlDependents looks up what stands on the columns and keys that t drops.
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
	for _, drop := range t.dropIndexes {
		delete(indexes, drop.name())
	}
	for _, drop := range t.dropForeign {
		// The index that InnoDB made for the key has its name and columns.
		if columns, ok := indexes[drop.name()]; ok && slices.Equal(columns, foreign[drop.name()]) && !slices.ContainsFunc(columns, dropped) {
			d.indexes = append(d.indexes, drop.name())
			delete(indexes, drop.name())
		}
		delete(foreign, drop.name())
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
		keys[row.Name] = append(keys[row.Name], t.renamed(row.Column))
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

// refuseMariaDB finds what MySQL can do and MariaDB cannot.
func (b *Builder) refuseMariaDB(ctx context.Context, t *Table) error {
	at := slices.IndexFunc(t.indexes, func(i *Index) bool { return i.expressions != nil })
	if at < 0 {
		return nil
	}
	var version string
	if err := b.conn.QueryRowContext(ctx, "SELECT version()").Scan(&version); err != nil {
		return fmt.Errorf("ask for the version of the database: %w", err)
	}
	if strings.Contains(version, "MariaDB") {
		i := t.indexes[at]
		t.failAt(i.at, "index %q: MariaDB has no indexes over expressions; add a column with VirtualAs and index that", i.name())
	}
	return t.err
}
