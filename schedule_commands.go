package kit

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/database/runs"
	"github.com/kitgo/kit/schedule"
	"github.com/spf13/cobra"
)

func (p *program) scheduleWork() *cobra.Command {
	return &cobra.Command{
		Use:   "schedule:work",
		Short: "Run the scheduler: every minute, start the tasks that are due",
		Long:  "Run the scheduler until it is stopped: at every full minute it starts the tasks\nthat are due, in the background. Any number may run on one database: each task\nstarts once.",
		RunE: func(c *cobra.Command, _ []string) error {
			err := p.withDatabase(c.Context(), func(app *App) error { return app.work(c.Context()) })
			if c.Context().Err() != nil {
				return nil // stopped by a signal, also while it waited for the database
			}
			return err
		},
	}
}

func (p *program) scheduleRun() *cobra.Command {
	return &cobra.Command{
		Use:   "schedule:run",
		Short: "Run the tasks that are due this minute, wait for them, and exit",
		Long:  "Run the tasks that are due this minute, wait for them, and exit: for cron or a\nplatform that calls this every minute. Exits 1 if a task failed.",
		RunE: func(c *cobra.Command, _ []string) error {
			now := time.Now()
			return p.withDatabase(c.Context(), func(app *App) error {
				tasks, err := app.tasks()
				if err != nil {
					return err
				}
				ended, err := app.runner(tasks).RunDue(c.Context(), now)
				if len(ended) == 0 && err == nil {
					fmt.Fprintln(p.stdio.Out, "No tasks are due to run.")
				}
				for _, r := range ended {
					p.printRun(r)
				}
				return err
			})
		},
	}
}

func (p *program) printRun(r schedule.Run) {
	outcome := "OK"
	if r.Err != nil {
		outcome = "FAILED: " + r.Err.Error()
	}
	fmt.Fprintf(p.stdio.Out, "[%s] Running '%s'... %s (%s)\n", r.Started.Format(time.DateTime), r.Name, outcome, r.Duration.Round(time.Millisecond))
}

func (p *program) scheduleList() *cobra.Command {
	var asJSON bool
	var next int
	var timezone string
	c := &cobra.Command{
		Use:     "schedule:list",
		Short:   "List the tasks and when they run next",
		Example: fmt.Sprintf("  %s schedule:list --next 5 --timezone America/New_York", p.name),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	c.Flags().IntVar(&next, "next", 1, "show the next `N` runs of each task")
	c.Flags().StringVar(&timezone, "timezone", "", "show times in `ZONE` instead of each task's own")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if next < 1 || next > 1000 {
			return &console.Error{Code: console.Usage, Message: fmt.Sprintf("--next %d is out of range", next), Advice: "use a number from 1 to 1000"}
		}
		var zone *time.Location
		if timezone != "" {
			var err error
			if zone, err = time.LoadLocation(timezone); err != nil {
				return &console.Error{Code: console.Usage, Message: fmt.Sprintf("--timezone %q is not a time zone", timezone), Advice: "use a name such as Europe/Berlin or UTC", Err: err}
			}
		}
		return p.with(c.Context(), func(app *App) error {
			tasks, err := app.tasks()
			if err != nil {
				return err
			}
			last, err := app.lastRuns(c.Context())
			if err != nil {
				fmt.Fprintf(p.stdio.Err, "The last runs are not known: %v\n", err)
			}
			if asJSON {
				return console.JSON(p.stdio.Out, map[string]any{"tasks": tasksJSON(tasks, last, time.Now(), next)})
			}
			return p.printTasks(tasks, last, time.Now(), next, zone)
		})
	}
	return c
}

func (p *program) printTasks(tasks *schedule.Schedule, last map[string]runs.Run, now time.Time, next int, zone *time.Location) error {
	if len(tasks.Entries()) == 0 {
		fmt.Fprintln(p.stdio.Out, "No scheduled tasks registered.")
		return nil
	}
	rows := [][]string{{"TASK", "EXPRESSION", "TIME ZONE", "NEXT RUN", "LAST RUN", "DESCRIPTION"}}
	for _, e := range tasks.Entries() {
		shown := zone
		if shown == nil {
			shown = e.Location()
		}
		before := ""
		if run, ok := last[e.Name()]; ok {
			before = run.DueAt.In(shown).Format("2006-01-02 15:04") + " " + outcome(run)
		}
		times := []string{"never"}
		for i, t := range e.NextN(now, next) {
			times = append(times[:i], t.In(shown).Format("2006-01-02 15:04 MST"))
		}
		for i, run := range times {
			if i == 0 {
				expression := e.Expression()
				if limits := e.Limits(); limits != "" {
					expression += " (" + limits + ")"
				}
				rows = append(rows, []string{e.Name(), expression, e.Location().String(), run, before, e.Summary()})
			} else {
				rows = append(rows, []string{"", "", "", run})
			}
		}
	}
	return p.table(rows)
}

type taskJSON struct {
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Expression  string   `json:"expression"`
	Limits      string   `json:"limits,omitempty"`
	Timezone    string   `json:"timezone"`
	Next        []string `json:"next"`
	Last        *runJSON `json:"last"`
	RunningOn   *string  `json:"running_on"`
	Paused      bool     `json:"paused"`
}

func tasksJSON(tasks *schedule.Schedule, last map[string]runs.Run, now time.Time, next int) []taskJSON {
	list := make([]taskJSON, 0)
	for _, e := range tasks.Entries() {
		task := taskJSON{Name: e.Name(), Description: e.Summary(), Expression: e.Expression(), Limits: e.Limits(), Timezone: e.Location().String(), Next: []string{}}
		for _, t := range e.NextN(now, next) {
			task.Next = append(task.Next, t.UTC().Format(time.RFC3339))
		}
		if run, ok := last[e.Name()]; ok {
			task.Last = new(newRunJSON(run))
			if outcome(run) == runs.Running {
				task.RunningOn = &run.Host
			}
		}
		list = append(list, task)
	}
	return list
}

func (a *App) runner(tasks *schedule.Schedule) *schedule.Runner {
	return &schedule.Runner{Schedule: tasks, Logger: a.log(), ShutdownTimeout: a.Config.ShutdownTimeout, Ledger: a.ledger()}
}

// work runs the scheduler until ctx ends. It runs no migrations: the web server or
// a release step does, and tasks that need them may fail until then.
func (a *App) work(ctx context.Context) error {
	tasks, err := a.tasks()
	if err != nil {
		return err
	}
	list, err := a.migrations(ctx)
	if err != nil {
		return err
	}
	if n := countPending(list); n > 0 {
		a.log().Warn("migrations are pending; the scheduler does not run them", "pending", n)
	}
	a.log().Info("scheduler running", "tasks", len(tasks.Entries()))
	defer a.log().Info("scheduler stopped")
	sweeping, stop := context.WithCancel(ctx)
	var swept sync.WaitGroup
	swept.Go(func() { a.sweepRuns(sweeping) })
	defer swept.Wait()
	defer stop()
	return a.runner(tasks).Work(ctx)
}
