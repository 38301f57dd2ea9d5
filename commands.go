package kit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"text/tabwriter"

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
		Use:   p.name,
		Short: "Web server, migrations and scheduler in one binary",
		Long:  fmt.Sprintf("%s is a web server, its migrations and its scheduler in one binary.\nWithout a command it serves.", p.name),
		RunE:  serve.RunE,
	}
	// "app" is "app serve", so it has the same flags.
	root.Flags().AddFlagSet(serve.Flags())

	groups := []struct {
		title    string
		commands []*cobra.Command
	}{
		{"Server", []*cobra.Command{serve, p.health(), p.routeList()}},
		{"Database", []*cobra.Command{p.migrate(), p.migrateStatus(), p.migrateRollback(), p.migrateFresh(), p.migrateLint(), p.migrateResolve(), p.migrateUnlock(), p.dbSeed()}},
		{"Scheduler", []*cobra.Command{p.scheduleWork(), p.scheduleRun(), p.scheduleTest(), p.scheduleList(), p.scheduleHistory()}},
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
	return app, app.check()
}

// with runs a command on the application and closes its database afterwards.
func (p *program) with(ctx context.Context, command func(*App) error) error {
	app, err := p.app(ctx)
	if err != nil {
		return err
	}
	err = command(app)
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = &console.Error{Message: "stopped by a signal before it was done (" + err.Error() + ")", Err: err}
	}
	return errors.Join(err, app.DB.Close())
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

// table writes rows in columns. The first row is the heading; others may be shorter.
func (p *program) table(rows [][]string) error {
	var text bytes.Buffer
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		// A row of fewer cells would end the columns for the rows after it.
		row = append(row[:len(row):len(row)], make([]string, len(rows[0])-len(row))...)
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for line := range strings.Lines(text.String()) {
		if _, err := fmt.Fprintln(p.stdio.Out, strings.TrimRight(line, " \n")); err != nil {
			return err
		}
	}
	return nil
}

// plural returns "1 task" or "2 tasks".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
