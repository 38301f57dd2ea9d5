// Package health runs checks of what an application depends on, for probes that are
// asked often and by many.
//
//	checks := []health.Check{{
//		Name: "payments",
//		Run:  func(ctx context.Context) error { return payments.Ping(ctx) },
//	}}
//
// A check runs at most once at a time, has a time-out, and its result is kept for a
// short while: a thousand probes a second do not become a thousand queries.
package health

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/kitgo/kit/internal/place"
)

// The defaults of a [Check].
const (
	DefaultTimeout = 2 * time.Second
	DefaultCache   = time.Second
)

// Check asks whether something works that the application needs.
type Check struct {
	// Name is what people call it: lower-case letters, digits, dashes and underscores.
	Name string
	// Run returns nil when it works. It should return when ctx ends.
	Run func(ctx context.Context) error
	// Timeout is how long Run may take. 0 means [DefaultTimeout].
	Timeout time.Duration
	// Cache is how long a result holds, good or bad. 0 means [DefaultCache].
	Cache time.Duration
	// Optional says that the application is ready without it: a failure is a warning.
	Optional bool
}

// Status is how a check ended.
type Status string

// The statuses.
const (
	OK      Status = "ok"
	Warning Status = "warning" // an optional check failed
	Failed  Status = "failed"
)

// Result is what a check found.
type Result struct {
	Name   string
	Status Status
	Err    error // why it did not end well
}

// Runner runs checks. [New] makes it; it is safe for concurrent use.
type Runner struct {
	checks  []*state
	changed func(Result)
}

// New returns a runner, or the mistakes in the checks: a wrong name, or one that is
// used twice or reserved, and a check without Run. When changed is not nil it is
// called when a check ends in another way than the time before, and when its first run
// fails.
func New(checks []Check, changed func(Result), reserved ...string) (*Runner, error) {
	r := &Runner{changed: changed}
	places := map[string]string{}
	for _, name := range reserved {
		places[name] = "Kit"
	}
	var mistakes []error
	for _, c := range checks {
		at := place.Func(c.Run).String()
		switch before := places[c.Name]; {
		case !validName(c.Name):
			mistakes = append(mistakes, fmt.Errorf("the health check %q (%s): a name is lower-case letters, digits, dashes and underscores", c.Name, at))
		case c.Run == nil:
			mistakes = append(mistakes, fmt.Errorf("the health check %q has no Run", c.Name))
		case before == "Kit":
			mistakes = append(mistakes, fmt.Errorf("the health check %q (%s): the name is used by Kit itself", c.Name, at))
		case before != "":
			mistakes = append(mistakes, fmt.Errorf("two health checks have the name %q: the one at %s and the one at %s", c.Name, before, at))
		}
		places[c.Name] = at
		if c.Timeout == 0 {
			c.Timeout = DefaultTimeout
		}
		if c.Cache == 0 {
			c.Cache = DefaultCache
		}
		r.checks = append(r.checks, &state{check: c, last: Result{Status: OK}})
	}
	return r, errors.Join(mistakes...)
}

func validName(name string) bool {
	for _, c := range name {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return name != ""
}

// Run runs all checks side by side and returns their results in the order of the
// checks. It takes no longer than the longest time-out. When ctx ends first, the
// checks go on for the next who asks, and what has no result yet fails with its error.
func (r *Runner) Run(ctx context.Context) []Result {
	results := make([]Result, len(r.checks))
	var wg sync.WaitGroup
	for i, s := range r.checks {
		wg.Go(func() { results[i] = r.run(ctx, s) })
	}
	wg.Wait()
	return results
}

// RunOne runs the check of a name; the result is the zero value when there is none.
func (r *Runner) RunOne(ctx context.Context, name string) Result {
	for _, s := range r.checks {
		if s.check.Name == name {
			return r.run(ctx, s)
		}
	}
	return Result{}
}

// state is a check with what is known about it.
type state struct {
	check Check

	mu      sync.Mutex
	last    Result
	until   time.Time     // when last is too old
	running chan struct{} // closed when the run under way has a result; nil without one
	stuck   bool          // a run has outlived its time-out and has not returned yet
}

// run returns the result that holds, or that of a run that it joins or starts.
func (r *Runner) run(ctx context.Context, s *state) Result {
	s.mu.Lock()
	if time.Now().Before(s.until) {
		defer s.mu.Unlock()
		return s.last
	}
	running := s.running
	if running == nil {
		running = make(chan struct{})
		s.running = running
		go r.start(s, running)
	}
	s.mu.Unlock()
	select {
	case <-running:
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.last
	case <-ctx.Done():
		return s.result(context.Cause(ctx))
	}
}

// start runs a check for all who ask, independently of them.
func (r *Runner) start(s *state, running chan struct{}) {
	ctx, cancel := context.WithTimeout(context.Background(), s.check.Timeout)
	defer cancel()
	s.mu.Lock()
	stuck := s.stuck
	s.mu.Unlock()
	var err error
	if stuck {
		err = fmt.Errorf("a run from before has not returned yet: %w", context.DeadlineExceeded)
	} else {
		err = s.call(ctx)
	}
	result := s.result(err)
	s.mu.Lock()
	changed := result.Status != s.last.Status
	s.last, s.until, s.running = result, time.Now().Add(s.check.Cache), nil
	s.mu.Unlock()
	if changed && r.changed != nil {
		r.changed(result)
	}
	close(running)
}

// call runs the function of a check, and gives up on one that ignores its context:
// until that returns, the check is stuck and not run again.
func (s *state) call(ctx context.Context) error {
	done := make(chan error, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- fmt.Errorf("panic: %v", p)
			}
			s.mu.Lock()
			s.stuck = false
			s.mu.Unlock()
		}()
		done <- s.check.Run(ctx)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	// Prefer the function's own words if it heeds its context.
	select {
	case err := <-done:
		return err
	case <-time.After(50 * time.Millisecond):
		s.mu.Lock()
		s.stuck = true
		s.mu.Unlock()
		return fmt.Errorf("no answer within %s: %w", s.check.Timeout, ctx.Err())
	}
}

func (s *state) result(err error) Result {
	result := Result{Name: s.check.Name, Status: OK, Err: err}
	switch {
	case err != nil && s.check.Optional:
		result.Status = Warning
	case err != nil:
		result.Status = Failed
	}
	return result
}
