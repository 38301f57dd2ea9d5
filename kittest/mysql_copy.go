package kittest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/kitgo/kit/database"
)

// recording is the SQL that makes a database as a template is.
type recording struct {
	tables, rows, triggers []string
}

// copier replays what makes the tables, the rows and the triggers of the template. When
// there is more in it, such as views, each database is migrated for itself.
func (m *mysqlServer) copier(ctx context.Context, template string, migrate filler) (filler, error) {
	fill := migrate
	err := m.server.with(template, func(db *database.DB) error {
		others, err := texts(ctx, db.SQL(), others, template, template, template)
		if err != nil || len(others) > 0 {
			return err
		}
		r, err := record(ctx, db.SQL(), template)
		fill = func(ctx context.Context, name string) error {
			return m.server.with(name, func(db *database.DB) error { return r.replay(ctx, db.SQL()) })
		}
		return err
	})
	return func(ctx context.Context, name string) error {
		if err := m.create(ctx, name); err != nil {
			return err
		}
		return fill(ctx, name)
	}, err
}

// others finds what a recording does not have.
const others = `
	SELECT table_name FROM information_schema.tables WHERE table_schema = ? AND table_type <> 'BASE TABLE'
	UNION ALL SELECT routine_name FROM information_schema.routines WHERE routine_schema = ?
	UNION ALL SELECT event_name FROM information_schema.events WHERE event_schema = ?`

func record(ctx context.Context, db *sql.DB, template string) (recording, error) {
	var r recording
	tables, err := texts(ctx, db, "SELECT table_name FROM information_schema.tables WHERE table_schema = ? AND table_type = 'BASE TABLE' AND table_name <> ?", template, mark)
	if err != nil {
		return r, err
	}
	for _, table := range tables {
		create, err := shown(ctx, db, "SHOW CREATE TABLE "+quote(table), 1)
		if err != nil {
			return r, err
		}
		r.tables = append(r.tables, create)
		filled, err := texts(ctx, db, "SELECT 1 FROM "+quote(table)+" LIMIT 1")
		if err != nil {
			return r, err
		}
		if len(filled) == 0 {
			continue
		}
		columns, err := texts(ctx, db, "SELECT column_name FROM information_schema.columns WHERE table_schema = ? AND table_name = ? AND coalesce(generation_expression, '') = '' ORDER BY ordinal_position", template, table)
		if err != nil {
			return r, err
		}
		for i := range columns {
			columns[i] = quote(columns[i])
		}
		list := strings.Join(columns, ", ")
		r.rows = append(r.rows, fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM %s.%[1]s", quote(table), list, list, quote(template)))
	}
	triggers, err := texts(ctx, db, "SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = ? ORDER BY action_order", template)
	if err != nil {
		return r, err
	}
	for _, trigger := range triggers {
		create, err := shown(ctx, db, "SHOW CREATE TRIGGER "+quote(trigger), 2)
		if err != nil {
			return r, err
		}
		r.triggers = append(r.triggers, create)
	}
	return r, nil
}

// replay makes the tables in any order, hence without looking at foreign keys, and the
// triggers last, so that they do not see the rows.
func (r recording) replay(ctx context.Context, db *sql.DB) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	begin := []string{"SET @mode = @@sql_mode, foreign_key_checks = 0, sql_mode = concat(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO')"}
	end := []string{"SET sql_mode = @mode"} // which a trigger keeps
	for _, list := range [][]string{begin, r.tables, r.rows, end, r.triggers} {
		for _, statement := range list {
			if _, err := conn.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("%s: %w", statement, err)
			}
		}
	}
	return nil
}

// texts returns the values of the one column of a query.
func texts(ctx context.Context, db *sql.DB, query string, args ...any) (list []string, err error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, rows.Err()
}

// shown returns one column of the row that a SHOW statement returns.
func shown(ctx context.Context, db *sql.DB, query string, column int) (string, error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil || !rows.Next() {
		return "", errors.Join(fmt.Errorf("%s returned nothing", query), err, rows.Err())
	}
	values := make([]sql.NullString, len(names))
	dests := make([]any, len(names))
	for i := range values {
		dests[i] = &values[i]
	}
	if err := rows.Scan(dests...); err != nil {
		return "", err
	}
	return values[column].String, rows.Err()
}
