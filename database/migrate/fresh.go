package migrate

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/kitgo/kit/database"
)

// Fresh drops everything in the database and applies every migration. All rows are
// lost. It returns the names of the tables that were dropped. On PostgreSQL it drops
// the tables, views, sequences and types of the current schema, but not what belongs
// to an extension; it fails, and drops nothing, when something in another schema
// depends on them.
func (m *Migrator) Fresh(ctx context.Context) (dropped []string, result Result, err error) {
	err = m.locked(ctx, func(s *database.Session) error {
		tables, err := dropEverything(ctx, s)
		if err != nil {
			return fmt.Errorf("drop all tables: %w", err)
		}
		dropped = tables
		return m.up(ctx, s, m.list, false, &result)
	})
	return dropped, result, err
}

// dropEverything empties the database in one transaction and returns the names of the
// tables that were in it.
func dropEverything(ctx context.Context, s *database.Session) (tables []string, err error) {
	drop, transaction := dropPostgres, s.Transaction
	if s.Dialect() == database.SQLite {
		drop = dropSQLite
		transaction = func(ctx context.Context, f func(context.Context, *database.Tx) error) error {
			return withoutForeignKeys(ctx, s, f)
		}
	}
	err = transaction(ctx, func(ctx context.Context, tx *database.Tx) error {
		tables, err = drop(ctx, tx)
		return err
	})
	return tables, err
}

// dropSQLite drops views and tables. Virtual tables come before the others, as they
// drop the tables that they are made of.
func dropSQLite(ctx context.Context, tx *database.Tx) ([]string, error) {
	views, err := names(ctx, tx, "SELECT name FROM sqlite_master WHERE type = 'view'")
	if err != nil {
		return nil, err
	}
	// The list of tables, not sqlite_master, tells apart what virtual tables are made of.
	tables, err := names(ctx, tx, `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('virtual', 'table')
		AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY type = 'table', name`)
	if err != nil {
		return nil, err
	}
	for _, name := range views {
		if _, err := tx.ExecContext(ctx, "DROP VIEW "+quote(name)); err != nil {
			return nil, err
		}
	}
	for _, name := range tables {
		if _, err := tx.ExecContext(ctx, "DROP TABLE "+quote(name)); err != nil {
			return nil, err
		}
	}
	return tables, nil
}

// notOfExtension keeps the rows of a catalogue, with the alias o, that no extension owns.
const notOfExtension = " AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = o.tableoid AND d.objid = o.oid AND d.deptype = 'e')"

// relations selects the relations of the current schema of some kinds.
const relations = "SELECT o.relname FROM pg_class o WHERE o.relnamespace = current_schema()::regnamespace AND NOT o.relispartition" + notOfExtension + " AND o.relkind IN "

// types selects the types of the current schema that are not the row type or the
// array type of something else.
const types = `SELECT o.typname FROM pg_type o LEFT JOIN pg_class c ON c.oid = o.typrelid
	WHERE o.typnamespace = current_schema()::regnamespace` + notOfExtension + `
	AND (o.typtype IN ('d', 'e', 'r') OR o.typtype = 'c' AND c.relkind = 'c')`

// dropPostgres drops the objects of the current schema, without CASCADE, which would
// reach into other schemas. Objects of one kind that depend on each other can be
// dropped by one statement.
func dropPostgres(ctx context.Context, tx *database.Tx) ([]string, error) {
	if err := dropViews(ctx, tx); err != nil {
		return nil, err
	}
	tables, err := names(ctx, tx, relations+"('r', 'p') ORDER BY o.relname")
	if err != nil {
		return nil, err
	}
	if err := dropAll(ctx, tx, "TABLE", tables); err != nil {
		return nil, err
	}
	foreign, err := names(ctx, tx, relations+"('f')")
	if err != nil {
		return nil, err
	}
	if err := dropAll(ctx, tx, "FOREIGN TABLE", foreign); err != nil {
		return nil, err
	}
	sequences, err := names(ctx, tx, relations+"('S')")
	if err != nil {
		return nil, err
	}
	if err := dropAll(ctx, tx, "SEQUENCE", sequences); err != nil {
		return nil, err
	}
	others, err := names(ctx, tx, types)
	if err != nil {
		return nil, err
	}
	return tables, dropAll(ctx, tx, "TYPE", others)
}

// dropViews drops views and materialized views. They may depend on each other across
// the two kinds, so it drops what can be dropped until nothing is left.
func dropViews(ctx context.Context, tx *database.Tx) error {
	for {
		plain, err := names(ctx, tx, relations+"('v')")
		if err != nil {
			return err
		}
		materialized, err := names(ctx, tx, relations+"('m')")
		if err != nil {
			return err
		}
		if len(plain)+len(materialized) == 0 {
			return nil
		}
		progress := false
		var last error
		try := func(kind string, list []string) error {
			for _, name := range list {
				err := attempt(ctx, tx, "DROP "+kind+" "+quote(name))
				if errors.Is(err, errSavepoint) || ctx.Err() != nil {
					return err
				}
				if err == nil {
					progress = true
				} else {
					last = err
				}
			}
			return nil
		}
		if err := try("VIEW", plain); err != nil {
			return err
		}
		if err := try("MATERIALIZED VIEW", materialized); err != nil {
			return err
		}
		if !progress {
			return last
		}
	}
}

// errSavepoint says that the transaction itself does not work any more.
var errSavepoint = errors.New("use a savepoint")

// attempt runs a statement whose failure leaves the transaction usable.
func attempt(ctx context.Context, tx *database.Tx, statement string) error {
	if _, err := tx.ExecContext(ctx, "SAVEPOINT attempt"); err != nil {
		return fmt.Errorf("%w: %w", errSavepoint, err)
	}
	_, failed := tx.ExecContext(ctx, statement)
	end := "RELEASE SAVEPOINT attempt"
	if failed != nil {
		end = "ROLLBACK TO SAVEPOINT attempt"
	}
	if _, err := tx.ExecContext(ctx, end); err != nil {
		return fmt.Errorf("%w: %w", errSavepoint, err)
	}
	return failed
}

func dropAll(ctx context.Context, tx *database.Tx, kind string, list []string) error {
	if len(list) == 0 {
		return nil
	}
	quoted := make([]string, len(list))
	for i, name := range list {
		quoted[i] = quote(name)
	}
	_, err := tx.ExecContext(ctx, "DROP "+kind+" "+strings.Join(quoted, ", "))
	return err
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

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
