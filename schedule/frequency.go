package schedule

import (
	"fmt"
	"strings"
	"time"

	"github.com/kitgo/kit/internal/place"
)

// EveryMinute makes the entry due every minute, as it is by default.
func (e *Entry) EveryMinute() *Entry { return e.setClock("EveryMinute", "* *", place.Caller()) }

// EveryTwoMinutes makes the entry due in every even minute of each hour.
func (e *Entry) EveryTwoMinutes() *Entry {
	return e.setClock("EveryTwoMinutes", "*/2 *", place.Caller())
}

// EveryThreeMinutes makes the entry due at minutes 0, 3, 6 … of each hour.
func (e *Entry) EveryThreeMinutes() *Entry {
	return e.setClock("EveryThreeMinutes", "*/3 *", place.Caller())
}

// EveryFourMinutes makes the entry due at minutes 0, 4, 8 … of each hour.
func (e *Entry) EveryFourMinutes() *Entry {
	return e.setClock("EveryFourMinutes", "*/4 *", place.Caller())
}

// EveryFiveMinutes makes the entry due at minutes 0, 5, 10 … of each hour.
func (e *Entry) EveryFiveMinutes() *Entry {
	return e.setClock("EveryFiveMinutes", "*/5 *", place.Caller())
}

// EveryTenMinutes makes the entry due at minutes 0, 10, 20 … of each hour.
func (e *Entry) EveryTenMinutes() *Entry {
	return e.setClock("EveryTenMinutes", "*/10 *", place.Caller())
}

// EveryFifteenMinutes makes the entry due at minutes 0, 15, 30 … of each hour.
func (e *Entry) EveryFifteenMinutes() *Entry {
	return e.setClock("EveryFifteenMinutes", "*/15 *", place.Caller())
}

// EveryTwentyMinutes makes the entry due at minutes 0, 20, 40 … of each hour.
func (e *Entry) EveryTwentyMinutes() *Entry {
	return e.setClock("EveryTwentyMinutes", "*/20 *", place.Caller())
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

// EveryTwoHours makes the entry due at 0:00, 2:00, 4:00 and so on.
func (e *Entry) EveryTwoHours() *Entry { return e.setClock("EveryTwoHours", "0 */2", place.Caller()) }

// EveryThreeHours makes the entry due at 0:00, 3:00, 6:00 and so on.
func (e *Entry) EveryThreeHours() *Entry {
	return e.setClock("EveryThreeHours", "0 */3", place.Caller())
}

// EveryFourHours makes the entry due at 0:00, 4:00, 8:00 and so on.
func (e *Entry) EveryFourHours() *Entry { return e.setClock("EveryFourHours", "0 */4", place.Caller()) }

// EverySixHours makes the entry due at 0:00, 6:00, 12:00 and 18:00.
func (e *Entry) EverySixHours() *Entry { return e.setClock("EverySixHours", "0 */6", place.Caller()) }

// Daily makes the entry due at midnight.
func (e *Entry) Daily() *Entry { return e.setClock("Daily", "0 0", place.Caller()) }

// DailyAt makes the entry due at this time of each day, written as "08:00".
func (e *Entry) DailyAt(clock string) *Entry { return e.atClock("DailyAt", clock, place.Caller()) }

// At is DailyAt, which reads better after days: Mondays().At("08:00").
func (e *Entry) At(clock string) *Entry { return e.atClock("At", clock, place.Caller()) }

func (e *Entry) atClock(by, clock string, at place.Place) *Entry {
	t, err := time.Parse("15:04", clock)
	if err != nil {
		e.schedule.fail(at, "task %q: %s(%q): the time must be written as 08:00, from 00:00 to 23:59", e.name, by, clock)
		return e
	}
	return e.setClock(by, fmt.Sprintf("%d %d", t.Minute(), t.Hour()), at)
}

// TwiceDaily makes the entry due at minute 0 of two hours, 0 to 23.
func (e *Entry) TwiceDaily(first, second int) *Entry {
	return e.twiceDaily("TwiceDaily", first, second, 0, place.Caller())
}

// TwiceDailyAt makes the entry due at this minute of two hours.
func (e *Entry) TwiceDailyAt(first, second, minute int) *Entry {
	return e.twiceDaily("TwiceDailyAt", first, second, minute, place.Caller())
}

func (e *Entry) twiceDaily(by string, first, second, minute int, at place.Place) *Entry {
	if first < 0 || second < 0 || first > 23 || second > 23 || minute < 0 || minute > 59 || first == second {
		e.schedule.fail(at, "task %q: %s needs two hours from 0 to 23 and a minute from 0 to 59", e.name, by)
		return e
	}
	return e.setClock(by, fmt.Sprintf("%d %d,%d", minute, first, second), at)
}

// Weekly limits the entry to Sundays.
func (e *Entry) Weekly() *Entry { return e.setDays("Weekly", "* * 0", place.Caller()) }

// Weekdays limits the entry to Monday to Friday.
func (e *Entry) Weekdays() *Entry { return e.setDays("Weekdays", "* * 1-5", place.Caller()) }

// Weekends limits the entry to Saturday and Sunday.
func (e *Entry) Weekends() *Entry { return e.setDays("Weekends", "* * 0,6", place.Caller()) }

// Sundays limits the entry to Sundays.
func (e *Entry) Sundays() *Entry { return e.setDays("Sundays", "* * 0", place.Caller()) }

// Mondays limits the entry to Mondays.
func (e *Entry) Mondays() *Entry { return e.setDays("Mondays", "* * 1", place.Caller()) }

// Tuesdays limits the entry to Tuesdays.
func (e *Entry) Tuesdays() *Entry { return e.setDays("Tuesdays", "* * 2", place.Caller()) }

// Wednesdays limits the entry to Wednesdays.
func (e *Entry) Wednesdays() *Entry { return e.setDays("Wednesdays", "* * 3", place.Caller()) }

// Thursdays limits the entry to Thursdays.
func (e *Entry) Thursdays() *Entry { return e.setDays("Thursdays", "* * 4", place.Caller()) }

// Fridays limits the entry to Fridays.
func (e *Entry) Fridays() *Entry { return e.setDays("Fridays", "* * 5", place.Caller()) }

// Saturdays limits the entry to Saturdays.
func (e *Entry) Saturdays() *Entry { return e.setDays("Saturdays", "* * 6", place.Caller()) }

// WeeklyOn limits the entry to one day of the week.
func (e *Entry) WeeklyOn(day time.Weekday) *Entry {
	return e.onDays("WeeklyOn", []time.Weekday{day}, place.Caller())
}

// Days limits the entry to these days of the week.
func (e *Entry) Days(days ...time.Weekday) *Entry { return e.onDays("Days", days, place.Caller()) }

func (e *Entry) onDays(by string, days []time.Weekday, at place.Place) *Entry {
	var list []string
	for _, d := range days {
		if d < time.Sunday || d > time.Saturday {
			e.schedule.fail(at, "task %q: %s: %d is no day of the week", e.name, by, int(d))
			return e
		}
		list = append(list, fmt.Sprint(int(d)))
	}
	if len(list) == 0 {
		e.schedule.fail(at, "task %q: %s needs at least one day", e.name, by)
		return e
	}
	return e.setDays(by, "* * "+strings.Join(list, ","), at)
}

// Monthly limits the entry to the first day of each month.
func (e *Entry) Monthly() *Entry { return e.setDays("Monthly", "1 * *", place.Caller()) }

// MonthlyOn limits the entry to this day, 1 to 31, of each month that has it.
func (e *Entry) MonthlyOn(day int) *Entry {
	return e.onDates("MonthlyOn", "*", place.Caller(), day)
}

// TwiceMonthly limits the entry to two days, 1 to 31, of each month that has them.
func (e *Entry) TwiceMonthly(first, second int) *Entry {
	return e.onDates("TwiceMonthly", "*", place.Caller(), first, second)
}

// LastDayOfMonth limits the entry to the last day of each month.
func (e *Entry) LastDayOfMonth() *Entry { return e.setDays("LastDayOfMonth", "L * *", place.Caller()) }

// Quarterly limits the entry to the first day of January, April, July and October.
func (e *Entry) Quarterly() *Entry { return e.setDays("Quarterly", "1 1-12/3 *", place.Caller()) }

// QuarterlyOn limits the entry to this day, 1 to 31, of January, April, July and
// October, of those that have it.
func (e *Entry) QuarterlyOn(day int) *Entry {
	return e.onDates("QuarterlyOn", "1-12/3", place.Caller(), day)
}

// Yearly limits the entry to the first of January.
func (e *Entry) Yearly() *Entry { return e.setDays("Yearly", "1 1 *", place.Caller()) }

// YearlyOn limits the entry to one day of the year. The 29th of February is there in
// leap years only.
func (e *Entry) YearlyOn(month time.Month, day int) *Entry {
	at := place.Caller()
	if month < time.January || month > time.December || day > time.Date(2024, month+1, 0, 0, 0, 0, 0, time.UTC).Day() {
		e.schedule.fail(at, "task %q: YearlyOn(%d, %d): there is no such day", e.name, int(month), day)
		return e
	}
	return e.onDates("YearlyOn", fmt.Sprint(int(month)), at, day)
}

func (e *Entry) onDates(by, months string, at place.Place, days ...int) *Entry {
	var list []string
	for _, day := range days {
		if day < 1 || day > 31 {
			e.schedule.fail(at, "task %q: %s(%d): the day must be from 1 to 31", e.name, by, day)
			return e
		}
		list = append(list, fmt.Sprint(day))
	}
	return e.setDays(by, strings.Join(list, ",")+" "+months+" *", at)
}
