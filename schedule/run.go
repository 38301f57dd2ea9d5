package schedule

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"
)

// Run is one run of a task.
type Run struct {
	Name     string
	Due      time.Time // the instant for which it was started
	Started  time.Time
	Duration time.Duration // 0 if the run did not end
	Err      error         // of the task, or its panic; nil means that it succeeded
	Output   string        // what it logged and wrote with [Logger] and [Output], the last 16 KiB
}

// errStillRunning is the error of a run that was given up.
var errStillRunning = errors.New("did not end when it was cancelled")

// errStopped is why the context of a task ended that took too long to end by itself.
var errStopped = errors.New("the scheduler was stopped")

// FailedError says which tasks failed. It makes a program exit with 1.
type FailedError struct {
	Runs []Run // the failed ones
}

// Error returns one line that names each failed task and its error.
func (e *FailedError) Error() string {
	var list []string
	for _, err := range e.Unwrap() {
		list = append(list, err.Error())
	}
	return strings.Join(list, "; ")
}

// Unwrap returns the errors of the tasks, with their names.
func (e *FailedError) Unwrap() []error {
	var list []error
	for _, r := range e.Runs {
		list = append(list, fmt.Errorf("task %q failed: %w", r.Name, r.Err))
	}
	return list
}

// ExitCode returns 1.
func (e *FailedError) ExitCode() int { return 1 }

// UnknownTaskError says that a schedule has no task of this name.
type UnknownTaskError struct {
	Name  string
	Known []string // the names that there are
}

// Error returns one line.
func (e *UnknownTaskError) Error() string { return fmt.Sprintf("there is no task %q", e.Name) }

// Hint names the tasks that there are.
func (e *UnknownTaskError) Hint() string {
	if len(e.Known) == 0 {
		return "the schedule has no tasks"
	}
	return "the tasks are " + strings.Join(e.Known, ", ")
}

// run runs the task of e, fills in run, and logs both ends of it. It survives a
// panic of the task.
func (r *Runner) run(ctx context.Context, e *Entry, due time.Time, run *Run) {
	*run = Run{Name: e.name, Due: due, Started: r.clock(), Err: errors.New("called runtime.Goexit")}
	log := r.log().With("task", e.name, "due", due.UTC())
	log.Info("Running '" + e.name + "'")
	pinging := r.ping(ctx, e)
	ctx, output := r.withOutput(ctx, e.name, due)
	start := time.Now()
	defer func() {
		run.Duration = time.Since(start)
		run.Output = output.text()
		attrs := []any{"duration", run.Duration}
		if p, ok := errors.AsType[*panicError](run.Err); ok {
			attrs = append(attrs, "stack", p.stack)
		}
		if run.Err != nil {
			log.Error("Task '"+e.name+"' failed", append(attrs, "error", run.Err)...)
		} else {
			log.Info("Task '"+e.name+"' completed", attrs...)
		}
		r.ended(ctx, e, *run)
		pinging.ended(run.Err != nil)
	}()
	run.Err = r.attempts(ctx, e)
	if run.Err != nil && errors.Is(context.Cause(ctx), errStopped) {
		run.Err = fmt.Errorf("%w: %w", errStopped, run.Err)
	}
}

// allows asks the conditions of e. One that panics does not hold.
func (r *Runner) allows(ctx context.Context, e *Entry) (ok bool) {
	defer func() {
		if p := recover(); p != nil {
			ok = false
			r.log().Error("a condition of the task panicked", "task", e.name, "error", fmt.Sprint(p), "stack", string(debug.Stack()))
		}
	}()
	if ok = e.allowed(ctx); !ok {
		r.log().Info("task skipped", "task", e.name)
	}
	return ok
}
