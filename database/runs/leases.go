package runs

import (
	"context"
	"fmt"
	"strings"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/schedule"
)

// Renew renews the leases of runs. It returns those that were taken for lost.
func (l *Ledger) Renew(ctx context.Context, ids []int64) (lost []int64, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(ids)), ", ")
	args := make([]any, 0, len(ids)+1)
	for _, id := range ids {
		args = append(args, id)
	}
	result, err := l.db.ExecContext(ctx, "UPDATE "+table+" SET lease_until = "+l.lease()+" WHERE id IN ("+marks+") AND status = ?", append(args, Running)...)
	if err != nil {
		return nil, fmt.Errorf("renew the leases of runs: %w", err)
	}
	if n, err := result.RowsAffected(); err != nil || int(n) == len(ids) {
		return nil, err
	}
	return database.Pluck[int64](ctx, database.From[Run](l.db).WhereIn("id", ids).Where("status = ?", Lost), "id")
}

// End stores how a run ended: it succeeded when run.Err is nil.
func (l *Ledger) End(ctx context.Context, id int64, run schedule.Run) error {
	status, failure, output := OK, any(nil), any(nil)
	if run.Err != nil {
		status, failure = Failed, text(run.Err.Error())
	}
	if run.Output != "" {
		output = text(run.Output)
	}
	_, err := l.db.ExecContext(ctx, "UPDATE "+table+" SET status = ?, error = ?, output = ?, finished_at = "+l.now()+" WHERE id = ?", status, failure, output, id)
	if err != nil {
		return fmt.Errorf("store the end of a run: %w", err)
	}
	return nil
}

// text returns what of a text every database takes.
func text(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s[:min(len(s), longestText)], ""), "\x00", "")
}

// Sweep marks the runs whose lease has ended as lost and returns them.
func (l *Ledger) Sweep(ctx context.Context) (lost []Run, err error) {
	expired := func() *database.Query[Run] {
		return database.From[Run](l.db).Where("status = ?", Running).Where("lease_until < " + l.now())
	}
	err = l.withTables(ctx, func() error {
		lost, err = expired().All(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look for lost runs: %w", err)
	}
	marked := lost[:0]
	for _, r := range lost {
		// Another process may be faster, or the run may end after all.
		n, err := expired().WhereKey(r.ID).Update(ctx, map[string]any{"status": Lost})
		if err != nil {
			return marked, fmt.Errorf("mark a lost run: %w", err)
		}
		if n > 0 {
			r.Status = Lost
			marked = append(marked, r)
		}
	}
	return marked, nil
}
