package kit

import (
	"fmt"
	"sort"
	"time"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/schedule"
	"github.com/spf13/cobra"
)

const (
	// mostSimulated is how many runs schedule:simulate shows.
	mostSimulated = 100_000
	// busiest is how many minutes with the most runs it names.
	busiest = 5
)

func (p *program) scheduleSimulate() *cobra.Command {
	var asJSON bool
	var from, to, timezone string
	c := &cobra.Command{
		Use:     "schedule:simulate",
		Short:   "Show every run that would start in a period",
		Long:    "Show every run that would start from one time to another one, the busiest minutes,\nand the runs that a change of the clock moves. Nothing is run. Conditions in Go\n(When, Skip) are taken to hold, and environments are those of APP_ENV.",
		Example: fmt.Sprintf("  %s schedule:simulate --from 2026-03-28 --to 2026-03-30 --timezone Europe/Berlin", p.name),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	c.Flags().StringVar(&from, "from", "", "the first `TIME`, such as 2026-03-28 or \"2026-03-28 14:00\" (default now)")
	c.Flags().StringVar(&to, "to", "", "the end, a `TIME` which does not belong to it (default a day after --from)")
	c.Flags().StringVar(&timezone, "timezone", "UTC", "`ZONE` of --from, --to and the times that are shown")
	c.RunE = func(c *cobra.Command, _ []string) error {
		zone, err := zoneOf("--timezone", timezone)
		if err != nil {
			return err
		}
		if zone == nil {
			zone = time.UTC
		}
		begin, err := timeOf("--from", from, zone, time.Now())
		if err != nil {
			return err
		}
		end, err := timeOf("--to", to, zone, begin.AddDate(0, 0, 1))
		if err != nil {
			return err
		}
		if !end.After(begin) {
			return &console.Error{Code: console.Usage, Message: "--to is not after --from", Advice: "give a later time"}
		}
		return p.with(c.Context(), func(app *App) error {
			tasks, err := app.Tasks()
			if err != nil {
				return err
			}
			s := simulate(tasks, begin, end)
			if len(s.runs) > mostSimulated {
				return &console.Error{Code: console.Usage, Message: fmt.Sprintf("more than %d runs would start", mostSimulated), Advice: "choose a shorter period"}
			}
			if asJSON {
				return console.JSON(p.stdio.Out, s.json())
			}
			return p.printSimulation(s, zone)
		})
	}
	return c
}

func timeOf(flag, text string, zone *time.Location, otherwise time.Time) (time.Time, error) {
	if text == "" {
		return otherwise, nil
	}
	for _, layout := range []string{time.DateOnly, "2006-01-02 15:04", time.DateTime, "2006-01-02T15:04", time.RFC3339} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, &console.Error{Code: console.Usage, Message: fmt.Sprintf("%s %q is not a time", flag, text), Advice: `write it as 2026-03-28, "2026-03-28 14:00" or 2026-03-28T14:00:00Z`}
}

// simulation is the runs that would start in a period.
type simulation struct{ runs []simulated }

type simulated struct {
	at    time.Time
	entry *schedule.Entry
}

func simulate(tasks *schedule.Schedule, begin, end time.Time) simulation {
	var s simulation
	for _, e := range tasks.Entries() {
		if !e.Here() {
			continue
		}
		for at := begin.Add(-1); ; {
			next, ok := e.Next(at)
			if !ok || !next.Before(end) || len(s.runs) > mostSimulated {
				break
			}
			s.runs = append(s.runs, simulated{next, e})
			at = next
		}
	}
	sort.SliceStable(s.runs, func(i, j int) bool { return s.runs[i].at.Before(s.runs[j].at) })
	return s
}

// load is how many runs start in a minute.
type load struct {
	Minute string `json:"minute"`
	Runs   int    `json:"runs"`
	at     time.Time
}

// loads returns the load of each minute that has any.
func (s simulation) loads() []load {
	var list []load
	for _, r := range s.runs {
		minute := r.at.Truncate(time.Minute)
		if n := len(list); n == 0 || !list[n-1].at.Equal(minute) {
			list = append(list, load{Minute: minute.UTC().Format(time.RFC3339), at: minute})
		}
		list[len(list)-1].Runs++
	}
	return list
}

func (s simulation) json() map[string]any {
	type run struct {
		Task   string          `json:"task"`
		At     string          `json:"at"`
		Change schedule.Change `json:"change,omitempty"`
	}
	list := make([]run, len(s.runs))
	for i, r := range s.runs {
		list[i] = run{r.entry.Name(), r.at.UTC().Format(time.RFC3339), r.entry.Change(r.at)}
	}
	loads := s.loads()
	if loads == nil {
		loads = []load{}
	}
	return map[string]any{"runs": list, "load": loads}
}

func (p *program) printSimulation(s simulation, zone *time.Location) error {
	if len(s.runs) == 0 {
		fmt.Fprintln(p.stdio.Out, "No runs would start.")
		return nil
	}
	rows := [][]string{{"TIME", "TASK", ""}}
	changes := 0
	for _, r := range s.runs {
		note := ""
		if change := r.entry.Change(r.at); change != schedule.NoChange {
			note = fmt.Sprintf("%s: the clocks change in %s", change, r.entry.Location())
			changes++
		}
		rows = append(rows, []string{r.at.In(zone).Format("2006-01-02 15:04:05 MST"), r.entry.Name(), note})
	}
	if err := p.table(rows); err != nil {
		return err
	}
	fmt.Fprintf(p.stdio.Out, "\n%s", plural(len(s.runs), "run"))
	if changes > 0 {
		fmt.Fprintf(p.stdio.Out, ", %d of them when clocks change", changes)
	}
	fmt.Fprintln(p.stdio.Out, ". The busiest minutes:")
	loads := s.loads()
	sort.SliceStable(loads, func(i, j int) bool { return loads[i].Runs > loads[j].Runs })
	for _, l := range loads[:min(busiest, len(loads))] {
		fmt.Fprintf(p.stdio.Out, "  %s  %s\n", l.at.In(zone).Format("2006-01-02 15:04 MST"), plural(l.Runs, "run"))
	}
	return nil
}
