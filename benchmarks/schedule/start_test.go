//go:build measure

package schedule_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/go-co-op/gocron/v2"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/runs"
	"github.com/kitgo/kit/internal/dbtest"
	"github.com/kitgo/kit/schedule"
	robfig "github.com/robfig/cron/v3"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Run(m)) }

// scheduler starts n tasks together at given seconds, until ctx ends.
type scheduler struct {
	name string
	run  func(ctx context.Context, t *testing.T, n int, task func())
}

// every is how often the tasks are due, in seconds: at full tens of each minute.
const every = 10

var schedulers = []scheduler{
	{"Kit, SQLite", func(ctx context.Context, t *testing.T, n int, task func()) {
		kit(ctx, t, n, task, dbtest.SQLite(t))
	}},
	{"Kit, PostgreSQL", func(ctx context.Context, t *testing.T, n int, task func()) {
		kit(ctx, t, n, task, dbtest.Postgres(t))
	}},
	{"Kit, no database", func(ctx context.Context, t *testing.T, n int, task func()) { kit(ctx, t, n, task, "") }},
	{"robfig/cron", func(ctx context.Context, t *testing.T, n int, task func()) {
		c := robfig.New(robfig.WithSeconds())
		for range n {
			if _, err := c.AddFunc(fmt.Sprintf("*/%d * * * * *", every), task); err != nil {
				t.Fatal(err)
			}
		}
		c.Start()
		<-ctx.Done()
		<-c.Stop().Done()
	}},
	{"gocron", func(ctx context.Context, t *testing.T, n int, task func()) {
		s, err := gocron.NewScheduler()
		if err != nil {
			t.Fatal(err)
		}
		for range n {
			if _, err := s.NewJob(gocron.CronJob(fmt.Sprintf("*/%d * * * * *", every), true), gocron.NewTask(task)); err != nil {
				t.Fatal(err)
			}
		}
		s.Start()
		<-ctx.Done()
		if err := s.Shutdown(); err != nil {
			t.Log(err)
		}
	}},
}

func kit(ctx context.Context, t *testing.T, n int, task func(), url string) {
	t.Helper()
	var s schedule.Schedule
	for i := range n {
		s.Add(fmt.Sprint("task ", i), func(context.Context) error { task(); return nil }).Cron(fmt.Sprintf("*/%d * * * * *", every))
	}
	r := schedule.Runner{Schedule: &s, Logger: slog.New(slog.DiscardHandler)}
	if url != "" {
		r.Ledger = runs.New(open(t, url), "")
	}
	if err := r.Work(ctx); err != nil {
		t.Error(err)
	}
}

func open(t *testing.T, url string) *database.DB {
	t.Helper()
	db, err := database.Open(url, &database.Options{SlowQuery: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// TestMeasureStarts prints how late tasks start that are due at once, and what of the CPU
// the process uses for them.
func TestMeasureStarts(t *testing.T) {
	fmt.Print("\nHow long after the instant the tasks have started, and what of the CPU one start costs (with its end). The second of two instants.\n\n")
	fmt.Println("| | half | p99 | all | CPU a start |\n|---|---|---|---|---|")
	for _, n := range []int{1, 100, 10_000} {
		for _, s := range schedulers {
			measureStarts(t, s, n)
		}
	}
}

func measureStarts(t *testing.T, s scheduler, n int) {
	var mu sync.Mutex
	var late []time.Duration
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.run(ctx, t, n, func() {
			now := time.Now()
			mu.Lock()
			late = append(late, now.Sub(now.Truncate(every*time.Second)))
			mu.Unlock()
		})
	}()
	seen := func(count int) bool {
		mu.Lock()
		defer mu.Unlock()
		return len(late) >= count
	}
	until(t, func() bool { return seen(n) }) // the first instant makes tables and connections
	time.Sleep(3 * time.Second)
	before := cpu(t)
	until(t, func() bool { return seen(2 * n) })
	time.Sleep(3 * time.Second) // for the ends of the runs
	used := cpu(t) - before
	cancel()
	<-done
	second := late[n : 2*n]
	slices.Sort(second)
	fmt.Printf("| %d: %s | %s | %s | %s | %s |\n", n, s.name, ms(second[n/2]), ms(second[min(n*99/100, n-1)]), ms(second[n-1]), (used / time.Duration(n)).Round(100*time.Nanosecond))
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d)/1e6) }

func until(t *testing.T, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it takes longer than a minute")
		}
	}
}

// cpu is what this process has used of the CPU; that of databases is not in it.
func cpu(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestMeasureClaims prints how many runs schedulers begin in a second that all want to
// begin the same ones.
func TestMeasureClaims(t *testing.T) {
	fmt.Print("\nRuns begun in a second, by 1, 2 and 4 schedulers that all want to begin the same ones.\n\n| | 1 | 2 | 4 |\n|---|---|---|---|\n")
	for _, on := range []struct {
		name string
		url  func(testing.TB) string
	}{{"SQLite", dbtest.SQLite}, {"PostgreSQL", dbtest.Postgres}, {"MariaDB", dbtest.MariaDB}} {
		for _, batch := range []int{1, 500} {
			fmt.Printf("| %s, %d at a time ", on.name, batch)
			for _, n := range []int{1, 2, 4} {
				fmt.Printf("| %d ", claims(t, on.url(t), batch, n))
			}
			fmt.Println("|")
		}
	}
}

func claims(t *testing.T, url string, batch, schedulers int) int {
	t.Helper()
	names := make([]string, batch)
	for i := range names {
		names[i] = fmt.Sprint("task ", i)
	}
	if _, err := runs.New(open(t, url), "").Sweep(t.Context()); err != nil { // makes the tables
		t.Fatal(err)
	}
	var begun atomic.Int64
	var all sync.WaitGroup
	start := time.Now()
	end := start.Add(3 * time.Second)
	for number := range schedulers {
		ledger := runs.New(open(t, url), "")
		all.Go(func() {
			for round := 0; time.Now().Before(end); round++ {
				due := start.Add(time.Duration(round) * time.Minute)
				got, err := ledger.Begin(t.Context(), schedule.Claim{Token: fmt.Sprint(number, " ", round), Due: due, Tasks: names})
				if err != nil {
					continue // a conflict, as runners do
				}
				begun.Add(int64(len(got.IDs)))
			}
		})
	}
	all.Wait()
	return int(float64(begun.Load()) / time.Since(start).Seconds())
}
