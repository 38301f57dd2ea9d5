package runs

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/schedule"
	"github.com/uptrace/bun"
)

// overlapping is the reason of a run that was skipped because another one went on.
const overlapping = "overlapping"

// row is a run that is inserted.
type row struct {
	task          string
	due           time.Time
	status        string
	why           *string
	reason, claim *string
}

// Begin begins the runs of a claim that nobody has begun. Tasks whose names are too long
// for the table are an error.
func (l *Ledger) Begin(ctx context.Context, c schedule.Claim) (begun schedule.Begun, err error) {
	for _, task := range c.Tasks {
		if utf8.RuneCountInString(task) > longestName {
			return begun, fmt.Errorf("begin the run of task %.20s…: the name is longer than %d characters", task, longestName)
		}
	}
	c.Due = instant(c.Due)
	err = l.withTables(ctx, func() error {
		begun = schedule.Begun{IDs: make(map[string]int64, len(c.Tasks))}
		if !c.Alone {
			rows := make([]row, len(c.Tasks))
			for i, task := range c.Tasks {
				rows[i] = row{task: task, due: c.Due, status: Running, claim: &c.Token}
			}
			if err := l.insert(ctx, rows...); err != nil {
				return err
			}
			return l.claimed(ctx, c, c.Tasks, &begun)
		}
		for _, task := range c.Tasks {
			if err := l.beginAlone(ctx, c, task, &begun); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return schedule.Begun{}, fmt.Errorf("begin runs of tasks: %w", err)
	}
	return begun, nil
}

// instant is an instant as it is stored.
func instant(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// mine is what of a run is needed to begin it.
type mine struct {
	bun.BaseModel `bun:"table:kit_schedule_runs"`

	ID     int64  `bun:"id,pk"`
	Task   string `bun:"task"`
	Status string `bun:"status"`
}

// claimed adds the runs that were begun with the token of a claim.
func (l *Ledger) claimed(ctx context.Context, c schedule.Claim, tasks []string, begun *schedule.Begun) error {
	rows, err := database.From[mine](l.db).
		Where("due_at = ?", c.Due).WhereIn("task", tasks).Where("claim = ?", c.Token).All(ctx)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if r.Status == Skipped {
			begun.Overlapping = append(begun.Overlapping, r.Task)
		} else {
			begun.IDs[r.Task] = r.ID
		}
	}
	return nil
}

// beginAlone begins the run of a task of which no two may go on at the same time.
func (l *Ledger) beginAlone(ctx context.Context, c schedule.Claim, task string, begun *schedule.Begun) error {
	return database.Tx(ctx, l.db, func(ctx context.Context) error {
		if err := l.lock(ctx, task); err != nil {
			return err
		}
		going, err := database.From[Run](l.db).Where("task = ?", task).Where("status = ?", Running).Where("lease_until > "+l.now()).
			Where("claim <> ?", c.Token).Exists(ctx)
		if err != nil {
			return err
		}
		r := row{task: task, due: c.Due, status: Running, claim: &c.Token}
		if going {
			r.status, r.reason, r.why = Skipped, new(overlapping), new("another run of the task was going on")
		}
		if err := l.insert(ctx, r); err != nil {
			return err
		}
		return l.claimed(ctx, c, []string{task}, begun)
	})
}

// lock lets nobody else begin a run of the task until the end of the transaction.
func (l *Ledger) lock(ctx context.Context, task string) (err error) {
	switch l.db.Dialect() {
	case database.Postgres:
		_, err = l.db.ExecContext(ctx, "SELECT pg_advisory_xact_lock(hashtext('kit runs'), hashtext(?))", task)
	case database.MySQL:
		// The rows of the task that run, and the gaps between them, where others would insert.
		_, err = l.db.ExecContext(ctx, "SELECT id FROM "+table+" WHERE task = ? FOR UPDATE", task)
	case database.SQLite: // has one writing transaction at a time
	}
	return err
}

// insert inserts the runs that are not there.
func (l *Ledger) insert(ctx context.Context, rows ...row) error {
	verb, end := "INSERT INTO ", " ON CONFLICT (task, due_at) DO NOTHING"
	if l.db.Dialect() == database.MySQL {
		verb, end = "INSERT IGNORE INTO ", ""
	}
	var values strings.Builder
	args := make([]any, 0, 7*len(rows))
	for i, r := range rows {
		if i > 0 {
			values.WriteString(", ")
		}
		values.WriteString("(?, ?, ?, ?, " + l.now() + ", " + l.lease() + ", ?, ?, ?)")
		args = append(args, r.task, r.due, l.host, r.status, r.why, r.reason, r.claim)
	}
	_, err := l.db.ExecContext(ctx, verb+table+" (task, due_at, host, status, started_at, lease_until, error, reason, claim) VALUES "+values.String()+end, args...)
	return err
}

// Skip records that a run is not to be begun, unless it was begun before.
func (l *Ledger) Skip(ctx context.Context, task string, due time.Time, why schedule.Reason, text string) error {
	r := row{task: task, due: instant(due), status: Skipped, reason: new(string(why)), why: new(text)}
	if err := l.withTables(ctx, func() error { return l.insert(ctx, r) }); err != nil {
		return fmt.Errorf("record a skipped run of task %s: %w", task, err)
	}
	return nil
}

// Past returns what is recorded of a task from an instant on.
func (l *Ledger) Past(ctx context.Context, task string, since time.Time) (schedule.Past, error) {
	var past schedule.Past
	known := func() *database.Query[Run] { return database.From[Run](l.db).Where("task = ?", task) }
	first, err := database.Min[time.Time](ctx, known(), "due_at")
	if err == nil && !first.Valid || err != nil && l.missing(ctx) {
		return past, nil
	}
	if err != nil {
		return past, fmt.Errorf("look up when task %s was recorded first: %w", task, err)
	}
	recent := func() *database.Query[Run] { return known().Where("due_at >= ?", since.UTC()) }
	trimmed, err := database.Max[time.Time](ctx, recent().Where("reason = ?", string(schedule.Trimmed)), "due_at")
	if err == nil {
		past.Known, err = database.Pluck[time.Time](ctx, recent(), "due_at")
	}
	if err != nil {
		return past, fmt.Errorf("look up the past of task %s: %w", task, err)
	}
	past.Since = first.V
	if trimmed.Valid {
		past.Since = trimmed.V
	}
	return past, nil
}
