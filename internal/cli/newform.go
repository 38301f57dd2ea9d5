package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"
	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/scaffold"
)

// ask asks on the terminal for what the command line left open.
func (n *newApp) ask(ctx context.Context) error {
	// Screen readers and terminals that cannot move the cursor, or have no size, get one
	// line a question.
	sizeless := console.IsTerminal(n.stdio.Err) && console.Width(n.stdio.Err) == 0
	if term := os.Getenv("TERM"); term == "" || term == "dumb" || os.Getenv("ACCESSIBLE") != "" || sizeless {
		return n.askInLines(ctx)
	}
	var pages []*huh.Group
	if n.app.Name == "" {
		pages = append(pages, huh.NewGroup(huh.NewInput().Title("Name").Description("of the directory, the Go module and the binary").
			Placeholder("my-kit-app").Value(&n.app.Name).Validate(func(name string) error {
			if name == "" {
				return nil // the placeholder
			}
			return errors.Join(checkName(name), checkFree(name))
		})))
	}
	if n.example == "" {
		options := []huh.Option[string]{huh.NewOption("a page, a table and a task", "")}
		for _, name := range scaffold.Examples() {
			options = append(options, huh.NewOption("the example "+name, name))
		}
		pages = append(pages, huh.NewGroup(huh.NewSelect[string]().Title("Begin with").Description("examples are whole applications").
			Options(options...).Value(&n.example)))
	}
	if n.app.Database == "" {
		n.app.Database = scaffold.SQLite
		pages = append(pages, huh.NewGroup(huh.NewSelect[string]().Title("Database").Description("of development; another one is a variable away").
			Options(
				huh.NewOption("SQLite, a file", scaffold.SQLite),
				huh.NewOption("PostgreSQL", scaffold.Postgres),
				huh.NewOption("MySQL or MariaDB", scaffold.MySQL),
			).Value(&n.app.Database)))
	}
	if n.app.PackageManager == "" {
		var options []huh.Option[string]
		for _, m := range packageManagers {
			options = append(options, huh.NewOption(m.name, m.name))
		}
		pages = append(pages, huh.NewGroup(huh.NewSelect[string]().Title("Package manager").Description("of the frontend").
			Options(options...).Value(&n.app.PackageManager)))
	}
	if len(pages) == 0 {
		return nil
	}
	// Ctrl-C is a key there, and the signals end ctx.
	options := []tea.ProgramOption{tea.WithoutSignalHandler()}
	if console.Width(n.stdio.Err) == 0 {
		options = append(options, tea.WithWindowSize(80, 24)) // it is no terminal
	}
	form := huh.NewForm(pages...).WithProgramOptions(options...).WithInput(n.stdio.In).WithOutput(n.stdio.Err)
	err := form.RunWithContext(ctx)
	if ctx.Err() != nil || errors.Is(err, huh.ErrUserAborted) {
		return errInterrupted
	}
	if err != nil {
		return fmt.Errorf("asking on the terminal: %w", err)
	}
	if n.app.Name == "" {
		n.app.Name = "my-kit-app"
	}
	return nil
}

// starter is the answer in lines for no example.
const starter = "starter"

// askInLines asks without moving the cursor.
func (n *newApp) askInLines(ctx context.Context) (err error) {
	p := &prompt{in: n.stdio.In, out: n.stdio.Err}
	if n.app.Name == "" {
		n.app.Name, err = p.ask(ctx, "Name of the application", "my-kit-app", checkName)
	}
	if n.example == "" && err == nil {
		n.example, err = p.ask(ctx, "Begin with ("+starter+" or the example "+strings.Join(scaffold.Examples(), ", ")+")", starter, func(name string) error {
			if name == starter {
				return nil
			}
			return checkExample(name)
		})
		if n.example == starter {
			n.example = ""
		}
	}
	if n.app.Database == "" && err == nil {
		n.app.Database, err = p.ask(ctx, "Database (sqlite, postgres or mysql)", scaffold.SQLite, checkDatabase)
	}
	if n.app.PackageManager == "" && err == nil {
		n.app.PackageManager, err = p.ask(ctx, "Package manager (npm, pnpm or bun)", scaffold.NPM, checkPackageManager)
	}
	return err
}
