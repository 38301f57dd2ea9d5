package cli

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/scaffold"
	"github.com/spf13/cobra"
)

// newApp is one run of kit new.
type newApp struct {
	stdio                console.IO
	app                  scaffold.App
	example              string // "" is the starter
	noInteraction, noGit bool
}

func newCommand(stdio console.IO) *cobra.Command {
	n := &newApp{stdio: stdio}
	c := &cobra.Command{
		Use:   "new NAME",
		Short: "Make a new application",
		Long: `Make a new application in the directory NAME: server, React pages, a table with
its migration, a scheduled task, and tests. What is not given on the command line
is asked for on a terminal.`,
		Example: `  kit new shop
  kit new shop --db postgres --module example.com/shop --no-interaction
  kit new shop --package-manager pnpm
  kit new watch --example uptime   # a whole application: a monitor of web sites`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage(fmt.Sprintf("kit new takes one name, but got %s", strings.Join(args, " ")), "run `kit new --help`")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				n.app.Name = args[0]
				if err := checkName(n.app.Name); err != nil {
					return err
				}
			}
			return n.run(c.Context())
		},
	}
	f := c.Flags()
	f.BoolVar(&n.noInteraction, "no-interaction", false, "ask nothing, use the defaults")
	f.BoolVar(&n.noGit, "no-git", false, "make no Git repository")
	f.StringVar(&n.app.Database, "db", "", "database of development: sqlite, postgres or mysql (default sqlite)")
	f.StringVar(&n.app.PackageManager, "package-manager", "", "of the frontend: npm, pnpm or bun (default npm)")
	f.StringVar(&n.app.Module, "module", "", "path of the Go module (default NAME)")
	f.StringVar(&n.example, "example", "", "begin with a whole application instead: "+strings.Join(scaffold.Examples(), ", "))
	completes(c, "db", scaffold.SQLite, scaffold.Postgres, scaffold.MySQL)
	completes(c, "package-manager", scaffold.NPM, scaffold.PNPM, scaffold.Bun)
	completes(c, "example", scaffold.Examples()...)
	completes(c, "module")
	return c
}

func (n *newApp) run(ctx context.Context) error {
	if err := n.complete(ctx); err != nil {
		return err
	}
	if err := checkFree(n.app.Name); err != nil {
		return err
	}
	manager, err := managerNamed(n.app.PackageManager)
	if err != nil {
		return err
	}
	if err := errors.Join(checkGo(ctx), manager.check(ctx)); err != nil {
		return err
	}
	// package.json names it, as there is no lock file yet.
	if n.app.PackageManagerVersion, err = manager.versionForNew(ctx); err != nil {
		return err
	}
	if err := checkNotStandard(ctx, n.app); err != nil {
		return err
	}
	kit, err := framework()
	if err != nil {
		return err
	}
	n.app.Kit = kit
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return fmt.Errorf("make a key: %w", err)
	}
	n.app.Key = base64.StdEncoding.EncodeToString(key)
	files, err := n.files()
	if err != nil {
		return err
	}
	return n.make(ctx, files, manager)
}

// files returns the files of the starter, or of the example.
func (n *newApp) files() ([]scaffold.File, error) {
	if n.example == "" {
		return scaffold.NewApp(n.app)
	}
	return scaffold.NewExample(n.example, n.app)
}

// checkExample reports an example that there is not.
func checkExample(name string) error {
	known := scaffold.Examples()
	if name == "" || slices.Contains(known, name) {
		return nil
	}
	return usage(fmt.Sprintf("there is no example %q", name), "there is: "+strings.Join(known, ", "))
}

// checkFree reports that there is something of a name already.
func checkFree(name string) error {
	if _, err := os.Lstat(name); err == nil {
		return &console.Error{Message: name + " already exists", Advice: "choose another name, or remove it first"}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("making the application: %w", err)
	}
	return nil
}

// complete fills what the command line left open, by asking or with the default.
func (n *newApp) complete(ctx context.Context) error {
	ask := !n.noInteraction && console.IsTerminal(n.stdio.In)
	if n.app.Name == "" && !ask {
		return usage("kit new needs a name", "for example: kit new shop")
	}
	if err := checkExample(n.example); err != nil {
		return err
	}
	if n.app.Database != "" {
		if err := checkDatabase(n.app.Database); err != nil {
			return err
		}
	}
	if n.app.PackageManager != "" {
		if err := checkPackageManager(n.app.PackageManager); err != nil {
			return err
		}
	}
	if ask {
		if err := n.ask(ctx); err != nil {
			return err
		}
	}
	if n.app.Database == "" {
		n.app.Database = scaffold.SQLite
	}
	if n.app.PackageManager == "" {
		n.app.PackageManager = packageManagers[0].name
	}
	if n.app.Module == "" {
		n.app.Module = n.app.Name
		return nil
	}
	return checkModule(n.app.Module)
}

// make writes the application beside its place and moves it there when everything
// has worked, so that a failure or Ctrl-C leaves nothing.
func (n *newApp) make(ctx context.Context, files []scaffold.File, manager packageManager) error {
	// Who reads the output may go, as in `kit new shop | head -1`: that must not end this
	// in between.
	gone := make(chan os.Signal, 1)
	signal.Notify(gone, syscall.SIGPIPE)
	defer signal.Stop(gone)
	workshop, err := os.MkdirTemp(".", ".kit-new-")
	if err != nil {
		return fmt.Errorf("making the application: %w", err)
	}
	defer os.RemoveAll(workshop)
	dir := filepath.Join(workshop, n.app.Name)
	if err := writeFiles(dir, files); err != nil {
		return err
	}
	s := newSteps(n.stdio)
	fmt.Fprintf(n.stdio.Out, "Making %s\n", s.paint("1", n.app.Name))
	err = s.do(fmt.Sprintf("%d files", len(files)+1), func(output io.Writer) error { return tidy(ctx, output, dir, n.app.Kit) })
	if err != nil {
		return err
	}
	if err := n.repository(ctx, s, dir); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return errInterrupted
	}
	if err := os.Rename(dir, n.app.Name); err != nil {
		return fmt.Errorf("making the application: %w", err)
	}
	n.printNext(s, manager)
	return nil
}

// tidy completes go.mod and writes go.sum. It needs no network when the modules
// are in the module cache: the sums of a checkout's modules are those of the
// checkout, and those of a published one came with this command.
func tidy(ctx context.Context, output io.Writer, dir string, kit scaffold.Kit) error {
	if kit.Dir != "" {
		sums, err := os.ReadFile(filepath.Join(kit.Dir, "go.sum"))
		if err != nil {
			return fmt.Errorf("reading the checkout's go.sum: %w", err)
		}
		if err := os.WriteFile(filepath.Join(dir, "go.sum"), sums, 0o644); err != nil {
			return err
		}
	}
	if err := (tool{dir: dir, env: []string{"GOWORK=off"}}).run(ctx, output, "go", "mod", "tidy"); err != nil {
		if errors.Is(err, errInterrupted) {
			return err
		}
		return &console.Error{
			Message: "the Go modules of the application could not be completed: " + err.Error(),
			Advice:  "check the connection to the Go module proxy (go env GOPROXY), then try again",
			Err:     err,
		}
	}
	return nil
}

// repository makes dir a Git repository with everything added and nothing
// committed: who commits is not known.
func (n *newApp) repository(ctx context.Context, s steps, dir string) error {
	if n.noGit {
		return nil
	}
	if _, err := exec.LookPath("git"); err != nil {
		fmt.Fprintln(n.stdio.Out, "  - no Git repository: git is missing")
		return nil
	}
	if inside, err := (tool{}).output(ctx, "git", "rev-parse", "--is-inside-work-tree"); err == nil && inside == "true" {
		fmt.Fprintln(n.stdio.Out, "  - no Git repository of its own: this directory is in one")
		return nil
	}
	return s.do("Git repository", func(output io.Writer) error {
		git := tool{dir: dir}
		if err := git.run(ctx, output, "git", "init", "--quiet"); err != nil {
			return err
		}
		return git.run(ctx, output, "git", "add", "--all")
	})
}

func (n *newApp) printNext(s steps, manager packageManager) {
	lines := []string{"cd " + n.app.Name}
	switch n.app.Database {
	case scaffold.Postgres:
		lines = append(lines, "createdb "+n.app.DatabaseName()+"  # or change DATABASE_URL in .env")
	case scaffold.MySQL:
		lines = append(lines, "mariadb-admin create "+n.app.DatabaseName()+"  # or change DATABASE_URL in .env")
	}
	lines = append(lines, "kit serve --migrate  # http://localhost:8000")
	fmt.Fprintf(n.stdio.Out, "\nNext:\n")
	for _, line := range lines {
		fmt.Fprintf(n.stdio.Out, "  %s\n", s.paint("36", line))
	}
	if lock := "frontend/" + manager.lock; manager.name != scaffold.NPM {
		fmt.Fprintf(n.stdio.Out, "\nThe first build installs the packages with %s and writes %s: commit it.\n", manager.name, lock)
	}
}

// writeFiles writes files below dir, which it makes.
func writeFiles(dir string, files []scaffold.File) error {
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("writing %s: %w", f.Path, err)
		}
		mode := fs.FileMode(0o644)
		if filepath.Base(path) == ".env" {
			mode = 0o600 // it will hold secrets
		}
		if err := os.WriteFile(path, f.Content, mode); err != nil {
			return fmt.Errorf("writing %s: %w", f.Path, err)
		}
	}
	return nil
}
