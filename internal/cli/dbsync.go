package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/env"
	"github.com/kitgo/kit/internal/modelgen"
	"github.com/spf13/cobra"
)

// dbSync is one run of kit db:sync.
type dbSync struct {
	stdio                 console.IO
	skipMigrations, check bool
}

func dbSyncCommand(stdio console.IO) *cobra.Command {
	d := &dbSync{stdio: stdio}
	c := &cobra.Command{
		Use:   "db:sync",
		Short: "Migrate, and write the models from the tables",
		Long: `Run the pending migrations, read the tables of the database, and write the models:
for each table a file TABLE_gen.go with the struct, which is written anew each time,
and once a file for its methods, which is yours. The file of a table that is gone is
removed. A struct of that name that you have written is left alone.`,
		Example: `  kit db:sync
  kit db:sync --skip-migrations
  kit db:sync --check`,
		RunE: func(c *cobra.Command, _ []string) error { return d.run(c.Context()) },
	}
	f := c.Flags()
	f.BoolVar(&d.skipMigrations, "skip-migrations", false, "take the tables as they are")
	f.BoolVar(&d.check, "check", false, "migrate and write nothing: show what would change in the models, and exit with 1 if anything would")
	return c
}

func (d *dbSync) run(ctx context.Context) error {
	p, err := findProject()
	if err != nil {
		return err
	}
	s := newSteps(d.stdio)
	if !d.skipMigrations && !d.check {
		if err := checkGo(ctx); err != nil {
			return err
		}
		if err := s.do("migrate", func(output io.Writer) error { return migrate(ctx, output, p) }); err != nil {
			return &console.Error{
				Code: console.ExitCode(err), Message: err.Error(), Err: err,
				Advice: "correct what is above; kit db:sync --skip-migrations takes the tables as they are",
			}
		}
	}
	tables, err := inspect(ctx, p)
	if err != nil {
		return err
	}
	plan, err := modelgen.NewPlan(p.path("models"), tables)
	if err != nil {
		return unreadable(p, err)
	}
	if d.check {
		return d.compare(s, plan)
	}
	if err := plan.Apply(); err != nil {
		return err
	}
	d.tell(s, plan)
	return nil
}

// migrate builds the application and runs its pending migrations, as a process of its
// own that gets the interrupt.
func migrate(ctx context.Context, output io.Writer, p *project) error {
	dir, err := os.MkdirTemp("", "kit-sync-")
	if err != nil {
		return fmt.Errorf("making the directory of the binary: %w", err)
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, p.name())
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	t := tool{dir: p.dir, env: []string{"CGO_ENABLED=0"}}
	if err := t.run(ctx, output, "go", "build", "-trimpath", "-buildvcs=false", "-o", binary, "."); err != nil {
		return err
	}
	if err := (tool{dir: p.dir}).run(ctx, output, binary, "migrate"); err != nil {
		if ctx.Err() != nil {
			return err
		}
		return errors.New("the migrations failed")
	}
	return nil
}

// inspect reads the tables of the application's database.
func inspect(ctx context.Context, p *project) ([]modelgen.Table, error) {
	settings, err := env.Load[struct {
		DatabaseURL string `env:"DATABASE_URL,required"`
		Database    database.Options
	}](env.OS(p.dir))
	if err != nil {
		return nil, err
	}
	// The path of an SQLite file counts from the application.
	if err := os.Chdir(p.dir); err != nil {
		return nil, fmt.Errorf("going to the application: %w", err)
	}
	db, err := database.Open(settings.DatabaseURL, &database.Options{ConnectTimeout: settings.Database.ConnectTimeout})
	if err != nil {
		return nil, err
	}
	if err := lasting(db); err != nil {
		return nil, err
	}
	tables, err := modelgen.Inspect(ctx, db)
	return tables, errors.Join(err, db.Close())
}

// lasting reports that an SQLite database is in memory, or not there: connecting would
// make an empty one.
func lasting(db *database.DB) error {
	if db.Dialect() != database.SQLite {
		return nil
	}
	if db.Path() == "" {
		return &console.Error{Message: "the database is in memory, and has no tables in this process", Advice: "set DATABASE_URL to a file, such as sqlite://database/app.db"}
	}
	if _, err := os.Stat(db.Path()); err != nil {
		return &console.Error{Message: "there is no database: " + err.Error(), Advice: "run `kit migrate`, which makes it", Err: err}
	}
	return nil
}

// compare shows what a run would change.
func (d *dbSync) compare(s steps, plan *modelgen.Plan) error {
	if len(plan.Changes) == 0 {
		d.tell(s, plan)
		return nil
	}
	if _, err := io.WriteString(d.stdio.Out, plan.Diff()); err != nil {
		return err
	}
	return &console.Error{Message: "the models are not those of the tables: " + files(len(plan.Changes)) + " would change", Advice: "run `kit db:sync`"}
}

func files(n int) string {
	if n == 1 {
		return "1 file"
	}
	return fmt.Sprintf("%d files", n)
}

// tell says what was done, and what was left alone.
func (d *dbSync) tell(s steps, plan *modelgen.Plan) {
	done := map[modelgen.Action]string{modelgen.Create: "new", modelgen.Update: "changed", modelgen.Remove: "removed: "}
	for _, c := range plan.Changes {
		what := done[c.Action] + c.Why
		if c.Own {
			what = "new, and yours from now on"
		}
		fmt.Fprintf(d.stdio.Out, "  %s %s %s\n", s.paint("32", "✓"), filepath.Join("models", c.File), s.paint("2", "("+what+")"))
	}
	if len(plan.Changes) == 0 {
		fmt.Fprintf(d.stdio.Out, "  %s the models are those of the tables; nothing to change\n", s.paint("32", "✓"))
	}
	for _, n := range plan.Notes {
		text := n.Message
		if n.File != "" {
			text = filepath.Join("models", n.File) + ": " + text
		}
		fmt.Fprintf(d.stdio.Out, "  %s %s\n", s.paint("33", "!"), text)
		if n.Advice != "" {
			fmt.Fprintf(d.stdio.Out, "    %s\n", n.Advice)
		}
	}
}
