package kit

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (p *program) schedulePause() *cobra.Command {
	return &cobra.Command{
		Use:     "schedule:pause [NAME]",
		Short:   "Keep a task, or all, from starting, for every scheduler on this database",
		Long:    "Keep a task, or without a name all of them, from starting at their times, for every\nscheduler on this database, until schedule:resume. What runs goes on. Tasks that are\nEvenWhenPaused are not kept from anything.",
		Example: fmt.Sprintf("  %s schedule:pause digest:send", p.name),
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return p.changePause(c, args, func(app *App, name string) (string, error) {
				changed, err := app.ledger().Pause(c.Context(), name)
				if !changed {
					return "is paused already", err
				}
				return "is paused", err
			})
		},
	}
}

func (p *program) scheduleResume() *cobra.Command {
	return &cobra.Command{
		Use:     "schedule:resume [NAME]",
		Short:   "End what schedule:pause began",
		Long:    "Let a task start at its times again, or without a name all of them, also those that\nwere paused by name. What was due meanwhile is not made up for.",
		Example: fmt.Sprintf("  %s schedule:resume digest:send", p.name),
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return p.changePause(c, args, func(app *App, name string) (string, error) {
				changed, err := app.ledger().Resume(c.Context(), name)
				if err != nil {
					return "", err
				}
				paused, err := app.ledger().Paused(c.Context())
				switch {
				case paused.All:
					return "stays paused, because all tasks are; `" + p.name + " schedule:resume` resumes all", err
				case !changed:
					return "was not paused", err
				}
				return "starts at its times again", err
			})
		},
	}
}

// changePause calls change with the name of a task, or an empty one for all, and prints
// what it returns.
func (p *program) changePause(c *cobra.Command, args []string, change func(*App, string) (string, error)) error {
	return p.withDatabase(c.Context(), func(app *App) error {
		name, subject := "", "The schedule"
		if len(args) > 0 {
			name, subject = args[0], "Task '"+args[0]+"'"
			tasks, err := app.Tasks()
			if err != nil {
				return err
			}
			if tasks.Find(name) == nil {
				return app.unknownTask(name)
			}
		}
		outcome, err := change(app, name)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.stdio.Out, "%s %s.\n", subject, outcome)
		return nil
	})
}
