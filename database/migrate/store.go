package migrate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/schema"
)

// table holds the record of what was applied.
const table = "kit_migrations"

// record is a row of the table.
type record struct {
	name     string
	batch    int
	at       time.Time
	duration time.Duration
}

// createTable makes the table if there is none. Only the holder of the lock calls it.
func createTable(ctx context.Context, s *database.Session) error {
	return s.Transaction(ctx, func(ctx context.Context, tx *database.Tx) error {
		b := schema.New(tx)
		if found, err := b.HasTable(ctx, table); found || err != nil {
			return err
		}
		return b.Create(ctx, table, func(t *schema.Table) {
			t.ID() // the order in which they were applied
			t.String("name", 255).Unique()
			t.Integer("batch")
			t.Timestamp("applied_at")
			t.BigInteger("duration_ms")
			t.String("version", 255).Default("")
		})
	})
}

// records returns what was applied, oldest first; nothing when there is no table yet.
func records(ctx context.Context, c database.Conn) ([]record, error) {
	list, err := readRecords(ctx, c)
	if isMissingTable(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the table %s: %w", table, err)
	}
	return list, nil
}

func readRecords(ctx context.Context, c database.Conn) ([]record, error) {
	rows, err := c.QueryContext(ctx, "SELECT name, batch, applied_at, duration_ms FROM "+table+" ORDER BY id")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []record
	for rows.Next() {
		var r record
		var ms int64
		if err := rows.Scan(&r.name, &r.batch, &r.at, &ms); err != nil {
			return nil, err
		}
		r.at, r.duration = r.at.UTC(), time.Duration(ms)*time.Millisecond
		list = append(list, r)
	}
	return list, rows.Err()
}

// isMissingTable reports whether a query failed because the table of records does
// not exist. SQLite has no code for that, only the text.
func isMissingTable(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == "42P01" // undefined_table
	}
	return err != nil && strings.Contains(err.Error(), "no such table: "+table)
}

func isRecorded(ctx context.Context, c database.Conn, name string) (bool, error) {
	var n int
	if err := c.QueryRowContext(ctx, "SELECT count(*) FROM "+table+" WHERE name = ?", name).Scan(&n); err != nil {
		return false, fmt.Errorf("read the table %s: %w", table, err)
	}
	return n > 0, nil
}

func (m *Migrator) write(ctx context.Context, c database.Conn, r record) error {
	_, err := c.ExecContext(ctx, "INSERT INTO "+table+" (name, batch, applied_at, duration_ms, version) VALUES (?, ?, ?, ?, ?)",
		r.name, r.batch, r.at, r.duration.Milliseconds(), m.options.Version)
	if err != nil {
		return fmt.Errorf("record it: %w", err)
	}
	return nil
}

func erase(ctx context.Context, c database.Conn, name string) error {
	if _, err := c.ExecContext(ctx, "DELETE FROM "+table+" WHERE name = ?", name); err != nil {
		return fmt.Errorf("delete its record: %w", err)
	}
	return nil
}

// State says whether a migration was applied.
type State string

// The states of a migration. Missing means recorded as applied, but not in this
// program.
const (
	AppliedState State = "applied"
	Pending      State = "pending"
	Missing      State = "missing"
)

// Status is what is known about one migration.
type Status struct {
	Name   string
	Status State
	// Batch, AppliedAt and Duration are zero for a pending migration.
	Batch     int
	AppliedAt time.Time // in UTC
	Duration  time.Duration
}

// Status returns every migration of the program and of the database, in order of
// name. It takes no lock and creates nothing.
func (m *Migrator) Status(ctx context.Context) ([]Status, error) {
	applied, err := records(ctx, m.db)
	if err != nil {
		return nil, err
	}
	list := make([]Status, 0, len(m.list))
	for _, mig := range pending(m.list, applied) {
		list = append(list, Status{Name: mig.Name, Status: Pending})
	}
	for _, r := range applied {
		s := Status{r.name, AppliedState, r.batch, r.at, r.duration}
		if _, ok := m.find(r.name); !ok {
			s.Status = Missing
		}
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b Status) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// pending returns the migrations of a list that are not recorded.
func pending(list []Migration, applied []record) []Migration {
	known := make(map[string]bool, len(applied))
	for _, r := range applied {
		known[r.name] = true
	}
	var left []Migration
	for _, mig := range list {
		if !known[mig.Name] {
			left = append(left, mig)
		}
	}
	return left
}
