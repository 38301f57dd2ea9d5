package cli

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/columns"
	"github.com/kitgo/kit/internal/gocode"
	"github.com/kitgo/kit/internal/migrationgen"
	"github.com/spf13/cobra"
)

// columnsHelp explains columns as arguments.
var columnsHelp = `A column is NAME:TYPE with modifiers behind it. The types are
` + wrap(strings.Join(columns.Names(), ", "), 78) + `;
string and char take a length, decimal takes digits and those after the point, enum its
values, references a table. The modifiers are nullable, unique, index and default=VALUE,
which is now for the time of the insertion. author:references is the column author_id
with a key to the table authors and an index.`

func makeMigrationCommand(stdio console.IO) *cobra.Command {
	g := &generator{stdio: stdio}
	var o migrationgen.Options
	c := &cobra.Command{
		Use:   "make:migration NAME [COLUMN:TYPE...]",
		Short: "Write a migration with its way back, and its place in the list",
		Long: `Write a migration in migrations/ with its way back, and add it to the list there.
The name says what it does: create_posts_table, drop_posts_table, add_slug_to_posts,
remove_slug_from_posts, rename_slug_to_path_in_posts. Any other name gives an empty
migration, or with --create or --table one for that table.

` + columnsHelp + `

The way back of what is dropped is taken from the migrations before, or from the
columns that are given.`,
		Example: `  kit make:migration create_posts_table title:string:200 body:text author:references
  kit make:migration add_price_to_posts price:decimal:10,2:nullable
  kit make:migration remove_price_from_posts --dry-run`,
		Args: nameAndColumns("make:migration", "create_posts_table title:string"),
		RunE: func(_ *cobra.Command, args []string) error {
			if o.Create != "" && o.Table != "" {
				return usage("--create and --table exclude each other", "a migration creates a table or changes one")
			}
			list, err := columns.Parse(args[1:])
			if err != nil {
				return explainMigration(nil, err)
			}
			o.Columns = list
			return g.run(func(pl *plan) error { return pl.migration(args[0], o) })
		},
	}
	g.flags(c, false)
	c.Flags().StringVar(&o.Create, "create", "", "the table to create")
	c.Flags().StringVar(&o.Table, "table", "", "the table to change")
	return c
}

// migration plans a migration with its place in the list.
func (pl *plan) migration(name string, o migrationgen.Options) error {
	o.Now = time.Now()
	m, err := migrationgen.New(pl.p.path("migrations"), name, o)
	if err != nil {
		return explainMigration(pl.p, err)
	}
	for _, n := range m.Notes {
		pl.note(n.Message, n.Advice)
	}
	if err := pl.add(m.File.Path, m.File.Text); err != nil {
		return err
	}
	return pl.change(m.List)
}

// explainMigration makes mistakes of the user of the errors of columns and migrations.
func explainMigration(p *project, err error) error {
	if name, ok := errors.AsType[*migrationgen.NameError](err); ok {
		return usage(name.Error(), name.Hint())
	}
	if column, ok := errors.AsType[*columns.Error](err); ok {
		return usage(column.Error(), column.Advice)
	}
	if some, ok := errors.AsType[*migrationgen.ColumnsError](err); ok {
		return usage(some.Message+"; nothing was written", some.Advice)
	}
	if exists, ok := errors.AsType[*migrationgen.ExistsError](err); ok {
		return usage("the migration "+exists.Title+" already exists, in "+p.relative(exists.Path)+"; nothing was written", "choose another name, or change what is there")
	}
	if errors.Is(err, gocode.ErrNoList) {
		return &console.Error{
			Message: "there is no list of migrations in migrations; nothing was written",
			Advice:  "it looks like this: List: []migrate.Migration{ … }, in a migrate.Set", Err: err,
		}
	}
	return err
}

// wrap breaks text at spaces into lines of at most width characters.
func wrap(text string, width int) string {
	var b strings.Builder
	line := 0
	for _, word := range strings.Fields(text) {
		switch {
		case line == 0:
		case line+1+len(word) > width:
			b.WriteString("\n")
			line = 0
		default:
			b.WriteString(" ")
			line++
		}
		fmt.Fprint(&b, word)
		line += len(word)
	}
	return b.String()
}
