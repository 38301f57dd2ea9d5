package migrate

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/gofrs/flock"
	"github.com/kitgo/kit/database"
)

const (
	postgresPoll = 100 * time.Millisecond
	sqlitePoll   = 50 * time.Millisecond
	logEvery     = 5 * time.Second
)

// locked connects, waits for the lock, runs f and frees the lock.
func (m *Migrator) locked(ctx context.Context, f func(*database.Session) error) error {
	m.enter(WaitingForLock)
	s, err := m.db.Session(ctx)
	if err != nil {
		return err
	}
	var file *flock.Flock
	if s.Dialect() == database.Postgres {
		err = m.lockPostgres(ctx, s)
	} else if m.db.Path() != "" { // a database in memory belongs to this process
		file, err = m.lockFile(ctx, s)
	}
	// The session ends first: that waits until a cancelled transaction is rolled
	// back. PostgreSQL's lock ends with it.
	defer func() {
		err := s.Close()
		if file != nil {
			err = errors.Join(err, file.Close())
		}
		if err != nil {
			m.log().WarnContext(ctx, "freeing the migration lock", "error", err)
		}
	}()
	if err != nil {
		return err
	}
	return f(s)
}

// lockPostgres takes an advisory lock on the connection that will migrate. So the
// lock lives exactly as long as what it protects: when the connection breaks, the
// next statement fails, and when the process dies in the middle of a statement, the
// lock is not free before the server has stopped that statement too. The lock is
// polled: a process that waits in a query would keep CREATE INDEX CONCURRENTLY of the
// holder waiting, for ever.
func (m *Migrator) lockPostgres(ctx context.Context, s *database.Session) error {
	// Makes the server notice within a second that the process of a long statement
	// has died. Where it cannot (before version 14, and on some systems), the
	// statement runs to its end.
	_, _ = s.ExecContext(ctx, "SET client_connection_check_interval = '1s'")
	var where string
	if err := s.QueryRowContext(ctx, "SELECT concat_ws('.', current_database(), current_schema())").Scan(&where); err != nil {
		return fmt.Errorf("name the migration lock: %w", err)
	}
	hash := fnv.New64a()
	_, _ = hash.Write([]byte("kit migrations of " + where))
	key := int64(hash.Sum64())
	return m.wait(ctx, postgresPoll, func() (ok bool, err error) {
		if err := s.QueryRowContext(ctx, "SELECT pg_try_advisory_lock(?)", key).Scan(&ok); err != nil {
			return false, fmt.Errorf("take the migration lock: %w", err)
		}
		return ok, nil
	})
}

// lockFile locks a file beside an SQLite database. When somebody deletes the file,
// two processes may hold the lock; then the transactions keep them apart, each of
// which looks first whether its migration is recorded.
func (m *Migrator) lockFile(ctx context.Context, s *database.Session) (*flock.Flock, error) {
	// Other processes may write while this one waits for its transaction.
	if _, err := s.ExecContext(ctx, fmt.Sprintf("PRAGMA busy_timeout = %d", m.options.LockTimeout.Milliseconds())); err != nil {
		return nil, fmt.Errorf("set the time to wait for other writers: %w", err)
	}
	path := m.db.Path() + ".migrate.lock"
	var file *flock.Flock
	err := m.wait(ctx, sqlitePoll, func() (bool, error) {
		file = flock.New(path)
		ok, err := file.TryLock()
		if err != nil {
			return false, fmt.Errorf("take the migration lock: %w", err)
		}
		if !ok {
			// Opened anew for each try: somebody may have replaced the file.
			return false, file.Close()
		}
		return true, nil
	})
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// wait calls try until it succeeds or the time is up.
func (m *Migrator) wait(ctx context.Context, pause time.Duration, try func() (bool, error)) error {
	start := time.Now()
	nextLog := start
	for {
		ok, err := try()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if ok || err != nil {
			return err
		}
		now := time.Now()
		waited := now.Sub(start)
		if waited >= m.options.LockTimeout {
			return &LockError{m.options.LockTimeout}
		}
		if !now.Before(nextLog) {
			m.log().InfoContext(ctx, "waiting for another process's migrations", "waited", waited.Round(time.Millisecond), "timeout", m.options.LockTimeout)
			nextLog = now.Add(logEvery)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(min(pause, m.options.LockTimeout-waited)):
		}
	}
}
