package schedule

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestWorkStartsAtSeconds(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		set  func(*Entry) *Entry
		want int // runs in an hour
	}{
		"every second":                  {(*Entry).EverySecond, 3600},
		"every 2 seconds":               {(*Entry).EveryTwoSeconds, 1800},
		"every 5 seconds":               {(*Entry).EveryFiveSeconds, 720},
		"every 10 seconds":              {(*Entry).EveryTenSeconds, 360},
		"every 15 seconds":              {(*Entry).EveryFifteenSeconds, 240},
		"every 20 seconds":              {(*Entry).EveryTwentySeconds, 180},
		"every 30 seconds":              {(*Entry).EveryThirtySeconds, 120},
		"every minute":                  {(*Entry).EveryMinute, 60},
		"second 7 and 59 of minute 5":   {func(e *Entry) *Entry { return e.Cron("7,59 5 * * * *") }, 2},
		"seconds in a part of the hour": {func(e *Entry) *Entry { return e.EveryTenSeconds().Between("00:10", "00:19") }, 60},
		"seconds of another day":        {func(e *Entry) *Entry { return e.EverySecond().Sundays() }, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var s Schedule
				var at []time.Time
				var mu sync.Mutex
				e := tt.set(s.Add("task", func(context.Context) error {
					mu.Lock()
					defer mu.Unlock()
					at = append(at, time.Now())
					return nil
				}))
				time.Sleep(300 * time.Millisecond) // a start between two seconds
				_, stop := work(t, &Runner{Schedule: &s})
				time.Sleep(time.Hour)
				stop()
				if len(at) != tt.want {
					t.Errorf("%d runs in an hour, want %d", len(at), tt.want)
				}
				for _, when := range at {
					if !e.Due(when) || when.Nanosecond() != 0 {
						t.Fatalf("a run at %s, when it is not due", when)
					}
				}
			})
		})
	}
}

func TestRunDueStaysForTheSecondsOfTheMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s Schedule
		s.Add("seconds", nothing).EveryTwentySeconds()
		s.Add("minute", nothing)
		time.Sleep(21 * time.Second) // second 0 is long ago for one of them
		runs, err := (&Runner{Schedule: &s}).RunDue(t.Context(), time.Now())
		var got []string
		for _, run := range runs {
			got = append(got, fmt.Sprint(run.Name, " ", run.Due.Second()))
		}
		if want := []string{"seconds 20", "seconds 40", "minute 0"}; err != nil || !slices.Equal(got, want) {
			t.Errorf("%q, %v; want %q", got, err, want)
		}
	})
}

// A process that stands still for a while starts what was due at the seconds meanwhile
// once.
func TestSecondsThatPassedAreNotWorkedOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var offset atomic.Int64
		var ran atomic.Int32
		var s Schedule
		s.Add("task", func(context.Context) error { ran.Add(1); return nil }).EverySecond()
		_, stop := work(t, &Runner{Schedule: &s, now: func() time.Time { return time.Now().Add(time.Duration(offset.Load())) }})
		time.Sleep(10*time.Second + 500*time.Millisecond)
		synctest.Wait()
		offset.Store(int64(40 * time.Second))
		time.Sleep(600 * time.Millisecond)
		stop()
		// 10, and those of the last five seconds.
		if n := ran.Load(); n < 14 || n > 16 {
			t.Errorf("%d runs, want about 15", n)
		}
	})
}

func TestJitter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ledger := new(book)
		begun := map[string]map[time.Duration]bool{}
		var mu sync.Mutex
		schedule := func() *Schedule {
			var s Schedule
			for _, name := range []string{"a", "b", "c"} {
				s.Add(name, func(context.Context) error {
					mu.Lock()
					defer mu.Unlock()
					if begun[name] == nil {
						begun[name] = map[time.Duration]bool{}
					}
					begun[name][time.Since(time.Now().Truncate(time.Hour))] = true
					return nil
				}).Hourly().Jitter(10 * time.Minute)
			}
			return &s
		}
		_, stop1 := work(t, &Runner{Schedule: schedule(), Ledger: ledger})
		_, stop2 := work(t, &Runner{Schedule: schedule(), Ledger: ledger})
		time.Sleep(24*time.Hour + 30*time.Minute)
		stop1()
		stop2()
		if n := len(ledger.ended()); n != 3*24 {
			t.Errorf("%d runs in a day of two schedulers, want 72", n)
		}
		for name, delays := range begun {
			if len(delays) < 20 {
				t.Errorf("task %s was begun with %d delays in 24 hours", name, len(delays))
			}
			for d := range delays {
				if d < 0 || d >= 10*time.Minute {
					t.Errorf("task %s was begun after %s", name, d)
				}
			}
		}
	})
}

func TestPauses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ledger := new(book)
		var s Schedule
		s.Add("a", nothing).OnMissed(RunAll(10), time.Hour)
		s.Add("b", nothing)
		s.Add("always", nothing).EvenWhenPaused()
		log, stop := work(t, &Runner{Schedule: &s, Ledger: ledger})
		count := func() string {
			n := map[string]int{}
			for _, run := range ledger.ended() {
				n[run.Name]++
			}
			return fmt.Sprint(n["a"], n["b"], n["always"])
		}
		time.Sleep(90 * time.Second)
		ledger.pause(Pauses{Tasks: []string{"a", "always"}})
		time.Sleep(time.Minute)
		if got := count(); got != "1 2 2" {
			t.Errorf("runs of a, b and always when a is paused: %s, want 1 2 2", got)
		}
		ledger.pause(Pauses{All: true})
		time.Sleep(time.Minute)
		if got := count(); got != "1 2 3" {
			t.Errorf("runs when all is paused: %s, want 1 2 3", got)
		}
		ledger.pause(Pauses{})
		time.Sleep(time.Minute)
		stop()
		_, stop = work(t, &Runner{Schedule: &s, Ledger: ledger}) // which finds nothing missed
		time.Sleep(time.Second)
		stop()
		if got := count(); got != "2 3 4" {
			t.Errorf("runs after the pauses: %s, want 2 3 4", got)
		}
		if n := strings.Count(log.String(), "task skipped, because it is paused"); n != 3 {
			t.Errorf("said %d times that a task is paused, want 3:\n%s", n, log)
		}
	})
}

// Ten thousand tasks that are due at once are begun with few questions.
func TestRunsAreBegunInBatches(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ledger := new(book)
		var ran atomic.Int32
		var s Schedule
		for i := range 1200 {
			s.Add(fmt.Sprint("task ", i), func(context.Context) error { ran.Add(1); return nil })
		}
		log, stop := work(t, &Runner{Schedule: &s, Ledger: ledger})
		time.Sleep(61 * time.Second)
		stop()
		if ran.Load() != 1200 || ledger.asked != 3 {
			t.Errorf("%d tasks ran after %d questions, want 1200 and 3", ran.Load(), ledger.asked)
		}
		if strings.Contains(log.String(), "level=ERROR") {
			t.Error("the log has errors")
		}
	})
}
