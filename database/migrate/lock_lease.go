package migrate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kitgo/kit/database"
)

// A lease is renewed every renewEvery and void after leaseTime, by the clock of the
// database.
const (
	leaseTime  = 8 * time.Second
	renewEvery = 2 * time.Second
	sweepEvery = time.Second
)

// errLeaseLost ends the work of a process whose lease another one has taken.
var errLeaseLost = errors.New("the migration lock was lost: this process did not renew its lease in time, and another one has taken it")

// leaseLock is a row of the table kit_migration_lock, for connections on which locks
// of a session do not hold.
//
// The fence: each transaction of the holder takes an advisory lock for as long as the
// transaction lasts and then looks whether the lease is still its own. Nobody can take
// the lease while that advisory lock is held. So a holder that was stopped in a
// transaction is the only one who can write; one that was stopped between two finds
// out at the beginning of the next. When a holder's lease has run out while its
// transaction goes on, those who wait end its connection. Migrations without a
// transaction are fenced by their dirty mark: whoever comes next sees it and refuses.
type leaseLock struct {
	t         *turn
	key       int64
	lastSweep time.Time
}

func newLeaseLock(t *turn, key int64) lock {
	return &leaseLock{t: t, key: key, lastSweep: time.Now()}
}

// takeLease takes the lease and holds the advisory lock for just this statement.
const takeLease = `WITH free AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(?) AS ok)
	INSERT INTO ` + lockTable + ` (id, token, holder, since, applying, expires_at)
	SELECT 1, ?, ?, clock_timestamp(), '', clock_timestamp() + ? * interval '1 second' FROM free WHERE ok
	ON CONFLICT (id) DO UPDATE SET token = excluded.token, holder = excluded.holder, since = excluded.since,
		applying = excluded.applying, expires_at = excluded.expires_at
	WHERE ` + lockTable + `.expires_at IS NULL OR ` + lockTable + `.expires_at < clock_timestamp()`

func (l *leaseLock) try(ctx context.Context) (bool, error) {
	take := func() (bool, error) {
		r, err := l.t.s.ExecContext(ctx, takeLease, l.key, l.t.token, l.t.m.processName(), leaseTime.Seconds())
		if err != nil {
			return false, err
		}
		n, err := r.RowsAffected()
		return n > 0, err
	}
	ok, err := take()
	if isMissingTable(err, lockTable) {
		if err := createTables(ctx, l.t.s); err != nil {
			return false, err
		}
		ok, err = take()
	}
	if ok || err != nil || time.Since(l.lastSweep) < sweepEvery {
		return ok, err
	}
	l.lastSweep = time.Now()
	return false, l.sweep(ctx)
}

// sweep ends the connection of a holder whose lease has run out while its transaction
// goes on: its process was stopped, or cannot be reached. The age of the transaction
// tells it from those who only try.
func (l *leaseLock) sweep(ctx context.Context) error {
	high, low := halves(l.key)
	var ended int
	err := l.t.s.QueryRowContext(ctx, `SELECT count(pg_terminate_backend(a.pid)) FROM pg_stat_activity a
		WHERE a.pid <> pg_backend_pid() AND a.xact_start < clock_timestamp() - interval '2 seconds'
		AND EXISTS (SELECT 1 FROM `+lockTable+` k WHERE k.expires_at < clock_timestamp() - interval '500 milliseconds')
		AND a.pid IN (SELECT l.pid FROM `+holdersOf+")", high, low).Scan(&ended)
	if err != nil {
		return fmt.Errorf("end the connection of a lost process: %w", err)
	}
	if ended > 0 {
		l.t.m.log().WarnContext(ctx, "ended the database connection of a process that held the migration lock and did not renew its lease")
	}
	return nil
}

// enter waits for the advisory lock, which others hold for moments only.
func (l *leaseLock) enter(ctx context.Context, c database.Conn) error {
	if _, err := c.ExecContext(ctx, "SELECT pg_advisory_xact_lock(?)", l.key); err != nil {
		return fmt.Errorf("keep the migration lock: %w", err)
	}
	// The server looks at the connection while a long statement runs, as in noticeLoss.
	// Where it cannot, the statement runs to its end.
	if _, err := c.ExecContext(ctx, "SELECT set_config('client_connection_check_interval', '1000', true) WHERE current_setting('client_connection_check_interval', true) IS NOT NULL"); err != nil {
		return fmt.Errorf("let the server watch the connection: %w", err)
	}
	var mine int
	if err := c.QueryRowContext(ctx, "SELECT count(*) FROM "+lockTable+" WHERE id = 1 AND token = ?", l.t.token).Scan(&mine); err != nil {
		return fmt.Errorf("look at the migration lock: %w", err)
	}
	if mine == 0 {
		return errLeaseLost
	}
	return nil
}

// renew renews the lease until the function that it returns is called. When another
// process has taken the lease, it cancels.
func (l *leaseLock) renew(ctx context.Context, cancel context.CancelCauseFunc) (stop func()) {
	ctx, end := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(renewEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			n, err := l.renewOnce(ctx)
			switch {
			case ctx.Err() != nil:
				return
			case err != nil: // the fence holds nevertheless
				l.t.m.log().WarnContext(ctx, "renewing the migration lock", "error", err)
			case n == 0:
				cancel(errLeaseLost)
				return
			}
		}
	}()
	return func() {
		end()
		<-done
	}
}

// renewOnce is not cancelled by the end of the work, as in [turn.tellOthers].
func (l *leaseLock) renewOnce(ctx context.Context) (int64, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), renewEvery)
	defer cancel()
	r, err := l.t.m.db.ExecContext(ctx, "UPDATE "+lockTable+" SET expires_at = clock_timestamp() + ? * interval '1 second' WHERE id = 1 AND token = ?", leaseTime.Seconds(), l.t.token)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func (l *leaseLock) held(ctx context.Context) (bool, error) {
	var n int
	err := l.t.s.QueryRowContext(ctx, "SELECT count(*) FROM "+lockTable+" WHERE expires_at > clock_timestamp()").Scan(&n)
	if err != nil && !isMissingTable(err, lockTable) {
		return false, fmt.Errorf("look at the migration lock: %w", err)
	}
	if n > 0 {
		return true, nil
	}
	return isAdvisoryLocked(ctx, l.t.s, l.key)
}

func (l *leaseLock) free(ctx context.Context) error { return l.t.unregister(ctx) }
