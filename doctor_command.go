package kit

import (
	"context"
	"errors"
	"fmt"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/findings"
	"github.com/spf13/cobra"
)

func (p *program) doctor() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Check the settings and everything the application depends on",
		Long: "Check the settings, the database, the migrations, the scheduled tasks, Redis if it\n" +
			"is set, the application's own checks, what the process gets from the system, and in\n" +
			"production what only development should have.\n" +
			"Nothing is migrated. Warnings do not count; else the exit code is that of the\n" +
			"first failure: 78 for a setting, 69 for what cannot be reached, 1 for the rest.",
		Example: fmt.Sprintf("  %s doctor", p.name),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	c.RunE = func(c *cobra.Command, _ []string) error {
		list := p.examine(c.Context())
		if asJSON {
			return errors.Join(console.JSON(p.stdio.Out, map[string]any{"checks": list}), console.Answered(findings.Verdict(list)))
		}
		findings.Print(p.stdio.Out, list)
		return findings.Verdict(list)
	}
	return c
}

// examine runs every check.
func (p *program) examine(ctx context.Context) []finding {
	list, app := p.examineConfiguration(ctx)
	if app != nil {
		defer app.DB.Close()
		list = append(list, p.examineDatabase(ctx, app)...)
		list = append(list, examineRedis(ctx, app.Config)...)
		list = append(list, examineOwn(ctx, app)...)
		list = append(list, examinePort(app.Config))
		list = append(list, examineProduction(app)...)
	}
	return append(list, examineSystem(app)...)
}

// examineConfiguration builds the application. It returns nil when there is none to
// examine further.
func (p *program) examineConfiguration(ctx context.Context) ([]finding, *App) {
	const name = "configuration"
	app, err := p.app(ctx)
	if app != nil && app.DB == nil {
		app = nil
	}
	if err != nil {
		return findings.BrokenAll(name, err), app
	}
	set := 0
	for _, v := range p.variables() {
		if v.Source != "unset" && v.Source != "default" {
			set++
		}
	}
	list := []finding{well(name, "%s, %s set", app.Config.Environment, plural(set, "variable"))}
	if file := p.source.File(".env"); file && app.Config.Production() {
		list = append(list, doubtful(name, "set the variables in the environment, and leave .env out of what you deploy", "there is a .env file in production"))
	}
	return list, app
}
