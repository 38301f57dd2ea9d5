package schedule

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPartsOfTheDay(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		set  func(*Entry) *Entry
		want string // the hours in which the entry is due
	}{
		"between":            {func(e *Entry) *Entry { return e.Hourly().Between("08:00", "11:00") }, "8 9 10 11"},
		"over midnight":      {func(e *Entry) *Entry { return e.Between("22:00", "01:30").Hourly() }, "22 23 0 1"},
		"unless":             {func(e *Entry) *Entry { return e.Hourly().UnlessBetween("02:00", "23:00") }, "0 1"},
		"unless, over it":    {func(e *Entry) *Entry { return e.Hourly().UnlessBetween("03:00", "01:59") }, "2"},
		"both":               {func(e *Entry) *Entry { return e.Hourly().Between("08:00", "12:00").UnlessBetween("10:00", "11:00") }, "8 9 12"},
		"in a zone":          {func(e *Entry) *Entry { return e.Hourly().Between("08:00", "09:00").Timezone("Asia/Tokyo") }, "23 0"},
		"a minute before":    {func(e *Entry) *Entry { return e.HourlyAt(30).Between("08:31", "10:29") }, "9"},
		"all of the day":     {func(e *Entry) *Entry { return e.EverySixHours().Between("00:00", "23:59") }, "0 6 12 18"},
		"one minute of them": {func(e *Entry) *Entry { return e.EveryMinute().Between("05:00", "05:00") }, "5"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s Schedule
			e := tt.set(s.Add("task", nothing))
			want := map[string]bool{}
			for _, hour := range strings.Fields(tt.want) {
				want[hour] = true
			}
			start := time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC)
			due, next := map[string]bool{}, map[string]bool{}
			for at := start; at.Before(start.AddDate(0, 0, 1)); at = at.Add(time.Minute) {
				if e.Due(at) {
					due[fmt.Sprint(at.Hour())] = true
				}
			}
			for at := start.Add(-time.Minute); ; {
				var ok bool
				if at, ok = e.Next(at); !ok || !at.Before(start.AddDate(0, 0, 1)) {
					break
				}
				next[fmt.Sprint(at.UTC().Hour())] = true
			}
			if diff := cmp.Diff(want, due); diff != "" {
				t.Errorf("due (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(due, next); diff != "" {
				t.Errorf("Next does not agree with Due (-due +next):\n%s", diff)
			}
			if s.Err() != nil {
				t.Error(s.Err())
			}
		})
	}
}

func TestConditionsAndEnvironments(t *testing.T) {
	t.Parallel()
	yes := func(context.Context) bool { return true }
	no := func(context.Context) bool { return false }
	synctest.Test(t, func(t *testing.T) {
		s := Schedule{Environment: "staging"}
		ran := map[string]bool{}
		names := make(chan string, 20)
		add := func(name string) *Entry {
			return s.Add(name, func(context.Context) error { names <- name; return nil })
		}
		add("when yes").When(yes)
		add("when no").When(no)
		add("when both").When(yes).When(no)
		add("skip yes").Skip(yes)
		add("skip no").Skip(no)
		add("panics").When(func(context.Context) bool { panic("oops") })
		add("here").Environments("production", "staging")
		add("elsewhere").Environments("production")
		log, stop := work(t, &Runner{Schedule: &s})
		time.Sleep(65 * time.Second)
		stop()
		close(names)
		for name := range names {
			ran[name] = true
		}
		want := map[string]bool{"when yes": true, "skip no": true, "here": true}
		if diff := cmp.Diff(want, ran); diff != "" {
			t.Errorf("Work (-want +got):\n%s\n%s", diff, log)
		}
		if !strings.Contains(log.String(), `msg="task skipped" task="when no"`) || !strings.Contains(log.String(), "a condition of the task panicked") {
			t.Errorf("the log:\n%s", log)
		}
	})
	s := Schedule{Environment: "testing"}
	s.Add("never", nothing).When(no)
	s.Add("elsewhere", nothing).Environments("production")
	s.Add("always", nothing)
	runner := Runner{Schedule: &s}
	runs, err := runner.RunDue(t.Context(), time.Now())
	if err != nil || len(runs) != 1 || runs[0].Name != "always" {
		t.Errorf("RunDue: %+v, %v", runs, err)
	}
	if run, err := runner.RunTask(t.Context(), "never"); err != nil || run.Name != "never" {
		t.Errorf("RunTask asks the conditions: %+v, %v", run, err)
	}
	limits := s.Add("all", nothing).Between("08:00", "09:00").UnlessBetween("08:10", "08:20").Environments("a", "b").Skip(no).Limits()
	if want := "between 08:00 and 09:00; unless between 08:10 and 08:20; in a, b; under conditions"; limits != want {
		t.Errorf("Limits() = %q, want %q", limits, want)
	}
}
