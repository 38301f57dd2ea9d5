package runs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kitgo/kit/database"
)

const (
	// pruneBatch is how many runs are deleted at a time, so that schedulers do not wait.
	pruneBatch = 10_000
	// lastBatch is for how many tasks the last run is looked up with one question.
	lastBatch = 100
)

// Prune deletes the runs that began longer ago than keep, and returns how many.
func (l *Ledger) Prune(ctx context.Context, keep time.Duration) (deleted int64, err error) {
	now, err := l.Now(ctx)
	if err != nil {
		return 0, err
	}
	old := func() *database.Query[Run] {
		return database.From[Run](l.db).Where("started_at < ?", now.Add(-keep)).Where("status <> ?", Running)
	}
	for {
		// The oldest one, by an index; ids grow with the time, so that its neighbours are as old.
		oldest, err := old().OrderBy("started_at").First(ctx)
		if errors.Is(err, database.ErrNotFound) || err != nil && l.missing(ctx) {
			return deleted, nil
		}
		var n int64
		if err == nil {
			n, err = old().Where("id >= ?", oldest.ID).Where("id < ?", oldest.ID+pruneBatch).Delete(ctx)
		}
		if err != nil {
			return deleted, fmt.Errorf("delete old runs: %w", err)
		}
		deleted += n
	}
}

// Last returns the last run of each of the tasks that has one.
func (l *Ledger) Last(ctx context.Context, tasks ...string) (map[string]Run, error) {
	last := map[string]Run{}
	for part := range slices.Chunk(tasks, lastBatch) {
		// A query of its own for each, so that every database uses the index for each.
		var query strings.Builder
		args := make([]any, len(part))
		for i, task := range part {
			if args[i] = task; i > 0 {
				query.WriteString(" UNION ALL ")
			}
			fmt.Fprintf(&query, "SELECT id FROM (SELECT id FROM %s WHERE task = ? ORDER BY due_at DESC LIMIT 1) AS t%d", table, i)
		}
		rows, err := l.byID(ctx, query.String(), args)
		if err != nil && l.missing(ctx) {
			return last, nil
		}
		if err != nil {
			return nil, fmt.Errorf("look up the last runs: %w", err)
		}
		for _, r := range rows {
			last[r.Task] = r
		}
	}
	return last, nil
}

// byID returns the runs whose numbers a query returns.
func (l *Ledger) byID(ctx context.Context, query string, args []any) ([]Run, error) {
	rows, err := l.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil || len(ids) == 0 {
		return nil, err
	}
	return database.From[Run](l.db).WhereIn("id", ids).All(ctx)
}

// Filter says which runs [Ledger.List] returns. The zero value means all.
type Filter struct {
	Task   string
	Failed bool // those that failed or were lost
	Limit  int  // 0 means no limit
}

// List returns runs, the newest first.
func (l *Ledger) List(ctx context.Context, f Filter) ([]Run, error) {
	q := database.From[Run](l.db)
	if f.Task != "" {
		q.Where("task = ?", f.Task).OrderBy("due_at DESC")
	} else {
		q.OrderBy("id DESC")
	}
	if f.Failed {
		q.WhereIn("status", []string{Failed, Lost})
	}
	if f.Limit > 0 {
		q.Limit(f.Limit)
	}
	list, err := q.All(ctx)
	if err != nil && l.missing(ctx) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look up the runs: %w", err)
	}
	return list, nil
}
