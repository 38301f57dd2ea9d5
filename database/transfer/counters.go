package transfer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/kitgo/kit/database"
)

// scanner is what can be asked for a row.
type scanner interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// counter returns the last number that a database has given out for a table, as IDs are
// never given out twice; 0 when there is none, or it gives out none.
func counter(ctx context.Context, q scanner, d database.Dialect, t *table) (n int64, err error) {
	switch d {
	case database.Postgres:
		sequence, _, err := sequenceOf(ctx, q, t)
		if err != nil || sequence == "" {
			return 0, err
		}
		err = q.QueryRowContext(ctx, "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM "+sequence).Scan(&n)
		return n, err
	case database.MySQL:
		err = q.QueryRowContext(ctx, "SELECT COALESCE(auto_increment, 1) - 1 FROM information_schema.tables WHERE table_schema = database() AND table_name = ?", t.name).Scan(&n)
		return n, err
	case database.SQLite:
	}
	var there int
	if err := q.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_sequence'").Scan(&there); err != nil || there == 0 {
		return 0, err
	}
	err = q.QueryRowContext(ctx, "SELECT COALESCE(max(seq), 0) FROM sqlite_sequence WHERE name = ?", t.name).Scan(&n)
	return n, err
}

// sequenceOf returns the sequence of a table, and the column that has it; or "".
func sequenceOf(ctx context.Context, q scanner, t *table) (sequence, column string, err error) {
	err = q.QueryRowContext(ctx, `SELECT s, attname FROM (SELECT pg_get_serial_sequence(quote_ident(c.relname), a.attname) AS s, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
		WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = $1 AND a.attnum > 0 AND NOT a.attisdropped) x WHERE s IS NOT NULL LIMIT 1`, t.name).Scan(&sequence, &column)
	if errors.Is(err, sql.ErrNoRows) {
		return "", "", nil
	}
	return sequence, column, err
}

// count makes the target go on after the last number of the source. MySQL does so after
// the transaction: the statement would end it.
func (w *target) count(ctx context.Context, t *table, last int64) error {
	if w.d == database.Postgres { // whose sequences do not look at the rows
		sequence, name, err := sequenceOf(ctx, w.conn, t)
		if err != nil || sequence == "" {
			return err
		}
		_, err = w.conn.ExecContext(ctx, fmt.Sprintf("SELECT setval('%s', n) FROM (SELECT greatest(%d, max(%s)) AS n FROM %s) x WHERE n > 0",
			strings.ReplaceAll(sequence, "'", "''"), last, quote(w.d, name), quote(w.d, t.name)))
		return err
	}
	if last == 0 {
		return nil
	}
	switch w.d {
	case database.MySQL:
		var extra string
		err := w.conn.QueryRowContext(ctx, "SELECT COALESCE(max(column_name), '') FROM information_schema.columns WHERE table_schema = database() AND table_name = ? AND extra LIKE '%auto_increment%'", t.name).Scan(&extra)
		if err != nil || extra == "" {
			return err
		}
		return w.exec(ctx, fmt.Sprintf("ALTER TABLE %s AUTO_INCREMENT = %d", quote(w.d, t.name), last+1))
	default:
	}
	var counts bool
	err := w.conn.QueryRowContext(ctx, "SELECT COALESCE(max(sql LIKE '%AUTOINCREMENT%'), 0) FROM sqlite_master WHERE type = 'table' AND name = ?", t.name).Scan(&counts)
	if err != nil || !counts {
		return err
	}
	if _, err := w.conn.ExecContext(ctx, "DELETE FROM sqlite_sequence WHERE name = ?", t.name); err != nil {
		return err
	}
	_, err = w.conn.ExecContext(ctx, "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", t.name, last)
	return err
}
