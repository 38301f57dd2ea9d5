package kit

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/database/migrate"
	"github.com/spf13/cobra"
)

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
		return p.withMigrator(c.Context(), 0, func(m *migrate.Migrator) error {
			list, err := m.Status(c.Context())
			if err != nil {
				return err
			}
			lock, err := m.Lock(c.Context())
			if err != nil {
				return err
			}
			unmarkRunning(list, lock)
			if asJSON {
				err = console.JSON(p.stdio.Out, map[string]any{"migrations": statusJSON(list), "lock": lockJSON(lock)})
			} else {
				err = p.printStatus(list, lock)
			}
			if n := countPending(list); err == nil && n > 0 && c.Flags().Changed("pending") {
				return console.Answered(&console.Error{Code: pending, Message: plural(n, "migration") + " pending", Advice: fmt.Sprintf("run `%s migrate`", p.name)})
			}
			return err
		})
	}
	return c
}

// migrations returns the state of every migration.
func (a *App) migrations(ctx context.Context) ([]migrate.Status, error) {
	m, err := a.migrator(nil)
	if err != nil {
		return nil, err
	}
	return m.Status(ctx)
}

// unmarkRunning makes the migration that is being applied right now a pending one: it
// has a mark, and is dirty only if it does not end.
func unmarkRunning(list []migrate.Status, lock *migrate.Lock) {
	for i, s := range list {
		if lock != nil && s.Status == migrate.Dirty && strings.HasSuffix(lock.Applying, s.Name) {
			list[i] = migrate.Status{Name: s.Name, Status: migrate.Pending}
		}
	}
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

func (p *program) printStatus(list []migrate.Status, lock *migrate.Lock) error {
	if lock != nil {
		fmt.Fprintf(p.stdio.Out, "Migrating now: %s, since %s UTC", lock.Holder, lock.Since.Format(time.DateTime))
		if lock.Applying != "" {
			fmt.Fprintf(p.stdio.Out, ", %s", lock.Applying)
		}
		fmt.Fprint(p.stdio.Out, "\n\n")
	}
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
	if err := p.table(rows); err != nil {
		return err
	}
	p.printRemarks(list)
	return nil
}

// printRemarks explains the states that somebody should look at.
func (p *program) printRemarks(list []migrate.Status) {
	var late, missing, changed []string
	for _, s := range list {
		switch {
		case s.Journal != nil:
			fmt.Fprintf(p.stdio.Out, "\n%s is dirty: it has begun and did not end.\n  %s\n", s.Name, strings.ReplaceAll(s.Journal.String(), "; ", "\n  "))
			fmt.Fprintf(p.stdio.Out, "  Complete it by hand and run `%s migrate:resolve %s --applied`,\n  or undo what was done and run `%[1]s migrate:resolve %[2]s --not-applied`.\n", p.name, s.Name)
		case s.Late:
			late = append(late, s.Name)
		case s.Status == migrate.Missing:
			missing = append(missing, s.Name)
		case s.Status == migrate.Changed:
			changed = append(changed, s.Name)
		}
	}
	for _, remark := range []struct {
		names []string
		text  string
	}{
		{late, "Pending, but older than the newest applied one, as after merging two branches"},
		{missing, "Applied, but not in this program: the database is ahead of it"},
		{changed, "Changed after it was applied: the database has what it did before"},
	} {
		if len(remark.names) > 0 {
			fmt.Fprintf(p.stdio.Out, "\n%s:\n  %s\n", remark.text, strings.Join(remark.names, "\n  "))
		}
	}
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
	// Late is true for a pending one that is older than the newest applied one.
	Late bool `json:"late"`
	// Journal is for a dirty one.
	Journal *migrate.Journal `json:"journal"`
}

func statusJSON(list []migrate.Status) []migrationJSON {
	migrations := make([]migrationJSON, 0, len(list))
	for _, s := range list {
		m := migrationJSON{Name: s.Name, Status: string(s.Status), Late: s.Late, Journal: s.Journal}
		if s.Status != migrate.Pending {
			m.Batch = &s.Batch
			m.AppliedAt = new(s.AppliedAt.UTC().Format(time.RFC3339))
			m.DurationMS = new(s.Duration.Milliseconds())
		}
		migrations = append(migrations, m)
	}
	return migrations
}

// lockJSON returns the holder of the migration lock; nil when it is free.
func lockJSON(l *migrate.Lock) any {
	if l == nil {
		return nil
	}
	return struct {
		Holder   string `json:"holder"`
		Since    string `json:"since"`
		Applying string `json:"applying"`
	}{l.Holder, l.Since.Format(time.RFC3339), l.Applying}
}
