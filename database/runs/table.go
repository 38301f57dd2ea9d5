package runs

import (
	"context"
	"fmt"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/schema"
)

// withTables calls f, and again after making the tables when one is not there.
func (l *Ledger) withTables(ctx context.Context, f func() error) error {
	if err := f(); err == nil {
		return nil
	}
	if l.missing(ctx) {
		if err := l.create(ctx); err != nil && l.missing(ctx) { // else another process was faster
			return fmt.Errorf("create the tables %s and %s: %w", table, pauses, err)
		}
	}
	return f() // also when another process made the table since
}

// missing reports whether the tables are not there yet. The second is made after the
// first.
func (l *Ledger) missing(ctx context.Context) bool {
	found, err := schema.New(l.db).HasTable(ctx, pauses)
	return err == nil && !found
}

func (l *Ledger) create(ctx context.Context) error {
	return database.Tx(ctx, l.db, func(ctx context.Context) error {
		if l.db.Dialect() == database.Postgres { // two that create at once disturb each other
			if _, err := l.db.ExecContext(ctx, "SELECT pg_advisory_xact_lock(hashtext('kit tables'), hashtext(current_schema()))"); err != nil {
				return err
			}
		}
		if err := l.createTable(ctx, table, defineRuns); err != nil {
			return err
		}
		return l.createTable(ctx, pauses, definePauses)
	})
}

// createTable creates a table unless it is there, also when another process does it at the
// same time.
func (l *Ledger) createTable(ctx context.Context, name string, define func(*schema.Table)) error {
	s := schema.New(l.db)
	if found, err := s.HasTable(ctx, name); err != nil || found {
		return err
	}
	err := s.Create(ctx, name, define)
	if err != nil && l.db.Dialect() == database.MySQL {
		if found, _ := s.HasTable(ctx, name); found {
			return nil
		}
	}
	return err
}

func defineRuns(t *schema.Table) {
	t.ID()
	t.String("task", longestName)
	t.Timestamp("due_at")
	t.String("host", 255)
	t.String("status", 20)
	t.Timestamp("started_at")
	t.Timestamp("finished_at").Nullable()
	t.Timestamp("lease_until")
	t.Text("error").Nullable()
	t.Text("output").Nullable()
	t.String("reason", 20).Nullable()
	t.String("claim", 40).Nullable()
	t.UniqueIndex("task", "due_at")
	t.Index("status", "lease_until")
	t.Index("started_at")
}

func definePauses(t *schema.Table) {
	t.String("task", longestName)
	t.Timestamp("paused_at")
	t.String("host", 255)
	t.PrimaryKey("task")
}
