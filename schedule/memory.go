package schedule

import (
	"context"
	"sync"
	"time"
)

// memory is the ledger of a runner that is the only one. It remembers what goes on, and
// lets everything begin.
type memory struct {
	began time.Time // when the runner did

	mu    sync.Mutex
	last  int64
	going map[int64]string // tasks that run, by their run
}

func (m *memory) Now(context.Context) (time.Time, error) { return time.Now(), nil }

func (m *memory) Begin(_ context.Context, c Claim) (begun Begun, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.going == nil {
		m.going = map[int64]string{}
	}
	begun.IDs = make(map[string]int64, len(c.Tasks))
	for _, task := range c.Tasks {
		if c.Alone && m.goes(task) {
			begun.Overlapping = append(begun.Overlapping, task)
			continue
		}
		m.last++
		m.going[m.last], begun.IDs[task] = task, m.last
	}
	return begun, nil
}

func (m *memory) goes(task string) bool {
	for _, other := range m.going {
		if other == task {
			return true
		}
	}
	return false
}

func (m *memory) Skip(context.Context, string, time.Time, Reason, string) error { return nil }

func (m *memory) Past(_ context.Context, _ string, since time.Time) (Past, error) {
	return Past{Since: later(since, m.began)}, nil
}

func (m *memory) Paused(context.Context) (Pauses, error) { return Pauses{}, nil }

func (m *memory) Renew(context.Context, []int64) ([]int64, error) { return nil, nil }

func (m *memory) End(_ context.Context, id int64, _ Run) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.going, id)
	return nil
}
