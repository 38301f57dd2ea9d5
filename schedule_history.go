package kit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/database/runs"
	"github.com/kitgo/kit/internal/nearest"
	"github.com/kitgo/kit/schedule"
	"github.com/spf13/cobra"
)

const (
	// keepRuns is for how long the runs of tasks are kept.
	keepRuns = 30 * 24 * time.Hour
	// sweepEvery is how often lost runs are looked for, pruneEvery old ones.
	sweepEvery = 10 * time.Second
	pruneEvery = time.Hour
	// listTimeout is how long schedule:list waits for what it can do without.
	listTimeout = 2 * time.Second
)

func (a *App) ledger() *runs.Ledger { return runs.New(a.DB, "") }

// sweepRuns marks lost runs and deletes old ones until ctx ends.
func (a *App) sweepRuns(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	var pruned time.Time
	for {
		lost, err := a.ledger().Sweep(ctx)
		if time.Since(pruned) >= pruneEvery && err == nil {
			pruned = time.Now()
			_, err = a.ledger().Prune(ctx, keepRuns)
		}
		if err != nil && ctx.Err() == nil {
			a.log().Warn("looking for lost and old runs of tasks", "error", err)
		}
		for _, r := range lost {
			a.log().Error("task lost: its process ended, or could not reach the database", "task", r.Task, "due", r.DueAt, "host", r.Host)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// pastOf returns the last run of each task and what is paused. It neither creates a
// database nor waits long for one.
func (a *App) pastOf(ctx context.Context, tasks *schedule.Schedule) (last map[string]runs.Run, paused schedule.Pauses, err error) {
	if path := a.DB.Path(); path != "" {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, paused, nil
		}
	}
	var names []string
	for _, e := range tasks.Entries() {
		names = append(names, e.Name())
	}
	ctx, cancel := context.WithTimeout(ctx, listTimeout)
	defer cancel()
	if last, err = a.ledger().Last(ctx, names...); err == nil {
		paused, err = a.ledger().Paused(ctx)
	}
	return last, paused, err
}

// outcome is the state of a run; one that is not renewed any more is lost, also before
// a scheduler notices that.
func outcome(r runs.Run) string {
	if r.Status == runs.Running && time.Since(r.LeaseUntil) > 0 {
		return runs.Lost
	}
	return r.Status
}

func (p *program) scheduleTest() *cobra.Command {
	return &cobra.Command{
		Use:     "schedule:test NAME",
		Short:   "Run one task now, whether it is due or not",
		Long:    "Run one task now and wait for it, whether it is due or not and whatever limits\nit. It is no run of the schedule: it is not recorded, and a scheduler may run the\ntask at the same time. Exits 1 if it fails.",
		Example: fmt.Sprintf("  %s schedule:test digest:send", p.name),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &console.Error{Code: console.Usage, Message: "schedule:test needs the name of a task", Advice: fmt.Sprintf("`%s schedule:list` shows the names", p.name)}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			return p.withDatabase(c.Context(), func(app *App) error {
				tasks, err := app.Tasks()
				if err != nil {
					return err
				}
				if tasks.Find(args[0]) == nil {
					return app.unknownTask(args[0])
				}
				run, err := app.runner(tasks).RunTask(c.Context(), args[0])
				if !run.Started.IsZero() {
					p.printRun(run)
				}
				return err
			})
		},
	}
}

func (a *App) unknownTask(name string) error {
	tasks, err := a.Tasks()
	if err != nil {
		return err
	}
	var known []string
	for _, e := range tasks.Entries() {
		known = append(known, e.Name())
	}
	e := &console.Error{Code: console.Usage, Message: fmt.Sprintf("there is no task %q", name), Advice: "schedule:list shows the tasks"}
	if near := nearest.Name(name, known); near != "" {
		e.Advice = fmt.Sprintf("did you mean %s?", near)
	}
	return e
}

func (p *program) scheduleHistory() *cobra.Command {
	var asJSON, output bool
	var filter runs.Filter
	c := &cobra.Command{
		Use:     "schedule:history [NAME]",
		Short:   "List the recorded runs of the tasks, the newest first",
		Long:    "List the recorded runs of all tasks or of one, the newest first. Runs are kept for\n30 days.",
		Example: fmt.Sprintf("  %s schedule:history digest:send --failed --output", p.name),
		Args:    cobra.MaximumNArgs(1),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	c.Flags().IntVar(&filter.Limit, "limit", 20, "show at most `N` runs")
	c.Flags().BoolVar(&filter.Failed, "failed", false, "show only runs that failed or were lost")
	c.Flags().BoolVar(&output, "output", false, "show what the runs wrote, below each")
	c.RunE = func(c *cobra.Command, args []string) error {
		if filter.Limit < 1 {
			return &console.Error{Code: console.Usage, Message: fmt.Sprintf("--limit %d is out of range", filter.Limit), Advice: "use a number from 1"}
		}
		return p.withDatabase(c.Context(), func(app *App) error {
			if len(args) > 0 {
				filter.Task = args[0]
			}
			list, err := app.ledger().List(c.Context(), filter)
			if err != nil {
				return err
			}
			if asJSON {
				documents := make([]runJSON, len(list))
				for i, r := range list {
					documents[i] = newRunJSON(r)
				}
				return console.JSON(p.stdio.Out, map[string]any{"runs": documents})
			}
			return p.printHistory(list, output)
		})
	}
	return c
}

func (p *program) printHistory(list []runs.Run, output bool) error {
	if len(list) == 0 {
		fmt.Fprintln(p.stdio.Out, "No runs are recorded.")
		return nil
	}
	rows := [][]string{{"TASK", "DUE (UTC)", "OUTCOME", "TOOK", "HOST", "ERROR"}}
	for _, r := range list {
		took, failure := "", ""
		if r.FinishedAt != nil {
			took = r.FinishedAt.Sub(r.StartedAt).Round(time.Millisecond).String()
		}
		if r.Error != nil {
			failure = strings.ReplaceAll(*r.Error, "\n", " ")
		}
		rows = append(rows, []string{r.Task, r.DueAt.UTC().Format(time.DateTime), outcome(r), took, r.Host, failure})
	}
	if !output {
		return p.table(rows)
	}
	for i, line := range columns(rows, console.Width(p.stdio.Out)) {
		fmt.Fprintln(p.stdio.Out, line)
		if i == 0 || list[i-1].Output == nil {
			continue
		}
		for text := range strings.Lines(*list[i-1].Output) {
			fmt.Fprintf(p.stdio.Out, "    %s\n", strings.TrimRight(text, "\n"))
		}
	}
	return nil
}

// runJSON is a run for machines.
type runJSON struct {
	Task     string  `json:"task"`
	Due      string  `json:"due"`
	Started  string  `json:"started"`
	Finished *string `json:"finished"`
	Duration *int64  `json:"duration_ms"`
	Host     string  `json:"host"`
	Outcome  string  `json:"outcome"`
	Error    *string `json:"error"`
	Output   *string `json:"output"`
}

func newRunJSON(r runs.Run) runJSON {
	document := runJSON{
		Task: r.Task, Due: r.DueAt.UTC().Format(time.RFC3339), Started: r.StartedAt.UTC().Format(time.RFC3339Nano),
		Host: r.Host, Outcome: outcome(r), Error: r.Error, Output: r.Output,
	}
	if r.FinishedAt != nil {
		document.Finished = new(r.FinishedAt.UTC().Format(time.RFC3339Nano))
		document.Duration = new(r.FinishedAt.Sub(r.StartedAt).Milliseconds())
	}
	return document
}
