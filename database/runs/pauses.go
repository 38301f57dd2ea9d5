package runs

import (
	"context"
	"fmt"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/schedule"
	"github.com/uptrace/bun"
)

// pause is a task that is paused; an empty name means all.
type pause struct {
	bun.BaseModel `bun:"table:kit_schedule_pauses"`

	Task string `bun:"task,pk"`
}

// Paused returns what is paused.
func (l *Ledger) Paused(ctx context.Context) (p schedule.Pauses, err error) {
	rows, err := database.From[pause](l.db).OrderBy("task").All(ctx)
	if err != nil && l.missing(ctx) {
		return p, nil
	}
	if err != nil {
		return p, fmt.Errorf("look up what is paused: %w", err)
	}
	for _, r := range rows {
		if r.Task == "" {
			p.All = true
		} else {
			p.Tasks = append(p.Tasks, r.Task)
		}
	}
	return p, nil
}

// Pause keeps a task, or all with an empty name, from starting at its times, for every
// scheduler on this database, until [Ledger.Resume]. changed is false when it was paused.
func (l *Ledger) Pause(ctx context.Context, task string) (changed bool, err error) {
	verb, end := "INSERT INTO ", " ON CONFLICT (task) DO NOTHING"
	if l.db.Dialect() == database.MySQL {
		verb, end = "INSERT IGNORE INTO ", ""
	}
	return l.change(ctx, "pause", verb+pauses+" (task, paused_at, host) VALUES (?, "+l.now()+", ?)"+end, task, l.host)
}

// Resume ends what [Ledger.Pause] began, with an empty name for all tasks, also those
// that were paused by name. changed is false when nothing was paused.
func (l *Ledger) Resume(ctx context.Context, task string) (changed bool, err error) {
	if task == "" {
		return l.change(ctx, "resume", "DELETE FROM "+pauses)
	}
	return l.change(ctx, "resume", "DELETE FROM "+pauses+" WHERE task = ?", task)
}

func (l *Ledger) change(ctx context.Context, what, query string, args ...any) (changed bool, err error) {
	err = l.withTables(ctx, func() error {
		result, err := l.db.ExecContext(ctx, query, args...)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		changed = n > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("%s tasks: %w", what, err)
	}
	return changed, nil
}
