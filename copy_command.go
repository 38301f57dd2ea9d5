package kit

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/database/runs"
	"github.com/kitgo/kit/database/schema"
	"github.com/kitgo/kit/database/transfer"
	"github.com/kitgo/kit/session"
	"github.com/spf13/cobra"
)

func (p *program) dbCopy() *cobra.Command {
	run := copyRun{p: p, options: transfer.Options{Own: []schema.Own{runs.Tables(), session.Tables(), maintenanceTables}}}
	var url string
	var force bool
	c := &cobra.Command{
		Use:   "db:copy --to URL",
		Short: "Copy the database into another one, such as SQLite into PostgreSQL",
		Long:  "Copy all rows of the application's database into another one, such as those of SQLite\ninto PostgreSQL. The migrations make the tables there. All is one transaction; each\ntable is read back, and row counts and checksums are compared. What is written to the\napplication's database meanwhile is not copied: stop the application, or run `down`.",
		Example: fmt.Sprintf("  PGPASSWORD=secret %s db:copy --to postgres://user@host:5432/name\n"+
			"  %[1]s db:copy --to - < url.txt      # keeps the password off the command line", p.name),
	}
	c.Flags().StringVar(&url, "to", "", "the `URL` of the target, as in DATABASE_URL; - reads it from standard input")
	c.Flags().StringSliceVar(&run.options.Except, "except", nil, "leave out the table `TABLE`; may be given more than once")
	c.Flags().BoolVar(&force, "force", false, "delete the rows that the target has, without asking")
	c.Flags().BoolVar(&run.asJSON, "json", false, "print one JSON document")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if url == "-" {
			line, err := bufio.NewReader(p.stdio.In).ReadString('\n')
			if err != nil && !errors.Is(err, io.EOF) {
				return fmt.Errorf("read the URL: %w", err)
			}
			url = strings.TrimSpace(line)
		}
		if url == "" {
			return &console.Error{Code: console.Usage, Message: "db:copy needs the database to copy to", Advice: fmt.Sprintf("run `%s db:copy --to postgres://user@host:5432/name`", p.name)}
		}
		return p.withDatabase(c.Context(), func(app *App) error {
			to, err := database.Open(url, &database.Options{SlowQuery: -1, Logger: app.Logger})
			if err != nil {
				return ofTarget(err)
			}
			run.app, run.to = app, to
			return errors.Join(run.all(c.Context(), force), to.Close())
		})
	}
	return c
}

// targetTimeout is how long db:copy waits for a target that does not answer.
const targetTimeout = 10 * time.Second

// copyRun is one run of db:copy.
type copyRun struct {
	p       *program
	app     *App
	to      *database.DB
	options transfer.Options
	asJSON  bool
}

func (r *copyRun) all(ctx context.Context, force bool) error {
	if err := r.checkSource(ctx); err != nil {
		return err
	}
	if transfer.Same(r.app.DB, r.to) { // before a new file is made
		return &console.Error{Message: fmt.Sprintf("--to %s is the application's own database", r.to), Advice: "name another one"}
	}
	if err := r.to.ConnectWithin(ctx, targetTimeout); err != nil {
		return ofTarget(err)
	}
	occupied, err := transfer.Inspect(ctx, r.app.DB, r.to, &r.options)
	if err != nil {
		return err
	}
	if len(occupied) > 0 && !force {
		if err := r.confirm(occupied); err != nil {
			return err
		}
	}
	target := *r.app
	target.DB = r.to
	m, err := target.migrator(nil)
	if err != nil {
		return err
	}
	if _, err := m.Up(ctx, migrate.UpOptions{}); err != nil {
		return fmt.Errorf("migrate the target: %w", err)
	}
	bar := r.p.progress("Copying")
	r.options.Progress = func(table string, rows, total int64) {
		bar.line(fmt.Sprintf("%s, %s of %s rows", table, thousands(rows), thousands(total)))
	}
	result, err := transfer.Copy(ctx, r.app.DB, r.to, &r.options)
	bar.end()
	if err != nil {
		return r.failed(err)
	}
	return r.tell(result)
}

// checkSource wants a source whose schema is the one that the migrations make in the target.
func (r *copyRun) checkSource(ctx context.Context) error {
	m, err := r.app.migrator(nil)
	if err != nil {
		return err
	}
	status, err := m.Status(ctx)
	if err != nil {
		return err
	}
	for _, s := range status {
		switch s.Status {
		case migrate.Pending:
			return &console.Error{Message: fmt.Sprintf("migration %s is pending: the target would get other tables", s.Name), Advice: fmt.Sprintf("run `%s migrate` first", r.p.name)}
		case migrate.Dirty:
			return &console.Error{Message: fmt.Sprintf("migration %s is dirty", s.Name), Advice: fmt.Sprintf("run `%s migrate:status`, and resolve it first", r.p.name)}
		case migrate.Missing:
			return &console.Error{Message: fmt.Sprintf("migration %s was applied, and is not in this binary: the target would get other tables", s.Name), Advice: "use the binary of the release that runs on the database"}
		default:
		}
	}
	return nil
}

func (r *copyRun) confirm(occupied []transfer.Occupied) error {
	var list []string
	for _, o := range occupied {
		list = append(list, fmt.Sprintf("%s (%s)", o.Table, thousands(o.Rows)))
	}
	if !console.IsTerminal(r.p.stdio.In) {
		return &console.Error{
			Message: fmt.Sprintf("the target %q has rows: %s", r.to.Name(), some(list)),
			Advice:  "nothing was changed; copy into an empty database, or add --force to delete them first",
		}
	}
	question := fmt.Sprintf("This deletes the rows that the target %q has: %s.", r.to.Name(), some(list))
	return r.p.confirm(r.to.Name(), question, "db:copy would delete the rows of")
}

// failed says what the target is like after an error.
func (r *copyRun) failed(err error) error {
	advice := console.Hint(err)
	if advice == "" {
		advice = "no row was written, the target has empty tables or what it had; correct this in the source and run it again"
	}
	return &console.Error{Code: console.ExitCode(err), Message: "copy: " + err.Error(), Advice: advice, Err: err}
}

func (r *copyRun) tell(result transfer.Result) error {
	if result.Written {
		fmt.Fprintln(r.p.stdio.Err, "warning: the database was written to meanwhile; what was written is not in the copy")
	}
	if r.asJSON {
		tables := make([]map[string]any, 0, len(result.Tables))
		for _, t := range result.Tables {
			tables = append(tables, map[string]any{"name": t.Name, "rows": t.Rows, "checksum": t.Checksum})
		}
		return console.JSON(r.p.stdio.Out, map[string]any{
			"from": r.app.DB.String(), "to": r.to.String(), "tables": tables, "rows": result.Rows,
			"duration_ms": result.Duration.Milliseconds(), "written_meanwhile": result.Written,
		})
	}
	rows := [][]string{{"Table", "Rows", "Checksum of both"}}
	for _, t := range result.Tables {
		rows = append(rows, []string{t.Name, thousands(t.Rows), t.Checksum})
	}
	if err := r.p.table(rows); err != nil {
		return err
	}
	noun := "rows"
	if result.Rows == 1 {
		noun = "row"
	}
	_, err := fmt.Fprintf(r.p.stdio.Out, "\nCopied %s, %s %s, to %s; both sides are the same (%s).\n",
		plural(len(result.Tables), "table"), thousands(result.Rows), noun, r.to, result.Duration.Round(time.Millisecond))
	return err
}

// ofTarget says --to where an error says DATABASE_URL.
func ofTarget(err error) error {
	code := console.ExitCode(err)
	if e, ok := errors.AsType[*database.URLError](err); ok {
		return &console.Error{Code: console.Usage, Message: fmt.Sprintf("--to %q: %s", e.URL, e.Problem), Advice: e.Hint(), Err: err}
	}
	if e, ok := errors.AsType[*database.ConnectError](err); ok {
		return &console.Error{Code: code, Message: fmt.Sprintf("--to %q: %s", e.URL, e.Reason), Advice: strings.ReplaceAll(e.Advice, "DATABASE_URL", "--to"), Err: err}
	}
	return err
}

// thousands returns a number with commas.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
