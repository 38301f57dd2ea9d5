package migrate

import (
	"context"
	"errors"
	"fmt"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/schema"
)

// Pretended is what a migration would run.
type Pretended struct {
	Name          string
	NoTransaction bool
	SQL           []string
	// Err is why the list ends where it does, for a migration that reads what it has
	// written, or that would fail; else nil.
	Err error
}

// Pretend returns the SQL that [Migrator.Up] would run, and changes nothing. The
// functions of the migrations are called, and their changes held back. On PostgreSQL
// and MySQL their queries see the database as it is; a migration that asks for what one
// before it would have made does not find it. On SQLite everything is tried on a copy
// of the schema without its rows.
func (m *Migrator) Pretend(ctx context.Context, o UpOptions) ([]Pretended, error) {
	list, err := m.upTo(o.To)
	if err != nil {
		return nil, err
	}
	applied, err := records(ctx, m.db)
	if err != nil {
		return nil, err
	}
	return m.pretend(ctx, m.plan(list, applied).pending, func(mig Migration) Func { return mig.Up })
}

// PretendRollback is [Migrator.Pretend] for [Migrator.Rollback].
func (m *Migrator) PretendRollback(ctx context.Context, o RollbackOptions) ([]Pretended, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	applied, err := records(ctx, m.db)
	if err != nil {
		return nil, err
	}
	list, err := m.waysBack(ctx, m.db, o.choose(applied))
	if err != nil {
		return nil, err
	}
	return m.pretend(ctx, list, func(mig Migration) Func { return mig.Down })
}

func (m *Migrator) pretend(ctx context.Context, list []Migration, direction func(Migration) Func) ([]Pretended, error) {
	if len(list) == 0 {
		return nil, nil
	}
	db := m.db
	if db.Dialect() == database.SQLite {
		twin, err := schema.Copy(ctx, m.db)
		if err != nil {
			return nil, err
		}
		defer twin.Close()
		db = twin
	}
	s, err := db.Session(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	var all []Pretended
	err = inReadOnlyTransaction(ctx, s, func(ctx context.Context, c database.Conn) error {
		for _, mig := range list {
			p := Pretended{Name: mig.Name, NoTransaction: mig.NoTransaction}
			builder := schema.New(c)
			if mig.NoTransaction {
				builder = schema.NoTransaction(c)
			}
			run := func() error { return direction(mig)(ctx, builder) }
			if db == m.db {
				p.SQL, p.Err = s.Record(run, nil)
			} else {
				p.SQL, p.Err = s.Observe(run)
			}
			all = append(all, p)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if p.Err != nil {
				break // what comes after depends on it
			}
		}
		return errPretended
	})
	if !errors.Is(err, errPretended) {
		return nil, err
	}
	return all, nil
}

// errPretended rolls back.
var errPretended = errors.New("nothing was meant to stay")

// inReadOnlyTransaction runs f in a transaction in which a function that a query
// calls cannot write either.
func inReadOnlyTransaction(ctx context.Context, s *database.Session, f func(context.Context, database.Conn) error) error {
	inner := func(ctx context.Context, tx *database.Transaction) error { return f(ctx, tx) }
	switch s.Dialect() {
	case database.SQLite: // a copy
		return s.WithoutForeignKeys(ctx, inner)
	case database.MySQL:
		if _, err := s.ExecContext(ctx, "SET SESSION TRANSACTION READ ONLY"); err != nil {
			return fmt.Errorf("begin to read: %w", err)
		}
		return s.Transaction(ctx, inner)
	case database.Postgres:
	}
	return s.Transaction(ctx, func(ctx context.Context, tx *database.Transaction) error {
		if _, err := tx.ExecContext(ctx, "SET TRANSACTION READ ONLY"); err != nil {
			return fmt.Errorf("begin to read: %w", err)
		}
		return f(ctx, tx)
	})
}
