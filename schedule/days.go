package schedule

import (
	"strconv"
	"strings"
	"time"
)

// dayRule is a day that depends on the month: what crontabs of Quartz write with L, W
// and #.
type dayRule struct {
	kind ruleKind
	n    int // the day, the number of days before the last, or the weekday
	nth  int // of #
}

type ruleKind int

const (
	lastDay     ruleKind = iota // L, L-n: of the month
	nearestDay                  // nW: the weekday from Monday to Friday nearest to the day
	lastWorkday                 // LW: the last day of the month from Monday to Friday
	lastWeekday                 // nL: the last Sunday, Monday …
	nthWeekday                  // n#k: the kth Sunday, Monday …
)

// parseDay reads a part of the field for the day of the month or of the week that is
// one of these rules.
func parseDay(part string, f field) (rule dayRule, ok bool) {
	part = strings.ToUpper(part)
	if f.max == 31 {
		return parseMonthDay(part)
	}
	if f.max != 7 {
		return rule, false
	}
	if day, nth, found := strings.Cut(part, "#"); found {
		v, err := parseValue(day, f)
		k, nthErr := strconv.Atoi(nth)
		return dayRule{nthWeekday, v % 7, k}, err == nil && nthErr == nil && k >= 1 && k <= 5
	}
	day, found := strings.CutSuffix(part, "L")
	v, err := parseValue(day, f)
	return dayRule{lastWeekday, v % 7, 0}, found && err == nil
}

func parseMonthDay(part string) (dayRule, bool) {
	switch part {
	case "L":
		return dayRule{kind: lastDay}, true
	case "LW":
		return dayRule{kind: lastWorkday}, true
	}
	if before, ok := strings.CutPrefix(part, "L-"); ok {
		n, err := strconv.Atoi(before)
		return dayRule{kind: lastDay, n: n}, err == nil && n >= 1 && n <= 30 && before[0] != '+'
	}
	day, ok := strings.CutSuffix(part, "W")
	n, err := strconv.Atoi(day)
	return dayRule{kind: nearestDay, n: n}, ok && err == nil && n >= 1 && n <= 31 && day[0] != '+'
}

// matches reports whether a day is the one of the rule.
func (r dayRule) matches(year int, month time.Month, day int, weekday time.Weekday) bool {
	last := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
	switch r.kind {
	case lastDay:
		return day == last-r.n
	case nearestDay:
		return r.n <= last && day == workdayNear(year, month, r.n, last)
	case lastWorkday:
		return day == workdayNear(year, month, last, last)
	case lastWeekday:
		return int(weekday) == r.n && day+7 > last
	default:
		return int(weekday) == r.n && (day-1)/7+1 == r.nth
	}
}

// workdayNear returns the day from Monday to Friday that is nearest to a day, in the
// same month.
func workdayNear(year int, month time.Month, day, last int) int {
	switch time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Weekday() {
	case time.Saturday:
		if day == 1 {
			return 3
		}
		return day - 1
	case time.Sunday:
		if day == last {
			return day - 2
		}
		return day + 1
	default:
		return day
	}
}
