package schedule_test

import (
	"context"
	"fmt"
	"time"

	"github.com/kitgo/kit/schedule"
)

func Example() {
	send := func(ctx context.Context) error { return nil }

	var s schedule.Schedule
	digest := s.Add("digest:send", send).Weekdays().DailyAt("08:00").Timezone("Europe/Berlin")
	report := s.Add("report:build", send).Cron("30 2 1 * *").Timezone("UTC")
	if err := s.Err(); err != nil {
		fmt.Println(err)
		return
	}
	friday := time.Date(2026, time.March, 27, 12, 0, 0, 0, time.UTC)
	for _, e := range []*schedule.Entry{digest, report} {
		next, _ := e.Next(friday)
		fmt.Println(e.Name(), e.Expression(), next.Format("Mon 2006-01-02 15:04 MST"))
	}
	// Output:
	// digest:send 0 8 * * 1-5 Mon 2026-03-30 08:00 CEST
	// report:build 30 2 1 * * Wed 2026-04-01 02:30 UTC
}
