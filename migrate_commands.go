package kit

import (
	"bufio"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/database/migrate"
	"github.com/spf13/cobra"
)

func (p *program) migrate() *cobra.Command {
	var options migrate.UpOptions
	var lockTimeout time.Duration
	var asJSON bool
	c := &cobra.Command{
		Use:     "migrate",
		Short:   "Run pending migrations and exit",
		Long:    "Run the pending migrations, oldest first, and exit. Any number of processes may\nrun this at once: one migrates, the others wait for it.",
		Example: fmt.Sprintf("  %s migrate\n  %[1]s migrate --to m20260101_090000_create_users_table", p.name),
	}
	c.Flags().StringVar(&options.To, "to", "", "stop after the migration `NAME`")
	c.Flags().BoolVar(&options.Step, "step", false, "make each migration a batch of its own, to roll back one by one")
	c.Flags().DurationVar(&lockTimeout, "lock-timeout", 0, "how long to wait for another process's migrations (default MIGRATE_LOCK_TIMEOUT)")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	c.RunE = func(c *cobra.Command, _ []string) error {
		return p.withMigrator(c.Context(), lockTimeout, func(m *migrate.Migrator) error {
			result, err := m.Up(c.Context(), options)
			if err != nil {
				return err
			}
			if asJSON {
				return console.JSON(p.stdio.Out, map[string]any{"applied": appliedJSON(result.Applied)})
			}
			p.printDone(result, "Applied", "Nothing to migrate.")
			return nil
		})
	}
	return c
}

func (p *program) migrateStatus() *cobra.Command {
	var asJSON bool
	var pending int
	c := &cobra.Command{
		Use:     "migrate:status",
		Short:   "Show every migration: whether it ran, when, and in which batch",
		Example: fmt.Sprintf("  %s migrate:status\n  %[1]s migrate:status --pending=3   # exit 3 if one is pending", p.name),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	c.Flags().IntVar(&pending, "pending", 0, "exit with `CODE` if a migration is pending")
	c.Flags().Lookup("pending").NoOptDefVal = "1"
	c.RunE = func(c *cobra.Command, _ []string) error {
		if c.Flags().Changed("pending") && (pending < 1 || pending > 255) {
			return &console.Error{Code: console.Usage, Message: fmt.Sprintf("--pending=%d is not an exit code for a failure", pending), Advice: "use a number from 1 to 255"}
		}
		return p.withDatabase(c.Context(), func(app *App) error {
			list, err := app.migrations(c.Context())
			if err != nil {
				return err
			}
			if asJSON {
				err = console.JSON(p.stdio.Out, map[string]any{"migrations": statusJSON(list), "lock": nil})
			} else {
				err = p.printStatus(list)
			}
			if n := countPending(list); err == nil && n > 0 && c.Flags().Changed("pending") {
				return &console.Error{Code: pending, Message: plural(n, "migration") + " pending", Advice: fmt.Sprintf("run `%s migrate`", p.name)}
			}
			return err
		})
	}
	return c
}

func (p *program) migrateRollback() *cobra.Command {
	var options migrate.RollbackOptions
	c := &cobra.Command{
		Use:     "migrate:rollback [N]",
		Short:   "Undo the last migration, or the last N",
		Example: fmt.Sprintf("  %s migrate:rollback\n  %[1]s migrate:rollback 3\n  %[1]s migrate:rollback --batch 2", p.name),
		Args:    cobra.MaximumNArgs(1),
	}
	c.Flags().IntVar(&options.Steps, "step", 0, "undo the last `N` migrations (default 1)")
	c.Flags().IntVar(&options.Batch, "batch", 0, "undo the migrations of batch `N`")
	c.MarkFlagsMutuallyExclusive("step", "batch")
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) == 1 {
			n, err := strconv.Atoi(args[0])
			if err != nil || n < 1 || c.Flags().Changed("step") || options.Batch != 0 {
				return &console.Error{Code: console.Usage, Message: fmt.Sprintf("%q is not a number of migrations", args[0]), Advice: fmt.Sprintf("run `%s migrate:rollback 2`, or use one of --step and --batch", p.name)}
			}
			options.Steps = n
		}
		if options.Steps < 0 || options.Batch < 0 || c.Flags().Changed("step") && options.Steps == 0 || c.Flags().Changed("batch") && options.Batch == 0 {
			return &console.Error{Code: console.Usage, Message: "--step and --batch take a number from 1", Advice: fmt.Sprintf("run `%s migrate:rollback --help`", p.name)}
		}
		return p.withMigrator(c.Context(), 0, func(m *migrate.Migrator) error {
			result, err := m.Rollback(c.Context(), options)
			if err != nil {
				return err
			}
			p.printDone(result, "Rolled back", "Nothing to roll back.")
			return nil
		})
	}
	return c
}

func (p *program) migrateFresh() *cobra.Command {
	var force bool
	c := &cobra.Command{
		Use:     "migrate:fresh",
		Short:   "Drop all tables and run every migration",
		Long:    "Drop all tables and run every migration. ALL DATA IS LOST, so this asks for the\ndatabase's name on a terminal; without a terminal it needs --force.",
		Example: fmt.Sprintf("  %s migrate:fresh --force", p.name),
	}
	c.Flags().BoolVar(&force, "force", false, "do not ask")
	c.RunE = func(c *cobra.Command, _ []string) error {
		return p.with(c.Context(), func(app *App) error {
			if !force {
				if err := p.confirmLoss(app.DB.Name()); err != nil {
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
			return nil
		})
	}
	return c
}

// confirmLoss asks for the name of the database that is about to be emptied.
func (p *program) confirmLoss(name string) error {
	if !console.IsTerminal(p.stdio.In) {
		return &console.Error{
			Message: fmt.Sprintf("migrate:fresh would delete all data in %q, and there is no terminal to ask on", name),
			Advice:  "add --force if that is what you want",
		}
	}
	fmt.Fprintf(p.stdio.Err, "This deletes all data in the database %q. Type its name to go on: ", name)
	answer, _ := bufio.NewReader(p.stdio.In).ReadString('\n')
	if strings.TrimSpace(answer) != name {
		return &console.Error{Message: "that is not the name; nothing was changed"}
	}
	return nil
}

// withMigrator is withDatabase for a command that only needs the migrations. A
// lockTimeout of 0 leaves that to the configuration.
func (p *program) withMigrator(ctx context.Context, lockTimeout time.Duration, command func(*migrate.Migrator) error) error {
	return p.withDatabase(ctx, func(app *App) error {
		if lockTimeout != 0 {
			app.Config.MigrateLockTimeout = lockTimeout
		}
		m, err := app.migrator(nil)
		if err != nil {
			return err
		}
		return command(m)
	})
}

// printDone says how many migrations a command applied or rolled back; names and
// durations are in the log as they happen.
func (p *program) printDone(result migrate.Result, verb, nothing string) {
	if len(result.Applied) == 0 {
		fmt.Fprintln(p.stdio.Out, nothing)
		return
	}
	fmt.Fprintf(p.stdio.Out, "%s %s.\n", verb, plural(len(result.Applied), "migration"))
}

// migrations returns the state of every migration.
func (a *App) migrations(ctx context.Context) ([]migrate.Status, error) {
	m, err := a.migrator(nil)
	if err != nil {
		return nil, err
	}
	return m.Status(ctx)
}

func countPending(list []migrate.Status) int {
	n := 0
	for _, s := range list {
		if s.Status == migrate.Pending {
			n++
		}
	}
	return n
}

func (p *program) printStatus(list []migrate.Status) error {
	if len(list) == 0 {
		fmt.Fprintln(p.stdio.Out, "The application has no migrations.")
		return nil
	}
	rows := [][]string{{"MIGRATION", "STATUS", "BATCH", "APPLIED AT (UTC)", "TOOK"}}
	for _, s := range list {
		row := []string{s.Name, string(s.Status)}
		if s.Status != migrate.Pending {
			row = append(row, strconv.Itoa(s.Batch), s.AppliedAt.UTC().Format(time.DateTime), took(s.Duration))
		}
		rows = append(rows, row)
	}
	return p.table(rows)
}

// took shows a duration that is recorded in milliseconds.
func took(d time.Duration) string {
	if d < time.Millisecond {
		return "<1ms"
	}
	return d.Round(time.Millisecond).String()
}

type migrationJSON struct {
	Name       string  `json:"name"`
	Status     string  `json:"status"`
	Batch      *int    `json:"batch"`
	AppliedAt  *string `json:"applied_at"`
	DurationMS *int64  `json:"duration_ms"`
}

func statusJSON(list []migrate.Status) []migrationJSON {
	migrations := make([]migrationJSON, 0, len(list))
	for _, s := range list {
		m := migrationJSON{Name: s.Name, Status: string(s.Status)}
		if s.Status != migrate.Pending {
			m.Batch = &s.Batch
			m.AppliedAt = new(s.AppliedAt.UTC().Format(time.RFC3339))
			m.DurationMS = new(s.Duration.Milliseconds())
		}
		migrations = append(migrations, m)
	}
	return migrations
}

func appliedJSON(list []migrate.Applied) []map[string]any {
	applied := make([]map[string]any, 0, len(list))
	for _, a := range list {
		applied = append(applied, map[string]any{"name": a.Name, "batch": a.Batch, "duration_ms": a.Duration.Milliseconds()})
	}
	return applied
}
