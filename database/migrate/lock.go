package migrate

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/kitgo/kit/database"
)

// lock keeps processes from migrating one database at the same time.
type lock interface {
	// try takes the lock if it is free.
	try(ctx context.Context) (bool, error)

	// enter is called at the beginning of a transaction that changes something, in it.
	// It fails when the lock was lost.
	enter(ctx context.Context, c database.Conn) error

	// held reports whether some process holds the lock, by what the database knows
	// and not by what was written down.
	held(ctx context.Context) (bool, error)

	// free gives the lock up. It works after the session has broken, too.
	free(ctx context.Context) error
}

// turn is the time during which this process holds the lock.
type turn struct {
	m    *Migrator
	s    *database.Session
	lock lock
	// token tells this turn from all others.
	token string
	// shared is false for a database in memory, which no other process sees.
	shared bool
	// registered says that there is a note of this turn in the database.
	registered bool
}

// newTurn connects and prepares the lock.
func (m *Migrator) newTurn(ctx context.Context) (*turn, error) {
	s, err := m.db.Session(ctx)
	if err != nil {
		return nil, err
	}
	t := &turn{m: m, s: s, token: rand.Text(), shared: true}
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	if t.lock, err = t.chooseLock(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return t, nil
}

func (t *turn) chooseLock(ctx context.Context) (lock, error) {
	switch t.s.Dialect() {
	case database.Postgres:
		return newPostgresLock(ctx, t)
	case database.MySQL:
		return newMySQLLock(ctx, t)
	case database.SQLite:
	}
	if t.m.db.Path() == "" {
		t.shared = false
		return noLock{}, nil
	}
	return newFileLock(ctx, t)
}

// locked connects, waits for the lock, runs f and frees the lock. While it waits it
// asks needed, if that is not nil, each time that another process has applied
// something, and goes on without f when the answer is no.
func (m *Migrator) locked(ctx context.Context, needed func([]record) bool, f func(context.Context, *turn) error) error {
	m.report(Progress{Phase: WaitingForLock})
	t, err := m.acquire(ctx, needed)
	if err != nil || t == nil {
		return err
	}
	defer t.end(ctx)
	// A lease that is lost ends the work.
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if l, ok := t.lock.(*leaseLock); ok {
		defer l.renew(ctx, cancel)()
	}
	if err := f(ctx, t); err != nil {
		if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
			err = errors.Join(cause, err)
		}
		return err
	}
	return nil
}

// acquire connects and waits for the lock. When the connection is lost, as when the
// database is restarted, it connects again. The result is nil when the lock is not
// needed any more.
func (m *Migrator) acquire(ctx context.Context, needed func([]record) bool) (*turn, error) {
	start := time.Now()
	for {
		t, err := m.newTurn(ctx)
		if err == nil {
			var got bool
			if got, err = t.wait(ctx, start, needed); got && err == nil {
				return t, nil
			}
			t.end(ctx)
		}
		if err == nil || m.db.Dialect() == database.SQLite || !isConnectionLost(err) || ctx.Err() != nil || time.Since(start) > m.options.LockTimeout {
			return nil, err
		}
		m.log().WarnContext(ctx, "the connection was lost while waiting for the migration lock; connecting again", "error", oneLine(err))
		if err := m.reconnect(ctx); err != nil {
			return nil, err
		}
	}
}

// reconnect waits until the database answers again, for at most its own time-out.
func (m *Migrator) reconnect(ctx context.Context) error {
	if err := m.db.Connect(ctx); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(pollEvery):
		return nil
	}
}

// answerTimeout is how long the database may take to answer a question about
// migrations. One that takes longer hangs, or is behind a pooler that waits for it.
const answerTimeout = 10 * time.Second

// end frees the lock and closes the session, which waits until a cancelled
// transaction is rolled back.
func (t *turn) end(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	freed := t.lock.free(ctx)
	if err := errors.Join(freed, t.s.Close()); err != nil {
		t.m.log().WarnContext(ctx, "freeing the migration lock", "error", err)
	}
}

// wait polls until the lock is taken, the time is up or the work is not needed any
// more. It polls because a process that waits in a query would keep CREATE INDEX
// CONCURRENTLY of the holder waiting, for ever.
func (t *turn) wait(ctx context.Context, start time.Time, needed func([]record) bool) (got bool, err error) {
	nextLog := time.Now()
	limit := t.m.options.LockTimeout
	applied := -1
	for {
		got, done, err := t.attempt(ctx, &applied, needed)
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		if got || done || err != nil {
			return got, err
		}
		now := time.Now()
		waited := now.Sub(start)
		if waited >= limit {
			return false, t.timeout(ctx)
		}
		if !now.Before(nextLog) {
			t.logWait(ctx, waited)
			nextLog = now.Add(logEvery)
		}
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case <-time.After(min(pollEvery, limit-waited)):
		}
	}
}

// attempt tries to take the lock; done says that it is not needed any more.
func (t *turn) attempt(ctx context.Context, applied *int, needed func([]record) bool) (got, done bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	if got, err = t.lock.try(ctx); err != nil {
		return false, false, fmt.Errorf("take the migration lock: %w", err)
	}
	if got {
		return true, false, t.register(ctx)
	}
	if needed != nil {
		done, err = t.doneByOthers(ctx, applied, needed)
	}
	return false, done, err
}

// pollEvery is how often a waiting process tries.
const pollEvery = 100 * time.Millisecond

// doneByOthers reports whether others have done what this process wanted to do.
func (t *turn) doneByOthers(ctx context.Context, applied *int, needed func([]record) bool) (bool, error) {
	n, err := countApplied(ctx, t.s)
	if err != nil || n == *applied {
		return false, err
	}
	*applied = n
	list, err := records(ctx, t.s)
	return err == nil && !needed(list), err
}

func (t *turn) timeout(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	e := &LockError{Waited: t.m.options.LockTimeout}
	if holder, err := readLock(ctx, t.s); err == nil {
		e.Lock = holder
	}
	return e
}

func (t *turn) logWait(ctx context.Context, waited time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	attrs := []any{"waited", waited.Round(time.Millisecond), "timeout", t.m.options.LockTimeout}
	if l, err := readLock(ctx, t.s); err == nil && l != nil {
		attrs = append(attrs, "holder", l.Holder, "since", l.Since.Format(time.RFC3339), "applying", l.Applying)
	}
	t.m.log().InfoContext(ctx, "waiting for another process's migrations", attrs...)
}

// transaction runs f in a transaction that is rolled back unless this process still
// holds the lock.
func (t *turn) transaction(ctx context.Context, f func(context.Context, database.Conn) error) error {
	inner := func(ctx context.Context, tx *database.Transaction) error {
		if err := t.lock.enter(ctx, tx); err != nil {
			return err
		}
		return f(ctx, tx)
	}
	return t.s.Transaction(ctx, inner)
}

// noLock is for a database in memory.
type noLock struct{}

func (noLock) try(context.Context) (bool, error)          { return true, nil }
func (noLock) enter(context.Context, database.Conn) error { return nil }
func (noLock) held(context.Context) (bool, error)         { return false, nil }
func (noLock) free(context.Context) error                 { return nil }
