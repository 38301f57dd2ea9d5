package migrate

import (
	"context"
	"errors"

	"github.com/kitgo/kit/database"
)

// objectsMySQL lists, for each kind of object, the query for the names and the words
// that drop one.
var objectsMySQL = []struct{ query, drop string }{
	{"SELECT table_name FROM information_schema.tables WHERE table_schema = database() AND table_type = 'VIEW'", "DROP VIEW "},
	{"SELECT table_name FROM information_schema.tables WHERE table_schema = database() AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')" + ours("table_name"), "DROP TABLE "},
	{"SELECT table_name FROM information_schema.tables WHERE table_schema = database() AND table_type = 'SEQUENCE'", "DROP SEQUENCE "},
	{"SELECT routine_name FROM information_schema.routines WHERE routine_schema = database() AND routine_type = 'FUNCTION'", "DROP FUNCTION "},
	{"SELECT routine_name FROM information_schema.routines WHERE routine_schema = database() AND routine_type = 'PROCEDURE'", "DROP PROCEDURE "},
	{"SELECT event_name FROM information_schema.events WHERE event_schema = database()", "DROP EVENT "},
}

// dropMySQL drops everything, tables in any order: foreign keys are not looked at
// meanwhile.
func dropMySQL(ctx context.Context, c database.Conn) (tables []string, err error) {
	if _, err := c.ExecContext(ctx, "SET SESSION foreign_key_checks = 0"); err != nil {
		return nil, err
	}
	defer func() {
		_, e := c.ExecContext(context.WithoutCancel(ctx), "SET SESSION foreign_key_checks = 1")
		err = errors.Join(err, e)
	}()
	for _, kind := range objectsMySQL {
		list, err := names(ctx, c, kind.query)
		if err != nil {
			return nil, err
		}
		if kind.drop == "DROP TABLE " {
			tables = list
		}
		if err := execAll(ctx, c, each(list, func(name string) string { return kind.drop + quoteMySQL(name) })...); err != nil {
			return nil, err
		}
	}
	return tables, nil
}
