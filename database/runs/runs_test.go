package runs_test

import (
	"errors"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/runs"
	"github.com/kitgo/kit/internal/dbtest"
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
			var all sync.WaitGroup
			for range 8 {
				ledger := runs.New(open(t, url), "")
				all.Go(func() {
					for minute := range begun {
						id, ok, err := ledger.Begin(t.Context(), "task", due.Add(time.Duration(minute)*time.Minute).In(time.FixedZone("", 3600*minute)))
						if err != nil || ok != (id != 0) {
							t.Errorf("Begin: %d, %t, %v", id, ok, err)
						}
						if ok {
							begun[minute].Add(1)
						}
					}
				})
			}
			all.Wait()
			for minute := range begun {
				if n := begun[minute].Load(); n != 1 {
					t.Errorf("the run of minute %d was begun %d times", minute, n)
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
		if list, err := ledger.List(ctx, "", 5); err != nil || len(list) != 0 {
			t.Errorf("without a table: %v, %v", list, err)
		}
		if last, err := ledger.Last(ctx); err != nil || len(last) != 0 {
			t.Errorf("without a table: %v, %v", last, err)
		}
		begin := func(task string, minute int) int64 {
			t.Helper()
			id, ok, err := ledger.Begin(ctx, task, due.Add(time.Duration(minute)*time.Minute))
			if err != nil || !ok {
				t.Fatalf("Begin(%s): %t, %v", task, ok, err)
			}
			return id
		}
		failing, good, running := begin("a", 0), begin("a", 1), begin("b", 0)
		if err := errors.Join(ledger.End(ctx, failing, errors.New("no disk "+strings.Repeat("x", 20000))), ledger.End(ctx, good, nil)); err != nil {
			t.Fatal(err)
		}
		now, err := ledger.Now(ctx)
		if err != nil || time.Since(now).Abs() > time.Minute {
			t.Errorf("Now: %v, %v", now, err)
		}
		last, err := ledger.Last(ctx)
		if err != nil || len(last) != 2 {
			t.Fatal(last, err)
		}
		if a := last["a"]; a.Status != runs.OK || a.Host != "web-1" || !a.DueAt.Equal(due.Add(time.Minute)) || a.FinishedAt == nil || a.Error != nil || a.StartedAt.Sub(now).Abs() > time.Minute {
			t.Errorf("the last run of a: %+v", a)
		}
		if b := last["b"]; b.Status != runs.Running || b.FinishedAt != nil || b.LeaseUntil.Sub(b.StartedAt).Round(time.Second) != runs.Lease {
			t.Errorf("the run of b: %+v", b)
		}
		first, err := database.Find[runs.Run](ctx, db, failing)
		if err != nil || first.Status != runs.Failed || !strings.HasPrefix(*first.Error, "no disk ") || len(*first.Error) != 16<<10 {
			t.Errorf("the failed run: %+v, %v", first, err)
		}

		if list, err := ledger.List(ctx, "", 2); err != nil || len(list) != 2 || list[0].ID != running || list[1].ID != good {
			t.Errorf("the newest two: %+v, %v", list, err)
		}
		if list, err := ledger.List(ctx, "a", 10); err != nil || len(list) != 2 || list[1].ID != failing {
			t.Errorf("those of a: %+v, %v", list, err)
		}
		if ok, err := ledger.Renew(ctx, running); !ok || err != nil {
			t.Errorf("Renew: %t, %v", ok, err)
		}
		if ok, err := ledger.Renew(ctx, good); ok || err != nil {
			t.Errorf("Renew of a run that has ended: %t, %v", ok, err)
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
		if ok, err := ledger.Renew(ctx, running); ok || err != nil {
			t.Errorf("Renew of a lost run: %t, %v", ok, err)
		}
		if _, ok, err := ledger.Begin(ctx, "b", due); ok || err != nil {
			t.Errorf("a lost run begins again: %t, %v", ok, err)
		}
		if _, _, err := ledger.Begin(ctx, strings.Repeat("n", 201), due); err == nil {
			t.Error("a name that does not fit is no error")
		}
	})
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
						for {
							id, ok, skip, err := ledger.BeginAlone(ctx, "task", at)
							if _, conflict := errors.AsType[*database.ConflictError](err); conflict {
								continue // a deadlock in MariaDB: runners try again
							}
							switch {
							case err != nil:
								t.Errorf("BeginAlone: %v", err)
							case ok:
								began.Add(1)
								winner.Store(id)
							case skip:
								skipped.Add(1)
							default:
								again.Add(1)
							}
							return
						}
					})
				}
				all.Wait()
				if began.Load() != 1 || skipped.Load() != 2 || again.Load() != 3 {
					t.Fatalf("round %d: %d began, %d were skipped, %d were there, want 1, 2 and 3", round, began.Load(), skipped.Load(), again.Load())
				}
				if err := first.End(ctx, winner.Load(), nil); err != nil {
					t.Fatal(err)
				}
			}
			id, ok, _, err := first.BeginAlone(ctx, "other", due)
			if err != nil || !ok {
				t.Fatalf("another task: %t, %v", ok, err)
			}
			age(t, open(t, url), "lease_until", id, time.Minute)
			if _, ok, _, err := first.BeginAlone(ctx, "other", due.Add(time.Minute)); !ok || err != nil {
				t.Errorf("after a lost run: %t, %v", ok, err)
			}
		})
	}
}
