package cli

import (
	"errors"
	"path/filepath"
	"strings"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/columns"
	"github.com/kitgo/kit/internal/gocode"
	"github.com/kitgo/kit/internal/migrationgen"
	"github.com/kitgo/kit/internal/modelgen"
	"github.com/spf13/cobra"
)

func makeModelCommand(stdio console.IO) *cobra.Command {
	g := &generator{stdio: stdio}
	var with modelWith
	c := &cobra.Command{
		Use:   "make:model NAME [COLUMN:TYPE...]",
		Short: "Write a model, and the migration of its table",
		Long: `Write a model in models/: a struct with an id, a field for each column, and the times.
With --migration there is a migration that creates its table, too, and an entry in
the list in migrations/; with --factory a factory, as kit make:factory writes it; with
--controller a controller with its routes, as kit make:controller --resource does.
Nothing that exists is overwritten. Pages come with kit make:crud.

` + columnsHelp + `

author:references is the field Author, too, when there is a model Author.`,
		Example: `  kit make:model BlogPost
  kit make:model Post title:string:200 body:text author:references --migration
  kit make:model Photo path:string:unique --migration --factory --controller`,
		Args: nameAndColumns("make:model", "Post title:string"),
		RunE: func(_ *cobra.Command, args []string) error {
			list, err := tableColumns(args[1:])
			if err != nil {
				return err
			}
			return g.run(func(pl *plan) error { return pl.model(args[0], list, with) })
		},
	}
	g.flags(c, false)
	c.Flags().BoolVar(&with.migration, "migration", false, "write a migration that creates the table, too")
	c.Flags().BoolVar(&with.factory, "factory", false, "write a factory, too")
	c.Flags().BoolVar(&with.controller, "controller", false, "write a controller and its routes, too")
	return c
}

// modelWith is what there is to be besides a model.
type modelWith struct{ migration, factory, controller bool }

// nameAndColumns refuses arguments without a name.
func nameAndColumns(command, example string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usage("kit "+command+" needs a name", "say which, such as: kit "+command+" "+example)
		}
		return nil
	}
}

// tableColumns reads the columns of a new table.
func tableColumns(args []string) ([]columns.Column, error) {
	list, err := columns.Parse(args)
	if err == nil {
		err = columns.CheckTable(list)
	}
	if err != nil {
		return nil, explainMigration(nil, err)
	}
	return list, nil
}

// model plans a model and what it is to be with.
func (pl *plan) model(name string, list []columns.Column, with modelWith) error {
	d, err := modelgen.NewDraft(pl.p.path("models"), name, columns.Draft(list))
	if err != nil {
		return explainDraft(pl.p, err)
	}
	err = pl.add(d.Path, d.Source)
	if err == nil && with.migration {
		err = pl.migration("create_"+d.Table+"_table", migrationgen.Options{Columns: list})
	}
	if err == nil && with.factory {
		err = pl.factory(d.Model, d)
	}
	if err == nil && with.controller {
		err = pl.controller(strings.Split(d.Table, "_"), true)
	}
	return err
}

// explainDraft makes mistakes of the user of the errors of a draft.
func explainDraft(p *project, err error) error {
	if name, ok := errors.AsType[*modelgen.NameError](err); ok {
		return usage(name.Error(), name.Hint())
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
