package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Four runners on one ledger for three days: their clocks are wrong, they are stopped and
// started again, and the ledger is away from time to time. Every instant is worked once.
func TestEveryInstantIsWorkedOnce(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { storm(t, rand.New(rand.NewPCG(seed, 1))) })
		})
	}
}

// tasks of a storm, with how often they are due.
var stormTasks = map[string]func(*Entry) *Entry{
	"minute":  (*Entry).EveryMinute,
	"seconds": (*Entry).EveryThirtySeconds,
	"five":    (*Entry).EveryFiveMinutes,
	"hourly":  (*Entry).Hourly,
	"berlin":  func(e *Entry) *Entry { return e.DailyAt("02:30").Timezone("Europe/Berlin") },
	"jitter":  func(e *Entry) *Entry { return e.EveryTenMinutes().Jitter(3 * time.Minute) },
	"alone":   func(e *Entry) *Entry { return e.EveryFifteenMinutes().WithoutOverlapping() },
}

func storm(t *testing.T, random *rand.Rand) {
	const days = 3
	ledger := new(book)
	var mu sync.Mutex
	worked := map[string]int{}
	schedule := func() *Schedule {
		var s Schedule
		for name, set := range stormTasks {
			set(s.Add(name, func(ctx context.Context) error {
				mu.Lock()
				worked[name+Due(ctx).Format(" 01-02 15:04:05")]++
				mu.Unlock()
				time.Sleep(time.Duration(random.Int64N(int64(20 * time.Second))))
				return nil
			})).OnMissed(RunAll(100_000), 6*time.Hour)
		}
		if s.Err() != nil {
			t.Fatal(s.Err())
		}
		return &s
	}
	begin := time.Now()
	end := begin.Add(days * 24 * time.Hour)
	var runners sync.WaitGroup
	for range 4 {
		wrong := time.Duration(random.Int64N(int64(4*time.Minute))) - 2*time.Minute
		pause, life := random.Int64N(int64(time.Hour)), random.Int64N(int64(10*time.Hour))
		runners.Go(func() {
			for time.Now().Before(end) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(life)+time.Minute)
				r := Runner{Schedule: schedule(), Ledger: ledger, Logger: slog.New(slog.DiscardHandler), now: func() time.Time { return time.Now().Add(wrong) }}
				if err := r.Work(ctx); err != nil {
					t.Error(err)
				}
				cancel()
				time.Sleep(time.Duration(pause))
			}
		})
	}
	for time.Now().Before(end) {
		time.Sleep(time.Duration(random.Int64N(int64(6 * time.Hour))))
		ledger.set(errors.New("no connection"))
		time.Sleep(time.Duration(random.Int64N(int64(10 * time.Minute))))
		ledger.set(nil)
	}
	runners.Wait()
	// The last one makes up for what the others left.
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Hour)
	defer cancel()
	if err := (&Runner{Schedule: schedule(), Ledger: ledger, Logger: slog.New(slog.DiscardHandler)}).Work(ctx); err != nil {
		t.Error(err)
	}
	verify(t, ledger, schedule(), worked, end)
}

// verify compares the ledger and what the tasks wrote down with the schedule.
func verify(t *testing.T, ledger *book, s *Schedule, worked map[string]int, end time.Time) {
	t.Helper()
	total, lost := 0, 0
	for _, e := range s.Entries() {
		past, err := ledger.Past(t.Context(), e.name, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		for at := past.Since.Add(-1); ; {
			next, ok := e.Next(at)
			if !ok || next.After(end) {
				break
			}
			key := e.name + next.UTC().Format(" 01-02 15:04:05")
			row := ledger.find(e.name, next.UTC())
			switch {
			case row == nil:
				t.Errorf("%s is not recorded", key)
			case row.skip == "" && worked[key] != 1:
				t.Errorf("%s was worked %d times", key, worked[key])
			case row.skip != "" && (e.name != "alone" || worked[key] != 0):
				t.Errorf("%s was skipped: %s", key, row.skip)
			}
			if row != nil && row.skip == "" && !row.ended {
				lost++
			}
			at = next
			total++
		}
	}
	for key, n := range worked {
		if n != 1 {
			t.Errorf("%s was worked %d times", key, n)
		}
	}
	// Those whose runner was stopped while the ledger was away.
	if lost > 3 {
		t.Errorf("the ends of %d runs are not recorded", lost)
	}
	if total < 3*24*60 {
		t.Errorf("only %d instants were compared", total)
	}
}
