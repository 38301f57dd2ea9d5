package schedule

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/kitgo/kit/internal/place"
)

const (
	// longestPause bounds the pause before another attempt.
	longestPause = time.Hour
	// longestJitter bounds what is waited before a task begins.
	longestJitter = 12 * time.Hour
)

// behaviour is how the task of an entry is run. The zero value runs it once, for as
// long as it takes.
type behaviour struct {
	alone              bool
	timeout            time.Duration
	retries            int
	pause              time.Duration
	jitter             time.Duration
	missed             Missed
	lookBack           time.Duration
	evenPaused         bool
	pings              pings
	before             []func(context.Context) error
	after              []func(context.Context, Run)
	succeeded, failing []func(context.Context, Run)
}

// WithoutOverlapping skips a run while another one of the task goes on, on whatever
// machine: with the runner's Ledger. The run of a process that died is in the way until
// its lease has ended.
func (e *Entry) WithoutOverlapping() *Entry {
	e.behaviour.alone = true
	return e
}

// Timeout ends the context of the task after d; the run then fails, also when the task
// returns no error. With [Entry.Retry] it is for each attempt.
func (e *Entry) Timeout(d time.Duration) *Entry {
	if d <= 0 {
		e.schedule.fail(place.Caller(), "task %q: Timeout(%s): must be more than nothing", e.name, d)
		return e
	}
	e.behaviour.timeout = d
	return e
}

// Retry runs the task up to n times more when it fails, after a pause that doubles from
// time to time, up to an hour. The run fails when the last attempt does.
func (e *Entry) Retry(n int, pause time.Duration) *Entry {
	if n < 1 || pause < 0 {
		e.schedule.fail(place.Caller(), "task %q: Retry(%d, %s): give a number from 1 and a pause from 0", e.name, n, pause)
		return e
	}
	e.behaviour.retries, e.behaviour.pause = n, pause
	return e
}

// Jitter begins the task up to limit later than it is due, so that many machines or tasks
// do not ask the same thing at once: by how much is different for each task and instant,
// and the same for all schedulers.
func (e *Entry) Jitter(limit time.Duration) *Entry {
	if limit <= 0 || limit > longestJitter {
		e.schedule.fail(place.Caller(), "task %q: Jitter(%s): must be more than nothing and at most %s", e.name, limit, longestJitter)
		return e
	}
	e.behaviour.jitter = limit
	return e
}

// EvenWhenPaused runs the task also while schedules are paused.
func (e *Entry) EvenWhenPaused() *Entry {
	e.behaviour.evenPaused = true
	return e
}

// Before calls f before the task; when f fails, the task does not run, and the run has
// failed. Several are called in their order.
func (e *Entry) Before(f func(ctx context.Context) error) *Entry {
	if f == nil {
		e.schedule.fail(place.Caller(), "task %q: Before has no function", e.name)
		return e
	}
	e.behaviour.before = append(e.behaviour.before, f)
	return e
}

// After calls f when the run has ended, however it did.
func (e *Entry) After(f func(ctx context.Context, run Run)) *Entry {
	e.addEnd("After", &e.behaviour.after, f, place.Caller())
	return e
}

// OnSuccess calls f when the run has succeeded.
func (e *Entry) OnSuccess(f func(ctx context.Context, run Run)) *Entry {
	e.addEnd("OnSuccess", &e.behaviour.succeeded, f, place.Caller())
	return e
}

// OnFailure calls f when the run has failed, after all attempts.
func (e *Entry) OnFailure(f func(ctx context.Context, run Run)) *Entry {
	e.addEnd("OnFailure", &e.behaviour.failing, f, place.Caller())
	return e
}

func (e *Entry) addEnd(by string, list *[]func(context.Context, Run), f func(context.Context, Run), at place.Place) {
	if f == nil {
		e.schedule.fail(at, "task %q: %s has no function", e.name, by)
		return
	}
	*list = append(*list, f)
}

// attempts runs the task until it succeeds or has no attempt left.
func (r *Runner) attempts(ctx context.Context, e *Entry) error {
	pause := e.behaviour.pause
	for left := e.behaviour.retries; ; left-- {
		err := r.attempt(ctx, e)
		if err == nil || left == 0 || ctx.Err() != nil {
			return err
		}
		r.log().Warn("Task '"+e.name+"' failed and is tried again", "task", e.name, "pause", pause, "left", left, "error", err)
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
		pause = min(2*pause, longestPause)
	}
}

// attempt runs the task once. A panic is an error, with its stack.
func (r *Runner) attempt(ctx context.Context, e *Entry) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &panicError{p, string(debug.Stack())}
		}
	}()
	if e.behaviour.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, e.behaviour.timeout, &timeoutError{e.behaviour.timeout})
		defer cancel()
	}
	for _, f := range e.behaviour.before {
		if err := f(ctx); err != nil {
			return fmt.Errorf("before the task: %w", err)
		}
	}
	err = e.run(ctx)
	if t, ok := errors.AsType[*timeoutError](context.Cause(ctx)); ok {
		return errors.Join(t, err)
	}
	return err
}

// ended tells those who want to know how a run ended. What they do wrong is logged.
func (r *Runner) ended(ctx context.Context, e *Entry, run Run) {
	list := e.behaviour.succeeded
	if run.Err != nil {
		list = e.behaviour.failing
	}
	for _, f := range append(list[:len(list):len(list)], e.behaviour.after...) {
		func() {
			defer func() {
				if p := recover(); p != nil {
					r.log().Error("what follows the task panicked", "task", e.name, "error", fmt.Sprint(p), "stack", string(debug.Stack()))
				}
			}()
			f(context.WithoutCancel(ctx), run)
		}()
	}
}

// panicError is the panic of a task.
type panicError struct {
	value any
	stack string
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

// timeoutError says that a task took too long.
type timeoutError struct{ after time.Duration }

func (e *timeoutError) Error() string { return fmt.Sprintf("took longer than %s", e.after) }
