package cli

import (
	"errors"
	"path/filepath"
	"strings"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/gocode"
	"github.com/kitgo/kit/internal/migrationgen"
	"github.com/kitgo/kit/internal/modelgen"
	"github.com/spf13/cobra"
)

func makeModelCommand(stdio console.IO) *cobra.Command {
	g := &generator{stdio: stdio}
	var migration bool
	c := &cobra.Command{
		Use:   "make:model NAME",
		Short: "Write a model, and the migration of its table",
		Long: `Write a model in models/: a struct with an id and the times, for you to go on with.
With --migration there is a migration that creates its table, too, and an entry in
the list in migrations/. Nothing that exists is overwritten.`,
		Example: `  kit make:model BlogPost
  kit make:model blog_post --migration`,
		Args: oneName("make:model", "Post"),
		RunE: func(_ *cobra.Command, args []string) error {
			return g.run(func(pl *plan) error { return pl.model(args[0], migration) })
		},
	}
	g.flags(c, false)
	c.Flags().BoolVar(&migration, "migration", false, "write a migration that creates the table, too")
	return c
}

// model plans a model, and if wanted the migration of its table.
func (pl *plan) model(name string, migration bool) error {
	d, err := modelgen.NewDraft(pl.p.path("models"), name)
	if err != nil {
		return explainDraft(pl.p, err)
	}
	if err := pl.add(d.Path, d.Source); err != nil || !migration {
		return err
	}
	return pl.migration("create_"+d.Table+"_table", migrationgen.Options{})
}

// explainDraft makes mistakes of the user of the errors of a draft.
func explainDraft(p *project, err error) error {
	if name, ok := errors.AsType[*modelgen.NameError](err); ok {
		return usage(name.Error(), "use letters, digits and _, beginning with a letter, such as BlogPost or blog_post")
	}
	if exists, ok := errors.AsType[*modelgen.ExistsError](err); ok {
		return usage(exists.What+" already exists, in "+p.relative(exists.Path)+"; nothing was written", "choose another name, or change what is there")
	}
	return unreadable(p, err)
}

// unreadable says of a file that Go cannot read where it is wrong.
func unreadable(p *project, err error) error {
	cause := syntaxOf(err)
	if cause == nil {
		return err
	}
	message := strings.ReplaceAll(cause.Error(), p.dir+string(filepath.Separator), "")
	return &console.Error{Message: "Go cannot read " + message, Advice: "correct the file; nothing was written", Err: err}
}

// syntaxOf returns what Go finds wrong in a file; nil if err is about something else.
func syntaxOf(err error) error {
	if model, ok := errors.AsType[*modelgen.SyntaxError](err); ok {
		return model.Err
	}
	if code, ok := errors.AsType[*gocode.SyntaxError](err); ok {
		return code.Err
	}
	return nil
}

// relative returns a path in the application as users see it.
func (p *project) relative(path string) string {
	if relative, err := filepath.Rel(p.dir, path); err == nil {
		return relative
	}
	return path
}
