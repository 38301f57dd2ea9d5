// Package schema creates and changes tables, in the SQL of the database at hand.
// Migrations get a [Builder]:
//
//	func(ctx context.Context, s *schema.Builder) error {
//		return s.Create(ctx, "todos", func(t *schema.Table) {
//			t.ID()
//			t.ForeignID("user_id").References("users").OnDelete(schema.Cascade)
//			t.String("title", 200)
//			t.Text("note").Nullable()
//			t.Bool("done").Default(false)
//			t.Timestamps()
//			t.Index("user_id", "done")
//		})
//	}
//
// Columns are NOT NULL unless they are Nullable. Mistakes in the definition, and
// what the database cannot do, are reported before any SQL runs. What the builder
// has no words for goes through [Builder.Exec].
package schema

import (
	"context"
	"fmt"
	"slices"

	"github.com/kitgo/kit/database"
	"github.com/uptrace/bun"
)

// Builder runs changes of the schema on one connection.
type Builder struct {
	conn database.Conn
}

// New returns a builder that works on a connection or in a transaction.
func New(c database.Conn) *Builder { return &Builder{c} }

// Conn returns the connection, to read and write rows.
func (b *Builder) Conn() database.Conn { return b.conn }

// Dialect returns the SQL that the database speaks.
func (b *Builder) Dialect() database.Dialect { return b.conn.Dialect() }

// Exec runs a statement as it is, with arguments at question marks. The error is a
// [*StatementError].
func (b *Builder) Exec(ctx context.Context, sql string, args ...any) error {
	if _, err := b.conn.ExecContext(ctx, sql, args...); err != nil {
		return &StatementError{sql, err}
	}
	return nil
}

// Create creates a table with its indexes.
func (b *Builder) Create(ctx context.Context, name string, define func(*Table)) error {
	return b.run(ctx, &Table{name: name, create: true}, define)
}

// Table changes a table: first columns are renamed, then indexes and columns are
// dropped, then columns, foreign keys and indexes are added. MySQL does it in one
// statement: it is done as a whole or not at all, and may copy the table.
func (b *Builder) Table(ctx context.Context, name string, define func(*Table)) error {
	return b.run(ctx, &Table{name: name}, define)
}

func (b *Builder) run(ctx context.Context, t *Table, define func(*Table)) error {
	define(t)
	statements, err := b.plan(ctx, t)
	if err != nil {
		return err
	}
	for _, s := range statements {
		if err := b.Exec(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// plan returns the statements of a definition, with those that depend on what is in
// the database.
func (b *Builder) plan(ctx context.Context, t *Table) ([]string, error) {
	d := b.Dialect()
	statements, err := t.statements(d)
	if err != nil {
		return nil, err
	}
	switch {
	case d == database.MySQL && t.create:
		charset, err := b.mysqlCharset(ctx)
		statements[0] += charset
		return statements, err
	case d == database.MySQL && len(t.drops)+len(t.dropIndexes) > 0:
		if t.dependents, err = b.mysqlDependents(ctx, t); err != nil {
			return nil, err
		}
		return t.statements(d)
	case d == database.SQLite && len(t.drops) > 0:
		// Only SQLite refuses to drop a column that has an index.
		drops, err := b.indexesOf(ctx, t.name, t.drops)
		at := len(t.renames) + len(t.dropIndexes)
		return slices.Insert(statements, at, drops...), err
	}
	return statements, nil
}

// indexesOf returns the statements that drop the indexes over columns of an SQLite
// table.
func (b *Builder) indexesOf(ctx context.Context, table string, columns []string) ([]string, error) {
	var drops []string
	err := b.conn.IDB().NewRaw(`SELECT DISTINCT 'DROP INDEX "' || replace(l.name, '"', '""') || '"'
		FROM pragma_index_list(?) AS l, pragma_index_info(l.name) AS i WHERE l.origin = 'c' AND i.name IN ?`,
		table, bun.Tuple(columns)).Scan(ctx, &drops)
	if err != nil {
		return nil, fmt.Errorf("list the indexes of table %s: %w", table, err)
	}
	return drops, nil
}

// Drop drops a table.
func (b *Builder) Drop(ctx context.Context, name string) error {
	return b.Exec(ctx, "DROP TABLE "+quote(b.Dialect(), name))
}

// DropIfExists drops a table if there is one of this name.
func (b *Builder) DropIfExists(ctx context.Context, name string) error {
	return b.Exec(ctx, "DROP TABLE IF EXISTS "+quote(b.Dialect(), name))
}

// Rename renames a table. Foreign keys to it follow; the names of its indexes stay.
func (b *Builder) Rename(ctx context.Context, from, to string) error {
	return b.Exec(ctx, "ALTER TABLE "+quote(b.Dialect(), from)+" RENAME TO "+quote(b.Dialect(), to))
}

// HasTable reports whether there is a table of this name, in the current schema.
func (b *Builder) HasTable(ctx context.Context, name string) (bool, error) {
	query := map[database.Dialect]string{
		database.SQLite: "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?",
		database.MySQL:  "SELECT count(*) FROM information_schema.tables WHERE table_schema = database() AND table_type = 'BASE TABLE' AND table_name = ?",
		// The view of the same name takes PostgreSQL ten times as long.
		database.Postgres: "SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND relname = ?",
	}[b.Dialect()]
	return b.exists(ctx, query, name)
}

// HasColumn reports whether a table has a column of this name.
func (b *Builder) HasColumn(ctx context.Context, table, column string) (bool, error) {
	query := "SELECT count(*) FROM pragma_table_info(?) WHERE name = ?"
	if b.Dialect() != database.SQLite {
		query = "SELECT count(*) FROM information_schema.columns WHERE table_schema = " + b.currentSchema() + " AND table_name = ? AND column_name = ?"
	}
	return b.exists(ctx, query, table, column)
}

// currentSchema is where information_schema has the tables of the connection.
func (b *Builder) currentSchema() string {
	if b.Dialect() == database.MySQL {
		return "database()"
	}
	return "current_schema()"
}

func (b *Builder) exists(ctx context.Context, query string, args ...any) (bool, error) {
	var n int
	if err := b.conn.QueryRowContext(ctx, query, args...).Scan(&n); err != nil {
		return false, fmt.Errorf("look into the schema: %w", err)
	}
	return n > 0, nil
}
