package kit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/env"
	"github.com/spf13/cobra"
)

// program is one run of an application's binary.
type program struct {
	name   string // as the user called it
	source env.Source
	stdio  console.IO
	newApp func(context.Context) (*App, error)
	// variables describes the settings of the application's own type.
	variables func() []env.Variable
}

// command returns the tree of commands. What needs no application (help, version,
// health) works without a valid configuration, too.
func (p *program) command() *cobra.Command {
	serve := p.serve()
	root := &cobra.Command{
		Use:     p.name,
		Short:   "Web server, migrations and scheduler in one binary",
		Long:    fmt.Sprintf("%s is a web server, its migrations and its scheduler in one binary.\nWithout a command it serves.", p.name),
		Example: fmt.Sprintf("  %[1]s\n  %[1]s --port 3000\n  %[1]s help migrate", p.name),
		RunE:    serve.RunE,
	}
	// "app" is "app serve", so it has the same flags.
	root.Flags().AddFlagSet(serve.Flags())

	groups := []struct {
		title    string
		commands []*cobra.Command
	}{
		{"Server", []*cobra.Command{serve, p.health(), p.reload(), p.routeList(), p.down(), p.up()}},
		{"Database", []*cobra.Command{p.migrate(), p.migrateStatus(), p.migrateRollback(), p.migrateFresh(), p.migrateLint(), p.migrateResolve(), p.migrateUnlock(), p.dbSeed(), p.backup(), p.restore(), p.dbCopy()}},
		{"Scheduler", []*cobra.Command{p.scheduleWork(), p.scheduleRun(), p.scheduleTest(), p.scheduleList(), p.scheduleHistory(), p.scheduleCheck(), p.schedulePause(), p.scheduleResume(), p.scheduleSimulate()}},
		{"Other", []*cobra.Command{p.doctor(), p.about(), p.version()}},
	}
	for _, g := range groups {
		id := strings.ToLower(g.title)
		root.AddGroup(&cobra.Group{ID: id, Title: g.title + ":"})
		for _, c := range g.commands {
			c.GroupID = id
			root.AddCommand(c)
		}
	}
	root.SetHelpCommandGroupID("other")
	root.SetCompletionCommandGroupID("other")
	return root
}

// app builds the application that a command works with.
func (p *program) app(ctx context.Context) (*App, error) {
	cfg, err := loadConfig[Config](p.source)
	if err != nil {
		return nil, err
	}
	if err := cfg.check(); err != nil {
		return nil, err
	}
	slog.SetDefault(cfg.logger(p.stdio.Err))
	app, err := p.newApp(ctx)
	if err != nil {
		return nil, err
	}
	return app, errors.Join(app.check(), p.checkOwn(app), p.checkCommands(app))
}

// checkCommands returns the scheduled commands that there are not.
func (p *program) checkCommands(app *App) error {
	tasks, err := app.Tasks()
	if err != nil {
		return nil // check says it
	}
	var errs []error
	root := p.command()
	for _, e := range tasks.Entries() {
		if line := e.CommandLine(); line != nil {
			if found, _, err := root.Find(line); (err != nil || found == root) && !app.hasOwn(line[0]) {
				errs = append(errs, fmt.Errorf("%s: task %q: there is no command %q", e.Place(), e.Name(), line[0]))
			}
		}
	}
	return errors.Join(errs...)
}

// with runs a command on the application and closes its database afterwards.
func (p *program) with(ctx context.Context, command func(*App) error) error {
	app, err := p.app(ctx)
	if err != nil {
		return err
	}
	return errors.Join(stopped(ctx, command(app)), app.DB.Close())
}

// withDatabase is with for a command that needs a database that answers.
func (p *program) withDatabase(ctx context.Context, command func(*App) error) error {
	return p.with(ctx, func(app *App) error {
		if err := app.DB.Connect(ctx); err != nil {
			return err
		}
		return command(app)
	})
}

// plural returns "1 task" or "2 tasks".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
