package schedule_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kitgo/kit/schedule"
)

// In a synctest bubble the clock begins at midnight UTC of 2000-01-01, and a day
// passes in no time.

func work(t *testing.T, r *schedule.Runner) (stop func()) {
	t.Helper()
	if r.Logger == nil {
		r.Logger = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Work(ctx) }()
	return func() {
		t.Helper()
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Work() = %v", err)
		}
	}
}

func TestADayHas1440Minutes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s schedule.Schedule
		var every, hourly, daily atomic.Int64
		count := func(n *atomic.Int64) func(context.Context) error {
			return func(context.Context) error {
				if now := time.Now(); now.Second() != 0 {
					t.Errorf("started at %s", now)
				}
				n.Add(1)
				return nil
			}
		}
		s.Add("every", count(&every)).EveryMinute()
		s.Add("hourly", count(&hourly)).HourlyAt(17)
		s.Add("daily", count(&daily)).DailyAt("08:00").Timezone("UTC")
		time.Sleep(30 * time.Second) // a start in mid-minute waits for the next one
		stop := work(t, &schedule.Runner{Schedule: &s})
		time.Sleep(24 * time.Hour)
		stop()
		if every.Load() != 1440 || hourly.Load() != 24 || daily.Load() != 1 {
			t.Errorf("ran %d, %d and %d times; want 1440, 24 and 1", every.Load(), hourly.Load(), daily.Load())
		}
	})
}

func TestASlowTaskDelaysNoOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s schedule.Schedule
		var quick atomic.Int64
		s.Add("slow", func(context.Context) error { time.Sleep(10 * time.Minute); return nil }).Hourly()
		s.Add("quick", func(context.Context) error { quick.Add(1); return nil }).EveryMinute()
		stop := work(t, &schedule.Runner{Schedule: &s, ShutdownTimeout: time.Hour})
		time.Sleep(65*time.Minute + time.Second)
		if quick.Load() != 65 {
			t.Errorf("the quick task ran %d times beside the slow one, want 65", quick.Load())
		}
		stop()
	})
}

func TestPanicsAndErrorsStopNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s schedule.Schedule
		var out bytes.Buffer
		var fine atomic.Int64
		s.Add("panics", func(context.Context) error { panic("oh no") })
		s.Add("fails", func(context.Context) error { return errors.New("no luck") })
		s.Add("fine", func(context.Context) error { fine.Add(1); return nil })
		stop := work(t, &schedule.Runner{Schedule: &s, Logger: slog.New(slog.NewTextHandler(&out, nil))})
		time.Sleep(3*time.Minute + time.Second)
		stop()
		if fine.Load() != 3 {
			t.Errorf("the other task ran %d times, want 3", fine.Load())
		}
		log := out.String()
		for want, n := range map[string]int{
			`msg="task started" task=panics`: 3, `error="panic: oh no"`: 3, "runner_test.go": 3,
			`msg="task failed" task=fails`: 3, `error="no luck"`: 3,
			`msg="task completed" task=fine`: 3, "duration=": 9,
		} {
			if got := strings.Count(log, want); got < n {
				t.Errorf("the log has %s %d times, want %d:\n%s", want, got, n, log)
			}
		}
	})
}

func TestStopping(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		task    func(ctx context.Context) error
		took    time.Duration // from the stop to the end of Work
		wantErr error         // what the task saw
	}{
		"a task that ends in time is waited for": {
			func(context.Context) error { time.Sleep(10 * time.Second); return nil }, 10 * time.Second, nil,
		},
		"a task that does not is cancelled": {
			func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, 20 * time.Second, context.Canceled,
		},
		"a task that does not listen is left": {
			func(context.Context) error { time.Sleep(time.Hour); return nil }, 25 * time.Second, nil,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var s schedule.Schedule
				saw := make(chan error, 1)
				var runs atomic.Int64
				s.Add("task", func(ctx context.Context) error {
					runs.Add(1)
					err := tt.task(ctx)
					saw <- err
					return err
				})
				stop := work(t, &schedule.Runner{Schedule: &s, ShutdownTimeout: 20 * time.Second})
				time.Sleep(time.Minute)
				synctest.Wait() // the task has started
				begin := time.Now()
				stop()
				if took := time.Since(begin); took != tt.took {
					t.Errorf("stopping took %s, want %s", took, tt.took)
				}
				if err := <-saw; !errors.Is(err, tt.wantErr) || runs.Load() != 1 {
					t.Errorf("the task ran %d times and saw %v, want %v", runs.Load(), err, tt.wantErr)
				}
			})
		})
	}
}

func TestRunDue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s schedule.Schedule
		s.Add("due", func(context.Context) error { time.Sleep(time.Second); return nil }).EveryMinute()
		s.Add("fails", func(context.Context) error { time.Sleep(2 * time.Second); return errors.New("no luck") }).Hourly()
		s.Add("panics", func(context.Context) error { panic("oh no") }).Daily().Timezone("UTC")
		s.Add("later", func(context.Context) error { t.Error("ran"); return nil }).HourlyAt(30)
		r := schedule.Runner{Schedule: &s, Logger: slog.New(slog.DiscardHandler)}
		begin := time.Now()
		runs, err := r.RunDue(t.Context(), begin.Add(20*time.Second))
		if took := time.Since(begin); took != 2*time.Second {
			t.Errorf("took %s; want the 2 s of the slowest", took)
		}
		if len(runs) != 3 {
			t.Errorf("%d runs, want 3", len(runs))
		}
		for _, run := range runs {
			if !run.Due.Equal(begin) {
				t.Errorf("%s was due at %s, want the full minute", run.Name, run.Due)
			}
		}
		failed, ok := errors.AsType[*schedule.FailedError](err)
		if !ok || failed.ExitCode() != 1 || !strings.Contains(err.Error(), `task "fails" failed: no luck`) || !strings.Contains(err.Error(), `task "panics" failed: panic: oh no`) {
			t.Errorf("error %v", err)
		}
		if runs, err := r.RunDue(t.Context(), begin.Add(90*time.Second)); len(runs) != 1 || err != nil {
			t.Errorf("a minute later: %v, %v", runs, err)
		}
	})
}

func TestVocabulary(t *testing.T) {
	t.Parallel()
	nothing := func(context.Context) error { return nil }
	tests := map[string]struct {
		set  func(*schedule.Entry)
		want string
	}{
		"nothing":                   {func(*schedule.Entry) {}, "* * * * *"},
		"EveryMinute":               {func(e *schedule.Entry) { e.EveryMinute() }, "* * * * *"},
		"EveryTwoMinutes":           {func(e *schedule.Entry) { e.EveryTwoMinutes() }, "*/2 * * * *"},
		"EveryFiveMinutes":          {func(e *schedule.Entry) { e.EveryFiveMinutes() }, "*/5 * * * *"},
		"EveryTenMinutes":           {func(e *schedule.Entry) { e.EveryTenMinutes() }, "*/10 * * * *"},
		"EveryFifteenMinutes":       {func(e *schedule.Entry) { e.EveryFifteenMinutes() }, "*/15 * * * *"},
		"EveryThirtyMinutes":        {func(e *schedule.Entry) { e.EveryThirtyMinutes() }, "*/30 * * * *"},
		"Hourly":                    {func(e *schedule.Entry) { e.Hourly() }, "0 * * * *"},
		"HourlyAt":                  {func(e *schedule.Entry) { e.HourlyAt(17) }, "17 * * * *"},
		"Daily":                     {func(e *schedule.Entry) { e.Daily() }, "0 0 * * *"},
		"DailyAt":                   {func(e *schedule.Entry) { e.DailyAt("13:05") }, "5 13 * * *"},
		"Weekly":                    {func(e *schedule.Entry) { e.Weekly() }, "0 0 * * 0"},
		"Weekdays":                  {func(e *schedule.Entry) { e.Weekdays() }, "0 0 * * 1-5"},
		"Weekends":                  {func(e *schedule.Entry) { e.Weekends() }, "0 0 * * 0,6"},
		"Days":                      {func(e *schedule.Entry) { e.Days(time.Monday, time.Thursday) }, "0 0 * * 1,4"},
		"Monthly":                   {func(e *schedule.Entry) { e.Monthly() }, "0 0 1 * *"},
		"MonthlyOn":                 {func(e *schedule.Entry) { e.MonthlyOn(15) }, "0 0 15 * *"},
		"Cron":                      {func(e *schedule.Entry) { e.Cron(" 5 4  * * sun ") }, "5 4 * * sun"},
		"days, then a time":         {func(e *schedule.Entry) { e.Weekdays().DailyAt("08:00") }, "0 8 * * 1-5"},
		"a time, then days":         {func(e *schedule.Entry) { e.DailyAt("08:00").Weekdays() }, "0 8 * * 1-5"},
		"every hour of some days":   {func(e *schedule.Entry) { e.Hourly().Weekends() }, "0 * * * 0,6"},
		"every minute of some days": {func(e *schedule.Entry) { e.Weekends().EveryMinute() }, "* * * * 0,6"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s schedule.Schedule
			e := s.Add("task", nothing)
			tt.set(e)
			if err := s.Err(); err != nil {
				t.Fatal(err)
			}
			if e.Expression() != tt.want {
				t.Errorf("expression %s, want %s", e.Expression(), tt.want)
			}
		})
	}
}

func TestMistakesNameTheirPlace(t *testing.T) {
	t.Parallel()
	nothing := func(context.Context) error { return nil }
	tests := map[string]struct {
		set  func(*schedule.Schedule)
		want string
	}{
		"a bad cron text":         {func(s *schedule.Schedule) { s.Add("a", nothing).Cron("61 * * * *") }, `task "a": cron text "61 * * * *", character 1: the minute is 61; it must be from 0 to 59`},
		"a bad time":              {func(s *schedule.Schedule) { s.Add("a", nothing).DailyAt("25:00") }, `task "a": DailyAt("25:00"): the time must be written as 08:00, from 00:00 to 23:59`},
		"a bad minute":            {func(s *schedule.Schedule) { s.Add("a", nothing).HourlyAt(60) }, `task "a": HourlyAt(60): the minute must be from 0 to 59`},
		"a bad day":               {func(s *schedule.Schedule) { s.Add("a", nothing).MonthlyOn(32) }, `task "a": MonthlyOn(32): the day must be from 1 to 31`},
		"no days":                 {func(s *schedule.Schedule) { s.Add("a", nothing).Days() }, `task "a": Days needs at least one day`},
		"an unknown zone":         {func(s *schedule.Schedule) { s.Add("a", nothing).Timezone("Mars/Olympus") }, `task "a": "Mars/Olympus" is not a time zone; use a name such as Europe/Berlin or UTC`},
		"two times":               {func(s *schedule.Schedule) { s.Add("a", nothing).EveryMinute().DailyAt("08:00") }, `task "a": EveryMinute and DailyAt both set the time of the day`},
		"days twice":              {func(s *schedule.Schedule) { s.Add("a", nothing).Weekdays().Monthly() }, `task "a": Weekdays and Monthly both set the days`},
		"Cron and something":      {func(s *schedule.Schedule) { s.Add("a", nothing).Weekdays().Cron("* * * * *") }, `task "a": Weekdays and Cron both say when it runs`},
		"something after Cron":    {func(s *schedule.Schedule) { s.Add("a", nothing).Cron("* * * * *").Daily() }, `task "a": Cron and Daily both set the time of the day`},
		"no name":                 {func(s *schedule.Schedule) { s.Add("", nothing) }, `a task has no name`},
		"no function":             {func(s *schedule.Schedule) { s.Add("a", nil) }, `task "a" has no function`},
		"two tasks of one name":   {func(s *schedule.Schedule) { s.Add("a", nothing); s.Add("a", nothing) }, `task "a" is already scheduled at runner_test.go:`},
		"all mistakes at once: 1": {func(s *schedule.Schedule) { s.Add("a", nil).HourlyAt(99) }, `HourlyAt(99)`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s schedule.Schedule
			tt.set(&s)
			err := s.Err()
			if err == nil || !strings.HasPrefix(err.Error(), "runner_test.go:") || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v\nwant %s", err, tt.want)
			}
			if err := (&schedule.Runner{Schedule: &s}).Work(t.Context()); err == nil {
				t.Error("a schedule with mistakes runs")
			}
		})
	}
}

func BenchmarkTick(b *testing.B) {
	var s schedule.Schedule
	for i := range 500 {
		s.Add(fmt.Sprint("task", i), func(context.Context) error { return nil }).DailyAt("08:00").Weekdays()
	}
	now := time.Date(2026, 3, 4, 10, 15, 0, 0, time.UTC)
	entries := s.Entries()
	for b.Loop() {
		for _, e := range entries {
			if e.Due(now) {
				b.Fatal("due")
			}
		}
	}
}
