package migrate

import (
	"context"
	"fmt"
	"strings"

	"github.com/kitgo/kit/database"
)

// Fresh drops everything in the database and applies every migration. All rows are
// lost. It returns the names of the tables that were dropped, without those of this
// package. On PostgreSQL it drops the tables, views, sequences, types, functions and
// procedures of the current schema, but not what belongs to an extension; it fails, and
// drops nothing, when something in another schema depends on them. On MySQL and
// MariaDB it drops the tables, views, sequences, functions, procedures and events of
// the database.
func (m *Migrator) Fresh(ctx context.Context) (dropped []string, result Result, err error) {
	err = m.locked(ctx, nil, func(ctx context.Context, t *turn) error {
		if err := createTables(ctx, t.s); err != nil {
			return err
		}
		tables, err := t.dropEverything(ctx)
		if err != nil {
			return fmt.Errorf("drop all tables: %w", err)
		}
		dropped = tables
		return t.up(ctx, m.list, false, &result)
	})
	return dropped, result, m.explain(err)
}

// dropEverything empties the database but for the tables of this package, the second
// of which may be the lock. It returns the names of the tables that were in it. It is
// one transaction but for MySQL, where the records go first: a process that is killed
// then leaves a database that says it is empty, and Fresh can be run again.
func (t *turn) dropEverything(ctx context.Context) (tables []string, err error) {
	empty := func(drop func(context.Context, database.Conn) ([]string, error)) func(context.Context, database.Conn) error {
		return func(ctx context.Context, c database.Conn) error {
			if _, err := c.ExecContext(ctx, "DELETE FROM "+table); err != nil {
				return err
			}
			tables, err = drop(ctx, c)
			return err
		}
	}
	switch t.s.Dialect() {
	case database.SQLite:
		f := empty(dropSQLite)
		err = t.s.WithoutForeignKeys(ctx, func(ctx context.Context, tx *database.Transaction) error { return f(ctx, tx) })
	case database.MySQL:
		err = empty(dropMySQL)(ctx, t.s)
	case database.Postgres:
		err = t.transaction(ctx, empty(dropPostgres))
	}
	return tables, err
}

// ours keeps the rows of a query that are not about the tables of this package.
func ours(column string) string {
	return " AND " + column + " NOT IN ('" + table + "', '" + lockTable + "', '" + table + "_id_seq')"
}

func names(ctx context.Context, c database.Conn, query string) ([]string, error) {
	rows, err := c.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		list = append(list, name)
	}
	return list, rows.Err()
}

func execAll(ctx context.Context, c database.Conn, statements ...string) error {
	for _, s := range statements {
		if _, err := c.ExecContext(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// each returns a text for each name.
func each(list []string, text func(string) string) []string {
	texts := make([]string, len(list))
	for i, name := range list {
		texts[i] = text(name)
	}
	return texts
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func quoteMySQL(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
