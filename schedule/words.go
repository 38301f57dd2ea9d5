package schedule

import (
	"fmt"
	"math/bits"
	"strings"
	"time"
)

// Words returns when the entry is due in words, such as "at 08:00, Monday to Friday".
func (e *Entry) Words() string {
	text := e.cron.timeInWords()
	if days := e.cron.daysInWords(); days != "" {
		text += ", " + days
	}
	return text
}

const everyMinute, everyHour = 1<<60 - 1, 1<<24 - 1

func (c cron) timeInWords() string {
	minutes, hours := members(c.minutes), members(c.hours)
	var text string
	switch step := stepOf(c.minutes, 60); {
	case c.hours == everyHour && c.minutes == everyMinute:
		text = "every minute"
	case c.hours == everyHour && step > 1:
		text = fmt.Sprintf("every %d minutes", step)
	case c.hours == everyHour && c.minutes == 1:
		text = "every hour"
	case c.hours == everyHour:
		text = plural("at minute", minutes) + " of every hour"
	case c.minutes == 1 && stepOf(c.hours, 24) > 1:
		text = fmt.Sprintf("every %d hours", stepOf(c.hours, 24))
	case len(minutes)*len(hours) <= 6:
		var times []string
		for _, h := range hours {
			for _, m := range minutes {
				times = append(times, fmt.Sprintf("%02d:%02d", h, m))
			}
		}
		text = "at " + listOf(times)
	case c.minutes == everyMinute:
		text = "every minute of " + plural("hour", hours)
	case step > 1:
		text = fmt.Sprintf("every %d minutes of %s", step, plural("hour", hours))
	default:
		text = plural("at minute", minutes) + " of " + plural("hour", hours)
	}
	if c.seconds == 1 {
		return text
	}
	var seconds string
	switch step := stepOf(c.seconds, 60); {
	case c.seconds == everyMinute:
		seconds = "every second"
	case step > 1:
		seconds = fmt.Sprintf("every %d seconds", step)
	default:
		seconds = plural("at second", members(c.seconds))
	}
	if text == "every minute" {
		if strings.HasPrefix(seconds, "every") {
			return seconds
		}
		return seconds + " of every minute"
	}
	return seconds + ", " + text
}

func (c cron) daysInWords() string {
	var parts []string
	if dom := c.monthDaysInWords(); dom != "" {
		parts = append(parts, dom)
	}
	if dow := c.weekdaysInWords(); dow != "" {
		parts = append(parts, dow)
	}
	word := " or "
	if c.anyDay || c.anyWeekday {
		word = " and "
	}
	text := strings.Join(parts, word)
	if c.months == 1<<13-2 {
		return text
	}
	var months []string
	for _, m := range members(c.months) {
		months = append(months, time.Month(m).String())
	}
	if text != "" {
		text += " "
	}
	return text + "in " + listOf(months)
}

func (c cron) monthDaysInWords() string {
	if c.days == 1<<32-2 && len(c.monthRules) == 0 {
		return ""
	}
	var parts []string
	if c.days != 0 {
		parts = append(parts, plural("day", members(c.days)))
	}
	for _, r := range c.monthRules {
		parts = append(parts, r.words())
	}
	return "on " + listOf(parts) + " of the month"
}

func (c cron) weekdaysInWords() string {
	days := c.weekdays & (1<<7 - 1)
	if days == 1<<7-1 && len(c.weekRules) == 0 {
		return ""
	}
	var parts []string
	if days == 1<<1|1<<2|1<<3|1<<4|1<<5 {
		parts = append(parts, "Monday to Friday")
	} else {
		for _, d := range members(days) {
			parts = append(parts, "on "+time.Weekday(d).String()+"s")
		}
	}
	for _, r := range c.weekRules {
		parts = append(parts, r.words())
	}
	return listOf(parts)
}

func (r dayRule) words() string {
	ordinals := [...]string{"", "first", "second", "third", "fourth", "fifth"}
	switch r.kind {
	case lastDay:
		if r.n == 0 {
			return "the last day"
		}
		return fmt.Sprintf("%d days before the last", r.n)
	case nearestDay:
		return fmt.Sprintf("the weekday nearest to day %d", r.n)
	case lastWorkday:
		return "the last weekday"
	case lastWeekday:
		return "on the last " + time.Weekday(r.n).String() + " of the month"
	default:
		return "on the " + ordinals[r.nth] + " " + time.Weekday(r.n).String() + " of the month"
	}
}

// members returns the numbers in a set.
func members(set uint64) []int {
	var list []int
	for ; set != 0; set &= set - 1 {
		list = append(list, bits.TrailingZeros64(set))
	}
	return list
}

// stepOf returns n when a set is 0, n, 2n … below end, and n divides it; else 0.
func stepOf(set uint64, end int) int {
	list := members(set)
	if len(list) < 2 || list[0] != 0 || end%list[1] != 0 || len(list) != end/list[1] {
		return 0
	}
	for i, v := range list {
		if v != i*list[1] {
			return 0
		}
	}
	return list[1]
}

// plural writes a word and numbers, with ranges of three and more.
func plural(word string, numbers []int) string {
	var parts []string
	for i := 0; i < len(numbers); {
		j := i
		for j+1 < len(numbers) && numbers[j+1] == numbers[j]+1 {
			j++
		}
		if j-i >= 2 {
			parts = append(parts, fmt.Sprintf("%d to %d", numbers[i], numbers[j]))
			i = j + 1
			continue
		}
		parts = append(parts, fmt.Sprint(numbers[i]))
		i++
	}
	if len(numbers) > 1 {
		word += "s"
	}
	return word + " " + listOf(parts)
}

// listOf joins parts with commas and a last "and".
func listOf(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}
