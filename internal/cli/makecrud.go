package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/columns"
	"github.com/kitgo/kit/internal/crudgen"
	"github.com/kitgo/kit/internal/gocode"
	"github.com/kitgo/kit/internal/migrationgen"
	"github.com/kitgo/kit/internal/modelgen"
	"github.com/spf13/cobra"
)

func makeCrudCommand(stdio console.IO) *cobra.Command {
	g := &generator{stdio: stdio}
	c := &cobra.Command{
		Use:   "make:crud NAME COLUMN:TYPE...",
		Short: "Write everything to list, show, create, change and delete rows of a new table",
		Long: `Write a migration, a model, a controller with a validated form, its routes, pages, and
tests of all of it. The types are generated anew. Nothing that exists is overwritten.

` + columnsHelp + `

A text is a textarea, a bool a checkbox, an enum a select; a date, a time or a number has
its input. unique is a rule of the form, too. author:references is a select of the
authors, who are known by their name, title or e-mail address; when there is no model
Author, author_id is a number without a foreign key. A column such as password or token
is in the model alone.`,
		Example: `  kit make:crud authors name:string:100 email:string:unique
  kit make:crud posts title:string body:text author:references
  kit make:crud events name:string starts:datetime price:decimal:8,2:nullable --dry-run`,
		Args: nameAndColumns("make:crud", "posts title:string body:text"),
		RunE: func(c *cobra.Command, args []string) error {
			list, err := tableColumns(args[1:])
			if err != nil {
				return err
			}
			if err := checkCrudColumns(list); err != nil {
				return err
			}
			return g.runWithTypes(c.Context(), func(pl *plan) error { return pl.crud(args[0], list) })
		},
	}
	g.flags(c, false)
	g.typesFlag(c)
	return c
}

// checkCrudColumns refuses columns that a form cannot have.
func checkCrudColumns(list []columns.Column) error {
	if len(list) == 0 {
		return usage("kit make:crud needs the columns of the table", "say which, such as: kit make:crud posts title:string body:text")
	}
	for _, c := range list {
		if c.Type == columns.Binary {
			return usage("a form cannot have "+c.Name+", which is binary; nothing was written", "leave it out, and add it afterwards: kit make:migration add_"+c.Name+"_to_TABLE "+c.Name+":binary")
		}
	}
	return nil
}

// crud plans a model, its migration, and what is written with them.
func (pl *plan) crud(name string, list []columns.Column) error {
	if !pl.p.hasPages() {
		return noPages()
	}
	if err := pl.references(name, list); err != nil {
		return err
	}
	d, err := modelgen.NewDraft(pl.p.path("models"), name, columns.Draft(list))
	if err != nil {
		return explainDraft(pl.p, err)
	}
	layout, err := os.ReadFile(pl.p.path("frontend", "src", "components", "Layout.tsx"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look for the layout of the pages: %w", err)
	}
	r, err := crudgen.New(crudgen.Options{
		Module: pl.p.mod.Module.Mod.Path, Models: pl.p.path("models"), Draft: d, Columns: list,
		Layout: bytes.Contains(layout, []byte("export default function Layout(")),
	})
	if err != nil {
		return err
	}
	if err := pl.undeclared(r); err != nil {
		return err
	}
	if err := pl.migration("create_"+d.Table+"_table", migrationgen.Options{Columns: list}); err != nil {
		return err
	}
	if err := pl.add(d.Path, d.Source); err != nil {
		return err
	}
	files, err := r.Files()
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := pl.add(pl.p.path(filepath.FromSlash(f.Path)), f.Text); err != nil {
			return err
		}
	}
	if err := pl.components(); err != nil {
		return err
	}
	for _, secret := range r.Secrets {
		pl.note("no page has "+secret+", which looks like a secret", "set it in your own code")
	}
	return pl.crudRoutes(r)
}

// references looks for the tables that columns refer to. A key of a table that there is not
// becomes a number, for a foreign key would not let any row in.
func (pl *plan) references(name string, list []columns.Column) error {
	own := modelgen.TableName(name)
	for i, c := range list {
		switch {
		case c.Table == "":
			continue
		case c.Table == own && !c.Nullable:
			return usage(fmt.Sprintf("%s refers to %s itself, and there is none before the first; nothing was written", c.Name, own), "make it "+strings.TrimSuffix(c.Name, "_id")+":references:"+own+":nullable")
		case c.Table == own:
			continue
		}
		parent, err := modelgen.NewParent(pl.p.path("models"), c.Table)
		if err != nil {
			return err
		}
		created, err := migrationgen.Creates(pl.p.path("migrations"), c.Table)
		switch {
		case err != nil:
			return unreadable(pl.p, err)
		case parent == nil && created:
			return usage("there is the table "+c.Table+", but no model of it with a number as its id; nothing was written", "write the models of the tables first: kit db:sync")
		case parent == nil:
			list[i].Table = ""
			pl.note(fmt.Sprintf("there is no table %s: %s is a number without a foreign key", c.Table, c.Name), "for a select, make the other one first: kit make:crud "+c.Table+" name:string")
		case !created:
			pl.note("no migration creates "+c.Table+", which the tests need", "")
		}
	}
	return nil
}

// undeclared reports what the controller would declare a second time.
func (pl *plan) undeclared(r *crudgen.Resource) error {
	for _, name := range r.Declared() {
		there, err := gocode.DeclaredIn(pl.p.path("controllers"), name, "")
		if err != nil {
			return err
		}
		if there != "" {
			return usage(name+" already exists, in "+pl.p.relative(there)+"; nothing was written", "choose another name, or change what is there")
		}
	}
	return nil
}

// components plans the components that the pages share, unless they are there.
func (pl *plan) components() error {
	list, err := crudgen.Components()
	if err != nil {
		return err
	}
	for _, c := range list {
		path := pl.p.path(filepath.FromSlash(c.Path))
		text, err := os.ReadFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			err = pl.add(path, c.Text)
		case err == nil && !bytes.Contains(text, []byte(c.Export)):
			err = usage(pl.p.relative(path)+" is another component than the one that the pages need; nothing was written", "give yours another name: it has no "+c.Export)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// crudRoutes plans the routes, and the validator that asks the database.
func (pl *plan) crudRoutes(r *crudgen.Resource) error {
	routes, err := pl.p.routesFunc()
	if err != nil {
		return noRoutes(err)
	}
	db, err := pl.p.receiverField(routes, "database", "DB")
	if err != nil {
		return err
	}
	pages, err := pl.p.receiverField(routes, "inertia", "Renderer")
	if err != nil {
		return err
	}
	if db == "" || pages == "" {
		return &console.Error{
			Message: "what has the routes has no database or no pages; nothing was written",
			Advice:  "name a method in kit.App.Routes, such as a.routes, of a struct with the fields db *database.DB and pages *inertia.Renderer",
		}
	}
	if err := pl.p.free(routes, resourceRoutes("/"+r.Path, append(jsonActions(), "Create", "Edit"))...); err != nil {
		return err
	}
	if r.Rules {
		asked, err := pl.p.asksDatabase()
		if err == nil && !asked {
			err = askDatabase(routes, db)
		}
		if err != nil {
			return err
		}
	}
	controllers, err := routes.Import(pl.p.controllers())
	if err == nil {
		err = routes.Append(func(router string) string {
			return fmt.Sprintf("%s.Resource(%q, %s)", router, "/"+r.Path, r.Constructor(controllers, db, pages))
		})
	}
	if err != nil {
		return err
	}
	return pl.change(routes.File)
}

// askDatabase gives the routes a validator with the rules of the database.
func askDatabase(routes *gocode.Func, db string) error {
	var names [3]string
	for i, pkg := range []string{"web", "validate", "database"} {
		name, err := routes.Import(kitModule + "/" + pkg)
		if err != nil {
			return err
		}
		names[i] = name
	}
	return routes.Prepend(func(router string) string {
		return "// The rules unique and exists of forms ask the database.\n" + fmt.Sprintf(
			"%s.Use((&%s.Input{Validator: %[3]s.New(&%[3]s.Options{Rules: %[4]s.Rules(%[5]s)})}).Middleware)\n",
			router, names[0], names[1], names[2], db,
		)
	})
}

// asksDatabase reports whether the application has a validator with the rules of the
// database.
func (p *project) asksDatabase() (bool, error) {
	paths, err := filepath.Glob(p.path("*.go"))
	if err != nil {
		return false, err
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := gocode.Read(path)
		if err != nil {
			return false, err
		}
		if f.Uses(kitModule+"/database", "Rules") {
			return true, nil
		}
	}
	return false, nil
}
