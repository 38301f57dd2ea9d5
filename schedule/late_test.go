package schedule

import (
	"context"
	"testing"
	"time"
)

func TestLate(t *testing.T) {
	t.Parallel()
	s := Schedule{Environment: "production"}
	hourly := s.Add("hourly", nothing).Hourly()
	slow := s.Add("slow", nothing).Hourly().Jitter(10 * time.Minute)
	elsewhere := s.Add("elsewhere", nothing).Hourly().Environments("staging")
	perhaps := s.Add("perhaps", nothing).Hourly().When(func(context.Context) bool { return true })
	since := time.Date(2026, 3, 4, 8, 0, 0, 0, time.UTC)
	tests := []struct {
		entry *Entry
		after time.Duration
		want  bool
	}{
		{hourly, time.Hour, false},
		{hourly, time.Hour + 2*time.Minute, false},
		{hourly, time.Hour + 2*time.Minute + time.Second, true},
		{hourly, 5 * time.Hour, true},
		{slow, time.Hour + 12*time.Minute, false},
		{slow, time.Hour + 13*time.Minute, true},
		{elsewhere, 5 * time.Hour, false},
		{perhaps, 5 * time.Hour, false},
	}
	for _, tt := range tests {
		due, late := tt.entry.Late(since, since.Add(tt.after))
		if late != tt.want || late && !due.Equal(since.Add(time.Hour)) {
			t.Errorf("%s after %s: %s, %t; want %t", tt.entry.Name(), tt.after, due, late, tt.want)
		}
	}
}
