package runs

import (
	"context"

	"github.com/kitgo/kit/database/schema"
)

// tables are those of a ledger.
var tables = schema.Own{{Name: table, Define: defineRuns}, {Name: pauses, Define: definePauses}}

// Tables returns the tables of ledgers.
func Tables() schema.Own { return tables }

// withTables calls f, and again after making the tables when one is not there.
func (l *Ledger) withTables(ctx context.Context, f func() error) error {
	return tables.With(ctx, l.db, f)
}

// missing reports whether the tables are not there yet.
func (l *Ledger) missing(ctx context.Context) bool { return tables.Missing(ctx, l.db) }

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
