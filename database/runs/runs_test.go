package runs_test

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/runs"
	"github.com/kitgo/kit/internal/dbtest"
	"github.com/kitgo/kit/schedule"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Run(m)) }

// each runs a test on every database.
func each(t *testing.T, test func(t *testing.T, db *database.DB)) {
	t.Helper()
	for name, url := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres, "mariadb": dbtest.MariaDB} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t, url(t)))
		})
	}
}

func open(t *testing.T, url string) *database.DB {
	t.Helper()
	db, err := database.Open(url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

var due = time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC)

// Many processes begin the same runs at the same time, on a database without the table.
func TestEachRunBeginsOnce(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{"sqlite": dbtest.SQLite(t), "postgres": dbtest.Postgres(t), "mariadb": dbtest.MariaDB(t), "pgbouncer": dbtest.PgBouncer(t, dbtest.Postgres(t))} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var begun [20]atomic.Int32
			names := []string{"task", "other", "third"}
			var all sync.WaitGroup
			for range 8 {
				ledger := runs.New(open(t, url), "")
				all.Go(func() {
					for minute := range begun {
						claim := schedule.Claim{Token: rand.Text(), Due: due.Add(time.Duration(minute) * time.Minute).In(time.FixedZone("", 3600*minute)), Tasks: names}
						got, err := ledger.Begin(t.Context(), claim)
						if err != nil {
							t.Errorf("Begin: %v", err)
						}
						for _, id := range got.IDs {
							if id == 0 {
								t.Error("a run has no number")
							}
							begun[minute].Add(1)
						}
						// The answer was lost: asked again, it is the same.
						if again, err := ledger.Begin(t.Context(), claim); err != nil || !maps.Equal(again.IDs, got.IDs) {
							t.Errorf("asked again: %v, then %v, %v", got, again, err)
						}
					}
				})
			}
			all.Wait()
			for minute := range begun {
				if n := begun[minute].Load(); n != 3 {
					t.Errorf("the runs of minute %d were begun %d times, want each of the three once", minute, n)
				}
			}
		})
	}
}

func TestTheHistory(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		ctx := t.Context()
		ledger := runs.New(db, "web-1")
		if n, err := ledger.Prune(ctx, 0); err != nil || n != 0 {
			t.Errorf("without a table: %d, %v", n, err)
		}
		if list, err := ledger.List(ctx, runs.Filter{Limit: 5}); err != nil || len(list) != 0 {
			t.Errorf("without a table: %v, %v", list, err)
		}
		if last, err := ledger.Last(ctx, "a", "b"); err != nil || len(last) != 0 {
			t.Errorf("without a table: %v, %v", last, err)
		}
		must := func(task string, minute int) int64 {
			t.Helper()
			id, ok, _ := begin(t, ledger, task, due.Add(time.Duration(minute)*time.Minute), false)
			if !ok {
				t.Fatalf("Begin(%s): was begun before", task)
			}
			return id
		}
		failing, good, running := must("a", 0), must("a", 1), must("b", 0)
		if err := errors.Join(ledger.End(ctx, failing, schedule.Run{Err: errors.New("no disk \x00\xff" + strings.Repeat("é", 20000))}), ledger.End(ctx, good, schedule.Run{Output: "read 3 lines\n"})); err != nil {
			t.Fatal(err)
		}
		now, err := ledger.Now(ctx)
		if err != nil || time.Since(now).Abs() > time.Minute {
			t.Errorf("Now: %v, %v", now, err)
		}
		last, err := ledger.Last(ctx, "a", "b", "c")
		if err != nil || len(last) != 2 {
			t.Fatal(last, err)
		}
		if a := last["a"]; a.Status != runs.OK || a.Host != "web-1" || !a.DueAt.Equal(due.Add(time.Minute)) || a.FinishedAt == nil || a.Error != nil || a.Output == nil || *a.Output != "read 3 lines\n" || a.StartedAt.Sub(now).Abs() > time.Minute {
			t.Errorf("the last run of a: %+v", a)
		}
		if b := last["b"]; b.Status != runs.Running || b.FinishedAt != nil || b.LeaseUntil.Sub(b.StartedAt).Round(time.Second) != runs.Lease {
			t.Errorf("the run of b: %+v", b)
		}
		first, err := database.Find[runs.Run](ctx, db, failing)
		if err != nil || first.Status != runs.Failed || !strings.HasPrefix(*first.Error, "no disk é") || len(*first.Error) < 16<<10-10 || !utf8.ValidString(*first.Error) {
			t.Errorf("the failed run: %+v, %v", first, err)
		}

		if list, err := ledger.List(ctx, runs.Filter{Limit: 2}); err != nil || len(list) != 2 || list[0].ID != running || list[1].ID != good {
			t.Errorf("the newest two: %+v, %v", list, err)
		}
		if list, err := ledger.List(ctx, runs.Filter{Task: "a"}); err != nil || len(list) != 2 || list[1].ID != failing {
			t.Errorf("those of a: %+v, %v", list, err)
		}
		if list, err := ledger.List(ctx, runs.Filter{Failed: true}); err != nil || len(list) != 1 || list[0].ID != failing {
			t.Errorf("the failed ones: %+v, %v", list, err)
		}
		if lost, err := ledger.Renew(ctx, []int64{running, good}); len(lost) != 0 || err != nil {
			t.Errorf("Renew of a run and of one that has ended: %v, %v", lost, err)
		}
		if lost, err := ledger.Sweep(ctx); len(lost) != 0 || err != nil {
			t.Errorf("Sweep: %v, %v", lost, err)
		}
		// As if the process had been gone for two minutes, and the others were old.
		age(t, db, "lease_until", running, 2*time.Minute)
		age(t, db, "started_at", failing, 2*time.Hour)
		lost, err := ledger.Sweep(ctx)
		if err != nil || len(lost) != 1 || lost[0].ID != running || lost[0].Status != runs.Lost {
			t.Errorf("Sweep: %+v, %v", lost, err)
		}
		if n, err := ledger.Prune(ctx, time.Hour); err != nil || n != 1 {
			t.Errorf("Prune: %d, %v", n, err)
		}
		if n, err := database.From[runs.Run](db).Count(ctx); err != nil || n != 2 {
			t.Errorf("%d runs are kept, %v", n, err)
		}
		if lost, err := ledger.Renew(ctx, []int64{good, running}); len(lost) != 1 || lost[0] != running || err != nil {
			t.Errorf("Renew of a lost run: %v, %v", lost, err)
		}
		if _, ok, _ := begin(t, ledger, "b", due, false); ok {
			t.Error("a lost run begins again")
		}
		if _, err := ledger.Begin(ctx, schedule.Claim{Token: "t", Due: due, Tasks: []string{strings.Repeat("n", 201)}}); err == nil {
			t.Error("a name that does not fit is no error")
		}
	})
}

// begin begins a run.
func begin(t *testing.T, l *runs.Ledger, task string, due time.Time, alone bool) (id int64, ok, overlapping bool) {
	t.Helper()
	got, err := l.Begin(t.Context(), schedule.Claim{Token: rand.Text(), Due: due, Tasks: []string{task}, Alone: alone})
	if _, conflict := errors.AsType[*database.ConflictError](err); conflict {
		return begin(t, l, task, due, alone) // a deadlock in MariaDB: runners try again
	}
	if err != nil {
		t.Errorf("Begin(%s): %v", task, err)
	}
	id, ok = got.IDs[task]
	return id, ok, slices.Contains(got.Overlapping, task)
}

// age moves a time of a run into the past.
func age(t *testing.T, db *database.DB, column string, id int64, by time.Duration) {
	t.Helper()
	if _, err := database.From[runs.Run](db).WhereKey(id).Update(t.Context(), map[string]any{column: time.Now().Add(-by)}); err != nil {
		t.Fatal(err)
	}
}

// Many processes begin runs of one task for different instants at the same time: one
// run goes on, the others are skipped.
func TestOneRunAtATime(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{"sqlite": dbtest.SQLite(t), "postgres": dbtest.Postgres(t), "mariadb": dbtest.MariaDB(t), "pgbouncer": dbtest.PgBouncer(t, dbtest.Postgres(t))} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			first := runs.New(open(t, url), "")
			if _, err := first.Sweep(ctx); err != nil { // makes the table
				t.Fatal(err)
			}
			for round := range 10 {
				var began, skipped, again atomic.Int32
				var winner atomic.Int64
				var all sync.WaitGroup
				for i := range 6 {
					ledger := runs.New(open(t, url), "")
					all.Go(func() {
						at := due.Add(time.Duration(10*round+i%3) * time.Minute) // each instant twice
						id, ok, skip := begin(t, ledger, "task", at, true)
						switch {
						case ok:
							began.Add(1)
							winner.Store(id)
						case skip:
							skipped.Add(1)
						default:
							again.Add(1)
						}
					})
				}
				all.Wait()
				if began.Load() != 1 || skipped.Load() != 2 || again.Load() != 3 {
					t.Fatalf("round %d: %d began, %d were skipped, %d were there, want 1, 2 and 3", round, began.Load(), skipped.Load(), again.Load())
				}
				if err := first.End(ctx, winner.Load(), schedule.Run{}); err != nil {
					t.Fatal(err)
				}
			}
			id, ok, _ := begin(t, first, "other", due, true)
			if !ok {
				t.Fatal("another task does not begin")
			}
			age(t, open(t, url), "lease_until", id, time.Minute)
			if _, ok, _ := begin(t, first, "other", due.Add(time.Minute), true); !ok {
				t.Error("after a lost run none begins")
			}
		})
	}
}

func TestWhatIsKnownOfATask(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		ctx := t.Context()
		ledger := runs.New(db, "")
		if past, err := ledger.Past(ctx, "task", due); err != nil || !past.Since.IsZero() {
			t.Errorf("without a table: %+v, %v", past, err)
		}
		minute := func(n int) time.Time { return due.Add(time.Duration(n) * time.Minute) }
		begin(t, ledger, "task", minute(0), false)
		begin(t, ledger, "task", minute(3), false)
		begin(t, ledger, "other", minute(-3), false)
		for range 2 { // the second has been recorded
			if err := ledger.Skip(ctx, "task", minute(2), schedule.WhilePaused, "paused"); err != nil {
				t.Fatal(err)
			}
		}
		if _, ok, _ := begin(t, ledger, "task", minute(2), false); ok {
			t.Error("a skipped run begins")
		}
		past, err := ledger.Past(ctx, "task", minute(-10))
		if err != nil || !past.Since.Equal(minute(0)) || len(past.Known) != 3 {
			t.Errorf("%+v, %v; want three from %s on", past, err, minute(0))
		}
		if err := ledger.Skip(ctx, "task", minute(1), schedule.Trimmed, "missed"); err != nil {
			t.Fatal(err)
		}
		past, err = ledger.Past(ctx, "task", minute(1))
		if err != nil || !past.Since.Equal(minute(1)) || len(past.Known) != 3 {
			t.Errorf("%+v, %v; want three from %s on", past, err, minute(1))
		}
		if past, err = ledger.Past(ctx, "unknown", minute(-10)); err != nil || !past.Since.IsZero() || len(past.Known) != 0 {
			t.Errorf("a task that was never recorded: %+v, %v", past, err)
		}
		last, err := ledger.Last(ctx, "task")
		if err != nil || last["task"].Status != runs.Running {
			t.Errorf("%+v, %v", last, err)
		}
		list, err := ledger.List(ctx, runs.Filter{Task: "task"})
		if err != nil || len(list) != 4 || list[1].Status != runs.Skipped || *list[1].Error != "paused" {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

func TestPauses(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		ctx := t.Context()
		ledger := runs.New(db, "")
		steps := []struct {
			call    func(context.Context, string) (bool, error)
			task    string
			changed bool
			want    schedule.Pauses
		}{
			{ledger.Resume, "a", false, schedule.Pauses{}},
			{ledger.Pause, "a", true, schedule.Pauses{Tasks: []string{"a"}}},
			{ledger.Pause, "a", false, schedule.Pauses{Tasks: []string{"a"}}},
			{ledger.Pause, "", true, schedule.Pauses{All: true, Tasks: []string{"a"}}},
			{ledger.Resume, "a", true, schedule.Pauses{All: true}},
			{ledger.Pause, "b", true, schedule.Pauses{All: true, Tasks: []string{"b"}}},
			{ledger.Resume, "", true, schedule.Pauses{}},
		}
		for i, step := range steps {
			if changed, err := step.call(ctx, step.task); changed != step.changed || err != nil {
				t.Errorf("step %d: %t, %v", i, changed, err)
			}
			got, err := ledger.Paused(ctx)
			if diff := cmp.Diff(step.want, got); diff != "" || err != nil {
				t.Errorf("step %d: %v\n%s", i, err, diff)
			}
		}
	})
}

// Old runs are deleted in parts.
func TestPruneManyRuns(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB) {
		ctx := t.Context()
		ledger := runs.New(db, "")
		if _, err := ledger.Sweep(ctx); err != nil { // makes the tables
			t.Fatal(err)
		}
		rows := make([]runs.Run, 25_000)
		for i := range rows {
			rows[i] = runs.Run{Task: "task", DueAt: due.Add(time.Duration(i) * time.Second), Status: runs.OK, StartedAt: due, LeaseUntil: due}
		}
		if err := database.InsertMany(ctx, db, rows); err != nil {
			t.Fatal(err)
		}
		begin(t, ledger, "task", time.Now(), false)
		if n, err := ledger.Prune(ctx, time.Hour); n != 25_000 || err != nil {
			t.Errorf("Prune: %d, %v", n, err)
		}
		if n, err := database.From[runs.Run](db).Count(ctx); n != 1 || err != nil {
			t.Errorf("%d runs are left, %v; want 1", n, err)
		}
	})
}
