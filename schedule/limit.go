package schedule

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kitgo/kit/internal/place"
)

// limit is a part of the day, in minutes from midnight, both ends included. When it
// ends before it begins, it goes over midnight.
type limit struct {
	from, to int
	unless   bool
	text     string
}

// condition is asked when the entry is due.
type condition struct {
	holds func(context.Context) bool
	want  bool
}

// Between limits the entry to a part of the day, such as Between("08:00", "18:00"), both
// ends included; Between("22:00", "06:00") goes over midnight. Several parts must all
// hold.
func (e *Entry) Between(from, to string) *Entry {
	return e.addLimit("Between", from, to, false, place.Caller())
}

// UnlessBetween keeps the entry out of a part of the day, both ends included.
func (e *Entry) UnlessBetween(from, to string) *Entry {
	return e.addLimit("UnlessBetween", from, to, true, place.Caller())
}

func (e *Entry) addLimit(by, from, to string, unless bool, at place.Place) *Entry {
	first, err1 := time.Parse("15:04", from)
	last, err2 := time.Parse("15:04", to)
	if err1 != nil || err2 != nil {
		e.schedule.fail(at, "task %q: %s(%q, %q): times must be written as 08:00, from 00:00 to 23:59", e.name, by, from, to)
		return e
	}
	word := "between"
	if unless {
		word = "unless between"
	}
	e.limits = append(e.limits, limit{
		from: first.Hour()*60 + first.Minute(), to: last.Hour()*60 + last.Minute(), unless: unless,
		text: fmt.Sprintf("%s %s and %s", word, from, to),
	})
	return e
}

// within reports whether the wall clock of the entry's zone is in its parts of the day.
func (e *Entry) within(t time.Time) bool {
	if len(e.limits) == 0 {
		return true
	}
	local := t.In(e.loc)
	return e.withinMinute(local.Hour()*60 + local.Minute())
}

// withinMinute reports whether a minute of the day is in the entry's parts of the day.
func (e *Entry) withinMinute(minute int) bool {
	for _, l := range e.limits {
		in := minute >= l.from && minute <= l.to
		if l.to < l.from {
			in = minute >= l.from || minute <= l.to
		}
		if in == l.unless {
			return false
		}
	}
	return true
}

// When starts the task only if a function says true when it is due. Several must all.
func (e *Entry) When(holds func(ctx context.Context) bool) *Entry {
	return e.addCondition(condition{holds, true}, "When", place.Caller())
}

// Skip starts the task only if a function says false when it is due.
func (e *Entry) Skip(holds func(ctx context.Context) bool) *Entry {
	return e.addCondition(condition{holds, false}, "Skip", place.Caller())
}

func (e *Entry) addCondition(c condition, by string, at place.Place) *Entry {
	if c.holds == nil {
		e.schedule.fail(at, "task %q: %s has no function", e.name, by)
		return e
	}
	e.conditions = append(e.conditions, c)
	return e
}

// Environments limits the entry to some environments, such as "production": those of
// [Schedule.Environment].
func (e *Entry) Environments(names ...string) *Entry {
	if len(names) == 0 {
		e.schedule.fail(place.Caller(), "task %q: Environments needs at least one name", e.name)
	}
	e.environments = append(e.environments, names...)
	return e
}

// Here reports whether the entry is for the environment of its schedule.
func (e *Entry) Here() bool {
	return len(e.environments) == 0 || slices.Contains(e.environments, e.schedule.Environment)
}

// allowed asks the conditions.
func (e *Entry) allowed(ctx context.Context) bool {
	for _, c := range e.conditions {
		if c.holds(ctx) != c.want {
			return false
		}
	}
	return true
}

// Limits says in words what else decides whether the task starts: parts of the day,
// environments, and that there are conditions. It is empty when nothing does.
func (e *Entry) Limits() string {
	var list []string
	for _, l := range e.limits {
		list = append(list, l.text)
	}
	if len(e.environments) > 0 {
		list = append(list, "in "+strings.Join(e.environments, ", "))
	}
	if len(e.conditions) > 0 {
		list = append(list, "under conditions")
	}
	return strings.Join(list, "; ")
}
