package schedule

import (
	"testing"
	"time"
)

func TestWords(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"* * * * *":            "every minute",
		"*/5 * * * *":          "every 5 minutes",
		"0 * * * *":            "every hour",
		"17 * * * *":           "at minute 17 of every hour",
		"0,30,31,32 * * * *":   "at minutes 0 and 30 to 32 of every hour",
		"0 */6 * * *":          "every 6 hours",
		"0 0 * * *":            "at 00:00",
		"15 1,13 * * *":        "at 01:15 and 13:15",
		"30 8 * * 1-5":         "at 08:30, Monday to Friday",
		"0 0 * * 0,6":          "at 00:00, on Sundays and on Saturdays",
		"0 0 * * 7":            "at 00:00, on Sundays",
		"0 0 1 * *":            "at 00:00, on day 1 of the month",
		"0 0 1,16 1-12/3 *":    "at 00:00, on days 1 and 16 of the month in January, April, July and October",
		"0 0 L,15W,LW,L-2 * *": "at 00:00, on the last day, the weekday nearest to day 15, the last weekday and 2 days before the last of the month",
		"0 9 * * 5L":           "at 09:00, on the last Friday of the month",
		"0 9 * * MON#2":        "at 09:00, on the second Monday of the month",
		"0 0 13 * 5":           "at 00:00, on day 13 of the month or on Fridays",
		"0 0 */2 * 1":          "at 00:00, on days 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29 and 31 of the month and on Mondays",
		"* 8-17 * * *":         "every minute of hours 8 to 17",
		"*/15 8-17 * * *":      "every 15 minutes of hours 8 to 17",
		"7,9 8-17 * 6 *":       "at minutes 7 and 9 of hours 8 to 17, in June",
		"* * * * * *":          "every second",
		"*/10 * * * * *":       "every 10 seconds",
		"5,7 * * * * *":        "at seconds 5 and 7 of every minute",
		"*/20 0 8 * * *":       "every 20 seconds, at 08:00",
		"30 0 8 * * *":         "at second 30, at 08:00",
	}
	for text, want := range tests {
		var s Schedule
		if got := s.Add("task", nothing).Cron(text).Words(); got != want {
			t.Errorf("%s is %q, want %q", text, got, want)
		}
		if s.Err() != nil {
			t.Error(s.Err())
		}
	}
}

func TestChange(t *testing.T) {
	t.Parallel()
	tests := []struct {
		cron, zone, at string
		want           Change
	}{
		{"30 2 * * *", "Europe/Berlin", "2026-03-29T03:00:00+02:00", Gap},
		{"0 3 * * *", "Europe/Berlin", "2026-03-29T03:00:00+02:00", NoChange},
		{"30 2 * * *", "Europe/Berlin", "2026-10-25T02:30:00+02:00", Fold},
		{"0 2 * * *", "Europe/Berlin", "2026-10-25T02:00:00+02:00", Fold},
		{"59 1 * * *", "Europe/Berlin", "2026-10-25T01:59:00+02:00", NoChange},
		{"0 3 * * *", "Europe/Berlin", "2026-10-25T03:00:00+01:00", NoChange},
		{"30 * * * *", "Europe/Berlin", "2026-10-25T02:30:00+02:00", NoChange},
		{"30 2 * * *", "Europe/Berlin", "2026-06-25T02:30:00+02:00", NoChange},
		{"30 2 * * *", "UTC", "2026-10-25T02:30:00Z", NoChange},
		{"45 1 * * *", "Australia/Lord_Howe", "2026-04-05T01:45:00+11:00", Fold},
		{"15 2 * * *", "Australia/Lord_Howe", "2026-10-04T02:30:00+11:00", Gap},
		{"30 0 * * *", "Africa/Cairo", "2026-04-24T01:00:00+03:00", Gap},
	}
	for _, tt := range tests {
		var s Schedule
		e := s.Add("task", nothing).Cron(tt.cron).Timezone(tt.zone)
		at, err := time.Parse(time.RFC3339, tt.at)
		if err != nil {
			t.Fatal(err)
		}
		if !e.Due(at) {
			t.Errorf("%s in %s is not due at %s", tt.cron, tt.zone, tt.at)
		}
		if got := e.Change(at); got != tt.want {
			t.Errorf("%s in %s at %s: %q, want %q", tt.cron, tt.zone, tt.at, got, tt.want)
		}
	}
}
