package schedule

import (
	"cmp"
	"slices"
	"sort"
	"sync"
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
	sort.SliceStable(c.list, func(i, j int) bool {
		a, b := c.list[i], c.list[j]
		return cmp.Or(cmp.Compare(slices.Index(order, a.entry), slices.Index(order, b.entry)), a.run.Due.Compare(b.run.Due)) < 0
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
