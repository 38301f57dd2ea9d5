package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/modelgen"
	"github.com/spf13/cobra"
)

func makeModelCommand(stdio console.IO) *cobra.Command {
	var migration bool
	c := &cobra.Command{
		Use:   "make:model NAME",
		Short: "Write a model, and the migration of its table",
		Long: `Write a model in models/: a struct with an id and the times, for you to go on with.
With --migration there is a migration that creates its table, too, and an entry in
the list in migrations/. Nothing that exists is overwritten.`,
		Example: `  kit make:model BlogPost
  kit make:model blog_post --migration`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(fmt.Sprintf("kit make:model takes one name, but got %d", len(args)), "say which, such as: kit make:model Post")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return makeModel(stdio, args[0], migration) },
	}
	c.Flags().BoolVar(&migration, "migration", false, "write a migration that creates the table, too")
	return c
}

func makeModel(stdio console.IO, name string, migration bool) error {
	p, err := findProject()
	if err != nil {
		return err
	}
	d, err := modelgen.NewDraft(p.path("models"), name)
	if err == nil && migration {
		err = d.AddMigration(p.path("migrations"), time.Now())
	}
	if err != nil {
		return explainDraft(p, err)
	}
	if err := d.Write(); err != nil {
		return err
	}
	s := newSteps(stdio)
	for _, file := range d.Files() {
		fmt.Fprintf(stdio.Out, "  %s %s\n", s.paint("32", "✓"), p.relative(file))
	}
	return nil
}

// explainDraft makes mistakes of the user of the errors of a draft.
func explainDraft(p *project, err error) error {
	if name, ok := errors.AsType[*modelgen.NameError](err); ok {
		return usage(name.Error(), "use letters, digits and _, beginning with a letter, such as BlogPost or blog_post")
	}
	if exists, ok := errors.AsType[*modelgen.ExistsError](err); ok {
		return usage(exists.What+" already exists, in "+p.relative(exists.Path)+"; nothing was written", "choose another name, or change what is there")
	}
	if list, ok := errors.AsType[*modelgen.ListError](err); ok {
		return &console.Error{
			Message: "there is no list of migrations in " + p.relative(list.Dir) + "; nothing was written",
			Advice:  "it looks like this: List: []migrate.Migration{ … }, in a migrate.Set; or leave out --migration", Err: err,
		}
	}
	return unreadable(p, err)
}

// unreadable says of a file that Go cannot read where it is wrong.
func unreadable(p *project, err error) error {
	syntax, ok := errors.AsType[*modelgen.SyntaxError](err)
	if !ok {
		return err
	}
	message := strings.ReplaceAll(syntax.Err.Error(), p.dir+string(filepath.Separator), "")
	return &console.Error{Message: "Go cannot read " + message, Advice: "correct the file; nothing was written", Err: err}
}

// relative returns a path in the application as users see it.
func (p *project) relative(path string) string {
	if relative, err := filepath.Rel(p.dir, path); err == nil {
		return relative
	}
	return path
}
