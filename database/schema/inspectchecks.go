package schema

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/internal/sqltext"
)

// CheckInfo is a check constraint as the database has it.
type CheckInfo struct {
	Name       string // SQLite, and MariaDB of a column's own check, may have none
	Expression string // as the database shows it
}

// Checks returns the check constraints of a table, by name: also those of its columns, and
// those that an Enum has in PostgreSQL and SQLite, and JSON in MariaDB. A table that is not
// there is an error.
func (b *Builder) Checks(ctx context.Context, table string) ([]CheckInfo, error) {
	found, err := b.HasTable(ctx, table)
	if err == nil && !found {
		err = fmt.Errorf("look up the checks of table %s: there is no such table", table)
	}
	if err != nil {
		return nil, err
	}
	var list []CheckInfo
	if b.Dialect() == database.Postgres {
		list, err = b.checksPostgres(ctx, table)
	} else {
		list, err = b.checksInText(ctx, table)
	}
	slices.SortStableFunc(list, func(x, y CheckInfo) int { return cmp.Compare(x.Name, y.Name) })
	return list, err
}

func (b *Builder) checksPostgres(ctx context.Context, table string) (list []CheckInfo, err error) {
	query := "SELECT conname, pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE contype = 'c' AND conrelid = " + ofTable
	err = b.look(ctx, map[database.Dialect]string{database.Postgres: query}, []any{table}, func(rows *sql.Rows) error {
		var c CheckInfo
		err := rows.Scan(&c.Name, &c.Expression)
		list = append(list, c)
		return err
	})
	return list, err
}

// checksInText reads the checks out of the text of the table. SQLite has them nowhere
// else, and the views of MySQL and MariaDB about them differ.
func (b *Builder) checksInText(ctx context.Context, table string) (list []CheckInfo, err error) {
	definition, err := tableSQL(ctx, b.conn, table)
	if b.Dialect() == database.MySQL {
		var name string
		err = b.conn.QueryRowContext(ctx, "SHOW CREATE TABLE "+quote(database.MySQL, table)).Scan(&name, &definition)
	}
	if err != nil {
		return nil, fmt.Errorf("look up the checks of table %s: %w", table, err)
	}
	text, err := newTableText(sqltext.Dialect(b.Dialect()), definition)
	if err != nil {
		return nil, fmt.Errorf("look up the checks of table %s: %w", table, err)
	}
	for _, p := range text.parts {
		for _, c := range p.clauses {
			if c.kind == "CHECK" {
				list = append(list, CheckInfo{c.name, c.body(definition)})
			}
		}
	}
	return list, nil
}
