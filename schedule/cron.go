package schedule

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// cron is a parsed expression: for each field the set of values that match.
type cron struct {
	seconds, minutes, hours, days, months, weekdays uint64

	everyHour  bool // the hour field stands for all 24
	anyDay     bool // the day-of-month field begins with *
	anyWeekday bool // the day-of-week field begins with *

	monthRules, weekRules []dayRule // of the two fields for days
}

// field describes one of the fields.
type field struct {
	name     string
	min, max int
	names    []string // of the values from min on
}

var fields = [6]field{
	{name: "second", min: 0, max: 59},
	{name: "minute", min: 0, max: 59},
	{name: "hour", min: 0, max: 23},
	{name: "day of month", min: 1, max: 31},
	{name: "month", min: 1, max: 12, names: []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}},
	// 7 is Sunday, as 0 is.
	{name: "day of week", min: 0, max: 7, names: []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}},
}

// macros are the nicknames of crontab(5).
var macros = map[string]string{
	"@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
	"@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
}

// CronError is a mistake in a cron expression.
type CronError struct {
	Expression string
	Position   int // of the character, counted from 1
	Problem    string
}

// Error returns one line that points at the character.
func (e *CronError) Error() string {
	return fmt.Sprintf("cron text %q, character %d: %s", e.Expression, e.Position, e.Problem)
}

// expand returns the five fields that a nickname stands for, and any other text as
// it is.
func expand(text string) string {
	if full, ok := macros[strings.ToLower(strings.TrimSpace(text))]; ok {
		return full
	}
	return text
}

// parseCron reads the five fields of crontab(5): lists, ranges, steps, and names of
// months and weekdays; also L, W and #, and a field for the seconds before the others, as
// Quartz has them.
func parseCron(text string) (cron, error) {
	if strings.HasPrefix(strings.TrimSpace(text), "@") {
		return cron{}, &CronError{text, strings.Index(text, "@") + 1, "unknown nickname; there are @hourly, @daily, @midnight, @weekly, @monthly, @yearly and @annually"}
	}
	sets := [6]uint64{1}
	var stars [6]bool
	var rules [6][]dayRule
	n, at := 1, 0 // begins with the minute
	if given := strings.FieldsFunc(text, isBlank); len(given) >= len(fields) {
		n = 0
	}
	for at < len(text) {
		if isBlank(rune(text[at])) {
			at++
			continue
		}
		end := at
		for end < len(text) && !isBlank(rune(text[end])) {
			end++
		}
		if n == len(fields) {
			return cron{}, &CronError{text, at + 1, "there are more than six fields"}
		}
		set, err := parseField(text, at, end, fields[n], &rules[n])
		if err != nil {
			return cron{}, err
		}
		sets[n], stars[n] = set, text[at] == '*'
		n, at = n+1, end
	}
	if n < len(fields) {
		return cron{}, &CronError{text, len(text) + 1, fmt.Sprintf("the %s is missing; an expression has five fields: minute, hour, day of month, month, day of week", fields[n].name)}
	}
	if sets[5]&(1<<7) != 0 {
		sets[5] |= 1
	}
	return cron{
		seconds: sets[0], minutes: sets[1], hours: sets[2], days: sets[3], months: sets[4], weekdays: sets[5],
		everyHour: sets[2] == 1<<24-1, anyDay: stars[3], anyWeekday: stars[5], monthRules: rules[3], weekRules: rules[5],
	}, nil
}

func isBlank(r rune) bool { return r == ' ' || r == '\t' }

// parseField reads the list in text[at:end].
func parseField(text string, at, end int, f field, rules *[]dayRule) (uint64, error) {
	var set uint64
	for {
		stop := end
		if i := strings.IndexByte(text[at:end], ','); i >= 0 {
			stop = at + i
		}
		if rule, ok := parseDay(text[at:stop], f); ok {
			*rules = append(*rules, rule)
		} else {
			part, err := parseRange(text, at, stop, f)
			if err != nil {
				return 0, err
			}
			set |= part
		}
		if stop == end {
			return set, nil
		}
		at = stop + 1
	}
}

// parseRange reads *, a value, or a range, each of the first and last with or
// without a step, in text[at:end].
func parseRange(text string, at, end int, f field) (uint64, error) {
	wrong := func(position int, format string, args ...any) error {
		return &CronError{text, position + 1, fmt.Sprintf("the %s ", f.name) + fmt.Sprintf(format, args...)}
	}
	body, step := end, 1
	if i := strings.IndexByte(text[at:end], '/'); i >= 0 {
		body = at + i
		n, err := strconv.Atoi(text[body+1 : end])
		if err != nil || text[body+1] == '+' || n < 1 || n > f.max {
			return 0, wrong(body+1, "has the step %q; it must be a number from 1 to %d", text[body+1:end], f.max)
		}
		step = n
	}
	low, high := f.min, f.max
	switch dash := strings.IndexByte(text[at:body], '-'); {
	case text[at:body] == "*":
		if f.max == 7 {
			high = 6
		}
	case body > at && text[at] == '*':
		return 0, wrong(at+1, "goes on after *; only a step such as */5 may follow it")
	case dash > 0:
		var err error
		if low, err = parseValue(text[at:at+dash], f); err != nil {
			return 0, wrong(at, "%v", err)
		}
		if high, err = parseValue(text[at+dash+1:body], f); err != nil {
			return 0, wrong(at+dash+1, "%v", err)
		}
		if low > high && strings.EqualFold(text[at+dash+1:body], "SUN") {
			high = 7 // as in FRI-SUN
		}
		if low > high {
			return 0, wrong(at, "has the range %s, which ends before it begins", text[at:body])
		}
	default:
		v, err := parseValue(text[at:body], f)
		if err != nil {
			return 0, wrong(at, "%v", err)
		}
		if body != end {
			return 0, wrong(body, "has a step after a single value; write a range such as %d-%d/%d", v, f.max, step)
		}
		low, high = v, v
	}
	var set uint64
	for v := low; v <= high; v += step {
		set |= 1 << v
	}
	return set, nil
}

func parseValue(s string, f field) (int, error) {
	for i, name := range f.names {
		if strings.EqualFold(s, name) {
			return f.min + i, nil
		}
	}
	v, err := strconv.Atoi(s)
	if err != nil || strings.ContainsAny(s, "+-") {
		return 0, fmt.Errorf("is %q; it must be * or numbers from %d to %d", s, f.min, f.max)
	}
	if v < f.min || v > f.max {
		return 0, fmt.Errorf("is %d; it must be from %d to %d", v, f.min, f.max)
	}
	return v, nil
}

// matchesDay applies the OR rule of crontab(5): when neither day field begins with
// *, a day matches if one of them does.
func (c cron) matchesDay(year int, month time.Month, day int, weekday time.Weekday) bool {
	if c.months&(1<<month) == 0 {
		return false
	}
	matches := func(set uint64, v int, rules []dayRule) bool {
		if set&(1<<v) != 0 {
			return true
		}
		for _, r := range rules {
			if r.matches(year, month, day, weekday) {
				return true
			}
		}
		return false
	}
	dom, dow := matches(c.days, day, c.monthRules), matches(c.weekdays, int(weekday), c.weekRules)
	if c.anyDay || c.anyWeekday {
		return dom && dow
	}
	return dom || dow
}

// matches reports whether the wall-clock minute of t, in t's location, matches.
func (c cron) matches(t time.Time) bool {
	if c.minutes&(1<<t.Minute()) == 0 || c.hours&(1<<t.Hour()) == 0 {
		return false
	}
	year, month, day := t.Date()
	return c.matchesDay(year, month, day, t.Weekday())
}
