package migrate

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/schema"
)

// table holds the record of what was applied, lockTable who is applying.
const (
	table     = "kit_migrations"
	lockTable = "kit_migration_lock"
)

// The states of a record.
const (
	stateApplied = "applied"
	stateUp      = "dirty"      // Up has begun and not ended
	stateDown    = "dirty-down" // Down has begun and not ended
)

// record is a row of the table, without its longer columns.
type record struct {
	name     string
	batch    int
	at       time.Time
	duration time.Duration
	checksum string // "" when it is not known
	state    string
}

func (r record) dirty() bool { return r.state != stateApplied }

// tables are those of this package.
var tables = []struct {
	name   string
	define func(*schema.Table)
}{
	{table, func(t *schema.Table) {
		t.ID() // the order in which they were applied
		t.String("name", 255).Unique()
		t.Integer("batch")
		t.Timestamp("applied_at")
		t.BigInteger("duration_ms")
		t.String("version", 255).Default("")
		t.String("checksum", 64).Default("")
		t.String("state", 16).Default(stateApplied)
		t.Text("progress").Nullable() // of a dirty one
		t.Text("down").Nullable()     // the way back
	}},
	{lockTable, func(t *schema.Table) {
		t.Integer("id")
		t.String("token", 64)
		t.String("holder", 255)
		t.Timestamp("since")
		t.String("applying", 300)
		t.Timestamp("expires_at").Nullable() // of a lease; else the lock is elsewhere
		t.PrimaryKey("id")
	}},
}

// createTables makes the tables that are missing. Behind a pooler processes do so at
// the same time, as there is no lock without its table: an own lock keeps PostgreSQL
// from finding deadlocks between them.
func createTables(ctx context.Context, s *database.Session) error {
	err := s.Transaction(ctx, func(ctx context.Context, tx *database.Transaction) error {
		if s.Dialect() == database.Postgres {
			if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(hashtext('kit tables'), hashtext(current_schema()))"); err != nil {
				return err
			}
		}
		b := schema.New(tx)
		for _, t := range tables {
			found, err := b.HasTable(ctx, t.name)
			if err == nil && !found {
				err = b.Create(ctx, t.name, t.define)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("create the tables of the migrations: %w", err)
	}
	return nil
}

// records returns what was applied, oldest first; nothing when there is no table yet.
func records(ctx context.Context, c database.Conn) ([]record, error) {
	list, err := readRecords(ctx, c)
	if isMissingTable(err, table) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the table %s: %w", table, err)
	}
	return list, nil
}

func readRecords(ctx context.Context, c database.Conn) ([]record, error) {
	rows, err := c.QueryContext(ctx, "SELECT name, batch, applied_at, duration_ms, checksum, state FROM "+table+" ORDER BY id")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []record
	for rows.Next() {
		var r record
		var ms int64
		if err := rows.Scan(&r.name, &r.batch, &r.at, &ms, &r.checksum, &r.state); err != nil {
			return nil, err
		}
		r.at, r.duration = r.at.UTC(), time.Duration(ms)*time.Millisecond
		list = append(list, r)
	}
	return list, rows.Err()
}

// countApplied returns how many migrations are applied: less work than records.
func countApplied(ctx context.Context, c database.Conn) (int, error) {
	var n int
	err := c.QueryRowContext(ctx, "SELECT count(*) FROM "+table+" WHERE state = ?", stateApplied).Scan(&n)
	if isMissingTable(err, table) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the table %s: %w", table, err)
	}
	return n, nil
}

func isRecorded(ctx context.Context, c database.Conn, name string) (bool, error) {
	var n int
	if err := c.QueryRowContext(ctx, "SELECT count(*) FROM "+table+" WHERE name = ?", name).Scan(&n); err != nil {
		return false, fmt.Errorf("read the table %s: %w", table, err)
	}
	return n > 0, nil
}

func (m *Migrator) insert(ctx context.Context, c database.Conn, r record, back *wayBack) error {
	_, err := c.ExecContext(ctx, "INSERT INTO "+table+" (name, batch, applied_at, duration_ms, version, checksum, state, down) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		r.name, r.batch, r.at, r.duration.Milliseconds(), m.options.Version, r.checksum, r.state, back.column())
	if err != nil {
		return fmt.Errorf("record it: %w", err)
	}
	return nil
}

// complete turns the mark of a migration into its record.
func complete(ctx context.Context, c database.Conn, r record, back *wayBack) error {
	_, err := c.ExecContext(ctx, "UPDATE "+table+" SET applied_at = ?, duration_ms = ?, checksum = ?, state = ?, progress = NULL, down = ? WHERE name = ?",
		r.at, r.duration.Milliseconds(), r.checksum, stateApplied, back.column(), r.name)
	if err != nil {
		return fmt.Errorf("record it: %w", err)
	}
	return nil
}

// mark changes the state of a record from one to another.
func mark(ctx context.Context, c database.Conn, name, from, to string) error {
	if _, err := c.ExecContext(ctx, "UPDATE "+table+" SET state = ?, progress = NULL WHERE name = ? AND state = ?", to, name, from); err != nil {
		return fmt.Errorf("mark its record: %w", err)
	}
	return nil
}

// unmark deletes the record of a migration whose Up has begun. The state is part of
// the condition because a process that was stopped may do this after others went on.
func unmark(ctx context.Context, c database.Conn, name string) error {
	if _, err := c.ExecContext(ctx, "DELETE FROM "+table+" WHERE name = ? AND state = ?", name, stateUp); err != nil {
		return fmt.Errorf("delete its record: %w", err)
	}
	return nil
}

func erase(ctx context.Context, c database.Conn, name string) error {
	if _, err := c.ExecContext(ctx, "DELETE FROM "+table+" WHERE name = ?", name); err != nil {
		return fmt.Errorf("delete its record: %w", err)
	}
	return nil
}

// readJSON reads one of the longer columns of a record into v, and reports whether
// there was something in it.
func readJSON(ctx context.Context, c database.Conn, name, column string, v any) (bool, error) {
	var text sql.NullString
	err := c.QueryRowContext(ctx, "SELECT "+column+" FROM "+table+" WHERE name = ?", name).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !text.Valid {
		return false, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text.String), v)
	}
	if err != nil {
		return false, fmt.Errorf("read the column %s of migration %s: %w", column, name, err)
	}
	return true, nil
}
