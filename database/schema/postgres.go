package schema

import (
	"context"
	"fmt"
	"strings"

	"github.com/kitgo/kit/database"
)

// postgresDependents are what a change of a table has to know about it.
type postgresDependents struct {
	enums      map[string][]string // the check constraints of enums, by column
	commented  map[string]bool     // the columns that have a comment
	primaryKey string              // the name of the constraint
}

// alterPostgres returns a change. It is many statements, because PostgreSQL undoes them
// together.
func (t *Table) alterPostgres() []string {
	const d = database.Postgres
	var list []string
	alter := func(format string, args ...any) {
		list = append(list, "ALTER TABLE "+quote(d, t.name)+" "+fmt.Sprintf(format, args...))
	}
	for _, r := range t.renames {
		alter("RENAME COLUMN %s TO %s", quote(d, r[0]), quote(d, r[1]))
	}
	for _, drop := range t.dropForeign {
		alter("DROP CONSTRAINT %s", quote(d, drop.name()))
	}
	for _, drop := range t.dropChecks {
		alter("DROP CONSTRAINT %s", quote(d, drop.name()))
	}
	for _, drop := range t.dropIndexes {
		concurrently := ""
		if drop.concurrently {
			concurrently = "CONCURRENTLY "
		}
		list = append(list, "DROP INDEX "+concurrently+quote(d, drop.name()))
	}
	for _, r := range t.renameIndexes {
		list = append(list, "ALTER INDEX "+quote(d, r[0])+" RENAME TO "+quote(d, r[1]))
	}
	if t.dropPrimary {
		name := t.dependents.primaryKey
		if name == "" {
			name = limit(t.name + "_pkey")
		}
		alter("DROP CONSTRAINT %s", quote(d, name))
	}
	for _, name := range t.drops {
		alter("DROP COLUMN %s", quote(d, name))
	}
	for _, c := range t.changed() {
		for _, name := range t.dependents.enums[c.name] {
			alter("DROP CONSTRAINT %s", quote(d, name))
		}
		alter("%s", c.changePostgres())
	}
	for _, c := range t.added() {
		alter("ADD COLUMN %s", c.definition(d))
	}
	if t.primary != nil {
		alter("ADD %s", t.primary.constraint(d))
	}
	for _, c := range t.constraintChecks(d) {
		alter("ADD %s", c.constraint(d))
	}
	for _, f := range t.foreignKeys() {
		alter("ADD %s", f.constraint(d))
	}
	return list
}

// changePostgres returns the new definition of a column. PostgreSQL takes the old
// default off before it changes the type, which a default need not fit.
func (c *Column) changePostgres() string {
	const d = database.Postgres
	column := "ALTER COLUMN " + quote(d, c.name) + " "
	using := ""
	if c.using != "" {
		using = " USING " + c.using
	}
	actions := []string{column + "DROP DEFAULT", column + "TYPE " + c.typeName(d) + using}
	if c.nullable {
		actions = append(actions, column+"DROP NOT NULL")
	} else {
		actions = append(actions, column+"SET NOT NULL")
	}
	if value := c.defaultValue(d); value != "" {
		actions = append(actions, column+"SET DEFAULT "+value)
	}
	return strings.Join(actions, ", ")
}

// commentsPostgres returns the statements for comments, which are not a part of
// definitions.
func (t *Table) commentsPostgres() []string {
	const d = database.Postgres
	var list []string
	if t.comment != nil {
		list = append(list, "COMMENT ON TABLE "+quote(d, t.name)+" IS "+quoteString(d, *t.comment))
	}
	for _, c := range t.columns {
		on := "COMMENT ON COLUMN " + quote(d, t.name) + "." + quote(d, c.name) + " IS "
		switch {
		case c.comment != "":
			list = append(list, on+quoteString(d, c.comment))
		case t.dependents.commented[c.name]:
			list = append(list, on+"NULL")
		}
	}
	return list
}

// postgresDependents looks up what a change of t has to know. What is not there, as in
// a migration that is only pretended, has its usual name.
func (b *Builder) postgresDependents(ctx context.Context, t *Table) (d postgresDependents, err error) {
	d.enums, d.commented = map[string][]string{}, map[string]bool{}
	var rows []struct {
		Constraint string `bun:"conname"`
		Column     string `bun:"attname"`
	}
	err = b.conn.IDB().NewRaw(`SELECT conname, attname FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
		WHERE conrelid = to_regclass(quote_ident(?)) AND contype = 'c' AND cardinality(conkey) = 1 ORDER BY conname`, t.name).Scan(ctx, &rows)
	if err != nil {
		return d, fmt.Errorf("list the checks of table %s: %w", t.name, err)
	}
	for _, row := range rows {
		if isEnumName(row.Constraint) {
			d.enums[t.renamed(row.Column)] = append(d.enums[t.renamed(row.Column)], row.Constraint)
		}
	}
	var commented []string
	err = b.conn.IDB().NewRaw(`SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(quote_ident(?)) AND attnum > 0
		AND NOT attisdropped AND col_description(attrelid, attnum) IS NOT NULL`, t.name).Scan(ctx, &commented)
	if err != nil {
		return d, fmt.Errorf("list the comments of table %s: %w", t.name, err)
	}
	for _, name := range commented {
		d.commented[t.renamed(name)] = true
	}
	var keys []string
	err = b.conn.IDB().NewRaw("SELECT conname FROM pg_constraint WHERE conrelid = to_regclass(quote_ident(?)) AND contype = 'p'", t.name).Scan(ctx, &keys)
	if err != nil {
		return d, fmt.Errorf("look for the primary key of table %s: %w", t.name, err)
	}
	if len(keys) > 0 {
		d.primaryKey = keys[0]
	}
	return d, nil
}

// refuseConcurrently finds what PostgreSQL does not do within a transaction.
func (b *Builder) refuseConcurrently(ctx context.Context, t *Table) error {
	if b.outside || !database.InTransaction(ctx, b.conn) {
		return nil
	}
	const text = "index %q: PostgreSQL does nothing concurrently within a transaction; set NoTransaction in the migration"
	for _, i := range t.indexes {
		if i.concurrently {
			t.failAt(i.at, text, i.name())
		}
	}
	for _, drop := range t.dropIndexes {
		if drop.concurrently {
			t.failAt(drop.at, text, drop.name())
		}
	}
	return t.err
}
