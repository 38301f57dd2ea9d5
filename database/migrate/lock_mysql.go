package migrate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/kitgo/kit/database"
)

// silentTime is after how many seconds without a sign of life the server closes the
// connection that shows that a process lives; it gives one every pingEvery.
const (
	silentTime = 8
	pingEvery  = 2 * time.Second
)

// mysqlLock is a lock of the connection that will migrate, by GET_LOCK. The server
// does not notice that the process of a long statement has died, so a second lock on
// a second connection, which is always idle, shows that the process lives. Whoever
// waits and finds the first lock without the second ends the connection of the first.
// A process that was stopped loses both in the same way: it cannot write any more.
type mysqlLock struct {
	t     *turn
	id    int64  // of the session's connection
	name  string // of the lock
	alive string // of the second lock

	life     *database.Session
	stopLife func()
	orphaned time.Time // when the lock was first seen without its second; zero if it is not
}

func newMySQLLock(ctx context.Context, t *turn) (lock, error) {
	var where string
	l := &mysqlLock{t: t}
	if err := t.s.QueryRowContext(ctx, "SELECT database(), connection_id()").Scan(&where, &l.id); err != nil {
		return nil, fmt.Errorf("name the migration lock: %w", err)
	}
	l.name = fmt.Sprintf("kit migrations %016x", uint64(lockNumber(where))) //nolint:gosec // any 64 bits will do
	l.alive = l.name + " alive"
	timeout := max(1, int(t.m.options.StatementLockTimeout.Seconds()))
	// A migration may compute for a long time between two statements.
	settings := fmt.Sprintf("SET SESSION wait_timeout = 86400, lock_wait_timeout = %d, innodb_lock_wait_timeout = %[1]d", timeout)
	if _, err := t.s.ExecContext(ctx, settings); err != nil {
		return nil, fmt.Errorf("set the time-outs of the connection: %w", err)
	}
	return l, nil
}

func (l *mysqlLock) try(ctx context.Context) (bool, error) {
	var holder sql.NullInt64
	if err := l.t.s.QueryRowContext(ctx, "SELECT IS_USED_LOCK(?)", l.name).Scan(&holder); err != nil {
		return false, err
	}
	if holder.Valid && holder.Int64 != l.id {
		return false, l.sweep(ctx, holder.Int64)
	}
	l.orphaned = time.Time{}
	// First the sign of life, so that the lock is never without it.
	if l.life == nil {
		if err := l.live(ctx); err != nil {
			return false, err
		}
	}
	if ok, err := getLock(ctx, l.life, l.alive); err != nil || !ok {
		return false, err
	}
	ok, err := getLock(ctx, l.t.s, l.name)
	if err == nil && !ok {
		err = l.release(ctx)
	}
	return ok && err == nil, err
}

func getLock(ctx context.Context, c database.Conn, name string) (bool, error) {
	var ok sql.NullBool
	err := c.QueryRowContext(ctx, "SELECT GET_LOCK(?, 0)", name).Scan(&ok)
	return ok.Bool, err
}

// release lets go of the sign of life after another process was faster.
func (l *mysqlLock) release(ctx context.Context) error {
	_, err := l.life.ExecContext(ctx, "DO RELEASE_LOCK(?)", l.alive)
	return err
}

// live opens the second connection and gives signs of life on it.
func (l *mysqlLock) live(ctx context.Context) error {
	s, err := l.t.m.db.Session(ctx)
	if err != nil {
		return err
	}
	if _, err := s.ExecContext(ctx, fmt.Sprintf("SET SESSION wait_timeout = %d", silentTime)); err != nil {
		return errors.Join(err, s.Close())
	}
	l.life = s
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	l.stopLife = func() { cancel(); <-done }
	go func() {
		defer close(done)
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(pingEvery):
			}
			var one int
			if err := s.QueryRowContext(ctx, "SELECT 1").Scan(&one); err != nil && ctx.Err() == nil {
				l.t.m.log().WarnContext(ctx, "the sign of life of the migration lock is lost; another process may end this one's migration", "error", err)
				return
			}
		}
	}()
	return nil
}

// sweep ends the connection of a holder without a sign of life.
func (l *mysqlLock) sweep(ctx context.Context, holder int64) error {
	var free sql.NullBool
	if err := l.t.s.QueryRowContext(ctx, "SELECT IS_FREE_LOCK(?)", l.alive).Scan(&free); err != nil {
		return err
	}
	switch {
	case !free.Bool:
		l.orphaned = time.Time{}
	case l.orphaned.IsZero():
		l.orphaned = time.Now()
	case time.Since(l.orphaned) > sweepEvery:
		l.orphaned = time.Time{}
		l.t.m.log().WarnContext(ctx, "ending the database connection of a process that held the migration lock and does not live any more", "connection", holder)
		return kill(ctx, l.t.s, holder)
	}
	return nil
}

// kill ends a connection, which needs no privilege for those of the same user.
func kill(ctx context.Context, c database.Conn, id int64) error {
	_, err := c.ExecContext(ctx, fmt.Sprintf("KILL %d", id))
	if e, ok := errors.AsType[*mysql.MySQLError](err); ok && e.Number == 1094 { // ER_NO_SUCH_THREAD
		return nil
	}
	if err != nil {
		return fmt.Errorf("end the connection %d: %w", id, err)
	}
	return nil
}

// killWith ends the session's connection when ctx ends, until the function that it
// returns is called: the driver only stops listening, and the statement would run to
// its end with the lock.
func (l *mysqlLock) killWith(ctx context.Context) (stop func()) {
	done := make(chan struct{})
	unregister := context.AfterFunc(ctx, func() {
		defer close(done)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if err := l.killOwn(ctx); err != nil {
			l.t.m.log().WarnContext(ctx, "stopping the migration", "error", err)
		}
	})
	return func() {
		if !unregister() {
			<-done
		}
	}
}

// killOwn ends the session's connection over the second one. Behind a balancer that one
// may be on another server, where the number is somebody else's, so it asks for the
// lock first.
func (l *mysqlLock) killOwn(ctx context.Context) error {
	var holder sql.NullInt64
	if err := l.life.QueryRowContext(ctx, "SELECT IS_USED_LOCK(?)", l.name).Scan(&holder); err != nil {
		return fmt.Errorf("look at the migration lock: %w", err)
	}
	if !holder.Valid || holder.Int64 != l.id {
		return nil
	}
	return kill(ctx, l.life, l.id)
}

func (*mysqlLock) enter(context.Context, database.Conn) error { return nil }

func (l *mysqlLock) held(ctx context.Context) (bool, error) {
	var holder sql.NullInt64
	if err := l.t.s.QueryRowContext(ctx, "SELECT IS_USED_LOCK(?)", l.name).Scan(&holder); err != nil {
		return false, fmt.Errorf("look at the migration lock: %w", err)
	}
	return holder.Valid, nil
}

// free gives both locks back, because the server notices only later that a connection
// was closed. Where that fails, the connection is broken, and its end does it.
func (l *mysqlLock) free(ctx context.Context) error {
	err := l.t.unregister(ctx)
	_, _ = l.t.s.ExecContext(ctx, "DO RELEASE_LOCK(?)", l.name)
	if l.life != nil {
		l.stopLife()
		_ = l.release(ctx)
		err = errors.Join(err, l.life.Close())
	}
	return err
}
