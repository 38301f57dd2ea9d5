package migrate

import (
	"context"

	"github.com/kitgo/kit/database"
)

// dropSQLite drops views and tables. Virtual tables come before the others, as they
// drop the tables that they are made of.
func dropSQLite(ctx context.Context, c database.Conn) ([]string, error) {
	views, err := names(ctx, c, "SELECT name FROM sqlite_master WHERE type = 'view'")
	if err != nil {
		return nil, err
	}
	// The list of tables, not sqlite_master, tells apart what virtual tables are made of.
	tables, err := names(ctx, c, `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('virtual', 'table')
		AND name NOT LIKE 'sqlite\_%' ESCAPE '\'`+ours("name")+` ORDER BY type = 'table', name`)
	if err != nil {
		return nil, err
	}
	statements := each(views, func(name string) string { return "DROP VIEW " + quote(name) })
	statements = append(statements, each(tables, func(name string) string { return "DROP TABLE " + quote(name) })...)
	return tables, execAll(ctx, c, statements...)
}
