package schedule

import (
	"context"
	"errors"
	"slices"
	"time"
)

// Ledger lets each run start once, however many runners there are, and remembers it.
// Package database/runs has one in the database of an application.
type Ledger interface {
	// Now returns the time by which all runners go.
	Now(ctx context.Context) (time.Time, error)
	// Begin begins runs, those that nobody has begun before. It may be repeated with the
	// same token when it failed.
	Begin(ctx context.Context, c Claim) (Begun, error)
	// Skip records that a run is not to be begun, unless it was begun before.
	Skip(ctx context.Context, task string, due time.Time, why Reason, text string) error
	// Past returns what is known of a task from an instant on.
	Past(ctx context.Context, task string, since time.Time) (Past, error)
	// Paused returns what is paused.
	Paused(ctx context.Context) (Pauses, error)
	// Renew says that runs go on. It returns those that were taken for lost.
	Renew(ctx context.Context, ids []int64) (lost []int64, err error)
	// End stores how a run ended: run.Err is nil when it succeeded.
	End(ctx context.Context, id int64, run Run) error
}

// Claim is the question whether runs may begin.
type Claim struct {
	Token string // of this question and of no other one
	Due   time.Time
	Tasks []string
	// Alone says that no two runs of the tasks may go on at the same time.
	Alone bool
}

// Begun is the answer to a [Claim].
type Begun struct {
	IDs map[string]int64 // of the runs that begin, by task
	// Overlapping are the tasks that do not run because another run of them goes on,
	// which is recorded.
	Overlapping []string
}

// Reason is why a run is not begun.
type Reason string

// The reasons.
const (
	ByCondition Reason = "condition" // When or Skip said so
	WhilePaused Reason = "paused"
	Trimmed     Reason = "trimmed" // OnMissed does not make up for it, nor for what was before
)

// Past is what is known of a task.
type Past struct {
	// Since is the first instant that counts: not before the task was recorded first, nor
	// one that was Trimmed. It is zero when the task was never recorded.
	Since time.Time
	// Known are the instants since then for which something is recorded.
	Known []time.Time
}

// Pauses are the tasks that do not start at their times.
type Pauses struct {
	All   bool
	Tasks []string
}

// Keeps reports whether e does not start at its times.
func (p Pauses) Keeps(e *Entry) bool {
	return !e.behaviour.evenPaused && (p.All || slices.Contains(p.Tasks, e.name))
}

const (
	// renewEvery is how often the leases of running tasks are renewed.
	renewEvery = 15 * time.Second
	// patience is for how long a runner tries again when the ledger fails.
	patience = 30 * time.Second
	// synchronizeEvery is how often the clock is compared with the ledger's.
	synchronizeEvery = 10 * time.Minute
	// storeEvery is how often at least the end of a run is tried to be stored.
	storeEvery = 30 * time.Second
	// askTimeout bounds one question to the ledger.
	askTimeout = 5 * time.Second
	// samples is how often the ledger is asked to compare clocks.
	samples = 3
	// negligible is up to which difference the clock of the machine counts.
	negligible = 100 * time.Millisecond
	// noticeable is from which difference on a wrong clock is logged.
	noticeable = 3 * time.Second
)

// insist calls f until it succeeds, for at most [patience], or until ctx ends. A question
// under way is not cut off by the end of ctx: it may have been answered.
func insist(ctx context.Context, f func(context.Context) error) error {
	deadline := time.Now().Add(patience)
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		ask, cancel := context.WithTimeout(context.WithoutCancel(ctx), askTimeout)
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
	offset, quickest := time.Duration(0), time.Duration(-1)
	for range samples {
		ask, cancel := context.WithTimeout(ctx, askTimeout)
		before := r.wall()
		now, err := r.Ledger.Now(ask)
		took := r.wall().Sub(before)
		cancel()
		if err != nil {
			if ctx.Err() == nil {
				r.log().Warn("comparing the clock with that of the database", "error", err)
			}
			return
		}
		// The quickest answer says it best: the first one may wait for a connection.
		if quickest < 0 || took < quickest {
			offset, quickest = now.Sub(before.Add(took/2)), took
		}
	}
	if offset.Abs() < negligible {
		// A task should not find that it starts before it is due.
		offset = 0
	}
	r.offset.Store(int64(offset))
	if offset.Abs() >= noticeable {
		r.log().Warn("the clock of this machine is wrong; that of the database counts", "difference", (-offset).Round(time.Millisecond))
	}
}
