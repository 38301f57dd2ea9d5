package migrate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kitgo/kit/database"
)

// notOfExtension keeps the rows of a catalogue, with the alias o, that no extension owns.
const notOfExtension = " AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = o.tableoid AND d.objid = o.oid AND d.deptype = 'e')"

// relations selects the relations of the current schema of one kind.
func relations(kinds string) string {
	return "SELECT quote_ident(o.relname) FROM pg_class o WHERE o.relnamespace = current_schema()::regnamespace AND NOT o.relispartition" +
		notOfExtension + ours("o.relname") + " AND o.relkind IN (" + kinds + ") ORDER BY o.relname"
}

// objectsPostgres lists, for each kind of object of the current schema, the query for
// the quoted names and the words that drop some. Types are not those that belong to a
// table or to another type.
var objectsPostgres = []struct{ query, drop string }{
	{relations("'v'"), "VIEW"},
	{relations("'m'"), "MATERIALIZED VIEW"},
	{relations("'f'"), "FOREIGN TABLE"},
	{relations("'S'"), "SEQUENCE"},
	{
		`SELECT o.oid::regprocedure::text FROM pg_proc o WHERE o.pronamespace = current_schema()::regnamespace AND o.prokind <> 'a'` + notOfExtension,
		"ROUTINE",
	},
	{
		`SELECT o.oid::regprocedure::text FROM pg_proc o WHERE o.pronamespace = current_schema()::regnamespace AND o.prokind = 'a'` + notOfExtension,
		"AGGREGATE",
	},
	{
		`SELECT quote_ident(o.typname) FROM pg_type o LEFT JOIN pg_class c ON c.oid = o.typrelid
		WHERE o.typnamespace = current_schema()::regnamespace` + notOfExtension + `
		AND (o.typtype IN ('d', 'e', 'r') OR o.typtype = 'c' AND c.relkind = 'c')`,
		"TYPE",
	},
}

// dropPostgres drops the objects of the current schema, without CASCADE, which would
// reach into other schemas. They may depend on each other in any way, so it drops what
// can be dropped until nothing is left; tables go together, as foreign keys go around
// in circles.
func dropPostgres(ctx context.Context, c database.Conn) ([]string, error) {
	var statements []string
	for _, kind := range objectsPostgres {
		list, err := names(ctx, c, kind.query)
		if err != nil {
			return nil, err
		}
		statements = append(statements, each(list, func(name string) string { return "DROP " + kind.drop + " IF EXISTS " + name })...)
	}
	tables, err := names(ctx, c, relations("'r', 'p'"))
	if err != nil {
		return nil, err
	}
	if len(tables) > 0 {
		statements = slices.Insert(statements, 0, "DROP TABLE "+strings.Join(tables, ", "))
	}
	for len(statements) > 0 {
		var left []string
		var last error
		for _, s := range statements {
			err := attempt(ctx, c, s)
			if errors.Is(err, errSavepoint) || ctx.Err() != nil {
				return nil, err
			}
			if err != nil {
				left, last = append(left, s), err
			}
		}
		if len(left) == len(statements) {
			return nil, last
		}
		statements = left
	}
	return tables, nil
}

// errSavepoint says that the transaction itself does not work any more.
var errSavepoint = errors.New("use a savepoint")

// attempt runs a statement whose failure leaves the transaction usable.
func attempt(ctx context.Context, c database.Conn, statement string) error {
	if _, err := c.ExecContext(ctx, "SAVEPOINT attempt"); err != nil {
		return fmt.Errorf("%w: %w", errSavepoint, err)
	}
	_, failed := c.ExecContext(ctx, statement)
	end := "RELEASE SAVEPOINT attempt"
	if failed != nil {
		end = "ROLLBACK TO SAVEPOINT attempt"
	}
	if _, err := c.ExecContext(ctx, end); err != nil {
		return fmt.Errorf("%w: %w", errSavepoint, err)
	}
	return failed
}
