package schedule

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A scheduler runs for three hours, is away for some, and runs again.
func TestOnMissed(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		missed   Missed
		lookBack time.Duration
		away     time.Duration
		want     string // the hours for which the task ran, and the trimmed one in brackets
	}{
		"is skipped by default":     {Skip, 0, 5 * time.Hour, "1 2 3 9 10"},
		"once":                      {RunOnce, 24 * time.Hour, 5 * time.Hour, "1 2 3 [7] 8 9 10"},
		"all":                       {RunAll(100), 24 * time.Hour, 5 * time.Hour, "1 2 3 4 5 6 7 8 9 10"},
		"the newest two":            {RunAll(2), 24 * time.Hour, 5 * time.Hour, "1 2 3 [6] 7 8 9 10"},
		"those of the last 2 hours": {RunAll(100), 2 * time.Hour, 5 * time.Hour, "1 2 3 7 8 9 10"},
		"nothing was missed":        {RunAll(100), 24 * time.Hour, time.Minute, "1 2 3 4 5"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ledger := new(book)
				var s Schedule
				e := s.Add("task", nothing).Hourly()
				if tt.missed != Skip {
					e.OnMissed(tt.missed, tt.lookBack)
				}
				if s.Err() != nil {
					t.Fatal(s.Err())
				}
				_, stop := work(t, &Runner{Schedule: &s, Ledger: ledger})
				time.Sleep(3*time.Hour + 30*time.Minute)
				stop()
				time.Sleep(tt.away)
				for range 3 { // schedulers, of which the last two find nothing
					_, stop = work(t, &Runner{Schedule: &s, Ledger: ledger})
					defer stop()
				}
				time.Sleep(2 * time.Hour)
				if diff := cmp.Diff(tt.want, ledger.hours()); diff != "" {
					t.Error("hours (-want +got)\n" + diff)
				}
				time.Sleep(0)
			})
		})
	}
}

// hours are the hours of the instants that the ledger has, by time.
func (b *book) hours() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	byHour := make([]string, 30)
	for _, r := range b.rows {
		hour := int(r.due.Sub(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)) / time.Hour)
		if r.skip == "" {
			byHour[hour] += fmt.Sprint(hour)
		} else {
			byHour[hour] += fmt.Sprintf("[%d]", hour)
		}
	}
	return strings.Join(strings.Fields(strings.Join(byHour, " ")), " ")
}

// What was trimmed is not made up for at the next start.
func TestTrimmedInstantsStayTrimmed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ledger := new(book)
		var s Schedule
		s.Add("task", nothing).Hourly().OnMissed(RunOnce, 24*time.Hour)
		for range 4 {
			_, stop := work(t, &Runner{Schedule: &s, Ledger: ledger})
			time.Sleep(70 * time.Minute)
			stop()
			time.Sleep(3*time.Hour + 20*time.Minute)
		}
		// Starts at 0:00, 4:30, 9:00 and 13:30, each for 70 minutes.
		if diff := cmp.Diff("1 [3] 4 5 [8] 9 10 [12] 13 14", ledger.hours()); diff != "" {
			t.Error("(-want +got)\n" + diff)
		}
	})
}

func TestATaskThatWasNeverRecordedHasMissedNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ledger := new(book)
		var s Schedule
		s.Add("new", nothing).Hourly().OnMissed(RunAll(10), 24*time.Hour)
		_, stop := work(t, &Runner{Schedule: &s, Ledger: ledger})
		time.Sleep(30 * time.Minute)
		stop()
		if len(ledger.rows) != 0 {
			t.Errorf("the ledger has %q", ledger.hours())
		}
	})
}

// A machine sleeps for five hours, with and without a ledger.
func TestASleepingMachine(t *testing.T) {
	t.Parallel()
	for name, ledger := range map[string]Ledger{"with a ledger": new(book), "without": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var offset atomic.Int64
				now := func() time.Time { return time.Now().Add(time.Duration(offset.Load())) }
				due := make(chan string, 100)
				var s Schedule
				s.Add("task", nothing).Hourly().OnMissed(RunAll(3), 24*time.Hour).After(func(_ context.Context, run Run) { due <- run.Due.Format("15:04") })
				if b, ok := ledger.(*book); ok {
					// The ledger's clock jumps too: it is the bubble's, which cannot sleep.
					ledger = clocked{b, now}
				}
				_, stop := work(t, &Runner{Schedule: &s, Ledger: ledger, now: now})
				time.Sleep(90 * time.Minute)
				synctest.Wait()
				offset.Store(int64(5 * time.Hour))
				time.Sleep(time.Hour)
				stop()
				close(due)
				var got []string
				for d := range due {
					got = append(got, d)
				}
				if diff := cmp.Diff([]string{"01:00", "04:00", "05:00", "06:00", "07:00"}, got); diff != "" {
					t.Error("(-want +got)\n" + diff)
				}
			})
		})
	}
}

type clocked struct {
	*book
	now func() time.Time
}

func (c clocked) Now(context.Context) (time.Time, error) { return c.now(), nil }

// The ledger is away for ten minutes.
func TestWhatTheLedgerDidNotTakeIsMissed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ledger := new(book)
		var ran, skipped atomic.Int32
		var s Schedule
		s.Add("all", func(context.Context) error { ran.Add(1); return nil }).OnMissed(RunAll(100), time.Hour)
		s.Add("none", func(context.Context) error { skipped.Add(1); return nil })
		log, stop := work(t, &Runner{Schedule: &s, Ledger: ledger})
		time.Sleep(5*time.Minute + 30*time.Second)
		ledger.set(errors.New("no connection"))
		time.Sleep(10 * time.Minute)
		ledger.set(nil)
		time.Sleep(10 * time.Minute)
		stop()
		if ran.Load() != 25 || skipped.Load() > 16 {
			t.Errorf("%d and %d runs in 25 minutes, of which 10 were without the ledger; want 25 and about 15\n%.3000s", ran.Load(), skipped.Load(), log)
		}
	})
}

func TestAConditionThatKeepsATaskIsNotAMiss(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ledger := new(book)
		var closed atomic.Bool
		var s Schedule
		s.Add("task", nothing).Hourly().OnMissed(RunAll(10), 24*time.Hour).Skip(func(context.Context) bool { return closed.Load() })
		_, stop := work(t, &Runner{Schedule: &s, Ledger: ledger})
		time.Sleep(90 * time.Minute)
		closed.Store(true)
		time.Sleep(2 * time.Hour)
		stop()
		closed.Store(false)
		_, stop = work(t, &Runner{Schedule: &s, Ledger: ledger})
		time.Sleep(time.Hour)
		stop()
		if diff := cmp.Diff("1 [2] [3] 4", ledger.hours()); diff != "" {
			t.Error("(-want +got)\n" + diff)
		}
	})
}

// The runner is told to stop while it makes up: the next one goes on from there.
func TestMakingUpIsInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ledger := new(book)
		var s Schedule
		s.Add("task", func(context.Context) error { time.Sleep(10 * time.Second); return nil }).Hourly().WithoutOverlapping().OnMissed(RunAll(10), 24*time.Hour)
		for _, at := range []time.Duration{90 * time.Minute, 4 * time.Hour} {
			_, stop := work(t, &Runner{Schedule: &s, Ledger: ledger})
			time.Sleep(at)
			stop()
		}
		time.Sleep(6 * time.Hour) // missed: 6 to 11
		_, stop := work(t, &Runner{Schedule: &s, Ledger: ledger})
		time.Sleep(15 * time.Second)
		stop() // while the second of them runs
		if diff := cmp.Diff("1 2 3 4 5 6 7", ledger.hours()); diff != "" {
			t.Error("when interrupted (-want +got)\n" + diff)
		}
		_, stop = work(t, &Runner{Schedule: &s, Ledger: ledger})
		time.Sleep(2 * time.Minute)
		stop()
		if diff := cmp.Diff("1 2 3 4 5 6 7 8 9 10 11", ledger.hours()); diff != "" {
			t.Error("(-want +got)\n" + diff)
		}
	})
}
