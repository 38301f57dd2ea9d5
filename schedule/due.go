package schedule

import (
	"math/bits"
	"time"
)

// due reports whether an entry with c in loc is due in the second of t.
func (c cron) due(t time.Time, loc *time.Location) bool {
	seconds, _ := c.dueIn(t, loc)
	return seconds&(1<<t.Second()) != 0
}

// dueIn returns the seconds of the minute of t in which an entry with c in loc is due, and
// whether that is because the clock jumped over the entry's time.
//
// Where clocks change, a fixed time that the change leaves out is due at the first
// instant after it, and one that comes twice is due at its first coming. An entry of
// every hour is not fixed: it goes by real time.
func (c cron) dueIn(t time.Time, loc *time.Location) (seconds uint64, jumped bool) {
	t = t.In(loc).Truncate(time.Minute)
	if c.matches(t) {
		seconds = c.seconds
	}
	if c.everyHour {
		return seconds, false
	}
	change, _ := t.ZoneBounds()
	if change.IsZero() {
		return seconds, false
	}
	_, after := t.Zone()
	_, before := change.Add(-time.Second).Zone()
	switch shift := time.Duration(after-before) * time.Second; {
	case shift < 0 && t.Sub(change) < -shift:
		// The wall clock showed these minutes before.
		return 0, false
	case shift > 0 && t.Sub(change) < time.Minute:
		if seconds != 0 {
			return seconds, false
		}
		// The wall clock jumped here: what it left out is due now.
		old := time.FixedZone("", before)
		for skipped := change; skipped.Before(change.Add(shift)); skipped = skipped.Add(time.Minute) {
			if c.matches(skipped.In(old)) {
				return 1, true
			}
		}
	}
	return seconds, false
}

// horizon is how far next looks ahead: the 29th of February falls on a given
// weekday once in 28 years, and once in 40 where a year such as 2100 comes between.
const horizon = 40

// next returns the first second after t in which an entry with c in loc is due.
func (c cron) next(t time.Time, loc *time.Location) (time.Time, bool) {
	if !c.possible() {
		return time.Time{}, false
	}
	at := t.In(loc).Truncate(time.Minute)
	if seconds, _ := c.dueIn(at, loc); seconds>>(t.Second()+1) != 0 {
		return at.Add(time.Duration(t.Second()+1+bits.TrailingZeros64(seconds>>(t.Second()+1))) * time.Second), true
	}
	at = at.Add(time.Minute)
	for limit := at.AddDate(horizon, 0, 0); at.Before(limit); {
		if seconds, _ := c.dueIn(at, loc); seconds != 0 {
			return at.Add(time.Duration(bits.TrailingZeros64(seconds)) * time.Second), true
		}
		at = at.Add(c.skip(at))
	}
	return time.Time{}, false
}

// skip returns how long after at, a full minute in which nothing is due, something may be
// due again.
func (c cron) skip(at time.Time) time.Duration {
	year, month, day := at.Date()
	step := time.Minute
	switch intoHour := time.Duration(at.Minute()) * time.Minute; {
	case !c.matchesDay(year, month, day, at.Weekday()):
		step = 24*time.Hour - time.Duration(at.Hour())*time.Hour - intoHour
	case c.hours&(1<<at.Hour()) == 0:
		step = time.Hour - intoHour
	}
	// A change of the clock may make something due before that.
	if _, change := at.ZoneBounds(); step > time.Minute && !change.IsZero() && change.Sub(at) < step {
		step = max(time.Minute, change.Add(time.Minute-1).Truncate(time.Minute).Sub(at))
	}
	return step
}

// possible reports whether there is any day that matches: the 30th of February and
// its like are not worth a search.
func (c cron) possible() bool {
	if !c.anyWeekday || len(c.monthRules) > 0 {
		return true
	}
	for month := time.January; month <= time.December; month++ {
		last := time.Date(2024, month+1, 0, 0, 0, 0, 0, time.UTC).Day() // of a leap year
		if c.months&(1<<month) != 0 && c.days&(1<<(last+1)-1) != 0 {
			return true
		}
	}
	return false
}
