package kit

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/kitgo/kit/database/runs"
	"github.com/kitgo/kit/health"
	"github.com/kitgo/kit/schedule"
)

// scheduleCheck is the name of the check of [App.ScheduleCheck].
const scheduleCheck = "schedule"

// ScheduleCheck returns a check that every task has begun when it should have since this
// process lives: for [App.Checks], where some scheduler runs. It fails, as a warning, two
// minutes after an instant for which no run is recorded. Tasks with conditions in Go
// (When, Skip) are not watched.
func (a *App) ScheduleCheck() health.Check {
	born := time.Now()
	return health.Check{Name: scheduleCheck, Optional: true, Cache: 10 * time.Second, Run: func(ctx context.Context) error {
		tasks, err := a.Tasks()
		if err != nil {
			return err
		}
		last, _, err := a.pastOf(ctx, tasks)
		if err != nil {
			return err
		}
		late := lateTasks(tasks, time.Now(), func(e *schedule.Entry) (time.Time, bool) {
			since := born
			if run, ok := last[e.Name()]; ok && run.DueAt.After(since) {
				since = run.DueAt
			}
			return since, true
		})
		if len(late) > 0 {
			return fmt.Errorf("%s; is a scheduler running?", strings.Join(late, "; "))
		}
		return nil
	}}
}

// lateTasks says which tasks should have begun and did not, after what since returns.
func lateTasks(tasks *schedule.Schedule, now time.Time, since func(*schedule.Entry) (time.Time, bool)) []string {
	var list []string
	for _, e := range tasks.Entries() {
		begin, ok := since(e)
		if !ok {
			continue
		}
		if due, late := e.Late(begin, now); late {
			list = append(list, fmt.Sprintf("task %s was due at %s and did not start", e.Name(), due.UTC().Format(time.RFC3339)))
		}
	}
	return list
}

// examineSchedule asks whether tasks that have run before still do.
func examineSchedule(ctx context.Context, app *App) []finding {
	tasks, err := app.Tasks()
	if err != nil || len(tasks.Entries()) == 0 {
		return nil // the configuration's check has said it
	}
	last, paused, err := app.pastOf(ctx, tasks)
	if err != nil {
		return brokenAll(scheduleCheck, err)
	}
	var list []finding
	late := lateTasks(tasks, time.Now(), func(e *schedule.Entry) (time.Time, bool) {
		run, ok := last[e.Name()]
		return run.DueAt, ok && !paused.Keeps(e)
	})
	if len(late) > 0 {
		list = append(list, doubtful(scheduleCheck, "run schedule:work, or serve --with=schedule, or schedule:run every minute", "%s", strings.Join(late, "; ")))
	}
	for _, e := range tasks.Entries() {
		if run := last[e.Name()]; run.Status == runs.Failed || outcome(run) == runs.Lost {
			list = append(list, doubtful(scheduleCheck, "schedule:history "+e.Name()+" --output tells more", "the last run of task %s, due at %s, is %s", e.Name(), run.DueAt.UTC().Format(time.RFC3339), outcome(run)))
		}
	}
	if paused.All || len(paused.Tasks) > 0 {
		what := "all tasks are"
		if !paused.All {
			what = strings.Join(paused.Tasks, ", ") + " is"
		}
		list = append(list, doubtful(scheduleCheck, "schedule:resume ends it", "%s paused", what))
	}
	if len(list) == 0 {
		list = append(list, well(scheduleCheck, "%s, %d of which have run", plural(len(tasks.Entries()), "task"), len(last)))
	}
	return list
}
