package schedule

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/kitgo/kit/internal/place"
)

// Missed is how many of the instants that were missed, the newest ones, are made up for:
// [Skip], [RunOnce], or [RunAll].
type Missed int

const (
	// Skip makes up for none. It is the default.
	Skip Missed = 0
	// RunOnce runs the task once, for the newest instant that was missed.
	RunOnce Missed = 1
)

// RunAll runs the task for each instant that was missed, one after another, at most for
// the newest limit of them.
func RunAll(limit int) Missed { return Missed(limit) }

// OnMissed says what happens to instants at which the task was due and nobody started it:
// because no scheduler ran, the machine slept, or the database was away. What lies longer
// back than lookBack is not made up for.
//
// It is the runner's Ledger that knows what was missed while no scheduler ran: instants
// before the task was recorded first do not count. Without a Ledger, only what was missed
// while this process lived is known. Conditions ([Entry.When], [Entry.Skip]) are not asked
// for missed instants again; those that they kept from running are not missed.
func (e *Entry) OnMissed(m Missed, lookBack time.Duration) *Entry {
	if m < Skip || (m > Skip) != (lookBack > 0) || lookBack > longestLookBack {
		e.schedule.fail(place.Caller(), "task %q: OnMissed(%d, %s): give Skip and 0, or RunOnce or RunAll and how far to look back, at most %s", e.name, m, lookBack, longestLookBack)
		return e
	}
	e.behaviour.missed, e.behaviour.lookBack = m, lookBack
	return e
}

// longestLookBack is for how long ledgers remember.
const longestLookBack = 30 * 24 * time.Hour

const (
	// prompt is how late every instant is still started.
	prompt = 5 * time.Second
	// late is how late the newest of several instants is still started.
	late = time.Minute
)

// instants returns when the entry is due from begin on, and before end, the newest limit
// of them.
func (e *Entry) instants(begin, end time.Time, limit int) (list []time.Time) {
	for at := begin.Add(-1); ; {
		next, ok := e.Next(at)
		if !ok || !next.Before(end) {
			return list
		}
		if list = append(list, next.UTC()); len(list) > limit {
			list = slices.Delete(list, 0, 1)
		}
		at = next
	}
}

// catchUp makes up for instants of e that were missed from begin on and before end. It
// asks the ledger for those that were not.
func (d *dispatcher) catchUp(ctx context.Context, e *Entry, begin, end time.Time) {
	r := d.runner
	begin = later(begin, end.Add(-e.behaviour.lookBack))
	var past Past
	err := insist(ctx, func(ctx context.Context) (err error) {
		past, err = d.ledger.Past(ctx, e.name, begin)
		return err
	})
	if err != nil {
		if ctx.Err() == nil {
			r.log().Error("asking what was missed", "task", e.name, "error", err)
			d.missedUntil(end)
		}
		return
	}
	if past.Since.IsZero() {
		return
	}
	missed, trimmed := e.missed(past, later(begin, past.Since), end)
	if !trimmed.IsZero() {
		// Marks how far back nothing will be made up for.
		reason := fmt.Sprintf("missed; OnMissed makes up for the newest %d only", e.behaviour.missed)
		if err := insist(ctx, func(ctx context.Context) error { return d.ledger.Skip(ctx, e.name, trimmed, Trimmed, reason) }); err != nil {
			r.log().Error("recording what was missed", "task", e.name, "error", err)
			d.missedUntil(end)
			return
		}
	}
	for _, due := range missed {
		// An instant may have been left by a scheduler that was waiting to begin it.
		if !sleep(ctx, due.Add(e.delay(due)).Sub(r.clock())) {
			return
		}
		r.log().Info("making up for a missed run", "task", e.name, "due", due)
		d.beginAndRun(ctx, e, due)
	}
}

// missed returns the instants of e that past does not know, the newest ones that are to be
// made up for, and the one before them, or the zero time.
func (e *Entry) missed(past Past, begin, end time.Time) (list []time.Time, trimmed time.Time) {
	known := map[time.Time]bool{}
	for _, t := range past.Known {
		known[t.UTC()] = true
	}
	limit := int(e.behaviour.missed)
	list = e.instants(begin, end, limit+len(known)+1)
	list = slices.DeleteFunc(list, func(t time.Time) bool { return known[t] })
	if n := len(list) - limit; n > 0 {
		return list[n:], list[n-1]
	}
	return list, time.Time{}
}

// sleep waits and reports whether ctx did not end meanwhile.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return ctx.Err() == nil
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
