package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// book is a ledger in memory. Its clock is that of the bubble.
type book struct {
	mu     sync.Mutex
	runs   map[string]int64 // task and instant: number
	ended  map[int64]error
	renews int
	broken error
	lost   bool
}

func (b *book) Now(context.Context) (time.Time, error) { return time.Now(), b.broken }

func (b *book) Begin(_ context.Context, task string, due time.Time) (int64, bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.broken != nil {
		return 0, false, b.broken
	}
	key := task + " " + due.UTC().Format(time.RFC3339Nano)
	if b.runs == nil {
		b.runs, b.ended = map[string]int64{}, map[int64]error{}
	}
	if _, there := b.runs[key]; there {
		return 0, false, nil
	}
	b.runs[key] = int64(len(b.runs) + 1)
	return b.runs[key], true, nil
}

func (b *book) BeginAlone(ctx context.Context, task string, due time.Time) (int64, bool, bool, error) {
	b.mu.Lock()
	for key, id := range b.runs {
		if _, ended := b.ended[id]; strings.HasPrefix(key, task+" ") && !ended {
			b.mu.Unlock()
			return 0, false, true, nil
		}
	}
	b.mu.Unlock()
	id, ok, err := b.Begin(ctx, task, due)
	return id, ok, false, err
}

func (b *book) Renew(context.Context, int64) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.renews++
	return !b.lost, b.broken
}

func (b *book) End(_ context.Context, id int64, failure error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.broken != nil {
		return b.broken
	}
	b.ended[id] = failure
	return nil
}

func (b *book) set(broken error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.broken = broken
}

// Three runners, one of which has a clock that is 90 seconds ahead, and one that is
// behind: each run starts once, at its time.
func TestRunnersShareALedger(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ledger := new(book)
		starts := make(chan time.Time, 1000)
		var logs []interface{ String() string }
		var stops []func()
		for _, wrong := range []time.Duration{0, 90 * time.Second, -time.Hour} {
			var s Schedule
			s.Add("tick", func(context.Context) error { starts <- time.Now(); return nil })
			log, stop := work(t, &Runner{Schedule: &s, Ledger: ledger, now: func() time.Time { return time.Now().Add(wrong) }})
			logs, stops = append(logs, log), append(stops, stop)
		}
		time.Sleep(2*time.Hour + time.Second)
		for _, stop := range stops {
			stop()
		}
		if len(starts) != 120 || len(ledger.ended) != 120 {
			t.Fatalf("%d starts and %d ends in two hours, want 120", len(starts), len(ledger.ended))
		}
		for i := range 120 {
			if at, want := <-starts, time.Date(2000, 1, 1, 0, i+1, 0, 0, time.UTC); !at.Equal(want) {
				t.Errorf("start %d at %s, want %s", i, at, want)
			}
		}
		for i, want := range []string{"", "difference=1m30s", "difference=-1h0m0s"} {
			if has := strings.Contains(logs[i].String(), "the clock of this machine is wrong"); has != (want != "") || !strings.Contains(logs[i].String(), want) {
				t.Errorf("the log of runner %d lacks %q:\n%.500s", i, want, logs[i])
			}
		}
	})
}

func TestTheLedgerRemembersHowRunsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ledger := new(book)
		var s Schedule
		s.Add("good", nothing)
		s.Add("bad", func(context.Context) error { return errors.New("no disk") })
		s.Add("panics", func(context.Context) error { panic("oops") })
		s.Add("slow", func(context.Context) error { time.Sleep(50 * time.Second); return nil })
		runner := Runner{Schedule: &s, Ledger: ledger, Logger: slog.New(slog.DiscardHandler)}
		runs, err := runner.RunDue(t.Context(), time.Now())
		if err == nil || len(runs) != 4 {
			t.Errorf("RunDue: %+v, %v", runs, err)
		}
		var ends []string
		for key, id := range ledger.runs {
			ends = append(ends, fmt.Sprint(strings.Fields(key)[0], " ", ledger.ended[id]))
		}
		slices.Sort(ends)
		if want := []string{"bad no disk", "good <nil>", "panics panic: oops", "slow <nil>"}; !slices.Equal(ends, want) {
			t.Errorf("the ledger has %q, want %q", ends, want)
		}
		if ledger.renews != 3 {
			t.Errorf("the lease of 50 seconds was renewed %d times, want 3", ledger.renews)
		}
		if runs, err := runner.RunDue(t.Context(), time.Now().Add(-50*time.Second)); err != nil || len(runs) != 0 {
			t.Errorf("RunDue of the same minute again: %+v, %v", runs, err)
		}
	})
}

func TestALedgerThatFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ledger := new(book)
		var ran atomic.Int32
		var s Schedule
		s.Add("task", func(context.Context) error { ran.Add(1); return nil })
		log, stop := work(t, &Runner{Schedule: &s, Ledger: ledger})
		time.Sleep(50 * time.Second)
		ledger.set(errors.New("no connection"))
		time.Sleep(20 * time.Second) // minute 1 is tried for ten seconds …
		ledger.set(nil)
		time.Sleep(20 * time.Second)
		if ran.Load() != 1 {
			t.Errorf("the task ran %d times when the ledger was back, want once\n%s", ran.Load(), log)
		}
		ledger.set(errors.New("no connection"))
		time.Sleep(time.Minute) // minute 2 is given up
		ledger.set(nil)
		time.Sleep(time.Minute) // minute 3 is normal
		stop()
		if ran.Load() != 2 {
			t.Errorf("the task ran %d times, want twice\n%s", ran.Load(), log)
		}
		if !strings.Contains(log.String(), "task not started, because its run cannot be recorded") {
			t.Errorf("the log:\n%s", log)
		}
	})
}

func TestALostRunGoesOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ledger := &book{lost: true}
		var s Schedule
		s.Add("task", func(context.Context) error { time.Sleep(40 * time.Second); return nil })
		log, stop := work(t, &Runner{Schedule: &s, Ledger: ledger})
		time.Sleep(110 * time.Second)
		stop()
		if n := strings.Count(log.String(), "was taken for lost"); n != 1 || !strings.Contains(log.String(), "task completed") {
			t.Errorf("said %d times that it is lost:\n%s", n, log)
		}
	})
}

// A task that takes two and a half minutes, every minute.
func TestWithoutOverlapping(t *testing.T) {
	t.Parallel()
	for name, ledger := range map[string]Ledger{"with a ledger": new(book), "without": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var runs, now, most atomic.Int32
				task := func(context.Context) error {
					runs.Add(1)
					most.Store(max(most.Load(), now.Add(1)))
					time.Sleep(150 * time.Second)
					now.Add(-1)
					return nil
				}
				var s Schedule
				s.Add("task", task).WithoutOverlapping()
				log, stop := work(t, &Runner{Schedule: &s, Ledger: ledger})
				time.Sleep(9*time.Minute + 30*time.Second)
				stop()
				if runs.Load() != 3 || most.Load() != 1 {
					t.Errorf("%d runs, at most %d at once, want 3 and 1", runs.Load(), most.Load())
				}
				if n := strings.Count(log.String(), "task skipped, because another run of it goes on"); n != 6 {
					t.Errorf("%d runs were skipped, want 6:\n%s", n, log)
				}
			})
		})
	}
}
