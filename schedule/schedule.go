// Package schedule runs functions at given times.
//
//	var s schedule.Schedule
//	s.Add("sessions:prune", sessions.Prune).Hourly()
//	s.Add("digest:send", digest.Run).Weekdays().DailyAt("08:00").Timezone("Europe/Berlin")
//	if err := s.Err(); err != nil {
//		return err // every mistake, with its source line
//	}
//	runner := schedule.Runner{Schedule: &s}
//	err := runner.Work(ctx) // until ctx ends
//
// An entry is a task and when it is due, in the words of a crontab or of this
// package. A [Runner] starts what is due: at every full minute ([Runner.Work]), or
// once ([Runner.RunDue]).
package schedule

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/kitgo/kit/internal/place"
)

// Schedule is a list of entries. The zero value is an empty schedule.
type Schedule struct {
	// Environment is that of the application, such as production, for the entries that
	// [Entry.Environments] limits.
	Environment string

	// Execute runs a command of the application until it ends, for [Schedule.Command]. It
	// writes what the command prints to [Output], and fails when the command does.
	Execute func(ctx context.Context, command []string) error

	entries []*Entry
	errs    []error
}

// Add schedules run under a name of its own. It is due every minute until a method
// of the entry says otherwise. run should end when its context does.
func (s *Schedule) Add(name string, run func(ctx context.Context) error) *Entry {
	return s.add(name, run, place.Caller())
}

func (s *Schedule) add(name string, run func(ctx context.Context) error, at place.Place) *Entry {
	e := (&Entry{schedule: s, name: name, run: run, loc: time.UTC, at: at}).combine()
	if name == "" {
		s.fail(e.at, "a task has no name")
	}
	if run == nil {
		s.fail(e.at, "task %q has no function", name)
	}
	s.entries = append(s.entries, e)
	return e
}

// Entries returns the entries in the order in which they were added, none of a nil
// schedule.
func (s *Schedule) Entries() []*Entry {
	if s == nil {
		return nil
	}
	return slices.Clone(s.entries)
}

// Next returns the first second after t in which any entry for this environment is due; ok
// is false if there is none in the next 40 years.
func (s *Schedule) Next(t time.Time) (next time.Time, ok bool) {
	for _, e := range s.Entries() {
		if at, found := e.Next(t); found && e.Here() && (!ok || at.Before(next)) {
			next, ok = at, true
		}
	}
	return next, ok
}

// Find returns the entry with this name, or nil.
func (s *Schedule) Find(name string) *Entry {
	for _, e := range s.entries {
		if e.name == name {
			return e
		}
	}
	return nil
}

// Err returns every mistake in the schedule, joined: a line each, with the place in
// the source. A schedule must not run while it is not nil.
func (s *Schedule) Err() error {
	errs := slices.Clone(s.errs)
	seen := make(map[string]*Entry, len(s.entries))
	for _, e := range s.entries {
		if other, ok := seen[e.name]; ok && e.name != "" {
			errs = append(errs, fmt.Errorf("%s: task %q is already scheduled at %s", e.at, e.name, other.at))
		}
		seen[e.name] = e
		if !e.everDue() {
			errs = append(errs, fmt.Errorf("%s: task %q is never due: %s", e.at, e.name, e.expressionAndLimits()))
		}
	}
	return errors.Join(errs...)
}

func (s *Schedule) fail(at place.Place, format string, args ...any) {
	s.errs = append(s.errs, fmt.Errorf("%s: %w", at, fmt.Errorf(format, args...)))
}
