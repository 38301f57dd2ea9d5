// Package runs keeps the runs of scheduled tasks in a table of the application's
// database, kit_schedule_runs: so that each runs once, however many schedulers there
// are, and what happened is known afterwards.
//
//	ledger := runs.New(db, nil)
//	id, ok, err := ledger.Begin(ctx, "digest:send", due)
//
// A run is begun by inserting its task and the instant at which it is due, under a
// unique index: whoever comes second finds the row. The clock of the database counts,
// also for leases: a run whose process does not renew its lease is lost after 45 seconds.
// The table is made when it is needed first.
package runs

import (
	"context"
	"fmt"
	"os"
	"time"
	"unicode/utf8"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/schema"
	"github.com/uptrace/bun"
)

// The states of a run.
const (
	Running = "running"
	OK      = "ok"
	Failed  = "failed"
	Lost    = "lost"    // its process ended, or could not renew its lease
	Skipped = "skipped" // another run of the task was going on
)

// Lease is for how long a run counts as running after it was last renewed.
const Lease = 45 * time.Second

// table is the name of the table.
const table = "kit_schedule_runs"

// longestName is how many characters the name of a task may have.
const longestName = 200

// longestError is how many bytes of an error are kept.
const longestError = 16 << 10

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
	Error      *string    `bun:"error"` // at most 16 KiB
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

// Begin begins the run of a task that is due at an instant. ok is false when it was
// begun before, by this process or another one.
func (l *Ledger) Begin(ctx context.Context, task string, due time.Time) (id int64, ok bool, err error) {
	_, id, ok, err = l.begin(ctx, task, due, func(ctx context.Context, due time.Time) (string, int64, bool, error) {
		id, ok, err := l.insert(ctx, task, due, Running)
		return Running, id, ok, err
	})
	return id, ok, err
}

// BeginAlone is Begin for a task of which no two runs may go on at the same time: when
// one does, the run is recorded as skipped, and skipped is true.
func (l *Ledger) BeginAlone(ctx context.Context, task string, due time.Time) (id int64, ok, skipped bool, err error) {
	status, id, ok, err := l.begin(ctx, task, due, func(ctx context.Context, due time.Time) (status string, id int64, ok bool, err error) {
		err = database.Tx(ctx, l.db, func(ctx context.Context) error {
			if status, err = l.free(ctx, task); err == nil {
				id, ok, err = l.insert(ctx, task, due, status)
			}
			return err
		})
		return status, id, ok, err
	})
	return id, ok && status == Running, ok && status == Skipped, err
}

func (l *Ledger) begin(ctx context.Context, task string, due time.Time, f func(context.Context, time.Time) (string, int64, bool, error)) (status string, id int64, ok bool, err error) {
	if utf8.RuneCountInString(task) > longestName {
		return "", 0, false, fmt.Errorf("begin the run of task %.20s…: the name is longer than %d characters", task, longestName)
	}
	due = due.UTC().Truncate(time.Microsecond)
	err = l.withTable(ctx, func() error {
		status, id, ok, err = f(ctx, due)
		return err
	})
	if err != nil {
		return "", 0, false, fmt.Errorf("begin the run of task %s: %w", task, err)
	}
	return status, id, ok, nil
}

// free returns the state in which a run begins whose task may run once at a time. Until
// the end of the transaction nobody else can ask that of the same task.
func (l *Ledger) free(ctx context.Context, task string) (string, error) {
	going := database.From[Run](l.db).Where("task = ?", task).Where("status = ?", Running).Where("lease_until > " + l.now())
	switch l.db.Dialect() {
	case database.Postgres:
		if _, err := l.db.ExecContext(ctx, "SELECT pg_advisory_xact_lock(hashtext('kit runs'), hashtext(?))", task); err != nil {
			return "", err
		}
	case database.MySQL:
		// The rows of the task, and the gaps between them, where others would insert.
		if _, err := l.db.ExecContext(ctx, "SELECT id FROM "+table+" WHERE task = ? FOR UPDATE", task); err != nil {
			return "", err
		}
	case database.SQLite: // has one writing transaction at a time
	}
	found, err := going.Exists(ctx)
	if found {
		return Skipped, err
	}
	return Running, err
}

func (l *Ledger) insert(ctx context.Context, task string, due time.Time, status string) (id int64, ok bool, err error) {
	end := " ON CONFLICT (task, due_at) DO NOTHING"
	verb := "INSERT INTO "
	if l.db.Dialect() == database.MySQL {
		verb, end = "INSERT IGNORE INTO ", ""
	}
	result, err := l.db.ExecContext(ctx, verb+table+" (task, due_at, host, status, started_at, lease_until) VALUES (?, ?, ?, ?, "+
		l.now()+", "+l.lease()+")"+end, task, due, l.host, status)
	if err != nil {
		return 0, false, err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return 0, false, err
	}
	run, err := database.From[Run](l.db).Where("task = ?", task).Where("due_at = ?", due).First(ctx)
	return run.ID, err == nil, err
}

// Renew renews the lease of a run. ok is false when the run is not running any more, as
// when it was taken for lost.
func (l *Ledger) Renew(ctx context.Context, id int64) (ok bool, err error) {
	result, err := l.db.ExecContext(ctx, "UPDATE "+table+" SET lease_until = "+l.lease()+" WHERE id = ? AND status = ?", id, Running)
	if err != nil {
		return false, fmt.Errorf("renew the lease of a run: %w", err)
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// End ends a run: it succeeded when failure is nil.
func (l *Ledger) End(ctx context.Context, id int64, failure error) error {
	status, text := OK, any(nil)
	if failure != nil {
		message := failure.Error()
		status, text = Failed, message[:min(len(message), longestError)]
	}
	_, err := l.db.ExecContext(ctx, "UPDATE "+table+" SET status = ?, error = ?, finished_at = "+l.now()+" WHERE id = ?", status, text, id)
	if err != nil {
		return fmt.Errorf("store the end of a run: %w", err)
	}
	return nil
}

// Sweep marks the runs whose lease has ended as lost and returns them.
func (l *Ledger) Sweep(ctx context.Context) (lost []Run, err error) {
	expired := func() *database.Query[Run] {
		return database.From[Run](l.db).Where("status = ?", Running).Where("lease_until < " + l.now())
	}
	err = l.withTable(ctx, func() error {
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

// Prune deletes the runs that began longer ago than keep, and returns how many.
func (l *Ledger) Prune(ctx context.Context, keep time.Duration) (int64, error) {
	now, err := l.Now(ctx)
	if err != nil {
		return 0, err
	}
	n, err := database.From[Run](l.db).Where("started_at < ?", now.Add(-keep)).Where("status <> ?", Running).Delete(ctx)
	if err != nil && l.missing(ctx) {
		return 0, nil
	}
	return n, err
}

// Last returns the last run of each task.
func (l *Ledger) Last(ctx context.Context) (map[string]Run, error) {
	last := map[string]Run{}
	rows, err := database.From[Run](l.db).Where("id IN (SELECT max(id) FROM " + table + " GROUP BY task)").All(ctx)
	if err != nil && l.missing(ctx) {
		return last, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look up the last runs: %w", err)
	}
	for _, r := range rows {
		last[r.Task] = r
	}
	return last, nil
}

// List returns the newest runs, of one task or, without a name, of all.
func (l *Ledger) List(ctx context.Context, task string, limit int) ([]Run, error) {
	q := database.From[Run](l.db).OrderBy("id DESC").Limit(limit)
	if task != "" {
		q.Where("task = ?", task)
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

// withTable calls f, and again after making the table when it is not there.
func (l *Ledger) withTable(ctx context.Context, f func() error) error {
	if err := f(); err == nil {
		return nil
	}
	if l.missing(ctx) {
		if err := l.create(ctx); err != nil && l.missing(ctx) { // else another process was faster
			return fmt.Errorf("create the table %s: %w", table, err)
		}
	}
	return f() // also when another process made the table since
}

// missing reports whether there is no table yet.
func (l *Ledger) missing(ctx context.Context) bool {
	found, err := schema.New(l.db).HasTable(ctx, table)
	return err == nil && !found
}

func (l *Ledger) create(ctx context.Context) error {
	return database.Tx(ctx, l.db, func(ctx context.Context) error {
		if l.db.Dialect() == database.Postgres { // two that create at once disturb each other
			if _, err := l.db.ExecContext(ctx, "SELECT pg_advisory_xact_lock(hashtext('kit tables'), hashtext(current_schema()))"); err != nil {
				return err
			}
		}
		return schema.New(l.db).Create(ctx, table, func(t *schema.Table) {
			t.ID()
			t.String("task", longestName)
			t.Timestamp("due_at")
			t.String("host", 255)
			t.String("status", 20)
			t.Timestamp("started_at")
			t.Timestamp("finished_at").Nullable()
			t.Timestamp("lease_until")
			t.Text("error").Nullable()
			t.UniqueIndex("task", "due_at")
			t.Index("status", "lease_until")
			t.Index("started_at")
		})
	})
}
