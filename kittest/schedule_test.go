package kittest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kitgo/kit"
	"github.com/kitgo/kit/schedule"
)

func TestTimeMovesForTasks(t *testing.T) {
	t.Parallel()
	var order []string
	note := func(name string) func(context.Context) error {
		return func(context.Context) error { order = append(order, name); return nil }
	}
	open := false
	app := &kit.App{Config: kit.Config{Environment: "testing"}, Schedule: func(s *schedule.Schedule) {
		s.Add("b", note("b")).DailyAt("02:30").Timezone("Europe/Berlin")
		s.Add("a", note("a")).EveryTwentySeconds().Between("00:00", "00:00")
		s.Add("jitter", note("j")).DailyAt("12:00").Jitter(time.Hour)
		s.Add("closed", note("closed")).Hourly().When(func(context.Context) bool { return open })
		s.Add("elsewhere", note("elsewhere")).Hourly().Environments("production")
		s.Add("fails", func(context.Context) error { return errors.New("no disk") }).DailyAt("13:00")
	}}
	clock := NewSchedule(t, app, time.Date(2026, 3, 28, 23, 59, 30, 0, time.UTC))
	runs := clock.Advance(6 * time.Hour)
	// The clock of Berlin jumps over 02:30: it is due at 03:00, which is 01:00 UTC.
	if got := strings.Join(order, " "); got != "a a a b" || len(runs) != 4 || !runs[3].Due.Equal(time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC)) {
		t.Errorf("%s ran, %+v", got, runs)
	}
	open = true
	clock.AdvanceTo(time.Date(2026, 3, 29, 12, 0, 0, 0, time.UTC))
	clock.AssertRan("b", 1)
	clock.AssertRan("closed", 7) // 6 to 12
	clock.AssertRan("jitter", 1)
	clock.AssertRan("elsewhere", 0)
	if !clock.Now().Equal(time.Date(2026, 3, 29, 12, 0, 0, 0, time.UTC)) {
		t.Errorf("it is %s", clock.Now())
	}
	clock.Advance(time.Hour)
	if runs := clock.Runs("fails"); len(runs) != 1 || fmt.Sprint(runs[0].Err) != "no disk" {
		t.Errorf("%+v", runs)
	}
	if n := slices.Index(order, "elsewhere"); n >= 0 {
		t.Error("a task of another environment ran")
	}
}

func TestAssertRanSaysWhatRan(t *testing.T) {
	t.Parallel()
	app := &kit.App{Schedule: func(s *schedule.Schedule) {
		s.Add("fails", func(context.Context) error { return errors.New("no disk") }).Hourly()
	}}
	got := failure(t, func(tb testing.TB) {
		clock := NewSchedule(tb, app, time.Date(2026, 3, 28, 0, 30, 0, 0, time.UTC))
		clock.Advance(time.Hour)
		clock.AssertRan("fails", 2)
	})
	for _, want := range []string{"task fails has run 1 times until 2026-03-28T01:30:00Z, want 2", "task fails, due at 2026-03-28T01:00:00Z, failed: no disk"} {
		if !strings.Contains(got, want) {
			t.Errorf("it says %q, which lacks %q", got, want)
		}
	}
	if got := failure(t, func(tb testing.TB) { NewSchedule(tb, app, time.Now()).AssertRan("other", 0) }); !strings.Contains(got, `there is no task "other"`) {
		t.Errorf("of an unknown task: %q", got)
	}
	wrong := &kit.App{Schedule: func(s *schedule.Schedule) { s.Add("a", nil) }}
	if got := failure(t, func(tb testing.TB) { NewSchedule(tb, wrong, time.Now()) }); !strings.Contains(got, "has no function") {
		t.Errorf("of a mistake: %q", got)
	}
}
