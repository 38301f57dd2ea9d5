// Package runs keeps the runs of scheduled tasks in a table of the application's
// database, kit_schedule_runs: so that each runs once, however many schedulers there
// are, and what happened is known afterwards.
//
//	runner := schedule.Runner{Schedule: &s, Ledger: runs.New(db, "")}
//
// A run is begun by inserting its task and the instant at which it is due, under a
// unique index: whoever comes second finds the row. The clock of the database counts,
// also for leases: a run whose process does not renew its lease is lost after 45 seconds.
// What is paused is in kit_schedule_pauses. The tables are made when they are needed first.
package runs

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/uptrace/bun"
)

// The states of a run.
const (
	Running = "running"
	OK      = "ok"
	Failed  = "failed"
	Lost    = "lost"    // its process ended, or could not renew its lease
	Skipped = "skipped" // not begun: Run.Error says why
)

// Lease is for how long a run counts as running after it was last renewed.
const Lease = 45 * time.Second

const (
	table  = "kit_schedule_runs"
	pauses = "kit_schedule_pauses"
)

// longestName is how many characters the name of a task may have.
const longestName = 200

// longestText is how many bytes of an error and of an output are kept.
const longestText = 16 << 10

// Run is a run of a task.
type Run struct {
	bun.BaseModel `bun:"table:kit_schedule_runs"`

	ID         int64      `bun:"id,pk,autoincrement"`
	Task       string     `bun:"task"`
	DueAt      time.Time  `bun:"due_at"`
	Host       string     `bun:"host"`
	Status     string     `bun:"status"`
	StartedAt  time.Time  `bun:"started_at"`
	FinishedAt *time.Time `bun:"finished_at"` // nil while it runs, and when it is lost
	LeaseUntil time.Time  `bun:"lease_until"`
	Error      *string    `bun:"error"`  // why it failed or was skipped, at most 16 KiB
	Output     *string    `bun:"output"` // the last 16 KiB of what it logged and wrote
	Reason     *string    `bun:"reason"` // of a skipped run: a schedule.Reason, or overlapping
	Claim      *string    `bun:"claim"`  // the token with which it was begun
}

// Ledger is the table. It is safe for concurrent use.
type Ledger struct {
	db   *database.DB
	host string
}

// New returns the ledger in a database. host names this process to people; empty means
// the name of the machine.
func New(db *database.DB, host string) *Ledger {
	if host == "" {
		host, _ = os.Hostname()
	}
	return &Ledger{db, host}
}

// clocks are the database's own time, and that time plus the lease.
var clocks = map[database.Dialect][2]string{
	database.Postgres: {"clock_timestamp()", "clock_timestamp() + interval '45 seconds'"},
	database.MySQL:    {"NOW(6)", "NOW(6) + INTERVAL 45 SECOND"},
	database.SQLite:   {"strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')", "strftime('%Y-%m-%d %H:%M:%f+00:00', 'now', '+45 seconds')"},
}

func (l *Ledger) now() string   { return clocks[l.db.Dialect()][0] }
func (l *Ledger) lease() string { return clocks[l.db.Dialect()][1] }

// Now returns the time of the database's clock.
func (l *Ledger) Now(ctx context.Context) (time.Time, error) {
	var now any
	if err := l.db.QueryRowContext(ctx, "SELECT "+l.now()).Scan(&now); err != nil {
		return time.Time{}, fmt.Errorf("ask the database for the time: %w", err)
	}
	switch now := now.(type) {
	case time.Time:
		return now.UTC(), nil
	case string:
		return time.Parse("2006-01-02 15:04:05.999999-07:00", now)
	default:
		return time.Time{}, fmt.Errorf("the database's time is a %T", now)
	}
}
