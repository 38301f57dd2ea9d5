package kit

import (
	"fmt"
	"time"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/runs"
	"github.com/kitgo/kit/schedule"
	"github.com/spf13/cobra"
)

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
		zone, err := zoneOf("--timezone", timezone)
		if err != nil {
			return err
		}
		return p.with(c.Context(), func(app *App) error {
			tasks, err := app.Tasks()
			if err != nil {
				return err
			}
			last, paused, err := app.pastOf(c.Context(), tasks)
			if err != nil {
				fmt.Fprintf(p.stdio.Err, "The last runs are not known: %v\n", err)
			}
			if asJSON {
				return console.JSON(p.stdio.Out, map[string]any{"tasks": tasksJSON(tasks, last, paused, time.Now(), next), "once_in": app.onceIn()})
			}
			if err := p.printTasks(tasks, last, paused, time.Now(), next, zone); err != nil || len(tasks.Entries()) == 0 {
				return err
			}
			fmt.Fprintln(p.stdio.Out, "\n"+guarantees[app.onceIn()])
			return nil
		})
	}
	return c
}

// reach is among which schedulers each run starts once.
type reach string

const (
	allMachines reach = "all machines"
	oneMachine  reach = "one machine"
	oneProcess  reach = "one process"
)

var guarantees = map[reach]string{
	allMachines: "Each run starts once, however many schedulers share the database.",
	oneMachine:  "Each run starts once, however many schedulers on this machine share the database's file.",
	oneProcess:  "The database is in memory: each run starts once in a process, but every process runs all tasks. History and pauses end with it.",
}

func (a *App) onceIn() reach {
	switch {
	case a.DB.Dialect() != database.SQLite:
		return allMachines
	case a.DB.Path() != "":
		return oneMachine
	}
	return oneProcess
}

// zoneOf returns the zone that a flag names, or nil when it is empty.
func zoneOf(flag, name string) (*time.Location, error) {
	if name == "" {
		return nil, nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, &console.Error{Code: console.Usage, Message: fmt.Sprintf("%s %q is not a time zone", flag, name), Advice: "use a name such as Europe/Berlin or UTC", Err: err}
	}
	return zone, nil
}

func (p *program) printTasks(tasks *schedule.Schedule, last map[string]runs.Run, paused schedule.Pauses, now time.Time, next int, zone *time.Location) error {
	if len(tasks.Entries()) == 0 {
		fmt.Fprintln(p.stdio.Out, "No scheduled tasks registered.")
		return nil
	}
	rows := [][]string{{"TASK", "EXPRESSION", "TIME ZONE", "NEXT RUN", "LAST RUN", "DESCRIPTION"}}
	changes := false
	for _, e := range tasks.Entries() {
		shown := zone
		if shown == nil {
			shown = e.Location()
		}
		expression := e.Expression() + " (" + e.Words()
		if limits := e.Limits(); limits != "" {
			expression += "; " + limits
		}
		times := []string{"never"}
		for i, t := range e.NextN(now, next) {
			text := t.In(shown).Format("2006-01-02 15:04 MST")
			if t.Second() != 0 {
				text = t.In(shown).Format("2006-01-02 15:04:05 MST")
			}
			if change := e.Change(t); change != schedule.NoChange {
				text, changes = text+" ("+string(change)+")", true
			}
			times = append(times[:i], text)
		}
		if paused.Keeps(e) {
			times = []string{"paused"}
		}
		rows = append(rows, []string{e.Name(), expression + ")", e.Location().String(), times[0], lastInWords(last, e, shown), e.Summary()})
		for _, t := range times[1:] {
			rows = append(rows, []string{"", "", "", t})
		}
	}
	if err := p.table(rows); err != nil {
		return err
	}
	if changes {
		fmt.Fprintln(p.stdio.Out, "\ngap: the clock skips the task's time; it runs once, at the first moment after that.\nfold: the clock shows the task's time twice; it runs once, the first time.")
	}
	return nil
}

// lastInWords is the last run of a task: when it was due, how it ended, how long it took,
// or where it goes on.
func lastInWords(last map[string]runs.Run, e *schedule.Entry, zone *time.Location) string {
	run, ok := last[e.Name()]
	if !ok {
		return ""
	}
	text := run.DueAt.In(zone).Format("2006-01-02 15:04") + " " + outcome(run)
	switch {
	case outcome(run) == runs.Running:
		text += " on " + run.Host
	case run.FinishedAt != nil:
		text += " in " + run.FinishedAt.Sub(run.StartedAt).Round(time.Millisecond).String()
	}
	return text
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
	Words       string   `json:"words"`
	Command     []string `json:"command,omitempty"`
}

func tasksJSON(tasks *schedule.Schedule, last map[string]runs.Run, paused schedule.Pauses, now time.Time, next int) []taskJSON {
	list := make([]taskJSON, 0)
	for _, e := range tasks.Entries() {
		task := taskJSON{Name: e.Name(), Description: e.Summary(), Expression: e.Expression(), Limits: e.Limits(), Timezone: e.Location().String(), Next: []string{}, Paused: paused.Keeps(e), Words: e.Words(), Command: e.CommandLine()}
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
