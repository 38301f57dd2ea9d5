package schedule

import (
	"context"
	"errors"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var lineNumber = regexp.MustCompile(`\.go:\d+`)

func nothing(context.Context) error { return nil }

func TestExpression(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		set  func(*Entry) *Entry
		want string
	}{
		"nothing set is every minute":     {func(e *Entry) *Entry { return e }, "* * * * *"},
		"EveryMinute":                     {(*Entry).EveryMinute, "* * * * *"},
		"EveryTwoMinutes":                 {(*Entry).EveryTwoMinutes, "*/2 * * * *"},
		"EveryFiveMinutes":                {(*Entry).EveryFiveMinutes, "*/5 * * * *"},
		"EveryTenMinutes":                 {(*Entry).EveryTenMinutes, "*/10 * * * *"},
		"EveryFifteenMinutes":             {(*Entry).EveryFifteenMinutes, "*/15 * * * *"},
		"EveryThirtyMinutes":              {(*Entry).EveryThirtyMinutes, "*/30 * * * *"},
		"Hourly":                          {(*Entry).Hourly, "0 * * * *"},
		"HourlyAt":                        {func(e *Entry) *Entry { return e.HourlyAt(17) }, "17 * * * *"},
		"Daily":                           {(*Entry).Daily, "0 0 * * *"},
		"DailyAt":                         {func(e *Entry) *Entry { return e.DailyAt("08:05") }, "5 8 * * *"},
		"Weekly is Sunday at midnight":    {(*Entry).Weekly, "0 0 * * 0"},
		"Weekdays":                        {(*Entry).Weekdays, "0 0 * * 1-5"},
		"Weekends":                        {(*Entry).Weekends, "0 0 * * 0,6"},
		"Days":                            {func(e *Entry) *Entry { return e.Days(time.Friday, time.Monday) }, "0 0 * * 5,1"},
		"Monthly is the 1st at midnight":  {(*Entry).Monthly, "0 0 1 * *"},
		"MonthlyOn":                       {func(e *Entry) *Entry { return e.MonthlyOn(15) }, "0 0 15 * *"},
		"days before the time":            {func(e *Entry) *Entry { return e.Weekdays().DailyAt("08:00") }, "0 8 * * 1-5"},
		"the time before the days":        {func(e *Entry) *Entry { return e.DailyAt("08:00").Weekdays() }, "0 8 * * 1-5"},
		"every minute of some days":       {func(e *Entry) *Entry { return e.EveryMinute().Weekends() }, "* * * * 0,6"},
		"every hour of one day":           {func(e *Entry) *Entry { return e.MonthlyOn(28).HourlyAt(45) }, "45 * 28 * *"},
		"Cron with any spaces":            {func(e *Entry) *Entry { return e.Cron(" 5  4 * *\tSUN ") }, "5 4 * * SUN"},
		"Cron with a nickname":            {func(e *Entry) *Entry { return e.Cron("@Weekly") }, "0 0 * * 0"},
		"EveryThreeMinutes":               {(*Entry).EveryThreeMinutes, "*/3 * * * *"},
		"EveryFourMinutes":                {(*Entry).EveryFourMinutes, "*/4 * * * *"},
		"EveryTwentyMinutes":              {(*Entry).EveryTwentyMinutes, "*/20 * * * *"},
		"EveryTwoHours":                   {(*Entry).EveryTwoHours, "0 */2 * * *"},
		"EveryThreeHours":                 {(*Entry).EveryThreeHours, "0 */3 * * *"},
		"EveryFourHours":                  {(*Entry).EveryFourHours, "0 */4 * * *"},
		"EverySixHours":                   {(*Entry).EverySixHours, "0 */6 * * *"},
		"At after days":                   {func(e *Entry) *Entry { return e.Mondays().At("07:30") }, "30 7 * * 1"},
		"At before days":                  {func(e *Entry) *Entry { return e.At("07:30").Saturdays() }, "30 7 * * 6"},
		"TwiceDaily":                      {func(e *Entry) *Entry { return e.TwiceDaily(1, 13) }, "0 1,13 * * *"},
		"TwiceDailyAt":                    {func(e *Entry) *Entry { return e.TwiceDailyAt(1, 13, 15) }, "15 1,13 * * *"},
		"WeeklyOn":                        {func(e *Entry) *Entry { return e.WeeklyOn(time.Thursday) }, "0 0 * * 4"},
		"TwiceMonthly":                    {func(e *Entry) *Entry { return e.TwiceMonthly(1, 16).At("13:00") }, "0 13 1,16 * *"},
		"LastDayOfMonth":                  {func(e *Entry) *Entry { return e.LastDayOfMonth().At("23:00") }, "0 23 L * *"},
		"Quarterly":                       {(*Entry).Quarterly, "0 0 1 1-12/3 *"},
		"QuarterlyOn":                     {func(e *Entry) *Entry { return e.QuarterlyOn(15) }, "0 0 15 1-12/3 *"},
		"Yearly":                          {(*Entry).Yearly, "0 0 1 1 *"},
		"YearlyOn":                        {func(e *Entry) *Entry { return e.YearlyOn(time.February, 29) }, "0 0 29 2 *"},
		"a mistake leaves what was there": {func(e *Entry) *Entry { return e.DailyAt("08:00").Hourly() }, "0 8 * * *"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s Schedule
			e := tt.set(s.Add("task", nothing))
			if e.Expression() != tt.want {
				t.Errorf("Expression() = %q, want %q", e.Expression(), tt.want)
			}
			if !reflect.DeepEqual(e.cron, mustParse(t, tt.want)) {
				t.Errorf("the entry is due by %+v, not by its expression %q", e.cron, tt.want)
			}
		})
	}
}

func TestMistakesNameTheirLine(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		set  func(*Schedule)
		want string
	}{
		"no name":          {func(s *Schedule) { s.Add("", nothing) }, "entry_test.go:N: a task has no name"},
		"no function":      {func(s *Schedule) { s.Add("a", nil) }, `entry_test.go:N: task "a" has no function`},
		"neither":          {func(s *Schedule) { s.Add("", nil) }, "entry_test.go:N: a task has no name\nentry_test.go:N: task \"\" has no function"},
		"a name twice":     {func(s *Schedule) { s.Add("a", nothing); s.Add("a", nothing) }, `entry_test.go:N: task "a" is already scheduled at entry_test.go:N`},
		"bad cron text":    {func(s *Schedule) { s.Add("a", nothing).Cron("0 24 * * *") }, `entry_test.go:N: task "a": cron text "0 24 * * *", character 3: the hour is 24; it must be from 0 to 23`},
		"hours twice":      {func(s *Schedule) { s.Add("a", nothing).TwiceDaily(5, 5) }, `entry_test.go:N: task "a": TwiceDaily needs two hours from 0 to 23 and a minute from 0 to 59`},
		"no such date":     {func(s *Schedule) { s.Add("a", nothing).YearlyOn(time.February, 30) }, `entry_test.go:N: task "a": YearlyOn(2, 30): there is no such day`},
		"a part of a day":  {func(s *Schedule) { s.Add("a", nothing).Between("8", "9:00") }, `entry_test.go:N: task "a": Between("8", "9:00"): times must be written as 08:00, from 00:00 to 23:59`},
		"no condition":     {func(s *Schedule) { s.Add("a", nothing).When(nil) }, `entry_test.go:N: task "a": When has no function`},
		"no environment":   {func(s *Schedule) { s.Add("a", nothing).Environments() }, `entry_test.go:N: task "a": Environments needs at least one name`},
		"At and Hourly":    {func(s *Schedule) { s.Add("a", nothing).At("08:00").Hourly() }, `entry_test.go:N: task "a": At and Hourly both set the time of the day`},
		"unknown zone":     {func(s *Schedule) { s.Add("a", nothing).Timezone("Europe/Berln") }, `entry_test.go:N: task "a": "Europe/Berln" is not a time zone; use a name such as Europe/Berlin or UTC`},
		"no zone":          {func(s *Schedule) { s.Add("a", nothing).Timezone("") }, `entry_test.go:N: task "a": "" is not a time zone; use a name such as Europe/Berlin or UTC`},
		"two zones":        {func(s *Schedule) { s.Add("a", nothing).Timezone("Europe/Berlin").Timezone("UTC") }, `entry_test.go:N: task "a": the time zones Europe/Berlin and UTC are both set`},
		"a bad time":       {func(s *Schedule) { s.Add("a", nothing).DailyAt("24:00") }, `entry_test.go:N: task "a": DailyAt("24:00"): the time must be written as 08:00, from 00:00 to 23:59`},
		"a bad minute":     {func(s *Schedule) { s.Add("a", nothing).HourlyAt(60) }, `entry_test.go:N: task "a": HourlyAt(60): the minute must be from 0 to 59`},
		"a bad day":        {func(s *Schedule) { s.Add("a", nothing).MonthlyOn(32) }, `entry_test.go:N: task "a": MonthlyOn(32): the day must be from 1 to 31`},
		"a bad weekday":    {func(s *Schedule) { s.Add("a", nothing).Days(7) }, `entry_test.go:N: task "a": Days: 7 is no day of the week`},
		"no weekdays":      {func(s *Schedule) { s.Add("a", nothing).Days() }, `entry_test.go:N: task "a": Days needs at least one day`},
		"two times":        {func(s *Schedule) { s.Add("a", nothing).EveryMinute().DailyAt("08:00") }, `entry_test.go:N: task "a": EveryMinute and DailyAt both set the time of the day`},
		"two sets of days": {func(s *Schedule) { s.Add("a", nothing).Weekdays().Monthly() }, `entry_test.go:N: task "a": Weekdays and Monthly both set the days`},
		"a time and Cron":  {func(s *Schedule) { s.Add("a", nothing).Daily().Cron("0 8 * * *") }, `entry_test.go:N: task "a": Daily and Cron both say when it runs`},
		"days and Cron":    {func(s *Schedule) { s.Add("a", nothing).Weekly().Cron("0 8 * * *") }, `entry_test.go:N: task "a": Weekly and Cron both say when it runs`},
		"never, in a day":  {func(s *Schedule) { s.Add("a", nothing).At("12:00").Between("13:00", "14:00") }, `entry_test.go:N: task "a" is never due: 0 12 * * *, between 13:00 and 14:00`},
		"parts of a day":   {func(s *Schedule) { s.Add("a", nothing).Between("08:00", "09:00").UnlessBetween("07:00", "10:00") }, `entry_test.go:N: task "a" is never due: * * * * *, between 08:00 and 09:00; unless between 07:00 and 10:00`},
		"never, in a year": {func(s *Schedule) { s.Add("a", nothing).Cron("0 0 31 2 *") }, `entry_test.go:N: task "a" is never due: 0 0 31 2 *`},
		"seconds, twice":   {func(s *Schedule) { s.Add("a", nothing).EverySecond().EveryMinute() }, `entry_test.go:N: task "a": EverySecond and EveryMinute both set the time of the day`},
		"no look-back":     {func(s *Schedule) { s.Add("a", nothing).OnMissed(RunOnce, 0) }, `entry_test.go:N: task "a": OnMissed(1, 0s): give Skip and 0, or RunOnce or RunAll and how far to look back, at most 720h0m0s`},
		"a long look-back": {func(s *Schedule) { s.Add("a", nothing).OnMissed(RunAll(3), 721*time.Hour) }, `entry_test.go:N: task "a": OnMissed(3, 721h0m0s): give Skip and 0, or RunOnce or RunAll and how far to look back, at most 720h0m0s`},
		"no jitter":        {func(s *Schedule) { s.Add("a", nothing).Jitter(0) }, `entry_test.go:N: task "a": Jitter(0s): must be more than nothing and at most 12h0m0s`},
		"no address":       {func(s *Schedule) { s.Add("a", nothing).PingBefore("example.com/secret") }, `entry_test.go:N: task "a": PingBefore: the address must begin with http:// or https://`},
		"a lonely command": {func(s *Schedule) { s.Command("a", "-b") }, `entry_test.go:N: task "a -b" is a command, and nothing can execute commands here`},
		"a name taken":     {func(s *Schedule) { s.Add("a", nothing); s.Add("b", nothing).As("a") }, `entry_test.go:N: task "a" is already scheduled at entry_test.go:N`},
		"Cron and a time":  {func(s *Schedule) { s.Add("a", nothing).Cron("0 8 * * *").Hourly() }, `entry_test.go:N: task "a": Cron and Hourly both set the time of the day`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s Schedule
			tt.set(&s)
			if s.Err() == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff(tt.want, lineNumber.ReplaceAllString(s.Err().Error(), ".go:N")); diff != "" {
				t.Error("(-want +got)\n" + diff)
			}
		})
	}
}

func TestEveryMistakeIsReportedInOrder(t *testing.T) {
	t.Parallel()
	var s Schedule
	s.Add("a", nothing).
		DailyAt("8").
		Timezone("Mars")
	s.Add("b", nothing).Cron("* * *")
	lines := strings.Split(s.Err().Error(), "\n")
	if len(lines) != 3 || !strings.Contains(lines[0], "DailyAt") || !strings.Contains(lines[1], "Mars") || !strings.Contains(lines[2], `"b"`) {
		t.Errorf("%d lines:\n%v", len(lines), s.Err())
	}
	if lines[0][:strings.Index(lines[0], " ")] == lines[1][:strings.Index(lines[1], " ")] {
		t.Errorf("two calls on two lines have one place:\n%v", s.Err())
	}
	if e, ok := errors.AsType[*CronError](s.Err()); !ok || e.Position != 6 {
		t.Errorf("the CronError is %v", e)
	}
}

func TestEntriesAndFind(t *testing.T) {
	t.Parallel()
	var s Schedule
	if s.Err() != nil || len(s.Entries()) != 0 || s.Find("a") != nil {
		t.Error("the zero value is not an empty schedule")
	}
	a := s.Add("a", nothing).Description("Does nothing.").Timezone("Asia/Tokyo")
	b := s.Add("b", nothing)
	if list := s.Entries(); len(list) != 2 || list[0] != a || list[1] != b {
		t.Errorf("Entries() = %v", list)
	}
	if s.Find("b") != b || s.Find("c") != nil {
		t.Error("Find does not find by name")
	}
	if a.Name() != "a" || a.Summary() != "Does nothing." || a.Location().String() != "Asia/Tokyo" {
		t.Errorf("entry %q, %q, %s", a.Name(), a.Summary(), a.Location())
	}
	if b.Location() != time.UTC {
		t.Errorf("the default zone is %s, want UTC", b.Location())
	}
}

func TestNextN(t *testing.T) {
	t.Parallel()
	var s Schedule
	e := s.Add("a", nothing).Weekdays().DailyAt("09:00").Timezone("Asia/Tokyo")
	var got []string
	for _, next := range e.NextN(time.Date(2026, 3, 5, 23, 0, 0, 0, time.UTC), 3) {
		got = append(got, next.UTC().Format(time.RFC3339))
		if !e.Due(next) || !e.Due(next.Add(time.Second-1)) || e.Due(next.Add(time.Second)) || e.Due(next.Add(-1)) {
			t.Errorf("Due disagrees about the second %s", next)
		}
	}
	want := []string{"2026-03-06T00:00:00Z", "2026-03-09T00:00:00Z", "2026-03-10T00:00:00Z"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("(-want +got)\n" + diff)
	}
	if never := s.Add("b", nothing).Cron("0 0 31 2 *").NextN(time.Now(), 3); len(never) != 0 {
		t.Errorf("the 31st of February is at %v", never)
	}
}
