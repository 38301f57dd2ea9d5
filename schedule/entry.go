package schedule

import (
	"context"
	"strings"
	"time"

	"github.com/kitgo/kit/internal/place"
)

// Entry is a task and when it is due. Its methods return the entry, so that they
// can be chained; mistakes are reported by [Schedule.Err].
//
// What sets the time of the day and what sets the days combine in any order:
// Weekdays().DailyAt("08:00") is DailyAt("08:00").Weekdays(). Days without a time
// mean midnight. Setting either twice is a mistake.
type Entry struct {
	schedule *Schedule
	name     string
	summary  string
	run      func(context.Context) error
	command  []string // of the binary; nil for a function
	at       place.Place
	loc      *time.Location
	zoned    bool // that Timezone was called

	clock, days  half
	limits       []limit
	conditions   []condition
	environments []string
	behaviour    behaviour
	expression   string // the text of clock and days, or the fields from Cron
	cron         cron
}

// half is the time of the day ("M H", or "S M H") or the days ("dom month dow") of an
// expression, and the method that set it.
type half struct{ by, text string }

// Name returns the name.
func (e *Entry) Name() string { return e.name }

// Summary returns what [Entry.Description] set.
func (e *Entry) Summary() string { return e.summary }

// Location returns the time zone in which the entry's times are meant.
func (e *Entry) Location() *time.Location { return e.loc }

// Expression returns when the entry is due as the five fields of a crontab, or six when
// the seconds count.
func (e *Entry) Expression() string { return e.expression }

// Due reports whether the entry is due in the second of t, by its times and parts of the
// day.
func (e *Entry) Due(t time.Time) bool { return e.within(t) && e.cron.due(t, e.loc) }

// Next returns the first second after t in which the entry is due; ok is false if
// there is none in the next 40 years.
func (e *Entry) Next(t time.Time) (next time.Time, ok bool) {
	for limit := t.AddDate(horizon, 0, 0); t.Before(limit); {
		if t, ok = e.cron.next(t, e.loc); !ok || e.within(t) {
			return t, ok
		}
		t = t.Truncate(time.Minute).Add(time.Minute - 1) // the other seconds are outside too
	}
	return time.Time{}, false
}

// NextN returns the next n seconds after t in which the entry is due, fewer if
// there are no more.
func (e *Entry) NextN(t time.Time, n int) []time.Time {
	var list []time.Time
	for range n {
		next, ok := e.Next(t)
		if !ok {
			break
		}
		list = append(list, next)
		t = next
	}
	return list
}

// everDue reports whether there is any instant at which the entry is due.
func (e *Entry) everDue() bool {
	if !e.everInADay() {
		return false
	}
	_, ok := e.cron.next(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), time.UTC)
	return ok
}

// everInADay reports whether the times of the day and the parts of the day have anything in
// common.
func (e *Entry) everInADay() bool {
	for minute := range 24 * 60 {
		if e.cron.hours&(1<<(minute/60)) != 0 && e.cron.minutes&(1<<(minute%60)) != 0 && e.withinMinute(minute) {
			return true
		}
	}
	return false
}

func (e *Entry) expressionAndLimits() string {
	if limits := e.Limits(); limits != "" {
		return e.expression + ", " + limits
	}
	return e.expression
}

// Description sets a line that schedule:list shows.
func (e *Entry) Description(text string) *Entry { e.summary = text; return e }

// Timezone sets the zone in which times are meant, such as "Europe/Berlin". The
// default is UTC: the zone of the machine would give each host times of its own.
func (e *Entry) Timezone(name string) *Entry {
	loc, err := time.LoadLocation(name)
	if err != nil || name == "" {
		e.schedule.fail(place.Caller(), "task %q: %q is not a time zone; use a name such as Europe/Berlin or UTC", e.name, name)
		return e
	}
	if e.zoned {
		e.schedule.fail(place.Caller(), "task %q: the time zones %s and %s are both set", e.name, e.loc, loc)
	}
	e.loc, e.zoned = loc, true
	return e
}

// Cron sets both the time and the days by the five fields of a crontab: minute,
// hour, day of month, month, day of week, with lists, ranges, steps, names, 7 for
// Sunday, and the nicknames @hourly, @daily (@midnight), @weekly, @monthly and @yearly
// (@annually). When neither day of month nor day of week begins with *, a day on which one
// of them matches is enough.
//
// As in Quartz, a field for the seconds may come before the others, a day of the month may
// also be L (the last), L-2 (two before it), 15W (from Monday to Friday, nearest to the
// 15th) or LW, and a day of the week 5L (the last Friday) or 5#3 (the third). A mistake is
// a [*CronError].
func (e *Entry) Cron(text string) *Entry {
	at := place.Caller()
	expression := expand(text)
	parsed, err := parseCron(expression)
	if err != nil {
		e.schedule.fail(at, "task %q: %w", e.name, err)
		return e
	}
	for _, h := range []half{e.clock, e.days} {
		if h.by != "" {
			e.schedule.fail(at, "task %q: %s and Cron both say when it runs", e.name, h.by)
			return e
		}
	}
	e.clock.by, e.days.by = "Cron", "Cron"
	e.expression, e.cron = strings.Join(strings.Fields(expression), " "), parsed
	return e
}

func (e *Entry) setClock(by, text string, at place.Place) *Entry {
	if e.clock.by != "" {
		e.schedule.fail(at, "task %q: %s and %s both set the time of the day", e.name, e.clock.by, by)
		return e
	}
	e.clock = half{by, text}
	return e.combine()
}

func (e *Entry) setDays(by, text string, at place.Place) *Entry {
	if e.days.by != "" {
		e.schedule.fail(at, "task %q: %s and %s both set the days", e.name, e.days.by, by)
		return e
	}
	e.days = half{by, text}
	return e.combine()
}

// combine computes the expression from what is set so far.
func (e *Entry) combine() *Entry {
	clock, days := e.clock.text, e.days.text
	switch {
	case clock == "" && days == "":
		clock = "* *"
	case clock == "":
		clock = "0 0"
	}
	if days == "" {
		days = "* * *"
	}
	e.expression = clock + " " + days // six fields when clock begins with seconds
	// The methods above make only texts that parse.
	e.cron, _ = parseCron(e.expression)
	return e
}
