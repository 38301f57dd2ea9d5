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

	entries []*Entry
	errs    []error
}

// Add schedules run under a name of its own. It is due every minute until a method
// of the entry says otherwise. run should end when its context does.
func (s *Schedule) Add(name string, run func(ctx context.Context) error) *Entry {
	e := (&Entry{schedule: s, name: name, run: run, loc: time.UTC, at: place.Caller()}).combine()
	if name == "" {
		s.fail(e.at, "a task has no name")
	} else if other := s.Find(name); other != nil {
		s.fail(e.at, "task %q is already scheduled at %s", name, other.at)
	}
	if run == nil {
		s.fail(e.at, "task %q has no function", name)
	}
	s.entries = append(s.entries, e)
	return e
}

// Entries returns the entries in the order in which they were added.
func (s *Schedule) Entries() []*Entry { return slices.Clone(s.entries) }

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
func (s *Schedule) Err() error { return errors.Join(s.errs...) }

func (s *Schedule) fail(at place.Place, format string, args ...any) {
	s.errs = append(s.errs, fmt.Errorf("%s: %w", at, fmt.Errorf(format, args...)))
}
