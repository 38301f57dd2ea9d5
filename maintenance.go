package kit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/schema"
	"github.com/kitgo/kit/web"
)

// The mark that an application is down is a row of its database, which every instance
// has: a file or a variable would stop only one of them.
const maintenanceTable = "kit_maintenance"

var maintenanceTables = schema.Own{{Name: maintenanceTable, Define: func(t *schema.Table) {
	t.Integer("id") // always 1
	t.Timestamp("since")
	t.Integer("retry_after") // seconds
	t.Text("message")
	t.String("pass", 64)
	t.PrimaryKey("id")
}}}

// maintenance knows whether the application is down.
type maintenance struct {
	db  *database.DB
	log *slog.Logger

	mu    sync.Mutex // held to look
	state atomic.Pointer[maintenanceState]
}

type maintenanceState struct {
	mark   *web.Maintenance // nil while it is up
	at     time.Time
	table  bool // there is one
	failed bool // the database did not answer
}

const (
	// maintenanceAge is how old what is known may be: so long may an instance go on
	// after `app down`.
	maintenanceAge     = time.Second
	maintenanceTimeout = 2 * time.Second
)

// look returns the mark, or nil. Of the requests that come when it is time to look
// again one does, and the others go by what is known.
func (m *maintenance) look(context.Context) *web.Maintenance {
	s := m.state.Load()
	if s != nil && time.Since(s.at) < maintenanceAge {
		return s.mark
	}
	if s == nil {
		m.mu.Lock()
	} else if !m.mu.TryLock() {
		return s.mark
	}
	defer m.mu.Unlock()
	if now := m.state.Load(); now != s {
		return now.mark // another request has looked meanwhile
	}
	if s == nil {
		s = new(maintenanceState)
	}
	// Not the request's context: the query is no part of its transaction or its trace.
	ctx, cancel := context.WithTimeout(context.Background(), maintenanceTimeout)
	defer cancel()
	next, err := m.read(ctx, s.table)
	if err != nil {
		if !s.failed {
			m.log.Warn("whether the application is down for maintenance cannot be read", "error", err)
		}
		next = maintenanceState{mark: s.mark, table: s.table, failed: true}
	}
	next.at = time.Now()
	m.state.Store(&next)
	return next.mark
}

// read reads the mark. Asking whether the table is there first keeps errors out of the
// database's log.
func (m *maintenance) read(ctx context.Context, table bool) (s maintenanceState, err error) {
	if !table {
		found, err := schema.New(m.db).HasTable(ctx, maintenanceTable)
		if err != nil || !found {
			return s, err
		}
	}
	s.table = true
	var mark web.Maintenance
	var seconds int64
	err = m.db.QueryRowContext(ctx, "SELECT since, retry_after, message, pass FROM "+maintenanceTable+" WHERE id = 1").
		Scan(&mark.Since, &seconds, &mark.Message, &mark.Pass)
	if errors.Is(err, sql.ErrNoRows) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	mark.RetryAfter = time.Duration(seconds) * time.Second
	s.mark = &mark
	return s, nil
}

// setDown puts the mark up, in place of one that there may be.
func setDown(ctx context.Context, db *database.DB, mark web.Maintenance) error {
	err := maintenanceTables.With(ctx, db, func() error {
		return database.Tx(ctx, db, func(ctx context.Context) error {
			if _, err := db.ExecContext(ctx, "DELETE FROM "+maintenanceTable); err != nil {
				return err
			}
			_, err := db.ExecContext(ctx, "INSERT INTO "+maintenanceTable+" (id, since, retry_after, message, pass) VALUES (1, ?, ?, ?, ?)",
				mark.Since.UTC().Truncate(time.Microsecond), int64(mark.RetryAfter.Seconds()), mark.Message, mark.Pass)
			return err
		})
	})
	if err != nil {
		return fmt.Errorf("mark the application as down: %w", err)
	}
	return nil
}

// setUp takes the mark away; changed is false when there was none.
func setUp(ctx context.Context, db *database.DB) (changed bool, err error) {
	if maintenanceTables.Missing(ctx, db) {
		return false, nil
	}
	result, err := db.ExecContext(ctx, "DELETE FROM "+maintenanceTable)
	if err != nil {
		return false, fmt.Errorf("mark the application as up: %w", err)
	}
	n, err := result.RowsAffected()
	return n > 0, err
}
