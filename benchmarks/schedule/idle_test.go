//go:build measure

package schedule_test

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"testing"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/runs"
	"github.com/kitgo/kit/internal/dbtest"
	"github.com/kitgo/kit/schedule"
)

// TestMeasureIdle prints what a scheduler costs that has nothing to do.
func TestMeasureIdle(t *testing.T) {
	fmt.Print("\nA scheduler with entries that are not due, for 70 seconds.\n\n| entries | CPU | memory |\n|---|---|---|\n")
	for _, n := range []int{0, 10_000} {
		before := heap()
		var s schedule.Schedule
		for i := range n {
			s.Add(fmt.Sprint("task ", i), func(context.Context) error { return nil }).Yearly()
		}
		ctx, cancel := context.WithTimeout(t.Context(), 70*time.Second)
		r := schedule.Runner{Schedule: &s, Logger: slog.New(slog.DiscardHandler), Ledger: runs.New(open(t, dbtest.SQLite(t)), "")}
		done := make(chan error, 1)
		go func() { done <- r.Work(ctx) }()
		time.Sleep(3 * time.Second)
		used := cpu(t)
		memory := heap() - before
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		cancel()
		fmt.Printf("| %d | %s in 67 s | %d kB |\n", n, (cpu(t) - used).Round(time.Millisecond), memory/1000)
		runtime.KeepAlive(&s)
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestMeasureHistory prints what is done with a history of a million runs.
func TestMeasureHistory(t *testing.T) {
	const tasks, each = 500, 2000
	fmt.Printf("\nA history of %d runs of %d tasks.\n\n| | last run of each | newest 20 | newest 20 of a task | newest 20 failed | begin 500 | prune 1%% | prune the rest |\n|---|---|---|---|---|---|---|---|\n", tasks*each, tasks)
	for _, on := range []struct {
		name string
		url  func(testing.TB) string
	}{{"SQLite", dbtest.SQLite}, {"PostgreSQL", dbtest.Postgres}, {"MariaDB", dbtest.MariaDB}} {
		db := open(t, on.url(t))
		ledger := runs.New(db, "")
		if _, err := ledger.Sweep(t.Context()); err != nil { // makes the tables
			t.Fatal(err)
		}
		names := fill(t, db, tasks, each)
		var row []time.Duration
		timed := func(f func() error) {
			start := time.Now()
			if err := f(); err != nil {
				t.Fatal(err)
			}
			row = append(row, time.Since(start))
		}
		ctx := t.Context()
		timed(func() error { _, err := ledger.Last(ctx, names...); return err })
		timed(func() error { _, err := ledger.List(ctx, runs.Filter{Limit: 20}); return err })
		timed(func() error { _, err := ledger.List(ctx, runs.Filter{Limit: 20, Task: names[7]}); return err })
		timed(func() error { _, err := ledger.List(ctx, runs.Filter{Limit: 20, Failed: true}); return err })
		timed(func() error {
			_, err := ledger.Begin(ctx, schedule.Claim{Token: "t", Due: time.Now(), Tasks: names})
			return err
		})
		timed(func() error { _, err := ledger.Prune(ctx, (each-each/100)*time.Minute); return err })
		timed(func() error { _, err := ledger.Prune(ctx, 0); return err })
		fmt.Printf("| %s ", on.name)
		for _, d := range row {
			fmt.Printf("| %s ", ms(d))
		}
		fmt.Println("|")
	}
}

// fill inserts runs, one a minute and task, every hundredth of which failed.
func fill(t *testing.T, db *database.DB, tasks, each int) (names []string) {
	t.Helper()
	for i := range tasks {
		names = append(names, fmt.Sprint("task ", i))
	}
	now := time.Now().UTC()
	rows := make([]runs.Run, tasks)
	for minute := range each {
		at := now.Add(-time.Duration(each-minute) * time.Minute)
		ended := at.Add(time.Second)
		for i, name := range names {
			rows[i] = runs.Run{Task: name, DueAt: at, Host: "web-1", Status: runs.OK, StartedAt: at, FinishedAt: &ended, LeaseUntil: ended}
			if (minute+i)%100 == 0 {
				rows[i].Status = runs.Failed
			}
		}
		if err := database.InsertMany(t.Context(), db, rows); err != nil {
			t.Fatal(err)
		}
	}
	if db.Dialect() == database.SQLite {
		// Else the first write would have to tidy up after all of these.
		if _, err := db.ExecContext(t.Context(), "PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
			t.Fatal(err)
		}
	}
	return names
}
