package kit

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/kitgo/kit/console"
	"github.com/spf13/cobra"
)

func (p *program) scheduleCheck() *cobra.Command {
	return &cobra.Command{
		Use:   "schedule:check",
		Short: "Ask whether the tasks have started when they should",
		Long: "Ask the database whether every task that has run before has started when it was due.\n" +
			"Two minutes late is too late: then the exit code is 1, as a health check of a\n" +
			"scheduler wants it. Tasks that are paused, or have conditions in Go, are not watched.",
		Example: fmt.Sprintf("  %s schedule:check", p.name),
		RunE: func(c *cobra.Command, _ []string) error {
			return p.withDatabase(c.Context(), func(app *App) error { return p.checkSchedule(c.Context(), app) })
		},
	}
}

func (p *program) checkSchedule(ctx context.Context, app *App) error {
	states, err := app.TaskStates(ctx, time.Time{})
	if err != nil {
		return err
	}
	var late []string
	for _, s := range states {
		// What was never recorded may be new.
		if s.Last != nil && !s.Late.IsZero() {
			late = append(late, tardy(s.Name, s.Late))
		}
	}
	if len(late) > 0 {
		return &console.Error{Message: strings.Join(late, "; "), Advice: "run schedule:work, or serve --with=schedule, or schedule:run every minute"}
	}
	fmt.Fprintf(p.stdio.Out, "%s, none late\n", plural(len(states), "task"))
	return nil
}
