package schedule

import (
	"context"
	"log/slog"
	"slices"
	"sync"
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

	going  sync.Map         // the names of running tasks that run alone, without a Ledger
	now    func() time.Time // nil means time.Now; tests set the wall clock
	offset atomic.Int64     // of the ledger's clock, in nanoseconds
}

// Work starts, at every full minute of the wall clock, the tasks that are due, each
// in the background, until ctx ends. Then it starts nothing more, gives running
// tasks ShutdownTimeout to end, cancels their context, gives them 5 seconds more,
// logs which still run, and returns nil.
//
// A minute is never worked twice: when the clock is set back, nothing starts until
// it is again where it was. Minutes in which the process could not run, such as those
// of a machine that slept, are skipped with a warning. A task that is still running
// when it is due again is started again.
//
// The error is that of [Schedule.Err].
func (r *Runner) Work(ctx context.Context) error {
	entries, err := r.entries()
	if err != nil {
		return err
	}
	tasks, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var running group
	r.synchronize(ctx)
	synchronized := r.wall()
	minute := r.clock().Truncate(time.Minute) // the last one worked; a start waits for the next
	warned := false                           // that the clock was set back
	timer := time.NewTimer(untilNextMinute(r.clock()))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		if ctx.Err() != nil {
			r.stop(&running, cancel)
			return nil
		}
		switch passed := int(r.clock().Truncate(time.Minute).Sub(minute) / time.Minute); {
		case passed > 0:
			if missed := passed - 1; missed > 0 {
				r.log().Warn("minutes were missed; tasks that were due in them did not run", "minutes", missed, "after", minute.UTC())
			}
			minute = minute.Add(time.Duration(passed) * time.Minute)
			warned = false
			for _, e := range entries {
				if e.here() && e.Due(minute) {
					due := minute
					running.start(e.name, func() {
						if r.allows(tasks, e) {
							r.once(tasks, e, due, new(Run))
						}
					})
				}
			}
		case passed < 0 && !warned:
			r.log().Warn("the clock was set back; no task starts until it is again where it was", "until", minute.Add(time.Minute).UTC())
			warned = true
		}
		if passed := r.wall().Sub(synchronized); passed < 0 || passed >= synchronizeEvery {
			r.synchronize(ctx)
			synchronized = r.wall()
		}
		timer.Reset(untilNextMinute(r.clock()))
	}
}

// RunDue runs the tasks that are due in now's minute side by side, and waits for
// them. The runs are in the order of the schedule, without those that another runner
// has started. If some failed, the error is a
// [*FailedError]. When ctx ends, running tasks are stopped as by [Runner.Work].
func (r *Runner) RunDue(ctx context.Context, now time.Time) ([]Run, error) {
	entries, err := r.entries()
	if err != nil {
		return nil, err
	}
	var due []*Entry
	for _, e := range entries {
		if e.here() && e.Due(now) && r.allows(ctx, e) {
			due = append(due, e)
		}
	}
	return r.runAll(ctx, due, now.Round(0).Truncate(time.Minute))
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
			runs, err := alone.runAll(ctx, []*Entry{e}, r.clock().Truncate(time.Minute))
			if len(runs) == 0 {
				return Run{}, err
			}
			return runs[0], err
		}
		unknown.Known = append(unknown.Known, e.name)
	}
	return Run{}, unknown
}

// runAll runs the tasks of entries side by side and waits for them.
func (r *Runner) runAll(ctx context.Context, entries []*Entry, due time.Time) ([]Run, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	tasks, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var running group
	ended := make(chan ending, len(entries))
	runs := make([]Run, len(entries))
	for i, e := range entries {
		runs[i] = Run{Name: e.name, Due: due, Started: r.clock(), Err: errStillRunning}
		running.start(e.name, func() {
			var run Run
			begun := true // unless once returns and says otherwise
			defer func() { ended <- ending{i, run, begun} }()
			begun = r.once(tasks, e, due, &run)
		})
	}
	select {
	case <-running.idle():
	case <-ctx.Done():
		r.stop(&running, cancel)
	}
	// What was not sent by now is the run of a task that does not end.
	elsewhere := map[string]bool{}
	for range len(ended) {
		e := <-ended
		runs[e.index] = e.run
		elsewhere[e.run.Name] = !e.begun
	}
	runs = slices.DeleteFunc(runs, func(run Run) bool { return elsewhere[run.Name] })
	var failed []Run
	for _, run := range runs {
		if run.Err != nil {
			failed = append(failed, run)
		}
	}
	if len(failed) > 0 {
		return runs, &FailedError{failed}
	}
	return runs, nil
}

// ending is the end of a run, at its place in the list of runs.
type ending struct {
	index int
	run   Run
	begun bool // here, not elsewhere
}

// stop waits for the running tasks, and cancels those that take too long.
func (r *Runner) stop(running *group, cancel func()) {
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
	cancel()
	if !running.wait(grace) {
		r.log().Error("tasks did not end when they were cancelled", "tasks", running.names())
	}
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

func untilNextMinute(now time.Time) time.Duration {
	return now.Truncate(time.Minute).Add(time.Minute).Sub(now)
}
