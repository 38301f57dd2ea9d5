package kit

import (
	"fmt"
	"time"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/database/migrate"
	"github.com/spf13/cobra"
)

func (p *program) migrateResolve() *cobra.Command {
	var applied, notApplied bool
	c := &cobra.Command{
		Use:   "migrate:resolve NAME",
		Short: "Say whether a dirty migration is applied, after looking at the database",
		Long: "A migration that a transaction could not undo, and that did not end, is dirty:\n" +
			"nothing is migrated any more. Look at the database (migrate:status says how far it\n" +
			"came), then either complete it by hand and say --applied, or undo by hand what was\n" +
			"done and say --not-applied, so that it runs again. Nothing of it is run by this.\n\n" +
			"With --applied it also accepts that a migration was changed after it was applied.",
		Example: fmt.Sprintf("  %s migrate:resolve m20260101_090000_create_users_table --applied", p.name),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				return nil
			}
			return &console.Error{Code: console.Usage, Message: "migrate:resolve takes the name of one migration", Advice: fmt.Sprintf("run `%s migrate:status` for the names", p.name)}
		},
	}
	c.Flags().BoolVar(&applied, "applied", false, "what it does is in the database")
	c.Flags().BoolVar(&notApplied, "not-applied", false, "nothing of it is in the database")
	c.RunE = func(c *cobra.Command, args []string) error {
		if applied == notApplied {
			return &console.Error{Code: console.Usage, Message: "say one of --applied and --not-applied", Advice: fmt.Sprintf("run `%s migrate:resolve --help`", p.name)}
		}
		return p.withMigrator(c.Context(), 0, func(m *migrate.Migrator) error {
			if err := m.Resolve(c.Context(), args[0], applied); err != nil {
				return err
			}
			state := "pending"
			if applied {
				state = "applied"
			}
			fmt.Fprintf(p.stdio.Out, "%s is %s.\n", args[0], state)
			return nil
		})
	}
	return c
}

func (p *program) migrateUnlock() *cobra.Command {
	var force bool
	c := &cobra.Command{
		Use:   "migrate:unlock",
		Short: "Show who holds the migration lock, and remove a lease by force",
		Long: "Show who holds the migration lock. Behind a pooler such as PgBouncer the lock is a\n" +
			"leased row, which is void 8 seconds after its process has ended; --force removes\n" +
			"it at once. Elsewhere the lock belongs to a connection or to a file, ends with its\n" +
			"process, and cannot be removed.",
		Example: fmt.Sprintf("  %s migrate:unlock --force", p.name),
	}
	c.Flags().BoolVar(&force, "force", false, "remove the lease, although its process may still migrate")
	c.RunE = func(c *cobra.Command, _ []string) error {
		return p.withMigrator(c.Context(), 0, func(m *migrate.Migrator) error {
			lock, err := m.Lock(c.Context())
			if err != nil {
				return err
			}
			switch {
			case lock == nil:
				fmt.Fprintln(p.stdio.Out, "The migration lock is free.")
				return nil
			case !lock.Leased:
				return &console.Error{
					Message: "the migration lock is held by " + describe(lock) + " and cannot be removed",
					Advice:  "it ends with that process: stop it",
				}
			case !force:
				return &console.Error{
					Message: "the migration lock is leased by " + describe(lock) + "; it is renewed as long as that process lives",
					Advice:  fmt.Sprintf("when that process is gone the lease ends by itself at %s UTC; `%s migrate:unlock --force` removes it now", lock.Expires.Format(time.TimeOnly), p.name),
				}
			}
			removed, err := m.Unlock(c.Context())
			if err != nil {
				return err
			}
			if removed == nil {
				fmt.Fprintln(p.stdio.Out, "The migration lock is free.")
				return nil
			}
			fmt.Fprintf(p.stdio.Out, "Removed the lease of %s.\n", describe(removed))
			return nil
		})
	}
	return c
}

// describe says whose a lock is and what is being done under it.
func describe(l *migrate.Lock) string {
	text := fmt.Sprintf("%s (since %s UTC)", l.Holder, l.Since.Format(time.DateTime))
	if l.Applying != "" {
		text += ", applying " + l.Applying
	}
	return text
}
