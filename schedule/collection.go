package schedule

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// collection is the runs of a runner that ends with its tasks.
type collection struct {
	mu   sync.Mutex
	list []collected
}

type collected struct {
	entry *Entry
	run   Run
}

// put adds a run, or replaces what was known of it.
func (c *collection) put(e *Entry, run Run) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.list, func(other collected) bool { return other.entry == e && other.run.Due.Equal(run.Due) })
	if i < 0 {
		c.list = append(c.list, collected{e, run})
		return
	}
	c.list[i].run = run
}

// runs returns the runs in the order of the entries, and which of them failed.
func (c *collection) runs(order []*Entry) ([]Run, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	slices.SortStableFunc(c.list, func(a, b collected) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.entry), slices.Index(order, b.entry)), time.Time.Compare(a.run.Due, b.run.Due))
	})
	var list, failed []Run
	for _, got := range c.list {
		list = append(list, got.run)
		if got.run.Err != nil {
			failed = append(failed, got.run)
		}
	}
	if len(failed) > 0 {
		return list, &FailedError{failed}
	}
	return list, nil
}
