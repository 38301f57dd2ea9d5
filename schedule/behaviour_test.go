package schedule

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s Schedule
		s.Add("obeys", func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }).Timeout(5 * time.Second)
		s.Add("says nothing", func(ctx context.Context) error { <-ctx.Done(); return nil }).Timeout(5 * time.Second)
		s.Add("quick", func(context.Context) error { time.Sleep(4 * time.Second); return nil }).Timeout(5 * time.Second)
		s.Add("fails first", func(context.Context) error { return errors.New("no disk") }).Timeout(5 * time.Second)
		runs, _ := (&Runner{Schedule: &s}).RunDue(t.Context(), time.Now())
		want := []string{"took longer than 5s\ncontext deadline exceeded", "took longer than 5s", "<nil>", "no disk"}
		for i, r := range runs {
			if got := fmt.Sprint(r.Err); got != want[i] {
				t.Errorf("%s: %q, want %q", r.Name, got, want[i])
			}
		}
		if runs[0].Duration != 5*time.Second {
			t.Errorf("the time-out came after %s", runs[0].Duration)
		}
	})
}

func TestRetry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var s Schedule
		var attempts []time.Duration
		fails := func(times int) func(context.Context) error {
			return func(context.Context) error {
				attempts = append(attempts, time.Since(start))
				if len(attempts) <= times {
					if len(attempts) == 2 {
						panic("oops")
					}
					return errors.New("no disk")
				}
				return nil
			}
		}
		for _, tt := range []struct {
			fails    int
			attempts []time.Duration
			err      string
		}{
			{0, []time.Duration{0}, "<nil>"},
			{2, []time.Duration{0, time.Minute, 3 * time.Minute}, "<nil>"},
			{9, []time.Duration{0, time.Minute, 3 * time.Minute, 7 * time.Minute}, "no disk"},
		} {
			s, attempts, start = Schedule{}, nil, time.Now()
			s.Add("task", fails(tt.fails)).Retry(3, time.Minute)
			runs, _ := (&Runner{Schedule: &s}).RunDue(t.Context(), time.Now())
			if got := fmt.Sprint(runs[0].Err); got != tt.err || !slices.Equal(attempts, tt.attempts) {
				t.Errorf("fails %d times: attempts at %v and %q, want %v and %q", tt.fails, attempts, got, tt.attempts, tt.err)
			}
		}

		// A runner that is stopped does not wait for the next attempt.
		s, attempts = Schedule{}, nil
		s.Add("task", fails(9)).Retry(3, 30*time.Minute)
		log, stop := work(t, &Runner{Schedule: &s, ShutdownTimeout: time.Second})
		time.Sleep(61 * time.Second)
		before := time.Now()
		stop()
		if time.Since(before) > 2*time.Second || !strings.Contains(log.String(), "failed and is tried again") {
			t.Errorf("stopping took %s:\n%s", time.Since(before), log)
		}
	})
}

func TestWhatFollowsARun(t *testing.T) {
	t.Parallel()
	var s Schedule
	var said []string
	say := func(what string) func(context.Context, Run) {
		return func(_ context.Context, r Run) { said = append(said, fmt.Sprint(what, " ", r.Err)) }
	}
	add := func(name string, run func(context.Context) error) *Entry {
		return s.Add(name, run).OnSuccess(say("success")).OnFailure(say("failure")).After(say("after"))
	}
	for _, tt := range []struct {
		entry *Entry
		want  []string
	}{
		{add("good", nothing).Before(func(context.Context) error { said = append(said, "before"); return nil }), []string{"before", "success <nil>", "after <nil>"}},
		{add("bad", func(context.Context) error { return errors.New("no disk") }), []string{"failure no disk", "after no disk"}},
		{add("panics", func(context.Context) error { panic("oops") }), []string{"failure panic: oops", "after panic: oops"}},
		{
			add("not before", func(context.Context) error { said = append(said, "ran"); return nil }).Before(func(context.Context) error { return errors.New("closed") }),
			[]string{"failure before the task: closed", "after before the task: closed"},
		},
		{s.Add("follower panics", nothing).After(func(context.Context, Run) { panic("oops") }).After(say("after")), []string{"after <nil>"}},
	} {
		said = nil
		_, _ = (&Runner{Schedule: &s}).RunTask(t.Context(), tt.entry.Name())
		if !slices.Equal(said, tt.want) {
			t.Errorf("%s: %q, want %q", tt.entry.Name(), said, tt.want)
		}
	}
	mistakes := Schedule{}
	mistakes.Add("a", nothing).Timeout(0).Retry(0, 0).Retry(1, -1).Before(nil).After(nil).OnSuccess(nil).OnFailure(nil)
	if err := mistakes.Err(); err == nil || strings.Count(err.Error(), "behaviour_test.go:") != 7 {
		t.Errorf("mistakes: %v", err)
	}
}
