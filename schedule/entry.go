package schedule

import (
	"context"
	"fmt"
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
	at       place.Place
	loc      *time.Location

	clock, days half
	expression  string // the text of clock and days, or the five fields from Cron
	cron        cron
}

// half is the time of the day ("M H") or the days ("dom month dow") of an
// expression, and the method that set it.
type half struct{ by, text string }

// Name returns the name.
func (e *Entry) Name() string { return e.name }

// Summary returns what [Entry.Description] set.
func (e *Entry) Summary() string { return e.summary }

// Location returns the time zone in which the entry's times are meant.
func (e *Entry) Location() *time.Location { return e.loc }

// Expression returns when the entry is due as the five fields of a crontab.
func (e *Entry) Expression() string { return e.expression }

// Due reports whether the entry is due in the minute of t.
func (e *Entry) Due(t time.Time) bool { return e.cron.due(t, e.loc) }

// Next returns the first minute after t in which the entry is due; ok is false if
// there is none in the next 40 years.
func (e *Entry) Next(t time.Time) (next time.Time, ok bool) { return e.cron.next(t, e.loc) }

// NextN returns the next n minutes after t in which the entry is due, fewer if
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
	e.loc = loc
	return e
}

// Cron sets both the time and the days by the five fields of a crontab: minute,
// hour, day of month, month, day of week, with lists, ranges, steps, names, 7 for
// Sunday, and the nicknames @hourly, @daily (@midnight), @weekly, @monthly and
// @yearly (@annually). When neither day of month nor day of week begins with *, a
// day on which one of them matches is enough. A mistake is a [*CronError].
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

// EveryMinute makes the entry due every minute, as it is by default.
func (e *Entry) EveryMinute() *Entry { return e.setClock("EveryMinute", "* *", place.Caller()) }

// EveryTwoMinutes makes the entry due in every even minute of each hour.
func (e *Entry) EveryTwoMinutes() *Entry {
	return e.setClock("EveryTwoMinutes", "*/2 *", place.Caller())
}

// EveryFiveMinutes makes the entry due at minutes 0, 5, 10 … of each hour.
func (e *Entry) EveryFiveMinutes() *Entry {
	return e.setClock("EveryFiveMinutes", "*/5 *", place.Caller())
}

// EveryTenMinutes makes the entry due at minutes 0, 10, 20 … of each hour.
func (e *Entry) EveryTenMinutes() *Entry {
	return e.setClock("EveryTenMinutes", "*/10 *", place.Caller())
}

// EveryFifteenMinutes makes the entry due at minutes 0, 15, 30 and 45 of each hour.
func (e *Entry) EveryFifteenMinutes() *Entry {
	return e.setClock("EveryFifteenMinutes", "*/15 *", place.Caller())
}

// EveryThirtyMinutes makes the entry due at minutes 0 and 30 of each hour.
func (e *Entry) EveryThirtyMinutes() *Entry {
	return e.setClock("EveryThirtyMinutes", "*/30 *", place.Caller())
}

// Hourly makes the entry due at minute 0 of each hour.
func (e *Entry) Hourly() *Entry { return e.setClock("Hourly", "0 *", place.Caller()) }

// HourlyAt makes the entry due at this minute, 0 to 59, of each hour.
func (e *Entry) HourlyAt(minute int) *Entry {
	at := place.Caller()
	if minute < 0 || minute > 59 {
		e.schedule.fail(at, "task %q: HourlyAt(%d): the minute must be from 0 to 59", e.name, minute)
		return e
	}
	return e.setClock("HourlyAt", fmt.Sprintf("%d *", minute), at)
}

// Daily makes the entry due at midnight.
func (e *Entry) Daily() *Entry { return e.setClock("Daily", "0 0", place.Caller()) }

// DailyAt makes the entry due at this time of each day, written as "08:00".
func (e *Entry) DailyAt(clock string) *Entry {
	at := place.Caller()
	t, err := time.Parse("15:04", clock)
	if err != nil {
		e.schedule.fail(at, "task %q: DailyAt(%q): the time must be written as 08:00, from 00:00 to 23:59", e.name, clock)
		return e
	}
	return e.setClock("DailyAt", fmt.Sprintf("%d %d", t.Minute(), t.Hour()), at)
}

// Weekly limits the entry to Sundays.
func (e *Entry) Weekly() *Entry { return e.setDays("Weekly", "* * 0", place.Caller()) }

// Weekdays limits the entry to Monday to Friday.
func (e *Entry) Weekdays() *Entry { return e.setDays("Weekdays", "* * 1-5", place.Caller()) }

// Weekends limits the entry to Saturday and Sunday.
func (e *Entry) Weekends() *Entry { return e.setDays("Weekends", "* * 0,6", place.Caller()) }

// Days limits the entry to these days of the week.
func (e *Entry) Days(days ...time.Weekday) *Entry {
	at := place.Caller()
	var list []string
	for _, d := range days {
		if d < time.Sunday || d > time.Saturday {
			e.schedule.fail(at, "task %q: Days: %d is no day of the week", e.name, int(d))
			return e
		}
		list = append(list, fmt.Sprint(int(d)))
	}
	if len(list) == 0 {
		e.schedule.fail(at, "task %q: Days needs at least one day", e.name)
		return e
	}
	return e.setDays("Days", "* * "+strings.Join(list, ","), at)
}

// Monthly limits the entry to the first day of each month.
func (e *Entry) Monthly() *Entry { return e.setDays("Monthly", "1 * *", place.Caller()) }

// MonthlyOn limits the entry to this day, 1 to 31, of each month that has it.
func (e *Entry) MonthlyOn(day int) *Entry {
	at := place.Caller()
	if day < 1 || day > 31 {
		e.schedule.fail(at, "task %q: MonthlyOn(%d): the day must be from 1 to 31", e.name, day)
		return e
	}
	return e.setDays("MonthlyOn", fmt.Sprintf("%d * *", day), at)
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
	e.expression = clock + " " + days
	// The methods above make only texts that parse.
	e.cron, _ = parseCron(e.expression)
	return e
}
