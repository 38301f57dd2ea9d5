package schema

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/kitgo/kit/database"
)

// Copy returns a database in memory with the schema of an SQLite database and none of
// its rows. The caller closes it.
func Copy(ctx context.Context, c database.Conn) (*database.DB, error) {
	var statements []string
	err := c.IDB().NewRaw(`SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
		AND name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow')
		ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'view' THEN 1 ELSE 2 END, rowid`).Scan(ctx, &statements)
	if err != nil {
		return nil, fmt.Errorf("read the schema: %w", err)
	}
	db, err := database.Open("sqlite://:memory:", nil)
	if err != nil {
		return nil, err
	}
	for _, sql := range statements {
		if _, err := db.ExecContext(ctx, sql); err != nil {
			return nil, errors.Join(fmt.Errorf("copy the schema: %w", err), db.Close())
		}
	}
	return db, nil
}

// twin is a copy of the schema on which a change of a table is tried.
type twin struct{ *database.DB }

// newTwin copies the schema, with what was recorded of changes that did not run.
func (b *Builder) newTwin(ctx context.Context) (*twin, error) {
	db, err := Copy(ctx, b.conn)
	if err != nil {
		return nil, err
	}
	t := &twin{db}
	for _, sql := range append([]string{"PRAGMA foreign_keys = OFF"}, b.recorded...) {
		if err := t.exec(ctx, sql); err != nil {
			return nil, errors.Join(fmt.Errorf("copy the schema: %w", err), db.Close())
		}
	}
	return t, nil
}

func (t *twin) exec(ctx context.Context, sql string) error {
	_, err := t.ExecContext(ctx, sql)
	return err
}

// table returns the statement that made a table; "" when there is none.
func (t *twin) table(ctx context.Context, name string) (string, error) { return tableSQL(ctx, t, name) }

func tableSQL(ctx context.Context, c database.Conn, name string) (string, error) {
	var list []string
	if err := c.IDB().NewRaw("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE", name).Scan(ctx, &list); err != nil {
		return "", fmt.Errorf("read the definition of table %s: %w", name, err)
	}
	return strings.Join(list, ""), nil
}

// object is an index, a trigger or a view.
type object struct {
	Type string `bun:"type"`
	Name string `bun:"name"`
	SQL  string `bun:"sql"`
}

// objects returns the indexes and triggers of a table.
func (t *twin) objects(ctx context.Context, table string) ([]object, error) {
	var list []object
	err := t.IDB().NewRaw(`SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL
		AND tbl_name = ? COLLATE NOCASE ORDER BY rowid`, table).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("list the indexes and triggers of table %s: %w", table, err)
	}
	return list, nil
}

// working returns what SQLite says to views, triggers and foreign keys when it has to
// use them, which it looks at only then; nil for what works.
func (t *twin) working(ctx context.Context) (map[string]error, error) {
	var probes []object
	err := t.IDB().NewRaw(`SELECT type, name, 'SELECT * FROM "' || replace(name, '"', '""') || '" LIMIT 0' AS sql FROM sqlite_master WHERE type = 'view'
		UNION ALL SELECT type, name, 'EXPLAIN DELETE FROM "' || replace(tbl_name, '"', '""') || '"' FROM sqlite_master WHERE type = 'trigger'
		UNION ALL SELECT type, name, 'EXPLAIN INSERT INTO "' || replace(tbl_name, '"', '""') || '" DEFAULT VALUES' FROM sqlite_master WHERE type = 'trigger'
		UNION ALL SELECT type, name, 'EXPLAIN UPDATE "' || replace(tbl_name, '"', '""') || '" SET '
			|| (SELECT group_concat('"' || replace(c.name, '"', '""') || '" = NULL') FROM pragma_table_info(tbl_name) AS c)
			FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN (SELECT name FROM sqlite_master WHERE type = 'table')
		UNION ALL SELECT 'the foreign keys', '', 'PRAGMA foreign_key_check'`).Scan(ctx, &probes)
	if err != nil {
		return nil, fmt.Errorf("list the views and triggers: %w", err)
	}
	results := map[string]error{}
	for _, p := range probes {
		name := strings.TrimSpace(p.Type + " " + p.Name)
		results[name] = errors.Join(results[name], t.read(ctx, p.SQL))
	}
	return results, nil
}

// read reads all that a query returns: some errors come with the rows.
func (t *twin) read(ctx context.Context, query string) error {
	rows, err := t.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
}
