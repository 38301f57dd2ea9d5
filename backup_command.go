package kit

import (
	"cmp"
	"fmt"
	neturl "net/url"
	"strings"
	"time"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/backup"
	"github.com/spf13/cobra"
)

func (p *program) backup() *cobra.Command {
	var options backup.Options
	var asJSON bool
	c := &cobra.Command{
		Use:     "backup FILE",
		Short:   "Copy the SQLite database while the application runs",
		Long:    "Copy the SQLite database to a file, or to a file with the time in its name in a\ndirectory, while the application runs. The copy has what was committed when it\nbegan. It is checked, and only then gets its name: there is never half a backup.",
		Example: fmt.Sprintf("  %s backup before-the-deploy.db\n  %[1]s backup /var/backups/%[1]s/ --keep 14", p.name),
		Args: func(_ *cobra.Command, args []string) error {
			return oneFile("backup", args, fmt.Sprintf("run `%s backup FILE`, or a directory with a slash at its end", p.name))
		},
	}
	c.Flags().IntVar(&options.Keep, "keep", 0, "delete older backups in the directory until `N` are left")
	c.Flags().BoolVar(&options.Replace, "force", false, "replace FILE when it exists")
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	c.RunE = func(c *cobra.Command, args []string) error {
		if options.Keep < 0 || c.Flags().Changed("keep") && options.Keep == 0 {
			return &console.Error{Code: console.Usage, Message: "--keep takes a number from 1", Advice: fmt.Sprintf("run `%s backup --help`", p.name)}
		}
		return p.with(c.Context(), func(app *App) error {
			if app.DB.Dialect() != database.SQLite {
				return notSQLite(app.DB, "backup", dumpLine(app.DB, args[0]))
			}
			bar := p.progress("Backing up " + app.DB.Name())
			options.Progress = bar.bytes
			made, err := backup.Write(c.Context(), app.DB, args[0], &options)
			bar.end()
			if made.File == "" {
				return err
			}
			p.warnOrphans(made.Orphans, "the backup, as in the database,")
			if asJSON {
				return joinJSON(err, console.JSON(p.stdio.Out, map[string]any{
					"file": made.File, "bytes": made.Bytes, "duration_ms": made.Duration.Milliseconds(), "orphans": made.Orphans, "removed": append([]string{}, made.Removed...),
				}))
			}
			fmt.Fprintf(p.stdio.Out, "Backed up %s to %s: %s, checked (%s).\n", app.DB.Name(), made.File, size(made.Bytes), made.Duration.Round(time.Millisecond))
			for _, file := range made.Removed {
				fmt.Fprintf(p.stdio.Out, "Deleted %s.\n", file)
			}
			return err
		})
	}
	return c
}

// joinJSON returns the errors of a command and of printing its answer, after which no
// document with the first one may follow.
func joinJSON(err, printed error) error {
	if printed != nil {
		return printed
	}
	return console.Answered(err)
}

// oneFile wants the name of one file.
func oneFile(command string, args []string, advice string) error {
	switch {
	case len(args) == 0 || len(args) == 1 && args[0] == "":
		return &console.Error{Code: console.Usage, Message: command + " needs the name of a file", Advice: advice}
	case len(args) > 1:
		return &console.Error{Code: console.Usage, Message: fmt.Sprintf("%s takes one file, but got %d", command, len(args)), Advice: advice}
	}
	return nil
}

func (p *program) warnOrphans(n int, where string) {
	if n > 0 {
		fmt.Fprintf(p.stdio.Err, "warning: in %s %s to a row that is not there (PRAGMA foreign_key_check lists them)\n", where, refer(n))
	}
}

func refer(n int) string {
	if n == 1 {
		return "1 row refers"
	}
	return fmt.Sprintf("%d rows refer", n)
}

// notSQLite says that a command is for SQLite, and what does it on another database.
func notSQLite(db *database.DB, command, line string) error {
	advice := "run `" + line + "`"
	if db.Dialect() == database.Postgres {
		advice += "; it takes the password from PGPASSWORD or ~/.pgpass"
	} else {
		advice += "; it asks for the password"
	}
	return &console.Error{Message: fmt.Sprintf("%s is for SQLite, and the database is %s", command, db), Advice: advice}
}

// dumpLine is the command that backs up a database on a server.
func dumpLine(db *database.DB, file string) string {
	if strings.HasSuffix(file, "/") {
		file += db.Name() + ".dump"
	}
	if db.Dialect() == database.Postgres {
		return fmt.Sprintf("pg_dump --format=custom --file=%s '%s'", file, withoutPassword(db))
	}
	return fmt.Sprintf("mariadb-dump --single-transaction --routines --events %s --result-file=%s %s", mysqlFlags(db), file, db.Name())
}

// restoreLine is the command that restores what that of dumpLine has made.
func restoreLine(db *database.DB, file string) string {
	if db.Dialect() == database.Postgres {
		return fmt.Sprintf("pg_restore --clean --if-exists --single-transaction --dbname='%s' %s", withoutPassword(db), file)
	}
	return fmt.Sprintf("mariadb %s %s < %s", mysqlFlags(db), db.Name(), file)
}

// withoutPassword returns the URL of a database without a password, which does not belong
// on a command line.
func withoutPassword(db *database.DB) string {
	u, err := neturl.Parse(db.String())
	if err != nil {
		return db.String()
	}
	if u.User != nil {
		u.User = neturl.User(u.User.Username())
	}
	return u.String()
}

func mysqlFlags(db *database.DB) string {
	u, err := neturl.Parse(db.String())
	if err != nil {
		return "--password"
	}
	user := cmp.Or(u.User.Username(), "root")
	if socket := u.Query().Get("socket"); socket != "" {
		return fmt.Sprintf("--socket=%s --user=%s --password", socket, user)
	}
	return fmt.Sprintf("--host=%s --port=%s --user=%s --password", u.Hostname(), cmp.Or(u.Port(), "3306"), user)
}
