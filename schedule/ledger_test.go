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

// book is a ledger in memory, with a table as databases have. Its clock is that of the
// bubble.
type book struct {
	mu     sync.Mutex
	rows   []*row
	index  map[string]*row
	tasks  map[string][]*row
	pauses Pauses
	renews int
	asked  int // questions whether runs may begin
	broken error
	lost   bool
}

type row struct {
	id     int64
	task   string
	due    time.Time
	token  string
	skip   Reason
	ended  bool
	result Run
}

func (b *book) Now(context.Context) (time.Time, error) { return time.Now(), b.failure() }

func (b *book) failure() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.broken
}

func (b *book) find(task string, due time.Time) *row {
	return b.index[task+due.UTC().String()]
}

func (b *book) insert(r row) *row {
	r.id = int64(len(b.rows) + 1)
	b.rows = append(b.rows, &r)
	if b.index == nil {
		b.index, b.tasks = map[string]*row{}, map[string][]*row{}
	}
	b.tasks[r.task] = append(b.tasks[r.task], &r)
	b.index[r.task+r.due.UTC().String()] = &r
	return &r
}

func (b *book) Begin(_ context.Context, c Claim) (begun Begun, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked++
	if b.broken != nil {
		return begun, b.broken
	}
	begun.IDs = map[string]int64{}
	for _, task := range c.Tasks {
		r := b.find(task, c.Due)
		if r == nil {
			going := slices.ContainsFunc(b.tasks[task], func(r *row) bool { return !r.ended && r.skip == "" })
			if c.Alone && going {
				b.insert(row{task: task, due: c.Due, skip: "overlap"})
				begun.Overlapping = append(begun.Overlapping, task)
				continue
			}
			r = b.insert(row{task: task, due: c.Due, token: c.Token})
		}
		if r.token == c.Token {
			begun.IDs[task] = r.id
		}
	}
	return begun, nil
}

func (b *book) Skip(_ context.Context, task string, due time.Time, why Reason, _ string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.find(task, due) == nil {
		b.insert(row{task: task, due: due, skip: why})
	}
	return b.broken
}

func (b *book) Past(_ context.Context, task string, since time.Time) (past Past, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.tasks[task] {
		switch {
		case past.Since.IsZero() || r.skip == Trimmed && r.due.After(past.Since):
			past.Since = r.due
		}
		if !r.due.Before(since) {
			past.Known = append(past.Known, r.due)
		}
	}
	return past, b.broken
}

func (b *book) Paused(context.Context) (Pauses, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.pauses, b.broken
}

func (b *book) Renew(_ context.Context, ids []int64) (lost []int64, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.renews += len(ids); b.lost {
		lost = ids
	}
	return lost, b.broken
}

func (b *book) End(_ context.Context, id int64, run Run) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.broken != nil {
		return b.broken
	}
	b.rows[id-1].ended, b.rows[id-1].result = true, run
	return nil
}

// ended returns the runs that have ended.
func (b *book) ended() (list []Run) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.rows {
		if r.ended {
			list = append(list, r.result)
		}
	}
	return list
}

func (b *book) pause(p Pauses) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pauses = p
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
		if len(starts) != 120 || len(ledger.ended()) != 120 {
			t.Fatalf("%d starts and %d ends in two hours, want 120", len(starts), len(ledger.ended()))
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
		for _, r := range ledger.ended() {
			ends = append(ends, fmt.Sprint(r.Name, " ", r.Err))
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
		if n := strings.Count(log.String(), "was taken for lost"); n != 1 || !strings.Contains(log.String(), "Task 'task' completed") {
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

// slowFirst is a ledger whose first answer takes long, and whose clock is a little ahead.
type slowFirst struct {
	*book
	asked *atomic.Int32
	ahead time.Duration
}

func (s slowFirst) Now(context.Context) (time.Time, error) {
	now := time.Now().Add(s.ahead)
	if s.asked.Add(1) == 1 {
		time.Sleep(300 * time.Millisecond)
		now = time.Now().Add(s.ahead) // it was read at the end of the wait
	}
	return now, nil
}

// A task does not find that it starts before it is due, whatever the network does.
func TestTasksDoNotStartEarly(t *testing.T) {
	t.Parallel()
	for _, ahead := range []time.Duration{0, 90 * time.Millisecond, -90 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			var starts []time.Time
			var s Schedule
			s.Add("task", func(context.Context) error { starts = append(starts, time.Now()); return nil })
			_, stop := work(t, &Runner{Schedule: &s, Ledger: slowFirst{new(book), new(atomic.Int32), ahead}})
			time.Sleep(3*time.Minute + time.Second)
			stop()
			if len(starts) != 3 {
				t.Errorf("%d starts in three minutes", len(starts))
			}
			for _, at := range starts {
				if at.Second() != 0 || at.Nanosecond() != 0 {
					t.Errorf("a start at %s when the ledger's clock is %s ahead", at, ahead)
				}
			}
		})
	}
}
