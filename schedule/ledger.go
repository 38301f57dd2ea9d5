package schedule

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Ledger lets each run start once, however many runners there are, and remembers it.
// Package database/runs has one in the database of an application.
type Ledger interface {
	// Now returns the time by which all runners go.
	Now(ctx context.Context) (time.Time, error)
	// Begin begins the run of a task for the instant at which it is due; ok is false
	// when that was done before, by whomever.
	Begin(ctx context.Context, task string, due time.Time) (id int64, ok bool, err error)
	// BeginAlone is Begin for a task of which no two runs may go on at the same time;
	// skipped is true when one does, which is recorded.
	BeginAlone(ctx context.Context, task string, due time.Time) (id int64, ok, skipped bool, err error)
	// Renew says that a run goes on; ok is false when it was taken for lost.
	Renew(ctx context.Context, id int64) (ok bool, err error)
	// End stores how a run ended; nil means that it succeeded.
	End(ctx context.Context, id int64, failure error) error
}

const (
	// renewEvery is how often the lease of a running task is renewed.
	renewEvery = 15 * time.Second
	// patience is for how long a runner tries again when the ledger fails.
	patience = 30 * time.Second
	// synchronizeEvery is how often the clock is compared with the ledger's.
	synchronizeEvery = 10 * time.Minute
	// askTimeout bounds one question to the ledger.
	askTimeout = 5 * time.Second
	// noticeable is from which difference on a wrong clock is logged.
	noticeable = 3 * time.Second
)

// once runs the task of e if nobody has begun the same run before. It reports whether
// it did; a run that could not be begun is a failed one.
func (r *Runner) once(ctx context.Context, e *Entry, due time.Time, run *Run) bool {
	if r.Ledger == nil {
		return r.onceHere(ctx, e, due, run)
	}
	*run = Run{Name: e.name, Due: due, Started: r.clock()}
	var id int64
	var ok, skipped bool
	err := insist(ctx, func(ctx context.Context) (err error) {
		if e.behaviour.alone {
			id, ok, skipped, err = r.Ledger.BeginAlone(ctx, e.name, due)
			return err
		}
		id, ok, err = r.Ledger.Begin(ctx, e.name, due)
		return err
	})
	switch {
	case skipped:
		r.logOverlap(e, due)
		return false
	case err != nil:
		run.Err = fmt.Errorf("not started: %w", err)
		r.log().Error("task not started, because its run cannot be recorded", "task", e.name, "due", due.UTC(), "error", err)
		return true
	case !ok:
		r.log().Debug("another scheduler has started the task", "task", e.name, "due", due.UTC())
		return false
	}
	defer r.keep(ctx, e.name, id, run)()
	r.run(ctx, e, due, run)
	return true
}

// onceHere is once without a ledger.
func (r *Runner) onceHere(ctx context.Context, e *Entry, due time.Time, run *Run) bool {
	if e.behaviour.alone {
		if _, going := r.going.LoadOrStore(e.name, true); going {
			*run = Run{Name: e.name, Due: due}
			r.logOverlap(e, due)
			return false
		}
		defer r.going.Delete(e.name)
	}
	r.run(ctx, e, due, run)
	return true
}

func (r *Runner) logOverlap(e *Entry, due time.Time) {
	r.log().Info("task skipped, because another run of it goes on", "task", e.name, "due", due.UTC())
}

// keep renews the lease of a run until the function that it returns is called, which
// stores how the run ended.
func (r *Runner) keep(ctx context.Context, task string, id int64, run *Run) (end func()) {
	renewing, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(renewEvery)
		defer tick.Stop()
		for {
			select {
			case <-renewing.Done():
				return
			case <-tick.C:
			}
			// Not cancelled by the end of the task: the answer comes in a moment.
			ask, cancel := context.WithTimeout(context.WithoutCancel(ctx), askTimeout)
			ok, err := r.Ledger.Renew(ask, id)
			cancel()
			switch {
			case renewing.Err() != nil:
				return
			case err != nil:
				r.log().Warn("renewing the lease of a task's run", "task", task, "error", err)
			case !ok:
				r.log().Warn("the task's run was taken for lost, because its lease was not renewed in time; it goes on", "task", task)
				return
			}
		}
	}()
	return func() {
		stop()
		<-done
		// Also when the runner is being stopped.
		err := insist(context.WithoutCancel(ctx), func(ctx context.Context) error { return r.Ledger.End(ctx, id, run.Err) })
		if err != nil {
			r.log().Error("the end of a task's run could not be stored", "task", task, "error", err)
		}
	}
}

// insist calls f until it succeeds, for at most [patience].
func insist(ctx context.Context, f func(context.Context) error) error {
	deadline := time.Now().Add(patience)
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		ask, cancel := context.WithTimeout(ctx, askTimeout)
		err := f(ask)
		cancel()
		if err == nil || ctx.Err() != nil || time.Now().Add(pause).After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(pause):
		}
	}
}

// synchronize compares the clock with that of the ledger, which counts.
func (r *Runner) synchronize(ctx context.Context) {
	if r.Ledger == nil {
		return
	}
	ask, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	before := r.wall()
	now, err := r.Ledger.Now(ask)
	after := r.wall()
	if err != nil {
		if ctx.Err() == nil {
			r.log().Warn("comparing the clock with that of the database", "error", err)
		}
		return
	}
	offset := now.Sub(before.Add(after.Sub(before) / 2))
	r.offset.Store(int64(offset))
	if offset.Abs() >= noticeable {
		r.log().Warn("the clock of this machine is wrong; that of the database counts", "difference", (-offset).Round(time.Millisecond))
	}
}
