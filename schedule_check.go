package kit

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/kitgo/kit/database/runs"
	"github.com/kitgo/kit/health"
	"github.com/kitgo/kit/internal/findings"
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
		states, err := a.TaskStates(ctx, born)
		if err != nil {
			return err
		}
		var late []string
		for _, s := range states {
			if !s.Late.IsZero() {
				late = append(late, tardy(s.Name, s.Late))
			}
		}
		if len(late) > 0 {
			return fmt.Errorf("%s; is a scheduler running?", strings.Join(late, "; "))
		}
		return nil
	}}
}

func tardy(task string, due time.Time) string {
	return fmt.Sprintf("task %s was due at %s and did not start", task, due.UTC().Format(time.RFC3339))
}

// examineSchedule asks whether tasks that have run before still do.
func examineSchedule(ctx context.Context, app *App) []finding {
	states, err := app.TaskStates(ctx, time.Time{})
	if err != nil {
		return findings.BrokenAll(scheduleCheck, err)
	}
	if len(states) == 0 {
		return nil
	}
	var list []finding
	var late, paused []string
	recorded := 0
	for _, s := range states {
		if s.Paused {
			paused = append(paused, s.Name)
		}
		if s.Last == nil {
			continue
		}
		recorded++
		if !s.Late.IsZero() {
			late = append(late, tardy(s.Name, s.Late))
		}
		if s.Last.Outcome == runs.Failed || s.Last.Outcome == runs.Lost {
			list = append(list, doubtful(scheduleCheck, "schedule:history "+s.Name+" --output tells more", "the last run of task %s, due at %s, is %s", s.Name, s.Last.Due.UTC().Format(time.RFC3339), s.Last.Outcome))
		}
	}
	if len(late) > 0 {
		list = append(list, doubtful(scheduleCheck, "run schedule:work, or serve --with=schedule, or schedule:run every minute", "%s", strings.Join(late, "; ")))
	}
	if len(paused) > 0 {
		list = append(list, doubtful(scheduleCheck, "schedule:resume ends it", "%s paused", are(paused)))
	}
	if len(list) == 0 {
		list = append(list, well(scheduleCheck, "%s, %d of which have run", plural(len(states), "task"), recorded))
	}
	return list
}

func are(names []string) string {
	if len(names) == 1 {
		return names[0] + " is"
	}
	return strings.Join(names, ", ") + " are"
}
