package kit

import (
	"context"
	"errors"
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
	var asJSON, pretend bool
	c := &cobra.Command{
		Use:     "migrate",
		Short:   "Run pending migrations and exit",
		Long:    "Run the pending migrations, oldest first, and exit. Any number of processes may\nrun this at once: one migrates, the others wait for it.",
		Example: fmt.Sprintf("  %s migrate\n  %[1]s migrate --to m20260101_090000_create_users_table\n  %[1]s migrate --pretend     # print the SQL, change nothing", p.name),
	}
	c.Flags().BoolVar(&pretend, "pretend", false, "print the SQL that would run, and change nothing")
	c.Flags().StringVar(&options.To, "to", "", "stop after the migration `NAME`")
	c.Flags().BoolVar(&options.Step, "step", false, "make each migration a batch of its own, to roll back one by one")
	c.Flags().DurationVar(&lockTimeout, "lock-timeout", 0, "how long to wait for another process's migrations (default MIGRATE_LOCK_TIMEOUT)")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if c.Flags().Changed("lock-timeout") && lockTimeout <= 0 {
			return &console.Error{Code: console.Usage, Message: fmt.Sprintf("--lock-timeout %s is not a time to wait", lockTimeout), Advice: "use a duration such as 30s or 5m"}
		}
		return p.withMigrator(c.Context(), lockTimeout, func(m *migrate.Migrator) error {
			if pretend {
				list, err := m.Pretend(c.Context(), options)
				return p.printPretended(list, err, asJSON, "Nothing to migrate.")
			}
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

func (p *program) migrateRollback() *cobra.Command {
	var options migrate.RollbackOptions
	var pretend bool
	c := &cobra.Command{
		Use:     "migrate:rollback [N]",
		Short:   "Undo the last migration, or the last N",
		Example: fmt.Sprintf("  %s migrate:rollback\n  %[1]s migrate:rollback 3\n  %[1]s migrate:rollback --batch 2\n  %[1]s migrate:rollback --pretend   # print the SQL, change nothing", p.name),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return &console.Error{Code: console.Usage, Message: "migrate:rollback takes one number of migrations", Advice: fmt.Sprintf("run `%s migrate:rollback 2`", p.name)}
			}
			return nil
		},
	}
	c.Flags().IntVar(&options.Steps, "step", 0, "undo the last `N` migrations (default 1)")
	c.Flags().IntVar(&options.Batch, "batch", 0, "undo the migrations of batch `N`")
	c.Flags().BoolVar(&pretend, "pretend", false, "print the SQL that would run, and change nothing")
	c.RunE = func(c *cobra.Command, args []string) error {
		ways := len(args)
		for _, flag := range []string{"step", "batch"} {
			if c.Flags().Changed(flag) {
				ways++
			}
		}
		if ways > 1 {
			return &console.Error{Code: console.Usage, Message: "a number, --step and --batch exclude each other", Advice: fmt.Sprintf("run `%s migrate:rollback --help`", p.name)}
		}
		if len(args) == 1 {
			n, err := strconv.Atoi(args[0])
			if err != nil || n < 1 {
				return &console.Error{Code: console.Usage, Message: fmt.Sprintf("%q is not a number of migrations", args[0]), Advice: fmt.Sprintf("run `%s migrate:rollback 2`", p.name)}
			}
			options.Steps = n
		}
		if options.Steps < 0 || options.Batch < 0 || c.Flags().Changed("step") && options.Steps == 0 || c.Flags().Changed("batch") && options.Batch == 0 {
			return &console.Error{Code: console.Usage, Message: "--step and --batch take a number from 1", Advice: fmt.Sprintf("run `%s migrate:rollback --help`", p.name)}
		}
		return p.withMigrator(c.Context(), 0, func(m *migrate.Migrator) error {
			if pretend {
				list, err := m.PretendRollback(c.Context(), options)
				return p.printPretended(list, err, false, "Nothing to roll back.")
			}
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

// printPretended prints what a command would run.
func (p *program) printPretended(list []migrate.Pretended, err error, asJSON bool, nothing string) error {
	if err != nil {
		return err
	}
	for _, m := range list {
		if m.Err != nil {
			err = unpretended(m)
		}
	}
	if asJSON {
		return errors.Join(console.JSON(p.stdio.Out, map[string]any{"pretended": pretendedJSON(list)}), console.Answered(err))
	}
	if len(list) == 0 {
		fmt.Fprintln(p.stdio.Out, nothing)
	}
	for i, m := range list {
		if i > 0 {
			fmt.Fprintln(p.stdio.Out)
		}
		note := ""
		if m.NoTransaction {
			note = " (without a transaction)"
		}
		fmt.Fprintf(p.stdio.Out, "-- %s%s\n", m.Name, note)
		for _, sql := range m.SQL {
			fmt.Fprintf(p.stdio.Out, "%s;\n", strings.TrimRight(sql, "; \n"))
		}
	}
	return err
}

// unpretended is the error of a migration whose SQL is not known to its end.
func unpretended(m migrate.Pretended) error {
	return &console.Error{
		Message: fmt.Sprintf("migration %s cannot be pretended to its end: %v", m.Name, m.Err),
		Advice:  "it reads what it or a migration before it would have written; try it on a copy of the database",
		Err:     m.Err,
	}
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

func appliedJSON(list []migrate.Applied) []map[string]any {
	applied := make([]map[string]any, 0, len(list))
	for _, a := range list {
		applied = append(applied, map[string]any{"name": a.Name, "batch": a.Batch, "duration_ms": a.Duration.Milliseconds()})
	}
	return applied
}

func pretendedJSON(list []migrate.Pretended) []map[string]any {
	pretended := make([]map[string]any, 0, len(list))
	for _, m := range list {
		sql := m.SQL
		if sql == nil {
			sql = []string{}
		}
		pretended = append(pretended, map[string]any{"name": m.Name, "transaction": !m.NoTransaction, "sql": sql})
	}
	return pretended
}
