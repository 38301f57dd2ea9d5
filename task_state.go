package kit

import (
	"context"
	"time"

	"github.com/kitgo/kit/database/runs"
)

// TaskState is how a scheduled task stands, whichever process runs it.
type TaskState struct {
	Name string
	// Next is the next instant at which the task is due; zero when there is none.
	Next time.Time
	// Late is the instant at which the task was due and did not start, although more than
	// two minutes have passed; zero when all is well. Tasks with conditions in
	// Go (When, Skip) are not watched.
	Late   time.Time
	Paused bool
	// Last is the last recorded run; nil when there is none.
	Last *TaskRun
}

// TaskRun is a recorded run of a task.
type TaskRun struct {
	Due, Started time.Time
	// Duration is how long it took, or takes until now when it is running.
	Duration time.Duration
	// Outcome is running, ok, failed, skipped or lost.
	Outcome string
	// Host is the machine and the process that runs it.
	Host string
}

// TaskStates returns how the scheduled tasks stand, in the order of the schedule, by what
// schedulers have recorded in the database. A task that was never recorded is late when
// it should have run after since.
func (a *App) TaskStates(ctx context.Context, since time.Time) ([]TaskState, error) {
	tasks, err := a.Tasks()
	if err != nil {
		return nil, err
	}
	last, paused, err := a.pastOf(ctx, tasks)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	var list []TaskState
	for _, e := range tasks.Entries() {
		s := TaskState{Name: e.Name(), Paused: paused.Keeps(e)}
		if e.Here() {
			s.Next, _ = e.Next(now)
		}
		begin := since
		if run, ok := last[e.Name()]; ok {
			s.Last = newTaskRun(run, now)
			if run.DueAt.After(since) {
				begin = run.DueAt
			}
		}
		if due, late := e.Late(begin, now); late && !s.Paused {
			s.Late = due
		}
		list = append(list, s)
	}
	return list, nil
}

func newTaskRun(r runs.Run, now time.Time) *TaskRun {
	run := &TaskRun{Due: r.DueAt, Started: r.StartedAt, Duration: now.Sub(r.StartedAt), Outcome: outcome(r), Host: r.Host}
	if r.FinishedAt != nil {
		run.Duration = r.FinishedAt.Sub(r.StartedAt)
	}
	return run
}
