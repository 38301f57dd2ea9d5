package schedule_test

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/kitgo/kit/schedule"
)

func sendDigest(context.Context) error { return nil }

func prune(context.Context) error { return nil }

func Example() {
	var s schedule.Schedule
	s.Add("sessions:prune", prune).Hourly()
	s.Add("digest:send", sendDigest).Weekdays().DailyAt("08:00").Timezone("Europe/Berlin").Description("Mail of the day")
	if err := s.Err(); err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range s.Entries() {
		fmt.Println(e.Name(), "|", e.Expression())
	}
	// Output:
	// sessions:prune | 0 * * * *
	// digest:send | 0 8 * * 1-5
}

func ExampleSchedule_Err() {
	var s schedule.Schedule
	s.Add("digest:send", sendDigest).EveryMinute().DailyAt("08:00")
	s.Add("report:build", sendDigest).Cron("0 25 * * *")
	fmt.Println(s.Err())
	// Output:
	// example_test.go:34: task "digest:send": EveryMinute and DailyAt both set the time of the day
	// example_test.go:35: task "report:build": cron text "0 25 * * *", character 3: the hour is 25; it must be from 0 to 23
}

func ExampleEntry_NextN() {
	var s schedule.Schedule
	e := s.Add("backup", prune).DailyAt("02:30").Timezone("Europe/Berlin")
	// On 29 March 2026 there is no 02:30 in Berlin: the clock goes from 02:00 to 03:00.
	for _, next := range e.NextN(time.Date(2026, 3, 28, 0, 0, 0, 0, time.UTC), 3) {
		fmt.Println(next.Format("Mon 2 Jan 15:04 MST"))
	}
	// Output:
	// Sat 28 Mar 02:30 CET
	// Sun 29 Mar 03:00 CEST
	// Mon 30 Mar 02:30 CEST
}

func ExampleRunner_RunDue() {
	var s schedule.Schedule
	s.Add("sessions:prune", prune).Hourly()
	s.Add("digest:send", sendDigest).DailyAt("08:00").Timezone("UTC")

	runner := schedule.Runner{Schedule: &s, Logger: slog.New(slog.DiscardHandler)}
	runs, err := runner.RunDue(context.Background(), time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC))
	for _, run := range runs {
		fmt.Println(run.Name, run.Err)
	}
	fmt.Println(err)
	// Output:
	// sessions:prune <nil>
	// digest:send <nil>
	// <nil>
}
