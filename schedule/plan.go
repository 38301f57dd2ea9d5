package schedule

import (
	"container/heap"
	"time"
)

// plan is when entries are due next, the soonest first.
type plan []planned

type planned struct {
	at    time.Time
	entry *Entry
}

// newPlan plans what is due after now.
func newPlan(entries []*Entry, now time.Time) *plan {
	p := make(plan, 0, len(entries))
	for _, e := range entries {
		if at, ok := e.Next(now); ok {
			p = append(p, planned{at, e})
		}
	}
	heap.Init(&p)
	return &p
}

// Len, Less, Swap, Push and Pop are those of [heap.Interface].
func (p plan) Len() int           { return len(p) }
func (p plan) Less(i, j int) bool { return p[i].at.Before(p[j].at) }
func (p plan) Swap(i, j int)      { p[i], p[j] = p[j], p[i] }
func (p *plan) Push(x any)        { *p = append(*p, x.(planned)) }
func (p *plan) Pop() any {
	last := (*p)[len(*p)-1]
	*p = (*p)[:len(*p)-1]
	return last
}

// tick is what is due at an instant.
type tick struct {
	due     time.Time
	entries []*Entry
}

// gap is when instants of an entry were missed: from begin on and before end.
type gap struct {
	entry      *Entry
	begin, end time.Time
}

// due returns what is due by now and has to be started, by instant, and what is too long
// ago for that. It plans the next instants.
func (p *plan) due(now time.Time) (ticks []tick, gaps []gap) {
	at := map[time.Time]int{}
	for len(*p) > 0 && !(*p)[0].at.After(now) {
		e, first := (*p)[0].entry, (*p)[0].at
		started := e.prompt(first, now)
		for _, due := range started {
			i, ok := at[due]
			if !ok {
				i = len(ticks)
				at[due] = i
				ticks = append(ticks, tick{due: due})
			}
			ticks[i].entries = append(ticks[i].entries, e)
		}
		if len(started) == 0 {
			gaps = append(gaps, gap{e, first, now.Add(1)})
		} else if started[0].After(first) {
			gaps = append(gaps, gap{e, first, started[0]})
		}
		if next, ok := e.Next(now); ok {
			(*p)[0].at = next
			heap.Fix(p, 0)
		} else {
			heap.Pop(p)
		}
	}
	return ticks, gaps
}

// prompt returns the instants of an entry from first on and until now that are not too long
// ago to be started.
func (e *Entry) prompt(first, now time.Time) []time.Time {
	found := e.instants(later(first, now.Add(-late).Add(1)), now.Add(1), int(late/time.Second))
	for len(found) > 1 && now.Sub(found[0]) > prompt {
		found = found[1:]
	}
	return found
}
