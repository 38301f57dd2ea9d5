package schedule

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A day of a schedule of 500 tasks, as long as it takes to work it: every run of every
// task, and nothing else. The log tells how long that was.
func TestADayOf500Tasks(t *testing.T) {
	t.Parallel()
	var ran [500]atomic.Int64
	begin := time.Now()
	var runs int64
	synctest.Test(t, func(t *testing.T) {
		var s Schedule
		for i := range ran {
			e := s.Add(fmt.Sprintf("task %d", i), func(context.Context) error { ran[i].Add(1); return nil })
			switch {
			case i < 10:
				e.EveryMinute()
			case i < 50:
				e.EveryFiveMinutes()
			case i < 250:
				e.HourlyAt(i % 60)
			default:
				e.DailyAt(fmt.Sprintf("%02d:%02d", i%24, i%60)).Timezone("Europe/Berlin")
			}
		}
		// Bubbles begin at midnight, UTC.
		ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour+time.Second)
		defer cancel()
		r := Runner{Schedule: &s, Logger: slog.New(slog.DiscardHandler)}
		if err := r.Work(ctx); err != nil {
			t.Error(err)
		}
		for i, e := range s.Entries() {
			want := len(e.instants(time.Now().Add(-24*time.Hour), time.Now(), 2000))
			if got := int(ran[i].Load()); got != want {
				t.Errorf("%s, %s, ran %d times, want %d", e.Name(), e.Words(), got, want)
			}
			runs += ran[i].Load()
		}
	})
	if took := time.Since(begin); runs != 10*1440+40*288+200*24+250 {
		t.Errorf("%d runs", runs)
	} else {
		t.Logf("24 hours of 500 tasks, %d runs, took %s", runs, took.Round(time.Millisecond))
	}
}
