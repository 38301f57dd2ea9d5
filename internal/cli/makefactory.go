package cli

import (
	"errors"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/modelgen"
	"github.com/spf13/cobra"
)

func makeFactoryCommand(stdio console.IO) *cobra.Command {
	g := &generator{stdio: stdio}
	c := &cobra.Command{
		Use:   "make:factory MODEL",
		Short: "Write the factory of a model, and its test",
		Long: `Write a factory in factories/ that makes rows of a model with invented data, and a test
that stores some, which needs the migration of the table. What a field gets follows from
its name and type. What may be null, or has a default in the database, is left alone.
Nothing that exists is overwritten.`,
		Example: `  kit make:factory BlogPost`,
		Args:    oneName("make:factory", "Post"),
		RunE: func(_ *cobra.Command, args []string) error {
			return g.run(func(pl *plan) error { return pl.factory(args[0]) })
		},
	}
	g.flags(c, false)
	return c
}

// factory plans the factory of a model, which may be planned itself, and its test.
func (pl *plan) factory(name string, planned ...*modelgen.Draft) error {
	f, err := modelgen.NewFactory(pl.p.dir, pl.p.mod.Module.Mod.Path, name, planned...)
	if none, ok := errors.AsType[*modelgen.NoModelError](err); ok {
		return usage(none.Error()+" in models; nothing was written", "make it first: kit make:model "+none.Name)
	}
	if none, ok := errors.AsType[*modelgen.NoParentError](err); ok {
		return usage(none.Error()+"; nothing was written", "make that first: kit make:factory "+none.Parent)
	}
	if err != nil {
		return explainDraft(pl.p, err)
	}
	if err := pl.add(f.Path, f.Source); err != nil {
		return err
	}
	return pl.add(f.TestPath, f.Test)
}
