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
	"strings"

	"github.com/kitgo/kit/database"
	"github.com/uptrace/bun"
)

// Builder runs changes of the schema on one connection.
type Builder struct {
	conn database.Conn
}

// New returns a builder that works on a connection or in a transaction.
func New(c database.Conn) *Builder { return &Builder{c} }

// StatementError is a statement that the database refused.
type StatementError struct {
	SQL string
	Err error // the database's
}

// Error has the database's message and the start of the statement, on one line.
func (e *StatementError) Error() string { return e.Err.Error() + ", in: " + shorten(e.SQL) }

// Unwrap returns the database's error.
func (e *StatementError) Unwrap() error { return e.Err }

// shorten returns the start of a statement on one line.
func shorten(sql string) string {
	text := []rune(strings.Join(strings.Fields(sql), " "))
	if len(text) > 200 {
		return string(text[:199]) + "…"
	}
	return string(text)
}

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
// dropped, then columns, foreign keys and indexes are added.
func (b *Builder) Table(ctx context.Context, name string, define func(*Table)) error {
	return b.run(ctx, &Table{name: name}, define)
}

func (b *Builder) run(ctx context.Context, t *Table, define func(*Table)) error {
	define(t)
	statements, err := t.statements(b.Dialect())
	if err != nil {
		return err
	}
	if b.Dialect() == database.SQLite && len(t.drops) > 0 {
		// Only SQLite refuses to drop a column that has an index.
		drops, err := b.indexesOf(ctx, t.name, t.drops)
		if err != nil {
			return err
		}
		at := len(t.renames) + len(t.dropIndexes)
		statements = append(statements[:at:at], append(drops, statements[at:]...)...)
	}
	for _, s := range statements {
		if err := b.Exec(ctx, s); err != nil {
			return err
		}
	}
	return nil
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
	return b.Exec(ctx, "DROP TABLE "+quote(name))
}

// DropIfExists drops a table if there is one of this name.
func (b *Builder) DropIfExists(ctx context.Context, name string) error {
	return b.Exec(ctx, "DROP TABLE IF EXISTS "+quote(name))
}

// Rename renames a table. Foreign keys to it follow; the names of its indexes stay.
func (b *Builder) Rename(ctx context.Context, from, to string) error {
	return b.Exec(ctx, "ALTER TABLE "+quote(from)+" RENAME TO "+quote(to))
}

// HasTable reports whether there is a table of this name, in the current schema.
func (b *Builder) HasTable(ctx context.Context, name string) (bool, error) {
	query := "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?"
	if b.Dialect() == database.Postgres {
		query = "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' AND table_name = ?"
	}
	return b.exists(ctx, query, name)
}

// HasColumn reports whether a table has a column of this name.
func (b *Builder) HasColumn(ctx context.Context, table, column string) (bool, error) {
	query := "SELECT count(*) FROM pragma_table_info(?) WHERE name = ?"
	if b.Dialect() == database.Postgres {
		query = "SELECT count(*) FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = ? AND column_name = ?"
	}
	return b.exists(ctx, query, table, column)
}

func (b *Builder) exists(ctx context.Context, query string, args ...any) (bool, error) {
	var n int
	if err := b.conn.QueryRowContext(ctx, query, args...).Scan(&n); err != nil {
		return false, fmt.Errorf("look into the schema: %w", err)
	}
	return n > 0, nil
}
