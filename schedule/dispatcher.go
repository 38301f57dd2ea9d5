package schedule

import (
	"context"
	"crypto/rand"
	"fmt"
	"hash/fnv"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// batch is how many runs are begun with one question.
	batch = 500
	// storing is how many ends of runs are stored at the same time: more would keep the
	// connections from the runs that are about to begin.
	storing = 4
)

// dispatcher begins what is due, in the background.
type dispatcher struct {
	runner *Runner
	ledger Ledger
	tasks  context.Context // of the tasks, which outlive the end of the work
	cancel context.CancelCauseFunc
	group  group // of what is about to begin, and of tasks
	leases leases
	ends   chan struct{} // has room for those who store the end of a run
	prompt bool          // without jitter
	behind atomic.Int64  // until when something may have been missed, in Unix nanoseconds
	known  func(e *Entry, run Run)
}

// dispatch returns the dispatcher of a runner that begins to work. Its end stops the tasks
// that still run.
func (r *Runner) dispatch(ctx context.Context) *dispatcher {
	d := &dispatcher{runner: r, ledger: r.Ledger, ends: make(chan struct{}, storing), known: func(*Entry, Run) {}}
	if d.ledger == nil {
		d.ledger = &memory{began: r.clock().Add(1)}
	}
	d.tasks, d.cancel = context.WithCancelCause(context.WithoutCancel(ctx))
	d.leases.start(d)
	return d
}

func (d *dispatcher) end() {
	d.cancel(nil)
	d.leases.stop()
}

// start begins the runs of entries that are due at an instant.
func (d *dispatcher) start(ctx context.Context, due time.Time, entries []*Entry) {
	var plain []*Entry
	for _, e := range entries {
		if len(e.conditions) == 0 && e.behaviour.jitter == 0 && !e.behaviour.alone {
			plain = append(plain, e)
			continue
		}
		d.group.start("", func() { d.startOne(ctx, e, due) })
	}
	for part := range slices.Chunk(plain, batch) {
		d.group.start("", func() { d.begin(ctx, due, part, false) })
	}
}

// startOne begins a run that waits or asks first.
func (d *dispatcher) startOne(ctx context.Context, e *Entry, due time.Time) {
	if !d.prompt && !sleep(ctx, e.delay(due)) {
		return // another scheduler may begin it
	}
	if !d.runner.allows(ctx, e) {
		if e.behaviour.missed != Skip {
			d.skip(ctx, e, due, ByCondition, "When or Skip said so")
		}
		return
	}
	d.begin(ctx, due, []*Entry{e}, e.behaviour.alone)
}

// delay is how long after an instant the task begins: for every runner the same.
func (e *Entry) delay(due time.Time) time.Duration {
	if e.behaviour.jitter == 0 {
		return 0
	}
	h := fnv.New64a()
	fmt.Fprint(h, e.name, due.Unix())
	return time.Duration(h.Sum64() % uint64(e.behaviour.jitter))
}

// begin begins the runs that nobody else has begun, and returns when they have started.
func (d *dispatcher) begin(ctx context.Context, due time.Time, entries []*Entry, alone bool) {
	for _, claimed := range d.claim(ctx, due, entries, alone) {
		d.group.start(claimed.entry.name, func() { d.run(claimed, due) })
	}
}

// beginAndRun is begin for one entry, and returns when the task has ended.
func (d *dispatcher) beginAndRun(ctx context.Context, e *Entry, due time.Time) {
	for _, claimed := range d.claim(ctx, due, []*Entry{e}, e.behaviour.alone) {
		var ended sync.WaitGroup
		ended.Add(1)
		d.group.start(e.name, func() {
			defer ended.Done()
			d.run(claimed, due)
		})
		ended.Wait()
	}
}

// claimed is a run that this runner may begin.
type claimed struct {
	entry *Entry
	id    int64
}

func (d *dispatcher) claim(ctx context.Context, due time.Time, entries []*Entry, alone bool) []claimed {
	r := d.runner
	var begun Begun
	claim := Claim{Token: rand.Text(), Due: due.UTC(), Alone: alone}
	err := insist(ctx, func(ctx context.Context) error {
		if claim.Tasks == nil {
			pauses, err := d.ledger.Paused(ctx)
			if err != nil {
				return err
			}
			entries = slices.DeleteFunc(slices.Clone(entries), func(e *Entry) bool {
				keeps := pauses.Keeps(e)
				if keeps {
					d.group.start("", func() { d.skip(ctx, e, due, WhilePaused, "paused") })
				}
				return keeps
			})
			claim.Tasks = make([]string, len(entries))
			for i, e := range entries {
				claim.Tasks[i] = e.name
			}
		}
		if len(claim.Tasks) == 0 {
			return nil
		}
		var err error
		begun, err = d.ledger.Begin(ctx, claim)
		return err
	})
	var list []claimed
	for _, e := range entries {
		id, ok := begun.IDs[e.name]
		switch {
		case err != nil:
			d.missedUntil(due.Add(1))
			d.known(e, Run{Name: e.name, Due: due, Started: r.clock(), Err: fmt.Errorf("not started: %w", err)})
			r.log().Error("task not started, because its run cannot be recorded", "task", e.name, "due", due.UTC(), "error", err)
		case ok:
			d.leases.add(id, e.name)
			list = append(list, claimed{e, id})
		case slices.Contains(begun.Overlapping, e.name):
			r.log().Info("task skipped, because another run of it goes on", "task", e.name, "due", due.UTC())
		default:
			r.log().Debug("another scheduler has started the task", "task", e.name, "due", due.UTC())
		}
	}
	return list
}

// missedUntil notes that what was due before an instant may not have been begun.
func (d *dispatcher) missedUntil(t time.Time) {
	for {
		before := d.behind.Load()
		if t.UnixNano() <= before || d.behind.CompareAndSwap(before, t.UnixNano()) {
			return
		}
	}
}

// skip records a run that is not begun.
func (d *dispatcher) skip(ctx context.Context, e *Entry, due time.Time, why Reason, text string) {
	if why == WhilePaused {
		d.runner.log().Info("task skipped, because it is paused", "task", e.name, "due", due.UTC())
	}
	err := insist(ctx, func(ctx context.Context) error { return d.ledger.Skip(ctx, e.name, due.UTC(), why, text) })
	if err != nil {
		d.runner.log().Warn("a skipped run could not be recorded", "task", e.name, "due", due.UTC(), "error", err)
	}
}

// run runs the task of a claimed run and stores how it ended.
func (d *dispatcher) run(c claimed, due time.Time) {
	run := Run{Name: c.entry.name, Due: due, Started: d.runner.clock(), Err: errStillRunning}
	d.known(c.entry, run)
	defer func() {
		d.leases.remove(c.id)
		d.store(c.id, run)
		d.known(c.entry, run)
	}()
	d.runner.run(d.tasks, c.entry, due, &run)
}

// store stores how a run ended. When the ledger is away it waits for it, until the runner
// is stopped and its time is up.
func (d *dispatcher) store(id int64, run Run) {
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, storeEvery) {
		d.ends <- struct{}{}
		ask, cancel := context.WithTimeout(context.WithoutCancel(d.tasks), askTimeout)
		err := d.ledger.End(ask, id, run)
		cancel()
		<-d.ends
		if err == nil {
			return
		}
		if pause == storeEvery || d.tasks.Err() != nil {
			d.runner.log().Error("the end of a task's run could not be stored", "task", run.Name, "due", run.Due.UTC(), "error", err)
		}
		if !sleep(d.tasks, pause) {
			return
		}
	}
}
