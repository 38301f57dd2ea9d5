package metrics

import (
	"context"
	"sync"
	"time"

	"github.com/kitgo/kit"
	"github.com/prometheus/client_golang/prometheus"
)

const (
	// askTimeout bounds the question to the database.
	askTimeout = 5 * time.Second
	// fresh is for how long an answer counts, so that scrapes cost the database little.
	fresh = 5 * time.Second
)

var (
	readable = prometheus.NewDesc("kit_schedule_readable", "Whether the records of the scheduled tasks can be read.", nil, nil)
	next     = task("next_run_timestamp_seconds", "When the task is due next.")
	last     = task("last_run_timestamp_seconds", "When the last recorded run of the task was due.")
	duration = task("last_run_duration_seconds", "How long the last run took, or takes until now.")
	success  = task("last_run_success", "1 when the last run that ended succeeded, 0 when it failed or was lost; of runs that go on or were skipped there is none.")
	running  = task("running", "Whether the task runs now.")
	late     = task("late", "Whether the task was due more than two minutes ago and did not start.")
	paused   = task("paused", "Whether the task is paused.")
)

func task(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("kit_task_"+name, help, []string{"task"}, nil)
}

// tasks collects how the scheduled tasks stand, by what all schedulers on the database
// have recorded: the process that is scraped need not be one.
type tasks struct {
	app  *kit.App
	born time.Time

	mu    sync.Mutex
	asked time.Time
	known []kit.TaskState
	err   error
}

func (t *tasks) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{readable, next, last, duration, success, running, late, paused} {
		ch <- d
	}
}

func (t *tasks) Collect(ch chan<- prometheus.Metric) {
	states, err := t.states()
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	gauge(readable, number(err == nil))
	for _, s := range states {
		if !s.Next.IsZero() {
			gauge(next, seconds(s.Next), s.Name)
		}
		gauge(late, number(!s.Late.IsZero()), s.Name)
		gauge(paused, number(s.Paused), s.Name)
		gauge(running, number(s.Last != nil && s.Last.Outcome == "running"), s.Name)
		if s.Last == nil {
			continue
		}
		gauge(last, seconds(s.Last.Due), s.Name)
		gauge(duration, s.Last.Duration.Seconds(), s.Name)
		switch s.Last.Outcome {
		case "ok":
			gauge(success, 1, s.Name)
		case "failed", "lost":
			gauge(success, 0, s.Name)
		}
	}
}

func (t *tasks) states() ([]kit.TaskState, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if time.Since(t.asked) >= fresh {
		ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
		defer cancel()
		t.known, t.err = t.app.TaskStates(ctx, t.born)
		t.asked = time.Now()
	}
	return t.known, t.err
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
