package migrate

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/kitgo/kit/database"
)

// Lock says who holds the migration lock.
type Lock struct {
	// Holder names the host, the process and its version.
	Holder string
	// Since is when it took the lock, in UTC, by its own clock.
	Since time.Time
	// Applying says which migration it is working on: "3 of 20: m2026…". It is empty
	// before the first one.
	Applying string
	// Leased says that the lock is a row of the table kit_migration_lock, as behind a
	// pooler; Expires is when it is void unless it is renewed. Else the lock belongs to
	// a connection or a file.
	Leased  bool
	Expires time.Time
}

// processName says which process this is, for people.
func (m *Migrator) processName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	name := fmt.Sprintf("%s, process %d", host, os.Getpid())
	if m.options.Version != "" {
		name += ", version " + m.options.Version
	}
	return name[:min(len(name), 255)]
}

// readLock returns what the holder of the lock has written down; nil when nobody has.
// A process that was killed leaves it behind.
func readLock(ctx context.Context, c database.Conn) (*Lock, error) {
	var l Lock
	var expires sql.NullTime
	err := c.QueryRowContext(ctx, "SELECT holder, since, applying, expires_at FROM "+lockTable+" WHERE id = 1").
		Scan(&l.Holder, &l.Since, &l.Applying, &expires)
	if isMissingTable(err, lockTable) || errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the table %s: %w", lockTable, err)
	}
	l.Since, l.Leased, l.Expires = l.Since.UTC(), expires.Valid, expires.Time.UTC()
	return &l, nil
}

// register writes down that this process holds the lock. It makes the tables when
// they are missing.
func (t *turn) register(ctx context.Context) error {
	if !t.shared {
		return createTables(ctx, t.s)
	}
	t.registered = true
	if _, ok := t.lock.(*leaseLock); ok {
		return createTables(ctx, t.s) // the note is the lease itself
	}
	statement := "INSERT INTO " + lockTable + " (id, token, holder, since, applying) VALUES (1, ?, ?, ?, '') ON CONFLICT (id) DO UPDATE " +
		"SET token = excluded.token, holder = excluded.holder, since = excluded.since, applying = excluded.applying, expires_at = NULL"
	if t.s.Dialect() == database.MySQL {
		statement = "REPLACE INTO " + lockTable + " (id, token, holder, since, applying) VALUES (1, ?, ?, ?, '')"
	}
	write := func() error {
		_, err := t.s.ExecContext(ctx, statement, t.token, t.m.processName(), time.Now().UTC())
		return err
	}
	err := write()
	if isMissingTable(err, lockTable) {
		if err := createTables(ctx, t.s); err != nil {
			return err
		}
		err = write()
	}
	if err != nil {
		return fmt.Errorf("write down who migrates: %w", err)
	}
	return nil
}

// unregister removes what register wrote, over another connection when that of the
// session has broken.
func (t *turn) unregister(ctx context.Context) error {
	if !t.registered {
		return nil
	}
	statement := "DELETE FROM " + lockTable + " WHERE id = 1 AND token = ?"
	if _, err := t.s.ExecContext(ctx, statement, t.token); err == nil {
		return nil
	}
	if _, err := t.m.db.ExecContext(ctx, statement, t.token); err != nil {
		return fmt.Errorf("remove the note of who migrates: %w", err)
	}
	return nil
}

// Lock returns who holds the migration lock; nil when it is free.
func (m *Migrator) Lock(ctx context.Context) (*Lock, error) {
	written, err := readLock(ctx, m.db)
	if err != nil || written == nil {
		return nil, err
	}
	t, err := m.newTurn(ctx)
	if err != nil {
		return nil, err
	}
	defer t.s.Close()
	held, err := t.lock.held(ctx)
	if err != nil || !held {
		return nil, err
	}
	return written, nil
}

// Unlock removes the lease of a process, when that is held by nobody any more and did
// not end by itself, and returns whose it was. A lock that belongs to a connection or
// a file cannot be removed: it ends with its process. The result is nil when there
// is no lease.
func (m *Migrator) Unlock(ctx context.Context) (*Lock, error) {
	written, err := readLock(ctx, m.db)
	if err != nil || written == nil || !written.Leased {
		return nil, err
	}
	if _, err := m.db.ExecContext(ctx, "DELETE FROM "+lockTable+" WHERE id = 1 AND expires_at IS NOT NULL"); err != nil {
		return nil, fmt.Errorf("remove the lease: %w", err)
	}
	return written, nil
}
