package schedule

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// set returns the values in a set of a field.
func set(bits uint64) string {
	var list []string
	for v := range 64 {
		if bits&(1<<v) != 0 {
			list = append(list, fmt.Sprint(v))
		}
	}
	return strings.Join(list, " ")
}

func TestParseCronFields(t *testing.T) {
	t.Parallel()
	// What each text of a field stands for, by crontab(5).
	tests := map[string]struct {
		field func(cron) uint64
		text  string
		want  string
	}{
		"a value":                       {func(c cron) uint64 { return c.minutes }, "5 * * * *", "5"},
		"a list":                        {func(c cron) uint64 { return c.minutes }, "1,5,3 * * * *", "1 3 5"},
		"a range":                       {func(c cron) uint64 { return c.hours }, "* 9-12 * * *", "9 10 11 12"},
		"a range with a step":           {func(c cron) uint64 { return c.hours }, "* 9-17/3 * * *", "9 12 15"},
		"a star with a step":            {func(c cron) uint64 { return c.minutes }, "*/20 * * * *", "0 20 40"},
		"a step counts from 1":          {func(c cron) uint64 { return c.days }, "* * */10 * *", "1 11 21 31"},
		"a list of ranges":              {func(c cron) uint64 { return c.minutes }, "0-2,58-59,30 * * * *", "0 1 2 30 58 59"},
		"names of months":               {func(c cron) uint64 { return c.months }, "* * * jan,MAR,Dec *", "1 3 12"},
		"a range of named days":         {func(c cron) uint64 { return c.weekdays }, "* * * * mon-fri", "1 2 3 4 5"},
		"7 is Sunday":                   {func(c cron) uint64 { return c.weekdays & 0x7f }, "* * * * 7", "0"},
		"a range that ends with Sunday": {func(c cron) uint64 { return c.weekdays & 0x7f }, "* * * * fri-sun", "0 5 6"},
		"a range that ends with 7":      {func(c cron) uint64 { return c.weekdays & 0x7f }, "* * * * 5-7", "0 5 6"},
		"every second day of weeks":     {func(c cron) uint64 { return c.weekdays }, "* * * * */2", "0 2 4 6"},
		"a step of one":                 {func(c cron) uint64 { return c.months }, "* * * 6-8/1 *", "6 7 8"},
		"@hourly":                       {func(c cron) uint64 { return c.minutes }, "@hourly", "0"},
		"@weekly":                       {func(c cron) uint64 { return c.weekdays }, " @Weekly ", "0"},
		"tabs and many spaces":          {func(c cron) uint64 { return c.hours }, "\t0   4 \t* * * ", "4"},
		"no seconds":                    {func(c cron) uint64 { return c.seconds }, "* * * * *", "0"},
		"seconds":                       {func(c cron) uint64 { return c.seconds }, "5,*/20 * * * * *", "0 5 20 40"},
		"minutes after seconds":         {func(c cron) uint64 { return c.minutes }, "0 7 * * * *", "7"},
		"leading zeros":                 {func(c cron) uint64 { return c.hours }, "00 04 * * *", "4"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := mustParse(t, tt.text)
			if got := set(tt.field(c)); got != tt.want {
				t.Errorf("%q = %s, want %s", tt.text, got, tt.want)
			}
		})
	}
}

func TestCronMistakesPointAtTheCharacter(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text     string
		position int
		want     string
	}{
		"nothing":                    {"", 1, "the minute is missing"},
		"too few fields":             {"* * *", 6, "the month is missing"},
		"too many fields":            {"* * * * * * *", 13, "more than six fields"},
		"a second too large":         {"60 * * * * *", 1, "the second is 60; it must be from 0 to 59"},
		"a minute after a second":    {"0 61 * * * *", 3, "the minute is 61"},
		"a line break":               {"0 0 * *\n*", 8, "goes on after *"},
		"a minute too large":         {"61 * * * *", 1, "the minute is 61; it must be from 0 to 59"},
		"an hour too large":          {"0 24 * * *", 3, "the hour is 24; it must be from 0 to 23"},
		"a day 0":                    {"0 0 0 * *", 5, "the day of month is 0; it must be from 1 to 31"},
		"a month 13":                 {"0 0 1 13 *", 7, "the month is 13; it must be from 1 to 12"},
		"a weekday 8":                {"0 0 * * 8", 9, "the day of week is 8; it must be from 0 to 7"},
		"the second of a list":       {"0,5,99 * * * *", 5, "the minute is 99"},
		"the end of a range":         {"0 9-25 * * *", 5, "the hour is 25"},
		"a range backwards":          {"0 17-9 * * *", 3, "the range 17-9, which ends before it begins"},
		"a step of zero":             {"*/0 * * * *", 3, `the step "0"`},
		"a step that is no number":   {"*/x * * * *", 3, `the step "x"`},
		"a step after a value":       {"5/10 * * * *", 2, "5-59/10"},
		"a word":                     {"0 0 * foo *", 7, `the month is "foo"`},
		"a name in the wrong field":  {"0 0 mon * *", 5, `the day of month is "mon"`},
		"a step with a sign":         {"*/+5 * * * *", 3, `the step "+5"`},
		"a range from a star":        {"*-5 * * * *", 2, "goes on after *"},
		"a question mark":            {"0 0 ? * *", 5, `the day of month is "?"`},
		"an empty part of a list":    {"1,,2 * * * *", 3, `the minute is ""`},
		"a sign":                     {"-5 * * * *", 1, `the minute is "-5"`},
		"a sixth Monday":             {"0 0 * * 1#6", 9, `the day of week is "1#6"`},
		"the 32nd and near it":       {"0 0 32W * *", 5, `the day of month is "32W"`},
		"L among hours":              {"0 L * * *", 3, `the hour is "L"`},
		"W among weekdays":           {"0 0 * * 1W", 9, `the day of week is "1W"`},
		"# among days":               {"0 0 1#1 * *", 5, `the day of month is "1#1"`},
		"a step of L":                {"0 0 L/2 * *", 5, `the day of month is "L"`},
		"31 days before the last":    {"0 0 L-31 * *", 5, `the day of month is "L"`},
		"an unknown nickname":        {"@fortnightly", 1, "unknown nickname"},
		"a letter where a digit was": {"0 O * * *", 3, `the hour is "O"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := parseCron(tt.text)
			e, ok := err.(*CronError)
			if !ok {
				t.Fatalf("error %v", err)
			}
			if e.Position != tt.position || !strings.Contains(e.Problem, tt.want) {
				t.Errorf("%v; want character %d: %s", e, tt.position, tt.want)
			}
		})
	}
}

func mustParse(t rapid.TB, text string) cron {
	t.Helper()
	c, err := parseCron(expand(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNext(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		cron, after, want string
	}{
		"the next minute":                    {"* * * * *", "2026-03-04 10:15", "2026-03-04 10:16"},
		"never the minute itself":            {"15 10 * * *", "2026-03-04 10:15", "2026-03-05 10:15"},
		"the next day of a list":             {"0 8 * * 1-5", "2026-03-06 09:00", "2026-03-09 08:00"},
		"over the end of a year":             {"0 0 1 1 *", "2026-03-04 10:15", "2027-01-01 00:00"},
		"the 31st of months that have one":   {"0 0 31 * *", "2026-03-31 00:00", "2026-05-31 00:00"},
		"a leap day":                         {"0 0 29 2 *", "2026-03-04 10:15", "2028-02-29 00:00"},
		"a day of month or a day of week":    {"0 0 13 * 5", "2026-03-02 00:00", "2026-03-06 00:00"},
		"the other of the two":               {"0 0 12 * 5", "2026-03-06 00:00", "2026-03-12 00:00"},
		"a star with a step is no limit":     {"0 0 */2 * 1", "2026-03-02 00:00", "2026-03-09 00:00"},
		"a day that does not exist is never": {"0 0 30 2 *", "2026-03-04 10:15", ""},
		"the last day of a short month":      {"0 0 L * *", "2026-02-01 00:00", "2026-02-28 00:00"},
		"two days before the last":           {"0 0 L-2 * *", "2028-02-01 00:00", "2028-02-27 00:00"},
		"near a Saturday":                    {"0 0 15W 8 *", "2026-08-01 00:00", "2026-08-14 00:00"},
		"near a Sunday":                      {"0 0 15W 11 *", "2026-11-01 00:00", "2026-11-16 00:00"},
		"near a Saturday the first":          {"0 0 1W 8 *", "2026-07-30 00:00", "2026-08-03 00:00"},
		"near a Sunday the last":             {"0 0 31W 5 *", "2026-05-01 00:00", "2026-05-29 00:00"},
		"near a day that is not there":       {"0 0 31W 2 *", "2026-01-01 00:00", ""},
		"the last day but weekends":          {"0 0 LW * *", "2026-05-01 00:00", "2026-05-29 00:00"},
		"the last Friday":                    {"0 0 * * 5L", "2026-03-01 00:00", "2026-03-27 00:00"},
		"the last Sunday by its name":        {"0 0 * * sunL", "2026-03-01 00:00", "2026-03-29 00:00"},
		"the last Sunday as 7":               {"0 0 * * 7L", "2026-03-01 00:00", "2026-03-29 00:00"},
		"the third Monday":                   {"0 0 * * MON#3", "2026-03-01 00:00", "2026-03-16 00:00"},
		"the fifth Monday":                   {"0 0 * * 1#5", "2026-04-01 00:00", "2026-06-29 00:00"},
		"a rule in a list":                   {"0 0 10,L * *", "2026-02-10 00:00", "2026-02-28 00:00"},
		"a rule or a day of the week":        {"0 0 L * 1", "2026-02-24 00:00", "2026-02-28 00:00"},
		"nor the 31st of short months":       {"0 0 31 4,6,9,11 *", "2026-03-04 10:15", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			after, _ := time.ParseInLocation("2006-01-02 15:04", tt.after, time.UTC)
			got := ""
			if next, ok := mustParse(t, tt.cron).next(after.Add(20*time.Second), time.UTC); ok {
				got = next.Format("2006-01-02 15:04")
			}
			if got != tt.want {
				t.Errorf("next of %q after %s = %q, want %q", tt.cron, tt.after, got, tt.want)
			}
		})
	}
}

// On days when clocks change, a fixed time in the gap is due once, at the first
// instant after it, and a fixed time that comes twice is due once, at its first
// coming; an entry for every hour goes on by real time.
func TestDaysWhenClocksChange(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		zone, cron, day string   // the local day
		want            []string // local times with their offsets
	}{
		"Berlin, spring: in the gap":                {"Europe/Berlin", "30 2 * * *", "2026-03-29", []string{"03:00 +0200"}},
		"Berlin, spring: two times in the gap":      {"Europe/Berlin", "0,30 2 * * *", "2026-03-29", []string{"03:00 +0200"}},
		"Berlin, spring: in the gap and after it":   {"Europe/Berlin", "0 2,3 * * *", "2026-03-29", []string{"03:00 +0200"}},
		"Berlin, spring: before the gap":            {"Europe/Berlin", "59 1 * * *", "2026-03-29", []string{"01:59 +0100"}},
		"Berlin, spring: every hour":                {"Europe/Berlin", "30 * * * *", "2026-03-29", hours("30", "+0100", 0, 1, "+0200", 3, 23)},
		"Berlin, autumn: comes twice":               {"Europe/Berlin", "30 2 * * *", "2026-10-25", []string{"02:30 +0200"}},
		"Berlin, autumn: the hour of the change":    {"Europe/Berlin", "0 2,3 * * *", "2026-10-25", []string{"02:00 +0200", "03:00 +0100"}},
		"Berlin, autumn: every hour":                {"Europe/Berlin", "0 * * * *", "2026-10-25", hours("00", "+0200", 0, 2, "+0100", 2, 23)},
		"Berlin, spring: every other hour":          {"Europe/Berlin", "0 */8,2 * * *", "2026-03-29", []string{"00:00 +0100", "03:00 +0200", "08:00 +0200", "16:00 +0200"}},
		"Berlin, autumn: every other hour":          {"Europe/Berlin", "0 */2 1-31 * *", "2026-10-25", []string{"00:00 +0200", "02:00 +0200", "04:00 +0100", "06:00 +0100", "08:00 +0100", "10:00 +0100", "12:00 +0100", "14:00 +0100", "16:00 +0100", "18:00 +0100", "20:00 +0100", "22:00 +0100"}},
		"New York, spring":                          {"America/New_York", "15 2 * * *", "2026-03-08", []string{"03:00 -0400"}},
		"New York, autumn":                          {"America/New_York", "15 1 * * *", "2026-11-01", []string{"01:15 -0400"}},
		"Lord Howe, spring: a gap of half an hour":  {"Australia/Lord_Howe", "10 2 * * *", "2026-10-04", []string{"02:30 +1100"}},
		"Lord Howe, autumn: half an hour twice":     {"Australia/Lord_Howe", "45 1 * * *", "2026-04-05", []string{"01:45 +1100"}},
		"São Paulo, spring 2018: midnight in gap":   {"America/Sao_Paulo", "0 0 * * *", "2018-11-04", []string{"01:00 -0200"}},
		"Cairo, spring: midnight in the gap":        {"Africa/Cairo", "30 0 * * *", "2026-04-24", []string{"01:00 +0300"}},
		"Beirut, spring: midnight of a Sunday":      {"Asia/Beirut", "0 0 * * 0", "2026-03-29", []string{"01:00 +0300"}},
		"Cairo, autumn: the last hour twice":        {"Africa/Cairo", "30 23 * * *", "2026-10-29", []string{"23:30 +0300"}},
		"Apia 2011: a whole day is left out":        {"Pacific/Apia", "0 12 30 12 *", "2011-12-31", []string{"00:00 +1400"}},
		"Berlin, a day without a change":            {"Europe/Berlin", "30 2 * * *", "2026-03-30", []string{"02:30 +0200"}},
		"UTC has no changes":                        {"UTC", "30 2 * * *", "2026-03-29", []string{"02:30 +0000"}},
		"Berlin, spring: another month is not owed": {"Europe/Berlin", "30 2 * 4 *", "2026-03-29", nil},
		"Berlin, spring: another weekday is not":    {"Europe/Berlin", "30 2 * * 1", "2026-03-29", nil},
		"Berlin, spring: the last Sunday's task":    {"Europe/Berlin", "30 2 * * 0", "2026-03-29", []string{"03:00 +0200"}},
		"Troll, spring: a gap of two hours":         {"Antarctica/Troll", "30 1,2 * * *", "2026-03-29", []string{"03:00 +0200"}},
		"Berlin, autumn: every quarter, every hour": {"Europe/Berlin", "*/30 2-3 * * *", "2026-10-25", []string{"02:00 +0200", "02:30 +0200", "03:00 +0100", "03:30 +0100"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			zone, err := time.LoadLocation(tt.zone)
			if err != nil {
				t.Fatal(err)
			}
			c := mustParse(t, tt.cron)
			noon, _ := time.ParseInLocation("2006-01-02 15:04", tt.day+" 12:00", zone)
			var due, next []string
			for at := noon.Add(-15 * time.Hour); at.Before(noon.Add(15 * time.Hour)); at = at.Add(time.Minute) {
				if at.Format(time.DateOnly) == tt.day && c.due(at, zone) {
					due = append(due, at.Format("15:04 -0700"))
				}
			}
			for at := noon.Add(-15 * time.Hour); ; {
				var ok bool
				if at, ok = c.next(at, zone); !ok || at.After(noon.Add(15*time.Hour)) {
					break
				}
				if at.Format(time.DateOnly) == tt.day {
					next = append(next, at.Format("15:04 -0700"))
				}
			}
			want := fmt.Sprint(tt.want)
			if fmt.Sprint(due) != want || fmt.Sprint(next) != want {
				t.Errorf("%q on %s in %s: due %v, next %v, want %v", tt.cron, tt.day, tt.zone, due, next, tt.want)
			}
		})
	}
}

// hours lists "H:minute offset" for two ranges of hours.
func hours(minute, offset1 string, from1, to1 int, offset2 string, from2, to2 int) []string {
	var list []string
	for h := from1; h <= to1; h++ {
		list = append(list, fmt.Sprintf("%02d:%s %s", h, minute, offset1))
	}
	for h := from2; h <= to2; h++ {
		list = append(list, fmt.Sprintf("%02d:%s %s", h, minute, offset2))
	}
	return list
}

// The two questions "when is it due next" and "is it due now" have one answer.
func TestNextAndDueAgree(t *testing.T) {
	t.Parallel()
	zones := []string{"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Africa/Cairo", "Asia/Kathmandu", "Pacific/Apia", "Antarctica/Troll", "America/St_Johns"}
	field := func(low, high int) *rapid.Generator[string] {
		value := rapid.IntRange(low, high)
		return rapid.OneOf(
			rapid.Just("*"),
			rapid.Map(value, func(v int) string { return fmt.Sprint(v) }),
			rapid.Map(rapid.IntRange(2, 15), func(n int) string { return fmt.Sprintf("*/%d", low+n%(high-low)+1) }),
			rapid.Custom(func(t *rapid.T) string {
				a, b := value.Draw(t, "a"), value.Draw(t, "b")
				return fmt.Sprintf("%d-%d", a, max(a, b))
			}),
		)
	}
	rapid.Check(t, func(t *rapid.T) {
		seconds := ""
		if rapid.Bool().Draw(t, "with seconds") {
			seconds = field(0, 59).Draw(t, "second") + " "
		}
		text := seconds + strings.Join([]string{
			field(0, 59).Draw(t, "minute"), field(0, 23).Draw(t, "hour"),
			rapid.OneOf(field(1, 31), rapid.SampledFrom([]string{"L", "L-3", "15W", "LW", "1W,31", "*,L"})).Draw(t, "dom"),
			field(1, 12).Draw(t, "month"),
			rapid.OneOf(field(0, 6), rapid.SampledFrom([]string{"5L", "MON#1", "0#5", "1-3,6L"})).Draw(t, "dow"),
		}, " ")
		c, err := parseCron(text)
		if err != nil {
			t.Fatal(err)
		}
		zone, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		// 1990 to 2037: the tables of the zones are certain there.
		from := time.Unix(rapid.Int64Range(631152000, 2145916800).Draw(t, "instant"), 0).Truncate(time.Minute)
		if _, change := from.In(zone).ZoneBounds(); !change.IsZero() && rapid.Bool().Draw(t, "near a change") {
			from = change.Add(-time.Duration(rapid.IntRange(0, 48*60).Draw(t, "minutes before")) * time.Minute)
		}
		next, ok := c.next(from, zone)
		if ok && (!next.After(from) || !c.due(next, zone)) {
			t.Fatalf("%q in %s: next after %s is %s, which is not due", text, zone, from.In(zone), next)
		}
		step := time.Minute
		if seconds != "" {
			step = time.Second
		}
		for n := 1; n <= 4000; n++ {
			at := from.Add(time.Duration(n) * step)
			if ok && !at.Before(next) {
				return
			}
			if c.due(at, zone) {
				t.Fatalf("%q in %s: due at %s, but next after %s is %s", text, zone, at.In(zone), from.In(zone), next)
			}
		}
	})
}

// The rule for fixed times, computed the long way round from the wall clock: every
// matching minute of the calendar is due once, at its first coming or, when it does
// not come, at the change that left it out.
func TestEveryFixedTimeIsDueOnceAroundAChange(t *testing.T) {
	t.Parallel()
	zones := []string{"Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo", "Africa/Cairo", "Asia/Beirut", "Pacific/Apia", "Antarctica/Troll"}
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		last, change := time.Unix(rapid.Int64Range(631152000, 2145916800).Draw(t, "instant"), 0).In(zone).ZoneBounds()
		if change.IsZero() {
			change = last // some of the zones have given their changes up
		}
		text := fmt.Sprintf("%d,%d %d,%d * * %s", rapid.IntRange(0, 29).Draw(t, "m1"), rapid.IntRange(30, 59).Draw(t, "m2"),
			rapid.IntRange(0, 3).Draw(t, "h1"), rapid.IntRange(22, 23).Draw(t, "h2"), rapid.SampledFrom([]string{"*", "0", "1-5", "6"}).Draw(t, "dow"))
		c := mustParse(t, text)

		// wall is a reading of the clock as a number: the instant at which UTC shows the same.
		wall := func(at time.Time) int64 {
			_, offset := at.In(zone).Zone()
			return at.Unix() + int64(offset)
		}
		begin, end := change.Truncate(time.Minute).Add(-26*time.Hour), change.Add(26*time.Hour)
		first := map[int64]int64{}
		for at := begin; at.Before(end); at = at.Add(time.Minute) {
			if _, seen := first[wall(at)]; !seen {
				first[wall(at)] = at.Unix()
			}
		}
		want := map[int64]bool{}
		for w := wall(begin); w < wall(end); w += 60 {
			if !c.matches(time.Unix(w, 0).UTC()) {
				continue
			}
			if at, comes := first[w]; comes {
				want[at] = true
			} else {
				want[change.Unix()] = true
			}
		}
		for at := begin; at.Before(end); at = at.Add(time.Minute) {
			if got := c.due(at, zone); got != want[at.Unix()] {
				t.Fatalf("%q in %s: due at %s is %v, want %v", text, zone, at, got, !got)
			}
		}
	})
}

func TestDueDoesNotAllocate(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	c, at := mustParse(t, "30 8 * * 1-5"), time.Date(2026, 3, 4, 8, 30, 0, 0, berlin)
	if n := testing.AllocsPerRun(100, func() { c.due(at, berlin) }); n != 0 {
		t.Errorf("due allocates %v times, want 0", n)
	}
}

func FuzzParseCron(f *testing.F) {
	for _, text := range []string{"* * * * *", "*/5 1-3,7 1 jan mon", "@daily", "1-", "-", "*/", ",", "0 0 31 2 *"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parseCron(text)
		if e, ok := err.(*CronError); ok && (e.Position < 1 || e.Position > len(text)+1) {
			t.Errorf("%q: the position %d is outside of the text", text, e.Position)
		}
		if err == nil {
			c.due(time.Unix(0, 0), time.UTC)
		}
	})
}

func BenchmarkCron(b *testing.B) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		b.Fatal(err)
	}
	from := time.Date(2026, 3, 4, 10, 15, 0, 0, berlin)
	for _, text := range []string{"* * * * *", "30 8 * * 1-5", "0 0 1 1 *", "0 0 30 2 *"} {
		c := mustParse(b, text)
		b.Run("due/"+text, func(b *testing.B) {
			for b.Loop() {
				c.due(from, berlin)
			}
		})
		b.Run("next/"+text, func(b *testing.B) {
			for b.Loop() {
				c.next(from, berlin)
			}
		})
	}
}
