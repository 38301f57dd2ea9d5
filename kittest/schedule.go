package kittest

import (
	"testing"
	"time"

	"github.com/kitgo/kit"
	"github.com/kitgo/kit/schedule"
)

// Schedule moves time for the tasks of an application: they run when the clock of the test
// passes the instants at which they are due. Nothing is recorded, and nothing waits; what
// tasks ask time.Now for is the time of the machine.
type Schedule struct {
	tb     testing.TB
	tasks  *schedule.Schedule
	runner *schedule.Runner
	now    time.Time
	runs   []schedule.Run
}

// NewSchedule returns the schedule of an application at an instant. A mistake in the
// schedule fails the test.
func NewSchedule(tb testing.TB, app *kit.App, now time.Time) *Schedule {
	tb.Helper()
	tasks, err := app.Tasks()
	if err != nil {
		tb.Fatal(err)
	}
	return &Schedule{tb: tb, tasks: tasks, runner: &schedule.Runner{Schedule: tasks, Logger: app.Logger}, now: now}
}

// Now returns the time.
func (s *Schedule) Now() time.Time { return s.now }

// Advance moves the time and runs what is due until then, one instant after the other, the
// tasks of one instant side by side. It returns the runs. A task that fails does not fail
// the test; [schedule.Run].Err has its error.
func (s *Schedule) Advance(d time.Duration) []schedule.Run {
	s.tb.Helper()
	return s.AdvanceTo(s.now.Add(d))
}

// AdvanceTo is Advance to an instant.
func (s *Schedule) AdvanceTo(end time.Time) []schedule.Run {
	s.tb.Helper()
	before := len(s.runs)
	for {
		due, ok := s.tasks.Next(s.now)
		if !ok || due.After(end) {
			break
		}
		s.now = due
		// The error is that of the tasks, which the runs have.
		runs, _ := s.runner.RunAt(s.tb.Context(), due)
		s.runs = append(s.runs, runs...)
	}
	s.now = end
	return s.runs[before:]
}

// Runs returns the runs of a task so far.
func (s *Schedule) Runs(task string) []schedule.Run {
	s.tb.Helper()
	if s.tasks.Find(task) == nil {
		s.tb.Fatalf("there is no task %q", task)
	}
	var list []schedule.Run
	for _, run := range s.runs {
		if run.Name == task {
			list = append(list, run)
		}
	}
	return list
}

// AssertRan checks how often a task has run so far, and that it never failed.
func (s *Schedule) AssertRan(task string, times int) {
	s.tb.Helper()
	runs := s.Runs(task)
	if len(runs) != times {
		s.tb.Errorf("task %s has run %d times until %s, want %d", task, len(runs), s.now.UTC().Format(time.RFC3339), times)
	}
	for _, run := range runs {
		if run.Err != nil {
			s.tb.Errorf("task %s, due at %s, failed: %v", task, run.Due.UTC().Format(time.RFC3339), run.Err)
		}
	}
}
