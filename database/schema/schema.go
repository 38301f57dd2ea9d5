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
)

// Builder runs changes of the schema on one connection.
type Builder struct {
	conn    database.Conn
	outside bool // statements are meant to run outside of a transaction

	recorded []string // what was not run, in the order of the calls
}

// New returns a builder that works on a connection or in a transaction.
func New(c database.Conn) *Builder { return &Builder{conn: c} }

// NoTransaction returns a builder for statements that are to run outside of a
// transaction, although c may be one: those of a migration that is only pretended.
func NoTransaction(c database.Conn) *Builder { return &Builder{conn: c, outside: true} }

// Conn returns the connection, to read and write rows.
func (b *Builder) Conn() database.Conn { return b.conn }

// Dialect returns the SQL that the database speaks.
func (b *Builder) Dialect() database.Dialect { return b.conn.Dialect() }

// Exec runs a statement as it is, with arguments at question marks. The error is a
// [*StatementError].
func (b *Builder) Exec(ctx context.Context, sql string, args ...any) error {
	if len(args) == 0 && b.Dialect() == database.SQLite && database.Recorded(ctx, b.conn) {
		b.recorded = append(b.recorded, sql)
	}
	if _, err := b.conn.ExecContext(ctx, sql, args...); err != nil {
		return &StatementError{SQL: sql, Err: err, at: here()}
	}
	return nil
}

// ExecOn is [Builder.Exec] on databases that speak d, and nothing on others.
func (b *Builder) ExecOn(ctx context.Context, d database.Dialect, statement string, args ...any) error {
	if b.Dialect() != d {
		return nil
	}
	return b.Exec(ctx, strings.TrimSpace(statement), args...)
}

// Create creates a table with its indexes.
func (b *Builder) Create(ctx context.Context, name string, define func(*Table)) error {
	return b.run(ctx, &Table{name: name, at: here(), create: true}, define)
}

// Table changes a table: first columns are renamed, then keys, checks, indexes and
// columns are dropped, then columns are changed, then columns, keys, checks and indexes
// are added. MySQL does it in one statement: it is done as a whole or not at all, and
// may copy the table.
func (b *Builder) Table(ctx context.Context, name string, define func(*Table)) error {
	return b.run(ctx, &Table{name: name, at: here()}, define)
}

func (b *Builder) run(ctx context.Context, t *Table, define func(*Table)) error {
	define(t)
	p, err := b.plan(ctx, t)
	if err != nil {
		return err
	}
	if p.rebuilds {
		return b.withoutForeignKeys(ctx, t, p.statements)
	}
	return b.execAll(ctx, p.statements)
}

func (b *Builder) execAll(ctx context.Context, statements []string) error {
	for _, s := range statements {
		if err := b.Exec(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// plan is what makes a definition true.
type plan struct {
	statements []string
	rebuilds   bool // a table of SQLite is built anew
}

// plan looks up what the statements of a definition depend on.
func (b *Builder) plan(ctx context.Context, t *Table) (p plan, err error) {
	d := b.Dialect()
	if p.statements, err = t.statements(d); err != nil {
		return p, err
	}
	switch d {
	case database.MySQL:
		if err := b.refuseMariaDB(ctx, t); err != nil {
			return p, err
		}
		if t.create {
			charset, err := b.mysqlCharset(ctx)
			p.statements[0] += charset
			return p, err
		}
		if len(t.drops)+len(t.dropIndexes)+len(t.dropForeign) == 0 {
			return p, nil
		}
		t.dependents.mysqlDependents, err = b.mysqlDependents(ctx, t)
	case database.Postgres:
		if err := b.refuseConcurrently(ctx, t); err != nil {
			return p, err
		}
		if !t.dropPrimary && len(t.changed()) == 0 {
			return p, nil
		}
		t.dependents.postgresDependents, err = b.postgresDependents(ctx, t)
	case database.SQLite:
		if t.create {
			return p, nil
		}
		return b.planSQLite(ctx, t, p.statements)
	}
	if err != nil {
		return p, err
	}
	p.statements, err = t.statements(d)
	return p, err
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
		database.MySQL:  "SELECT count(*) FROM information_schema.tables WHERE table_schema = database() AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') AND table_name = ?",
		// The view of the same name takes PostgreSQL ten times as long.
		database.Postgres: "SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND relname = ?",
	}[b.Dialect()]
	return b.exists(ctx, query, name)
}

// HasColumn reports whether a table has a column of this name.
func (b *Builder) HasColumn(ctx context.Context, table, column string) (bool, error) {
	query := "SELECT count(*) FROM pragma_table_xinfo(?) WHERE hidden <> 1 AND name = ?" // also computed ones
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
