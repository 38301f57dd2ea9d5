package migrate

import (
	"context"
	"errors"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/schema"
	"github.com/kitgo/kit/internal/nearest"
)

// UpOptions narrows [Migrator.Up]. The zero value applies all that is pending.
type UpOptions struct {
	// To is the name of the last migration to apply.
	To string
	// Step makes each migration a batch of its own.
	Step bool
}

// Applied is a migration that was applied, or rolled back.
type Applied struct {
	Name     string
	Batch    int
	Duration time.Duration
}

// Result is what a call did, in its order.
type Result struct {
	Applied []Applied
}

// Up applies the pending migrations. When there are none it does one query and takes
// no lock. When a migration fails, the error is an [*Error]; those before it stay
// applied and are in the result. When the lock is not free within the LockTimeout,
// the error is a [*LockError].
func (m *Migrator) Up(ctx context.Context, o UpOptions) (Result, error) {
	var result Result
	list, err := m.upTo(o.To)
	if err != nil {
		return result, err
	}
	applied, err := records(ctx, m.db)
	if err != nil {
		return result, err
	}
	if len(pending(list, applied)) == 0 {
		return result, nil
	}
	err = m.locked(ctx, func(s *database.Session) error { return m.up(ctx, s, list, o.Step, &result) })
	return result, err
}

// upTo returns the migrations up to the one of a name; all when it is empty.
func (m *Migrator) upTo(name string) ([]Migration, error) {
	if name == "" {
		return m.list, nil
	}
	for i, mig := range m.list {
		if mig.Name == name {
			return m.list[:i+1], nil
		}
	}
	names := make([]string, len(m.list))
	for i, mig := range m.list {
		names[i] = mig.Name
	}
	return nil, &unknownError{name, nearest.Name(name, names)}
}

// up applies what is pending of a list. The caller holds the lock.
func (m *Migrator) up(ctx context.Context, s *database.Session, list []Migration, step bool, result *Result) error {
	if err := createTable(ctx, s); err != nil {
		return err
	}
	applied, err := records(ctx, s) // again: another process may have been first
	if err != nil {
		return err
	}
	left := pending(list, applied)
	if len(left) == 0 {
		return nil
	}
	m.enter(Migrating)
	batch := 1
	for _, r := range applied {
		batch = max(batch, r.batch+1)
	}
	for _, mig := range left {
		a, err := m.apply(ctx, s, mig, batch)
		if err != nil {
			return &Error{Name: mig.Name, Err: withContext(ctx, err), Applied: result.Applied, NoTransaction: mig.NoTransaction}
		}
		if a == nil {
			continue
		}
		m.log().InfoContext(ctx, "migration applied", "name", a.Name, "duration", a.Duration.Round(time.Microsecond))
		result.Applied = append(result.Applied, *a)
		if step {
			batch++
		}
	}
	return nil
}

// apply runs one migration and records it. The result is nil when it is recorded
// already, which a lock cannot prevent whose file somebody has deleted.
func (m *Migrator) apply(ctx context.Context, s *database.Session, mig Migration, batch int) (*Applied, error) {
	var done *Applied
	err := inTransaction(ctx, s, mig, func(ctx context.Context, c database.Conn) error {
		if found, err := isRecorded(ctx, c, mig.Name); found || err != nil {
			return err
		}
		start := time.Now()
		if err := mig.Up(ctx, schema.New(c)); err != nil {
			return err
		}
		r := record{mig.Name, batch, time.Now().UTC(), time.Since(start)}
		done = &Applied{r.name, r.batch, r.duration}
		return m.write(ctx, c, r)
	})
	return done, err
}

// inTransaction runs f in a transaction, unless the migration does not want one.
func inTransaction(ctx context.Context, s *database.Session, mig Migration, f func(context.Context, database.Conn) error) error {
	switch {
	case mig.NoTransaction:
		return f(ctx, s)
	case s.Dialect() == database.SQLite:
		return withoutForeignKeys(ctx, s, func(ctx context.Context, tx *database.Tx) error { return checked(ctx, tx, f) })
	default:
		return s.Transaction(ctx, func(ctx context.Context, tx *database.Tx) error { return f(ctx, tx) })
	}
}

// withContext makes sure that an error of a migration that was cancelled says so:
// drivers have words of their own for it.
func withContext(ctx context.Context, err error) error {
	if ctx.Err() == nil || errors.Is(err, ctx.Err()) {
		return err
	}
	return errors.Join(ctx.Err(), err)
}
