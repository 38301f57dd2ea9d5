package transfer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/kitgo/kit/database"
)

// target is a connection to the database that is written, within one transaction, and
// what was taken off for it: keys to tables that are not filled yet, and triggers.
type target struct {
	conn    *sql.Conn
	d       database.Dialect
	tables  []*table
	restore []string // the statements that bring it back
}

// begin begins the transaction and empties the tables.
func (w *target) begin(ctx context.Context) error {
	start := map[database.Dialect][]string{
		database.Postgres: {"BEGIN"},
		database.MySQL:    {"SET SESSION foreign_key_checks = 0", "START TRANSACTION"},
		database.SQLite:   {"PRAGMA foreign_keys = OFF", "BEGIN IMMEDIATE"},
	}[w.d]
	if err := w.exec(ctx, start...); err != nil {
		return fmt.Errorf("begin a transaction: %w", err)
	}
	if err := w.relax(ctx); err != nil {
		return err
	}
	for _, t := range w.tables {
		if err := w.exec(ctx, "DELETE FROM "+quote(w.d, t.name)); err != nil {
			return &Error{Table: t.name, Err: err}
		}
	}
	return nil
}

func (w *target) exec(ctx context.Context, statements ...string) error {
	for _, s := range statements {
		if _, err := w.conn.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// relax takes off what stands in the way of rows in any order, and what would change them.
func (w *target) relax(ctx context.Context) error {
	switch w.d {
	case database.Postgres:
		return w.relaxPostgres(ctx)
	case database.MySQL:
		names, err := w.pairs(ctx, "SELECT trigger_name, event_object_table FROM information_schema.triggers WHERE trigger_schema = database()")
		if err == nil && len(names) > 0 {
			err = differs("the target's table %s has the trigger %s, which would run for each row", names[0][1], names[0][0])
		}
		return err
	case database.SQLite:
	}
	triggers, err := w.pairs(ctx, "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
	for _, t := range triggers {
		w.restore = append(w.restore, t[1])
		err = errors.Join(err, w.exec(ctx, "DROP TRIGGER "+quote(w.d, t[0])))
	}
	return err
}

func (w *target) relaxPostgres(ctx context.Context) error {
	// Output that [column.read] understands, whatever the server or the role is set to.
	if err := w.exec(ctx, "SET LOCAL DateStyle = ISO", "SET LOCAL TimeZone = 'UTC'", "SET LOCAL bytea_output = hex", "SET LOCAL extra_float_digits = 1"); err != nil {
		return err
	}
	keys, err := w.pairs(ctx, `SELECT conrelid::regclass::text, quote_ident(conname) || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
		WHERE contype = 'f' AND connamespace = current_schema()::regnamespace AND conparentid = 0 ORDER BY oid`)
	if err != nil {
		return err
	}
	names, err := w.pairs(ctx, `SELECT conrelid::regclass::text, quote_ident(conname) FROM pg_constraint
		WHERE contype = 'f' AND connamespace = current_schema()::regnamespace AND conparentid = 0 ORDER BY oid`)
	if err != nil {
		return err
	}
	for i, k := range keys {
		w.restore = append(w.restore, "ALTER TABLE "+k[0]+" ADD CONSTRAINT "+k[1])
		if err := w.exec(ctx, "ALTER TABLE "+k[0]+" DROP CONSTRAINT "+names[i][1]); err != nil {
			return err
		}
	}
	for _, t := range w.tables {
		w.restore = append(w.restore, "ALTER TABLE "+quote(w.d, t.name)+" ENABLE TRIGGER USER")
		if err := w.exec(ctx, "ALTER TABLE "+quote(w.d, t.name)+" DISABLE TRIGGER USER"); err != nil {
			return err
		}
	}
	return nil
}

// pairs returns the rows of a query for two texts.
func (w *target) pairs(ctx context.Context, query string) (list [][2]string, err error) {
	rows, err := w.conn.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var p [2]string
		if err := rows.Scan(&p[0], &p[1]); err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, rows.Err()
}

// tighten brings back what relax has taken off. PostgreSQL checks the keys then; on the
// other databases the rows that refer to nothing are looked for.
func (w *target) tighten(ctx context.Context) error {
	if w.d != database.Postgres {
		for _, t := range w.tables {
			if err := w.orphans(ctx, t); err != nil {
				return err
			}
		}
	}
	for _, s := range w.restore {
		if err := w.exec(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// orphans fails when rows of a table refer to rows that are not there.
func (w *target) orphans(ctx context.Context, t *table) error {
	for _, f := range t.foreign {
		var on, given []string
		for i, c := range f.Columns {
			on = append(on, "p."+quote(w.d, f.References[i])+" = c."+quote(w.d, c))
			given = append(given, "c."+quote(w.d, c)+" IS NOT NULL")
		}
		query := fmt.Sprintf("SELECT count(*) FROM %s c WHERE %s AND NOT EXISTS (SELECT 1 FROM %s p WHERE %s)",
			quote(w.d, t.name), strings.Join(given, " AND "), quote(w.d, f.Table), strings.Join(on, " AND "))
		var n int
		if err := w.conn.QueryRowContext(ctx, query).Scan(&n); err != nil {
			return &Error{Table: t.name, Err: err}
		}
		if n > 0 {
			return &Error{Table: t.name, Column: strings.Join(f.Columns, ", "), Err: fmt.Errorf("%d rows refer to a row of table %s that is not there", n, f.Table)}
		}
	}
	return nil
}

// end undoes everything, unless it was committed, and sets the connection up as it was. A
// connection that is lost needs neither.
func (w *target) end(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	_ = w.exec(ctx, "ROLLBACK")
	switch w.d {
	case database.MySQL:
		_ = w.exec(ctx, "SET SESSION foreign_key_checks = 1")
	case database.SQLite:
		_ = w.exec(ctx, "PRAGMA foreign_keys = ON")
	case database.Postgres:
	}
}
