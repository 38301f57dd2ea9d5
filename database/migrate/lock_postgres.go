package migrate

import (
	"context"
	"fmt"
	"hash/fnv"

	"github.com/kitgo/kit/database"
)

// newPostgresLock returns the lock of the connection, or the lease where a pooler
// stands between.
func newPostgresLock(ctx context.Context, t *turn) (lock, error) {
	var where string
	if err := t.s.QueryRowContext(ctx, "SELECT concat_ws('.', current_database(), current_schema())").Scan(&where); err != nil {
		return nil, fmt.Errorf("name the migration lock: %w", err)
	}
	key := lockNumber("kit migrations of " + where)
	pooled, err := t.s.Pooled(ctx)
	if err != nil {
		return nil, err
	}
	if pooled {
		return newLeaseLock(t, key), nil
	}
	return &postgresLock{t, key}, nil
}

// noticeLoss makes the server notice within 10 seconds that this process or the
// network to it is gone: by asking an idle connection after 2 seconds, and by looking
// at the connection every second while a statement runs. Servers leave out what they
// do not know: older versions, other systems, connections over a socket file.
func noticeLoss(ctx context.Context, s *database.Session) error {
	_, err := s.ExecContext(ctx, `SELECT set_config(name, value, false) FROM (VALUES
		('tcp_keepalives_idle', '2'), ('tcp_keepalives_interval', '2'), ('tcp_keepalives_count', '3'),
		('tcp_user_timeout', '8000'), ('client_connection_check_interval', '1000')) w (name, value)
		WHERE current_setting(name, true) IS NOT NULL`)
	if err != nil && isConnectionLost(err) {
		return fmt.Errorf("let the server watch the connection: %w", err)
	}
	return nil
}

// postgresLock is an advisory lock of the connection that will migrate. So the lock
// lives exactly as long as what it protects: when the connection breaks, the next
// statement fails, and when the process dies in the middle of a statement, the lock is
// not free before the server has stopped that statement too.
type postgresLock struct {
	t   *turn
	key int64
}

func (l *postgresLock) try(ctx context.Context) (bool, error) {
	var ok bool
	if err := l.t.s.QueryRowContext(ctx, "SELECT pg_try_advisory_lock(?)", l.key).Scan(&ok); err != nil || !ok {
		return false, err
	}
	// A process behind a pooler may hold a lease and be between two transactions.
	var leases int
	err := l.t.s.QueryRowContext(ctx, "SELECT count(*) FROM "+lockTable+" WHERE expires_at > clock_timestamp()").Scan(&leases)
	if isMissingTable(err, lockTable) {
		err, leases = nil, 0
	}
	if err == nil && leases == 0 {
		return true, noticeLoss(ctx, l.t.s)
	}
	if _, e := l.t.s.ExecContext(ctx, "SELECT pg_advisory_unlock(?)", l.key); e != nil && err == nil {
		err = e
	}
	return false, err
}

func (*postgresLock) enter(context.Context, database.Conn) error { return nil }

func (l *postgresLock) held(ctx context.Context) (bool, error) {
	return isAdvisoryLocked(ctx, l.t.s, l.key)
}

// free gives the lock back, because the server notices only later that a connection
// was closed. Where that fails, the connection is broken, and its end does it.
func (l *postgresLock) free(ctx context.Context) error {
	err := l.t.unregister(ctx)
	_, _ = l.t.s.ExecContext(ctx, "SELECT pg_advisory_unlock(?)", l.key)
	return err
}

// holdersOf selects from pg_locks the connections that hold an advisory lock of this
// database; its arguments are the two halves of the number.
const holdersOf = `pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
	AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND l.classid = ? AND l.objid = ?`

// lockNumber is the name of a lock as a number.
func lockNumber(name string) int64 {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(name))
	return int64(hash.Sum64()) //nolint:gosec // any 64 bits will do
}

// halves returns a number as pg_locks shows it.
func halves(key int64) (high, low uint32) {
	return uint32(uint64(key) >> 32), uint32(uint64(key)) //nolint:gosec // the halves are meant
}

func isAdvisoryLocked(ctx context.Context, c database.Conn, key int64) (bool, error) {
	high, low := halves(key)
	var n int
	if err := c.QueryRowContext(ctx, "SELECT count(*) FROM "+holdersOf, high, low).Scan(&n); err != nil {
		return false, fmt.Errorf("look at the migration lock: %w", err)
	}
	return n > 0, nil
}
