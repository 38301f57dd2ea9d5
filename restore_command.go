package kit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/backup"
	"github.com/spf13/cobra"
)

func (p *program) restore() *cobra.Command {
	var verify, force, asJSON bool
	c := &cobra.Command{
		Use:     "restore FILE",
		Short:   "Put a backup in the place of the SQLite database",
		Long:    "Put a backup in the place of the SQLite database. It is checked first; the old\ndatabase stays beside the new one, under another name. The application must not run.\nThis asks for the database's name on a terminal; without a terminal it needs --force.",
		Example: fmt.Sprintf("  %s restore before-the-deploy.db --verify   # only look whether it could be restored\n  %[1]s restore before-the-deploy.db", p.name),
		Args: func(_ *cobra.Command, args []string) error {
			return oneFile("restore", args, fmt.Sprintf("run `%s restore FILE`", p.name))
		},
	}
	c.Flags().BoolVar(&verify, "verify", false, "check FILE and change nothing")
	c.Flags().BoolVar(&force, "force", false, "do not ask")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	c.RunE = func(c *cobra.Command, args []string) error {
		return p.with(c.Context(), func(app *App) error {
			if app.DB.Dialect() != database.SQLite {
				return notSQLite(app.DB, "restore", restoreLine(app.DB, args[0]))
			}
			r := restoration{p: p, app: app, file: args[0], asJSON: asJSON}
			if err := r.examine(c.Context()); err != nil {
				return err
			}
			if verify {
				return r.tell(nil)
			}
			if !force {
				if err := r.confirm(); err != nil {
					return err
				}
			}
			return r.run(c.Context())
		})
	}
	return c
}

// restoration is one run of restore.
type restoration struct {
	p      *program
	app    *App
	file   string
	asJSON bool

	report           backup.Report
	pending, unknown []string // migrations
}

// examine checks the file, and that it is this application's.
func (r *restoration) examine(ctx context.Context) (err error) {
	if r.app.DB.Path() == "" {
		return &console.Error{Message: "the database is in memory: there is nothing to restore", Advice: "set DATABASE_URL to a file, such as sqlite://database/app.db"}
	}
	if backup.IsOf(r.file, r.app.DB.Path()) {
		return &console.Error{Message: r.file + " is the database itself, or a file that belongs to it", Advice: "name the file of a backup"}
	}
	if r.report, err = backup.Check(ctx, r.file); err != nil {
		if d, ok := errors.AsType[*backup.DamagedError](err); ok {
			return &console.Error{Message: d.Error(), Advice: "nothing was changed; use another backup", Err: err}
		}
		return err
	}
	m, err := r.app.migrator(nil)
	if err != nil {
		return err
	}
	own := m.Names()
	known := 0
	for _, name := range r.report.Migrations {
		if slices.Contains(own, name) {
			known++
		} else {
			r.unknown = append(r.unknown, name)
		}
	}
	for _, name := range own {
		if !slices.Contains(r.report.Migrations, name) && !slices.Contains(r.report.Dirty, name) {
			r.pending = append(r.pending, name)
		}
	}
	if known == 0 && len(own) > 0 && len(r.report.Dirty) == 0 {
		return &console.Error{Message: r.file + " is no database of this application: it has none of its migrations", Advice: "nothing was changed; look for the right file"}
	}
	return nil
}

func (r *restoration) confirm() error {
	info, err := os.Stat(r.app.DB.Path())
	if err != nil {
		return nil //nolint:nilerr // there is nothing to lose; restoring says what is wrong
	}
	name := r.app.DB.Name()
	question := fmt.Sprintf("This replaces the database %q (%s, written %s) by the backup %s.", name, size(info.Size()), info.ModTime().Format(time.DateTime), r.file)
	return r.p.confirm(name, question, "restore would replace")
}

func (r *restoration) run(ctx context.Context) error {
	bar := r.p.progress("Restoring " + r.app.DB.Name())
	done, err := backup.Restore(ctx, r.file, r.app.DB.Path(), &backup.RestoreOptions{Progress: bar.bytes})
	bar.end()
	if e, ok := errors.AsType[*backup.InUseError](err); ok {
		return &console.Error{Message: e.Error() + "; nothing was changed", Advice: e.Hint(), Err: err}
	}
	if err != nil {
		return err
	}
	return r.tell(&done)
}

// tell prints what the file is, and what was done with it.
func (r *restoration) tell(done *backup.Restored) error {
	r.p.warnOrphans(r.report.Orphans, r.file)
	if r.asJSON {
		document := map[string]any{
			"file": r.file, "bytes": r.report.Bytes, "tables": r.report.Tables, "orphans": r.report.Orphans,
			"migrations": map[string]any{
				"applied": len(r.report.Migrations), "pending": append([]string{}, r.pending...),
				"unknown": append([]string{}, r.unknown...), "dirty": append([]string{}, r.report.Dirty...),
			},
			"restored": done != nil, "kept": nil,
		}
		if done != nil && done.Kept != "" {
			document["kept"] = done.Kept
		}
		return console.JSON(r.p.stdio.Out, document)
	}
	out := r.p.stdio.Out
	if done == nil {
		fmt.Fprintf(out, "%s is a healthy database of this application: %s, %s, %s applied.\n",
			r.file, size(r.report.Bytes), plural(r.report.Tables, "table"), plural(len(r.report.Migrations), "migration"))
	} else {
		fmt.Fprintf(out, "Restored %s from %s: %s, checked.\n", r.app.DB.Name(), r.file, size(done.Bytes))
		if done.Kept != "" {
			fmt.Fprintf(out, "The old database is %s; delete it when you do not need it.\n", done.Kept)
		}
	}
	for _, list := range []struct {
		names []string
		text  string
	}{
		{r.pending, "pending, and applied at the next start"},
		{r.unknown, "applied there and not in this binary, which is older than the backup"},
		{r.report.Dirty, fmt.Sprintf("dirty: `%s migrate:status` says more", r.p.name)},
	} {
		if len(list.names) > 0 {
			fmt.Fprintf(out, "%s %s: %s.\n", plural(len(list.names), "migration"), list.text, some(list.names))
		}
	}
	return nil
}

// some names the first of a list.
func some(names []string) string {
	const most = 5
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
