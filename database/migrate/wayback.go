package migrate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/schema"
)

// wayBack is how a migration can be rolled back by a program that does not have it.
type wayBack struct {
	SQL           []string `json:"sql,omitempty"`
	NoTransaction bool     `json:"no_transaction,omitempty"`
	// Problem says why there is no SQL.
	Problem string `json:"problem,omitempty"`
}

// column returns what is stored; nil for a migration without a way back.
func (b *wayBack) column() any {
	if b == nil {
		return nil
	}
	text, err := json.Marshal(b)
	if err != nil {
		return nil // strings and a bool: cannot fail
	}
	return string(text)
}

// migration returns the migration that goes this way back.
func (b *wayBack) migration(name string) Migration {
	return Migration{
		Name: name, NoTransaction: b.NoTransaction,
		Down: func(ctx context.Context, s *schema.Builder) error {
			for _, sql := range b.SQL {
				if err := s.Exec(ctx, sql); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

// recordWayBack runs Down without effect, after Up and in its transaction, and keeps
// its SQL. A Down of which that cannot be told, such as one that reads what it has
// written, is no error here.
func (t *turn) recordWayBack(ctx context.Context, c database.Conn, mig Migration) *wayBack {
	if mig.Down == nil {
		return nil
	}
	back := &wayBack{NoTransaction: mig.NoTransaction}
	// A query that fails would end PostgreSQL's transaction. Few ways back have one.
	protected := false
	var protect func(context.Context, database.Exec) error
	if _, inside := c.(*database.Transaction); inside && t.s.Dialect() == database.Postgres {
		protect = func(ctx context.Context, exec database.Exec) error {
			protected = true
			return exec(ctx, "SAVEPOINT kit_way_back")
		}
	}
	statements, err := t.s.Record(func() error { return mig.Down(ctx, schema.New(c)) }, protect)
	if protected {
		if _, e := c.ExecContext(ctx, "ROLLBACK TO SAVEPOINT kit_way_back"); e != nil {
			err = errors.Join(err, e)
		}
	}
	if err != nil {
		return &wayBack{Problem: oneLine(err)}
	}
	back.SQL = statements
	return back
}

// storedWayBack returns a migration that this program does not have, with the way back
// that is stored in the database.
func storedWayBack(ctx context.Context, c database.Conn, name string) (Migration, error) {
	var b wayBack
	found, err := readJSON(ctx, c, name, "down", &b)
	switch {
	case err != nil:
		return Migration{}, err
	case !found:
		return Migration{}, fmt.Errorf("%w: it is not in this program, and no way back is stored, because it had no Down", errNoWayBack)
	case b.Problem != "":
		return Migration{}, fmt.Errorf("%w: it is not in this program, and its way back could not be stored when it was applied (%s)", errNoWayBack, b.Problem)
	}
	return b.migration(name), nil
}
