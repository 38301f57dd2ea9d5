package schedule

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// leases renews the leases of running tasks, all with one question.
type leases struct {
	mu    sync.Mutex
	tasks map[int64]string // by run
	stop  func()           // ends the renewing and waits for it
}

func (l *leases) start(d *dispatcher) {
	l.tasks = map[int64]string{}
	renewing, cancel := context.WithCancel(context.WithoutCancel(d.tasks))
	var done sync.WaitGroup
	done.Go(func() { l.renew(renewing, d) })
	l.stop = func() {
		cancel()
		done.Wait()
	}
}

func (l *leases) add(id int64, task string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tasks[id] = task
}

func (l *leases) remove(id int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.tasks, id)
}

// all returns the names of the tasks that run, by run.
func (l *leases) all() map[int64]string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.tasks)
}

func (l *leases) name(id int64) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tasks[id]
}

func (l *leases) renew(ctx context.Context, d *dispatcher) {
	tick := time.NewTicker(renewEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for part := range slices.Chunk(slices.Sorted(maps.Keys(l.all())), batch) {
			// Not cancelled by the end of the work: the answer comes in a moment.
			ask, cancel := context.WithTimeout(context.WithoutCancel(ctx), askTimeout)
			lost, err := d.ledger.Renew(ask, part)
			cancel()
			if err != nil {
				d.runner.log().Warn("renewing the leases of running tasks", "runs", len(part), "error", err)
			}
			for _, id := range lost {
				if task := l.name(id); task != "" { // else it has ended meanwhile
					d.runner.log().Warn("the task's run was taken for lost, because its lease was not renewed in time; it goes on", "task", task)
					l.remove(id)
				}
			}
		}
	}
}
