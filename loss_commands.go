package kit

import (
	"bufio"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/database/seed"
	"github.com/spf13/cobra"
)

func (p *program) migrateFresh() *cobra.Command {
	var force, seeds bool
	c := &cobra.Command{
		Use:     "migrate:fresh",
		Short:   "Drop all tables and run every migration",
		Long:    "Drop all tables and run every migration. ALL DATA IS LOST, so this asks for the\ndatabase's name on a terminal; without a terminal it needs --force.",
		Example: fmt.Sprintf("  %s migrate:fresh --seed", p.name),
	}
	c.Flags().BoolVar(&force, "force", false, "do not ask")
	c.Flags().BoolVar(&seeds, "seed", false, "run the seeders afterwards")
	c.RunE = func(c *cobra.Command, _ []string) error {
		return p.with(c.Context(), func(app *App) error {
			if !force {
				question := fmt.Sprintf("This deletes all data in the database %q.", app.DB.Name())
				if err := p.confirm(app.DB.Name(), question, "migrate:fresh would delete all data in"); err != nil {
					return err
				}
			}
			if err := app.DB.Connect(c.Context()); err != nil {
				return err
			}
			m, err := app.migrator(nil)
			if err != nil {
				return err
			}
			dropped, result, err := m.Fresh(c.Context())
			if err != nil {
				return err
			}
			fmt.Fprintf(p.stdio.Out, "Dropped %s, applied %s.\n", plural(len(dropped), "table"), plural(len(result.Applied), "migration"))
			if seeds {
				return p.seed(c.Context(), app, app.Seeders)
			}
			return nil
		})
	}
	return c
}

func (p *program) dbSeed() *cobra.Command {
	var force bool
	c := &cobra.Command{
		Use:     "db:seed [NAME...]",
		Short:   "Run the seeders, or those of some names",
		Long:    "Run the seeders, in their order, or those of some names. Each is one transaction.\nIn production this asks for the database's name on a terminal; without a terminal it\nneeds --force.",
		Example: fmt.Sprintf("  %s db:seed\n  %[1]s db:seed users", p.name),
		Args:    cobra.ArbitraryArgs,
	}
	c.Flags().BoolVar(&force, "force", false, "do not ask in production")
	c.RunE = func(c *cobra.Command, names []string) error {
		return p.with(c.Context(), func(app *App) error {
			list, err := seed.Choose(app.Seeders, names...)
			if err != nil {
				return err
			}
			if app.Config.Production() && !force {
				question := fmt.Sprintf("This is production: it inserts rows into the database %q.", app.DB.Name())
				if err := p.confirm(app.DB.Name(), question, "db:seed would insert rows in production into"); err != nil {
					return err
				}
			}
			if err := app.DB.Connect(c.Context()); err != nil {
				return err
			}
			return p.seed(c.Context(), app, list)
		})
	}
	return c
}

// seed runs seeders and prints each.
func (p *program) seed(ctx context.Context, app *App, list []seed.Seeder) error {
	if len(list) == 0 {
		fmt.Fprintln(p.stdio.Out, "The application has no seeders.")
		return nil
	}
	return seed.Run(ctx, app.DB, list, func(d seed.Done) {
		fmt.Fprintf(p.stdio.Out, "Seeded %s (%s).\n", d.Name, d.Duration.Round(time.Millisecond))
	})
}

// confirm asks for the name of the database that is about to be changed; without a
// terminal it refuses, in the words of deed.
func (p *program) confirm(name, question, deed string) error {
	if !console.IsTerminal(p.stdio.In) {
		return &console.Error{
			Message: fmt.Sprintf("%s %q, and there is no terminal to ask on", deed, name),
			Advice:  "add --force if that is what you want",
		}
	}
	fmt.Fprintf(p.stdio.Err, "%s Type its name to go on: ", question)
	answer, _ := bufio.NewReader(p.stdio.In).ReadString('\n')
	if strings.TrimSpace(answer) != name {
		return &console.Error{Message: "that is not the name; nothing was changed"}
	}
	return nil
}
