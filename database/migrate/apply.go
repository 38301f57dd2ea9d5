package migrate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/schema"
)

// The pauses between attempts to run what waited too long for a lock grow from the
// first to the last.
const (
	firstPause = 500 * time.Millisecond
	lastPause  = 5 * time.Second
)

// marks reports whether a migration is marked before it begins, because it cannot be
// undone as a whole.
func (t *turn) marks(mig Migration) bool {
	return mig.NoTransaction || t.s.Dialect() == database.MySQL
}

// apply runs one migration and records it. The result is nil when it is recorded
// already, which a lock cannot prevent whose file somebody has deleted.
func (t *turn) apply(ctx context.Context, mig Migration, batch int) (*Applied, error) {
	if t.marks(mig) {
		return t.applyMarked(ctx, mig, batch)
	}
	var done *Applied
	err := t.patiently(ctx, mig.Name, func() error {
		return t.inTransaction(ctx, func(ctx context.Context, c database.Conn) error {
			done = nil
			if found, err := t.begin(ctx, c, mig.Name); found || err != nil {
				return err
			}
			start := time.Now()
			if err := mig.Up(ctx, schema.New(c)); err != nil {
				return err
			}
			r := record{mig.Name, batch, time.Now().UTC(), time.Since(start), mig.checksum(), stateApplied}
			back := t.recordWayBack(ctx, c, mig)
			done = &Applied{r.name, r.batch, r.duration}
			return t.m.insert(ctx, c, r, back)
		})
	})
	if err != nil {
		return nil, err
	}
	return done, nil
}

// inTransaction runs f in a transaction of a migration.
func (t *turn) inTransaction(ctx context.Context, f func(context.Context, database.Conn) error) error {
	if t.s.Dialect() == database.SQLite {
		return t.s.WithoutForeignKeys(ctx, func(ctx context.Context, tx *database.Transaction) error { return tx.KeepForeignKeys(ctx, f) })
	}
	return t.transaction(ctx, f)
}

// begin is the first thing in the transaction of a migration. It sets how long
// PostgreSQL waits for locks on tables: only now, so that it does not hold for the
// migration lock. It reports whether the migration is recorded, in the same query.
func (t *turn) begin(ctx context.Context, c database.Conn, name string) (recorded bool, err error) {
	if t.s.Dialect() != database.Postgres {
		return isRecorded(ctx, c, name)
	}
	var timeout string
	var n int
	err = c.QueryRowContext(ctx, "SELECT set_config('lock_timeout', ?, true), (SELECT count(*) FROM "+table+" WHERE name = ?)",
		fmt.Sprint(t.m.options.StatementLockTimeout.Milliseconds()), name).Scan(&timeout, &n)
	if err != nil {
		return false, fmt.Errorf("begin the migration: %w", err)
	}
	return n > 0, nil
}

// patiently runs f again while PostgreSQL says that a lock was not free in time, or
// that there was a deadlock: then the transaction is rolled back.
func (t *turn) patiently(ctx context.Context, name string, f func() error) error {
	deadline := time.Now().Add(t.m.options.LockTimeout)
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		err := f()
		if !isLockedOut(err) || time.Now().After(deadline) {
			return err
		}
		t.warnLocked(ctx, name, err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

func (t *turn) warnLocked(ctx context.Context, name string, err error) {
	t.m.log().WarnContext(ctx, "a table is locked by other queries; giving way and trying again", "name", name, "error", oneLine(err))
}

// errRecorded says that a migration is recorded already.
var errRecorded = errors.New("it is recorded already")

// applyMarked runs a migration that cannot be undone as a whole. Its record is there
// before it begins, marked as dirty, and says how far it came.
func (t *turn) applyMarked(ctx context.Context, mig Migration, batch int) (*Applied, error) {
	r := record{mig.Name, batch, time.Now().UTC(), 0, mig.checksum(), stateUp}
	start := time.Now()
	err := t.marked(ctx, mig, markedRun{
		begin: func(ctx context.Context, c database.Conn) error {
			found, err := isRecorded(ctx, c, mig.Name)
			if found {
				return errRecorded
			}
			if err != nil {
				return err
			}
			return t.m.insert(ctx, c, r, nil)
		},
		run: mig.Up,
		finish: func(ctx context.Context, c database.Conn) error {
			r.at, r.duration = time.Now().UTC(), time.Since(start)
			return complete(ctx, c, r, t.recordWayBack(ctx, c, mig))
		},
		undo: func(ctx context.Context, c database.Conn) error { return unmark(ctx, c, mig.Name) },
	})
	if errors.Is(err, errRecorded) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &Applied{r.name, r.batch, r.duration}, nil
}

// markedRun is a run of Up or Down with a mark in the record: begin sets it, finish
// changes it to what holds after a success, and undo to what held before.
type markedRun struct {
	run                 Func
	begin, finish, undo func(context.Context, database.Conn) error
}

// marked runs something that cannot be undone as a whole. When it fails and has left
// something, the error is a *DirtyError.
//
// On MySQL the mark is part of the migration's transaction, so that the first
// statement that commits by itself commits the mark as well, and a migration without
// such a statement is undone as a whole, with its mark.
func (t *turn) marked(ctx context.Context, mig Migration, r markedRun) error {
	j := &journal{
		name: mig.Name, dialect: t.s.Dialect(), open: !mig.NoTransaction, patience: t.m.options.LockTimeout,
		warn: func(err error) { t.warnLocked(ctx, mig.Name, err) },
	}
	if l, ok := t.lock.(*mysqlLock); ok {
		defer l.killWith(ctx)()
	}
	work := func(ctx context.Context, c database.Conn) error {
		t.s.Hook(j.hook)
		err := r.run(ctx, schema.New(c))
		t.s.Hook(nil)
		if err != nil {
			return err
		}
		return r.finish(ctx, c)
	}
	var err error
	if j.open {
		err = t.withoutAutocommit(ctx, func(ctx context.Context) error {
			return t.transaction(ctx, func(ctx context.Context, c database.Conn) error {
				if err := r.begin(ctx, c); err != nil {
					return err
				}
				return work(ctx, c)
			})
		})
	} else {
		if err := t.transaction(ctx, r.begin); err != nil {
			return err
		}
		err = work(ctx, t.s)
	}
	if err == nil || j.open && j.clean() {
		return err
	}
	return t.failed(ctx, mig.Name, j.Journal, err, r.undo)
}

// withoutAutocommit runs f while MySQL begins a new transaction after each statement
// that commits by itself.
func (t *turn) withoutAutocommit(ctx context.Context, f func(context.Context) error) error {
	if _, err := t.s.ExecContext(ctx, "SET autocommit = 0"); err != nil {
		return fmt.Errorf("set autocommit: %w", err)
	}
	err := f(ctx)
	// After a broken connection there is nothing to set.
	if _, e := t.s.ExecContext(context.WithoutCancel(ctx), "SET autocommit = 1"); e != nil && err == nil {
		err = fmt.Errorf("set autocommit: %w", e)
	}
	return err
}

// failed cleans up after a marked migration, over another connection when that of the
// session has broken.
func (t *turn) failed(ctx context.Context, name string, j Journal, err error, undo func(context.Context, database.Conn) error) error {
	clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	fix := func(c database.Conn) error {
		if j.clean() {
			return undo(clean, c)
		}
		return writeJournal(clean, c, name, j)
	}
	if fix(t.s) != nil {
		if e := fix(t.m.db); e != nil {
			err = errors.Join(err, e)
		}
	}
	if j.clean() {
		return err
	}
	return &DirtyError{Name: name, Journal: j, Err: err}
}
