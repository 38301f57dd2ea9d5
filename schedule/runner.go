package schedule

import (
	"context"

	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
	"time"
)

// grace is how long cancelled tasks may take to end.
const grace = 5 * time.Second

// Runner starts the tasks of a schedule.
type Runner struct {
	// Schedule must be set, and have no mistakes.
	Schedule *Schedule

	// Logger gets a line when a task starts and one when it ends. Nil means
	// [slog.Default].
	Logger *slog.Logger

	// ShutdownTimeout is how long running tasks may take to end when the runner is
	// stopped, before their context is cancelled. 0 means 30 seconds.
	ShutdownTimeout time.Duration
}

// Run is one run of a task.
type Run struct {
	Name     string
	Due      time.Time // the minute in which it was due
	Started  time.Time
	Duration time.Duration
	Err      error // of the task, or its panic
}

// FailedError says which tasks failed.
type FailedError struct{ Runs []Run }

// Error returns one line that names the tasks and their errors.
func (e *FailedError) Error() string {
	var list []string
	for _, r := range e.Runs {
		list = append(list, fmt.Sprintf("task %q failed: %v", r.Name, r.Err))
	}
	return strings.Join(list, "; ")
}

// ExitCode returns 1.
func (e *FailedError) ExitCode() int { return 1 }

func (r *Runner) log() *slog.Logger {
	if r.Logger != nil {
		return r.Logger
	}
	return slog.Default()
}

// Work starts, at every full minute of the wall clock, the tasks that are due, each
// in the background, until ctx ends. Then it starts nothing more, gives running
// tasks ShutdownTimeout to end, cancels their contexts, and returns nil.
//
// A minute is never worked twice, also when the clock is set back. Minutes in which
// the process could not run, such as those of a machine that slept, are skipped
// with a warning.
func (r *Runner) Work(ctx context.Context) error {
	if err := r.Schedule.Err(); err != nil {
		return err
	}
	tasks, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	running := newGroup()
	worked := time.Now().Truncate(time.Minute)
	timer := time.NewTimer(untilNextMinute(time.Now()))
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			r.stop(running, cancel)
			return nil
		case <-timer.C:
		}
		// Round strips the monotonic clock: what counts is the wall clock.
		now := time.Now().Round(0)
		minute := now.Truncate(time.Minute)
		if minute.After(worked) {
			if missed := int(minute.Sub(worked)/time.Minute) - 1; missed > 0 {
				r.log().Warn("minutes were missed; tasks that were due in them did not run", "minutes", missed, "since", worked)
			}
			worked = minute
			for _, e := range r.Schedule.entries {
				if e.Due(minute) {
					running.start(e.name, func() { r.run(tasks, e, minute) })
				}
			}
		}
		timer.Reset(untilNextMinute(time.Now()))
	}
}

func untilNextMinute(now time.Time) time.Duration {
	now = now.Round(0)
	return now.Truncate(time.Minute).Add(time.Minute).Sub(now)
}

// stop waits for the running tasks.
func (r *Runner) stop(running *group, cancel func()) {
	timeout := r.ShutdownTimeout
	if timeout == 0 {
		timeout = 30 * time.Second
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

// RunDue runs the tasks that are due in now's minute side by side and waits for
// them. If some failed, the error is a [*FailedError]. When ctx ends they are
// stopped as by [Runner.Work].
func (r *Runner) RunDue(ctx context.Context, now time.Time) ([]Run, error) {
	if err := r.Schedule.Err(); err != nil {
		return nil, err
	}
	minute := now.Round(0).Truncate(time.Minute)
	tasks, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	running := newGroup()
	var mu sync.Mutex
	var runs []Run
	for _, e := range r.Schedule.entries {
		if e.Due(minute) {
			running.start(e.name, func() {
				run := r.run(tasks, e, minute)
				mu.Lock()
				defer mu.Unlock()
				runs = append(runs, run)
			})
		}
	}
	select {
	case <-running.idle():
	case <-ctx.Done():
		r.stop(running, cancel)
	}
	mu.Lock()
	defer mu.Unlock()
	var failed []Run
	for _, run := range runs {
		if run.Err != nil {
			failed = append(failed, run)
		}
	}
	if len(failed) > 0 {
		return runs, &FailedError{failed}
	}
	return runs, ctx.Err()
}

// run runs a task, logs it, and survives its panic.
func (r *Runner) run(ctx context.Context, e *Entry, due time.Time) (run Run) {
	run = Run{Name: e.name, Due: due, Started: time.Now()}
	log := r.log().With("task", e.name, "due", due.UTC())
	log.Info("task started")
	defer func() {
		run.Duration = time.Since(run.Started)
		attrs := []any{"duration", run.Duration}
		if p := recover(); p != nil {
			run.Err = fmt.Errorf("panic: %v", p)
			attrs = append(attrs, "stack", string(debug.Stack()))
		}
		if run.Err != nil {
			log.Error("task failed", append(attrs, "error", run.Err)...)
			return
		}
		log.Info("task completed", attrs...)
	}()
	run.Err = e.run(ctx)
	return run
}
