package schedule

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// journal is a log that tests read while it is written. Its lines have no time.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}

func (j *journal) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(j, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
}

// work starts a runner in a synctest bubble and returns its log and what stops it:
// the function ends ctx and waits for Work to return nil.
func work(t *testing.T, r *Runner) (log *journal, stop func()) {
	t.Helper()
	log = new(journal)
	r.Logger = log.logger()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Work(ctx) }()
	synctest.Wait()
	return log, func() {
		t.Helper()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Work = %v, want nil", err)
		}
	}
}

// In a bubble, the clock starts at the full minute 2000-01-01 00:00:00 UTC.

func TestWorkStartsEveryFullMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s Schedule
		ticks := make(chan time.Time, 2000)
		s.Add("tick", func(context.Context) error { ticks <- time.Now(); return nil })
		var daily atomic.Int32
		s.Add("daily", func(context.Context) error { daily.Add(1); return nil }).DailyAt("08:00").Timezone("Asia/Tokyo")

		time.Sleep(20*time.Second + 345*time.Millisecond) // a start in mid-minute
		_, stop := work(t, &Runner{Schedule: &s})
		time.Sleep(24 * time.Hour)
		stop()

		if len(ticks) != 1440 || daily.Load() != 1 {
			t.Fatalf("%d ticks and %d daily runs in 24 hours, want 1440 and 1", len(ticks), daily.Load())
		}
		for i := range len(ticks) {
			if at, want := <-ticks, time.Date(2000, 1, 1, 0, i+1, 0, 0, time.UTC); !at.Equal(want) {
				t.Fatalf("tick %d at %s, want %s", i, at, want)
			}
		}
	})
}

func TestWorkLogsRuns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s Schedule
		s.Add("slow", func(context.Context) error { time.Sleep(1500 * time.Millisecond); return nil })
		s.Add("broken", func(context.Context) error { time.Sleep(2 * time.Second); return errors.New("no disk") })
		log, stop := work(t, &Runner{Schedule: &s})
		time.Sleep(65 * time.Second)
		stop()
		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		slices.Sort(lines[:2]) // started at the same time
		want := []string{
			`level=INFO msg="Running 'broken'" task=broken due=2000-01-01T00:01:00.000Z`,
			`level=INFO msg="Running 'slow'" task=slow due=2000-01-01T00:01:00.000Z`,
			`level=INFO msg="Task 'slow' completed" task=slow due=2000-01-01T00:01:00.000Z duration=1.5s`,
			`level=ERROR msg="Task 'broken' failed" task=broken due=2000-01-01T00:01:00.000Z duration=2s error="no disk"`,
		}
		if diff := cmp.Diff(want, lines); diff != "" {
			t.Error("(-want +got)\n" + diff)
		}
	})
}

func TestWorkSurvivesPanicsAndSlowTasks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s Schedule
		var ticks, slow atomic.Int32
		s.Add("panics", func(context.Context) error { panic("at the disco") })
		s.Add("exits", func(context.Context) error { runtime.Goexit(); return nil })
		s.Add("slow", func(context.Context) error { slow.Add(1); time.Sleep(150 * time.Second); return nil })
		s.Add("tick", func(context.Context) error { ticks.Add(1); return nil })
		log, stop := work(t, &Runner{Schedule: &s, ShutdownTimeout: 10 * time.Minute})
		time.Sleep(10*time.Minute + time.Second)
		if ticks.Load() != 10 || slow.Load() != 10 {
			t.Errorf("%d runs beside a panicking task and %d of a slow one, want 10 each", ticks.Load(), slow.Load())
		}
		stop()
		for _, want := range []string{`error="panic: at the disco"`, "runner_test.go", `error="called runtime.Goexit"`} {
			if n := strings.Count(log.String(), want); n < 10 {
				t.Errorf("%d lines with %s, want 10", n, want)
			}
		}
		if n := strings.Count(log.String(), `"Task 'slow' completed" task=slow`); n != 10 {
			t.Errorf("%d slow runs completed, want all 10: stopping waits for them", n)
		}
	})
}

func TestWorkStops(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		task func(ctx context.Context, release <-chan struct{}) error
		took time.Duration
		log  []string
	}{
		"at once when nothing runs": {
			func(context.Context, <-chan struct{}) error { return nil },
			0, nil,
		},
		"when the running task ends": {
			func(ctx context.Context, _ <-chan struct{}) error { time.Sleep(11 * time.Second); return ctx.Err() },
			10 * time.Second, []string{"waiting for running tasks to end", `"Task 'a' completed" task=a`},
		},
		"after the time-out, by cancelling": {
			func(ctx context.Context, _ <-chan struct{}) error { <-ctx.Done(); return ctx.Err() },
			30 * time.Second, []string{"still running after the time-out", "tasks=[a]", `error="the scheduler was stopped: context canceled"`},
		},
		"after the grace, although the task does not end": {
			func(_ context.Context, release <-chan struct{}) error { <-release; return nil },
			35 * time.Second, []string{`level=ERROR msg="tasks did not end when they were cancelled" tasks=[a]`},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				release := make(chan struct{})
				var starts atomic.Int32
				var s Schedule
				s.Add("a", func(ctx context.Context) error { starts.Add(1); return tt.task(ctx, release) })
				ledger := new(book)
				log, stop := work(t, &Runner{Schedule: &s, Ledger: ledger})
				time.Sleep(61 * time.Second)
				asked := time.Now()
				stop()
				if took := time.Since(asked); took != tt.took {
					t.Errorf("stopping took %s, want %s", took, tt.took)
				}
				for _, want := range tt.log {
					if !strings.Contains(log.String(), want) {
						t.Errorf("the log lacks %s:\n%s", want, log)
					}
				}
				// However the task ends, the run has an end when the runner has.
				if ended := ledger.ended(); len(ended) != 1 || (ended[0].Err == nil) != (tt.took < 30*time.Second) {
					t.Errorf("the ledger has %+v", ended)
				}
				time.Sleep(5 * time.Minute)
				if starts.Load() != 1 {
					t.Errorf("%d starts, want 1: none after the stop", starts.Load())
				}
				close(release)
				// The bubble fails if a goroutine is left.
			})
		})
	}
}

func TestWorkWhenTheClockJumps(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		jump time.Duration // at 00:02:30
		want []string      // the minutes that ran, until 5 minutes of real time have passed
		log  string
	}{
		"not at all": {0, []string{"00:01", "00:02", "00:03", "00:04", "00:05"}, ""},
		"an hour ahead, as after a sleep": {time.Hour, []string{"00:01", "00:02", "01:03", "01:04", "01:05"},
			`msg="minutes were missed; tasks that were due in them did not run" minutes=60 after=2000-01-01T00:02:00.000Z`},
		"ahead within the minute": {20 * time.Second, []string{"00:01", "00:02", "00:03", "00:04", "00:05"}, ""},
		"some seconds back":       {-20 * time.Second, []string{"00:01", "00:02", "00:03", "00:04"}, ""},
		"two minutes back": {-2 * time.Minute, []string{"00:01", "00:02", "00:03"},
			`msg="the clock was set back; no task starts until it is again where it was" until=2000-01-01T00:03:00.000Z`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var offset atomic.Int64
				now := func() time.Time { return time.Now().Add(time.Duration(offset.Load())) }
				minutes := make(chan string, 10)
				var s Schedule
				s.Add("a", func(context.Context) error {
					minutes <- now().UTC().Truncate(time.Minute).Format("15:04")
					return nil
				})
				log, stop := work(t, &Runner{Schedule: &s, now: now})
				time.Sleep(150 * time.Second)
				synctest.Wait()
				offset.Store(int64(tt.jump))
				time.Sleep(150*time.Second + time.Millisecond)
				stop()
				var ran []string
				for range len(minutes) {
					ran = append(ran, <-minutes)
				}
				if diff := cmp.Diff(tt.want, ran); diff != "" {
					t.Error("minutes (-want +got)\n" + diff)
				}
				if got := strings.Count(log.String(), "level=WARN"); got > 1 || (got == 1) != (tt.log != "") || !strings.Contains(log.String(), tt.log) {
					t.Errorf("the log has not just %q:\n%s", tt.log, log)
				}
			})
		})
	}
}

func TestRunDue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s Schedule
		noDisk := errors.New("no disk")
		s.Add("slow", func(context.Context) error { time.Sleep(10 * time.Second); return nil })
		s.Add("later", func(context.Context) error { t.Error("a task ran that is not due"); return nil }).DailyAt("08:00")
		s.Add("broken", func(context.Context) error { time.Sleep(time.Second); return noDisk })
		s.Add("panics", func(context.Context) error { panic("oh") })
		log := new(journal)
		r := &Runner{Schedule: &s, Logger: log.logger()}

		started := time.Now()
		runs, err := r.RunDue(t.Context(), started.Add(42*time.Second))

		if took := time.Since(started); took != 10*time.Second {
			t.Errorf("it took %s, want 10s: tasks run side by side, and all are waited for", took)
		}
		var got []string
		for _, run := range runs {
			got = append(got, fmt.Sprint(run.Name, " ", run.Duration, " ", run.Err))
			if !run.Due.Equal(started) || !run.Started.Equal(started) {
				t.Errorf("%s was due at %s and started at %s, want %s", run.Name, run.Due, run.Started, started)
			}
		}
		if diff := cmp.Diff([]string{"slow 10s <nil>", "broken 1s no disk", "panics 0s panic: oh"}, got); diff != "" {
			t.Error("runs (-want +got)\n" + diff)
		}
		failed, ok := errors.AsType[*FailedError](err)
		if !ok || failed.ExitCode() != 1 || failed.Error() != `task "broken" failed: no disk; task "panics" failed: panic: oh` || !errors.Is(err, noDisk) {
			t.Errorf("error %v", err)
		}
	})
}

func TestRunDueWithNothingDue(t *testing.T) {
	t.Parallel()
	if runs, err := new(Runner).RunDue(t.Context(), time.Now()); len(runs) != 0 || err != nil {
		t.Errorf("the zero Runner: %v, %v", runs, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var s Schedule
	s.Add("a", func(context.Context) error { t.Error("it ran"); return nil })
	if _, err := (&Runner{Schedule: &s}).RunDue(ctx, time.Now()); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: %v", err)
	}
}

func TestRunDueStopsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var s Schedule
		s.Add("quick", func(context.Context) error { time.Sleep(2 * time.Second); return nil })
		s.Add("obeys", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		s.Add("deaf", func(context.Context) error { <-release; return nil })
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		started := time.Now()
		runs, err := (&Runner{Schedule: &s, Logger: slog.New(slog.DiscardHandler), ShutdownTimeout: 10 * time.Second}).RunDue(ctx, started)
		if took := time.Since(started); took != 16*time.Second {
			t.Errorf("it took %s, want 1s until the end of the context, 10s and 5s", took)
		}
		want := `task "obeys" failed: the scheduler was stopped: context canceled; task "deaf" failed: did not end when it was cancelled`
		if len(runs) != 3 || runs[0].Err != nil || err == nil || err.Error() != want {
			t.Errorf("%v, %v", runs, err)
		}
		close(release)
	})
}

func TestRunTask(t *testing.T) {
	t.Parallel()
	var s Schedule
	s.Add("a", nothing).Cron("0 0 29 2 *")
	s.Add("b", func(context.Context) error { return errors.New("no disk") })
	r := &Runner{Schedule: &s, Logger: slog.New(slog.DiscardHandler)}
	if run, err := r.RunTask(t.Context(), "a"); err != nil || run.Name != "a" || run.Started.IsZero() {
		t.Errorf("a task that is not due: %+v, %v", run, err)
	}
	if run, err := r.RunTask(t.Context(), "b"); run.Err == nil || err == nil || err.Error() != `task "b" failed: no disk` {
		t.Errorf("a task that fails: %+v, %v", run, err)
	}
	_, err := r.RunTask(t.Context(), "c")
	if e, ok := errors.AsType[*UnknownTaskError](err); !ok || e.Error() != `there is no task "c"` || e.Hint() != "the tasks are a, b" {
		t.Errorf("an unknown task: %v", err)
	}
}

func TestARunnerRefusesMistakes(t *testing.T) {
	t.Parallel()
	var s Schedule
	s.Add("a", func(context.Context) error { t.Error("it ran"); return nil })
	s.Add("a", nothing)
	r := &Runner{Schedule: &s}
	_, dueErr := r.RunDue(t.Context(), time.Now())
	_, taskErr := r.RunTask(t.Context(), "a")
	for _, err := range []error{r.Work(t.Context()), dueErr, taskErr} {
		if err == nil || err.Error() != s.Err().Error() {
			t.Errorf("error %v, want that of the schedule", err)
		}
	}
}

func BenchmarkTick500Entries(b *testing.B) {
	var s Schedule
	for i := range 500 {
		s.Add(fmt.Sprint("task", i), nothing).DailyAt(fmt.Sprintf("%02d:%02d", i%24, i%60)).Timezone("Europe/Berlin")
	}
	minute := time.Date(2026, 3, 4, 8, 30, 0, 0, time.UTC)
	b.ReportAllocs()
	for b.Loop() {
		for _, e := range s.entries {
			e.Due(minute)
		}
	}
}
