package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/kitgo/kit/console"
	"github.com/spf13/cobra"
)

// check is one run of kit check.
type check struct {
	stdio      console.IO
	noDatabase bool
	p          *project
	away       error // why the database cannot be reached, so that one check waits for it
}

func checkCommand(stdio console.IO) *cobra.Command {
	k := &check{stdio: stdio}
	c := &cobra.Command{
		Use:   "check",
		Short: "Check the source: format, vet, types, models and pending migrations",
		Long: `Check the source of the application: gofmt, go vet, the types of the frontend, whether
the models that kit db:sync wrote are those of the tables, and whether a pending
migration would lock, lose or break something. Every check runs; nothing is changed.
The last two need the database.`,
		Example: `  kit check
  kit check --no-database`,
		RunE: func(c *cobra.Command, _ []string) error { return k.run(c.Context()) },
	}
	c.Flags().BoolVar(&k.noDatabase, "no-database", false, "leave out what needs the database")
	return c
}

func (k *check) run(ctx context.Context) error {
	p, err := findProject()
	if err != nil {
		return err
	}
	if err := checkGo(ctx); err != nil {
		return err
	}
	k.p = p
	s := newSteps(k.stdio)
	total, bad, code := 0, 0, 0
	for _, c := range k.checks() {
		if ctx.Err() != nil {
			return errInterrupted
		}
		total++
		err := s.do(c.title, func(output io.Writer) error {
			err := c.run(ctx, output)
			if err != nil {
				console.PrintError(output, err)
			}
			return err
		})
		if err != nil {
			bad++
			code = max(code, console.ExitCode(err))
		}
	}
	if ctx.Err() != nil {
		return errInterrupted
	}
	if bad == 0 {
		return nil
	}
	return &console.Error{Code: code, Message: fmt.Sprintf("%d of %d checks failed", bad, total)}
}

// step is one of the checks.
type step struct {
	title string
	run   func(ctx context.Context, output io.Writer) error
}

// checks returns those that there is something to check for.
func (k *check) checks() []step {
	list := []step{{"gofmt", k.format}, {"go vet", k.vet}}
	if _, err := os.Stat(k.p.path("frontend", "tsconfig.json")); err == nil {
		list = append(list, step{"tsc", k.types})
	}
	if _, err := os.Stat(k.p.path("frontend", "src", "generated", "types.ts")); err == nil {
		list = append(list, step{"kit generate:types --check", k.generated})
	}
	if k.noDatabase {
		return list
	}
	if written, _ := filepath.Glob(k.p.path("models", "*_gen.go")); len(written) > 0 {
		list = append(list, step{"kit db:sync --check", k.models})
	}
	return append(list, step{"kit migrate:lint", k.lint})
}

func (k *check) generated(ctx context.Context, output io.Writer) error {
	g := &generateTypes{stdio: console.IO{Out: output, Err: output}}
	files, err := g.generate(ctx, k.p)
	if err != nil {
		return err
	}
	return g.compare(k.p, files)
}

func (k *check) vet(ctx context.Context, output io.Writer) error {
	return tool{dir: k.p.dir}.run(ctx, output, "go", "vet", "./...")
}

// types checks the frontend's with its own compiler.
func (k *check) types(ctx context.Context, output io.Writer) error {
	m, err := k.p.packageManager()
	if err != nil {
		return err
	}
	if err := m.check(ctx); err != nil {
		return err
	}
	frontend := tool{dir: k.p.path("frontend")}
	if !m.installed(frontend.dir) {
		if err := m.install(ctx, output, frontend.dir); err != nil {
			return err
		}
	}
	// On Windows its ending depends on the package manager, and is found.
	return frontend.run(ctx, output, filepath.Join(frontend.dir, "node_modules", ".bin", "tsc"), "--noEmit")
}
