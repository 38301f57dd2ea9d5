package kit

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/kitgo/kit/schedule"
	"github.com/spf13/cobra"
)

func (p *program) scheduleWork() *cobra.Command {
	return &cobra.Command{
		Use:     "schedule:work",
		Short:   "Run the scheduler: every minute, start the tasks that are due",
		Long:    "Run the scheduler until it is stopped: at every full minute it starts the tasks\nthat are due, in the background. Any number may run on one database: each task\nstarts once.",
		Example: fmt.Sprintf("  %s schedule:work", p.name),
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
		Use:     "schedule:run",
		Short:   "Run the tasks that are due this minute, wait for them, and exit",
		Long:    "Run the tasks that are due this minute, wait for them, and exit: for cron or a\nplatform that calls this every minute. Exits 1 if a task failed.",
		Example: fmt.Sprintf("  %[1]s schedule:run\n  * * * * * cd /srv/shop && %[1]s schedule:run   # in a crontab", p.name),
		RunE: func(c *cobra.Command, _ []string) error {
			now := time.Now()
			return p.withDatabase(c.Context(), func(app *App) error {
				tasks, err := app.Tasks()
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

func (a *App) runner(tasks *schedule.Schedule) *schedule.Runner {
	return &schedule.Runner{Schedule: tasks, Logger: a.log(), ShutdownTimeout: a.Config.ShutdownTimeout, Ledger: a.ledger()}
}

// work runs the scheduler until ctx ends. It runs no migrations: the web server or
// a release step does, and tasks that need them may fail until then.
func (a *App) work(ctx context.Context) error {
	tasks, err := a.Tasks()
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
	return a.runSchedule(ctx, tasks)
}

// runSchedule starts the tasks at their times until ctx ends, and looks after the records
// of all schedulers.
func (a *App) runSchedule(ctx context.Context, tasks *schedule.Schedule) error {
	a.log().Info("scheduler running", "tasks", len(tasks.Entries()))
	defer a.log().Info("scheduler stopped")
	sweeping, stop := context.WithCancel(ctx)
	var swept sync.WaitGroup
	swept.Go(func() { a.sweepRuns(sweeping) })
	defer swept.Wait()
	defer stop()
	return a.runner(tasks).Work(ctx)
}
