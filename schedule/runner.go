package schedule

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync/atomic"
	"time"
)

// grace is how long cancelled tasks may take to end.
const grace = 5 * time.Second

// Runner starts the tasks of a schedule. Several runners need a Ledger, or tasks run
// more than once.
type Runner struct {
	// Schedule has the tasks. Nil is an empty schedule.
	Schedule *Schedule

	// Logger gets a line when a task starts and one when it ends. Nil means
	// [slog.Default].
	Logger *slog.Logger

	// ShutdownTimeout is how long running tasks may take to end when the runner is
	// stopped, before their context is cancelled. 0 means 30 seconds.
	ShutdownTimeout time.Duration

	// Ledger lets each run start once, however many runners share it, and remembers the
	// runs. Nil means that this is the only runner.
	Ledger Ledger

	// HTTP sends the pings. Nil means [http.DefaultClient].
	HTTP *http.Client

	now    func() time.Time // nil means time.Now; tests set the wall clock
	offset atomic.Int64     // of the ledger's clock, in nanoseconds
}

// Work starts the tasks that are due, each in the background, at every full minute of the
// wall clock, or second where an entry needs it, until ctx ends. Then it starts nothing
// more, gives running tasks ShutdownTimeout to end, cancels their context, gives them 5
// seconds more, logs which still run, and returns nil.
//
// An instant is never worked twice: when the clock is set back, nothing starts until it is
// again where it was. What could not be started within a minute, as when a machine slept,
// is missed: [Entry.OnMissed] says what happens then. A task that is still running when it
// is due again is started again, but for [Entry.WithoutOverlapping].
//
// The error is that of [Schedule.Err].
func (r *Runner) Work(ctx context.Context) error {
	entries, err := r.here()
	if err != nil {
		return err
	}
	r.synchronize(ctx)
	d := r.dispatch(ctx)
	defer d.end()
	synchronized, reached := r.wall(), r.clock()
	plan := newPlan(entries, reached)
	d.makeUpAll(ctx, entries, time.Time{}, reached.Add(1))
	warned := false // that the clock was set back
	timer := time.NewTimer(plan.wait(reached))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		if ctx.Err() != nil {
			d.stop()
			return nil
		}
		now := r.clock()
		switch passed := int(now.Truncate(time.Minute).Sub(reached.Truncate(time.Minute)) / time.Minute); {
		case passed < 0 && !warned:
			r.log().Warn("the clock was set back; no task starts until it is again where it was", "until", reached.UTC().Truncate(time.Minute).Add(time.Minute))
			warned = true
		case now.After(reached):
			warned = false
			if passed > 1 {
				r.log().Warn("minutes were missed; tasks that were due in them did not run", "minutes", passed-1, "after", reached.UTC().Truncate(time.Minute))
			}
			ticks, gaps := plan.due(now)
			for _, t := range ticks {
				d.start(ctx, t.due, t.entries)
			}
			for _, g := range gaps {
				d.makeUp(ctx, g)
			}
			if behind := d.behind.Swap(0); behind != 0 {
				d.makeUpAll(ctx, entries, time.Time{}, time.Unix(0, behind))
			}
			reached = now
		}
		if passed := r.wall().Sub(synchronized); passed < 0 || passed >= synchronizeEvery {
			r.synchronize(ctx)
			synchronized = r.wall()
		}
		timer.Reset(plan.wait(r.clock()))
	}
}

// wait is how long nothing needs to be done: until something is due, and at most until the
// next full minute, to see a clock that was set.
func (p plan) wait(now time.Time) time.Duration {
	wake := now.Truncate(time.Minute).Add(time.Minute)
	if len(p) > 0 && p[0].at.Before(wake) {
		wake = p[0].at
	}
	return max(wake.Sub(now), 0)
}

// RunDue runs the tasks that are due in now's minute side by side, and what was missed
// before, and waits for them; those of its seconds at their times. The runs are in the
// order of the schedule, without those that another runner has started. If some failed, the
// error is a [*FailedError]. When ctx ends, running tasks are stopped as by [Runner.Work].
func (r *Runner) RunDue(ctx context.Context, now time.Time) ([]Run, error) {
	entries, err := r.here()
	if err != nil {
		return nil, err
	}
	minute := now.Round(0).UTC().Truncate(time.Minute)
	return r.collect(ctx, func(d *dispatcher) {
		if r.Ledger != nil {
			d.makeUpAll(ctx, entries, time.Time{}, minute)
		}
		for _, e := range entries {
			for _, at := range e.prompt(minute, now) {
				d.start(ctx, at, []*Entry{e})
			}
			ahead := e.instants(now.Round(0).Add(1), minute.Add(time.Minute), 60)
			for _, at := range ahead {
				d.group.start("", func() {
					if sleep(ctx, at.Sub(r.clock())) {
						d.start(ctx, at, []*Entry{e})
					}
				})
			}
		}
	})
}

// RunAt runs the tasks that are due in the second of t side by side, without jitter, and
// waits for them: for tests that move time. The rest is as with [Runner.RunDue].
func (r *Runner) RunAt(ctx context.Context, t time.Time) ([]Run, error) {
	entries, err := r.here()
	if err != nil {
		return nil, err
	}
	at := t.Round(0).UTC().Truncate(time.Second)
	return r.collect(ctx, func(d *dispatcher) {
		d.prompt = true
		d.start(ctx, at, slices.DeleteFunc(entries, func(e *Entry) bool { return !e.Due(at) }))
	})
}

// RunTask runs one task now, whether it is due or not and whatever limits it, and
// waits for it. If it
// failed, the error is a [*FailedError]; if there is none of this name, it is an
// [*UnknownTaskError]. When ctx ends, the task is stopped as by [Runner.Work].
func (r *Runner) RunTask(ctx context.Context, name string) (Run, error) {
	entries, err := r.entries()
	if err != nil {
		return Run{}, err
	}
	unknown := &UnknownTaskError{Name: name}
	for _, e := range entries {
		if e.name == name {
			// Without the ledger: others may run it at its times nevertheless.
			alone := &Runner{Schedule: r.Schedule, Logger: r.Logger, ShutdownTimeout: r.ShutdownTimeout, now: r.now}
			runs, err := alone.collect(ctx, func(d *dispatcher) {
				d.begin(ctx, r.clock().UTC().Truncate(time.Second), []*Entry{e}, false)
			})
			if len(runs) == 0 {
				return Run{}, err
			}
			return runs[0], err
		}
		unknown.Known = append(unknown.Known, e.name)
	}
	return Run{}, unknown
}

// collect calls begin, waits for the tasks that it starts, and returns their runs.
func (r *Runner) collect(ctx context.Context, begin func(d *dispatcher)) ([]Run, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	d := r.dispatch(ctx)
	defer d.end()
	var seen collection
	d.known = seen.put
	begin(d)
	select {
	case <-d.group.idle():
	case <-ctx.Done():
		d.stop()
	}
	return seen.runs(r.Schedule.Entries())
}

// makeUp makes up in the background for what was missed.
func (d *dispatcher) makeUp(ctx context.Context, g gap) {
	if g.entry.behaviour.missed != Skip {
		d.group.start("", func() { d.catchUp(ctx, g.entry, g.begin, g.end) })
	}
}

func (d *dispatcher) makeUpAll(ctx context.Context, entries []*Entry, begin, end time.Time) {
	for _, e := range entries {
		d.makeUp(ctx, gap{e, begin, end})
	}
}

// stop waits for the running tasks, and cancels those that take too long.
func (d *dispatcher) stop() {
	r, running := d.runner, &d.group
	timeout := r.ShutdownTimeout
	if timeout == 0 {
		timeout = 30 * time.Second
	}
	if names := running.names(); len(names) > 0 {
		r.log().Info("waiting for running tasks to end", "tasks", names, "timeout", timeout)
	}
	if running.wait(timeout) {
		return
	}
	r.log().Warn("tasks are still running after the time-out and are cancelled", "tasks", running.names(), "timeout", timeout)
	d.cancel(errStopped)
	if running.wait(grace) {
		return
	}
	r.log().Error("tasks did not end when they were cancelled", "tasks", running.names())
	for id, task := range d.leases.all() {
		ask, cancel := context.WithTimeout(context.WithoutCancel(d.tasks), askTimeout)
		if err := d.ledger.End(ask, id, Run{Name: task, Err: errStillRunning}); err != nil {
			r.log().Error("the end of a task's run could not be stored", "task", task, "error", err)
		}
		cancel()
	}
}

// here returns the entries for this environment.
func (r *Runner) here() ([]*Entry, error) {
	entries, err := r.entries()
	return slices.DeleteFunc(slices.Clone(entries), func(e *Entry) bool { return !e.Here() }), err
}

func (r *Runner) entries() ([]*Entry, error) {
	if r.Schedule == nil {
		return nil, nil
	}
	return r.Schedule.entries, r.Schedule.Err()
}

func (r *Runner) log() *slog.Logger {
	if r.Logger != nil {
		return r.Logger
	}
	return slog.Default()
}

// clock reads the clock by which tasks are due.
func (r *Runner) clock() time.Time { return r.wall().Add(time.Duration(r.offset.Load())) }

// wall reads the wall clock. Round strips the monotonic reading, which would hide
// that the clock was set.
func (r *Runner) wall() time.Time {
	if r.now != nil {
		return r.now().Round(0)
	}
	return time.Now().Round(0)
}
