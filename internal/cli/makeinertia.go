package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/gocode"
	"github.com/spf13/cobra"
)

func makeInertiaCommand(stdio console.IO) *cobra.Command {
	g := &generator{stdio: stdio}
	c := &cobra.Command{
		Use:   "make:inertia NAME",
		Short: "Write a page, its handler with typed props, and its route",
		Long: `Write the React component of a page in frontend/src/pages/, a handler in controllers/
that gives it its props, and the line in the routes, for you to go on with. The types
are generated anew. Nothing that exists is overwritten without --force.`,
		Example: `  kit make:inertia Posts/Show
  kit make:inertia settings --dry-run`,
		Args: oneName("make:inertia", "Posts/Show"),
		RunE: func(c *cobra.Command, args []string) error {
			name, err := newPageName(args[0])
			if err != nil {
				return err
			}
			return g.runWithTypes(c.Context(), func(pl *plan) error { return pl.page(name) })
		},
	}
	g.flags(c, true)
	g.typesFlag(c)
	return c
}

// typesFlag adds the flag of generators that change the types.
func (g *generator) typesFlag(c *cobra.Command) {
	c.Flags().BoolVar(&g.skipTypes, "skip-types", false, "leave the types to kit serve, or kit generate:types")
}

// runWithTypes is run, and generates the types anew.
func (g *generator) runWithTypes(ctx context.Context, fill func(*plan) error) error {
	if err := g.run(fill); err != nil || g.dryRun || g.skipTypes {
		return err
	}
	p, err := findProject()
	if err != nil {
		return err
	}
	types := &generateTypes{stdio: g.stdio}
	files, err := types.generateAloud(ctx, p)
	if err == nil {
		err = types.write(p, files)
	}
	if err != nil && !errors.Is(err, errInterrupted) {
		return errors.Join(err, &console.Error{
			Message: "the files above are written, but the types of the frontend are still the old ones",
			Advice:  "correct the mistake, then run: kit generate:types",
		})
	}
	return err
}

// noPages is the mistake of an application without a frontend.
func noPages() error {
	return &console.Error{Message: "there are no pages here: frontend/src/pages is missing; nothing was written", Advice: "a new application has one: kit new NAME"}
}

// pageName is the name of a page in its forms.
type pageName struct {
	component string // Posts/ShowAll
	function  string // PostsShowAll
	variable  string // postsShowAll
	file      string // posts_show_all
	path      string // /posts/show-all
	route     string // posts.show-all
	title     string // Show all
}

// newPageName reads a name such as Posts/ShowAll or posts/show-all.
func newPageName(name string) (pageName, error) {
	var n pageName
	var components, paths, all []string
	for segment := range strings.SplitSeq(name, "/") {
		words, err := wordsOf(segment, "a page", "Posts/Show")
		if err != nil {
			return n, err
		}
		components = append(components, pascalCase(words))
		paths = append(paths, strings.Join(words, "-"))
		all = append(all, words...)
		n.title = strings.ToUpper(words[0][:1]) + strings.Join(words, " ")[1:]
	}
	n.component = strings.Join(components, "/")
	n.function = pascalCase(all)
	n.variable = strings.ToLower(n.function[:1]) + n.function[1:]
	n.file = strings.Join(all, "_")
	if gocode.LeavesOut(n.file) {
		n.file += "_page"
	}
	n.path = "/" + strings.Join(paths, "/")
	n.route = strings.Join(paths, ".")
	return n, nil
}

// page plans a page, its handler and its route.
func (pl *plan) page(n pageName) error {
	if !pl.p.hasPages() {
		return noPages()
	}
	up := strings.Repeat("../", 1+strings.Count(n.component, "/"))
	fill := strings.NewReplacer("COMPONENT", n.component, "FUNCTION", n.function, "VARIABLE", n.variable, "TITLE", n.title, "UP", up)
	err := pl.add(pl.p.path("frontend", "src", "pages", n.component+".tsx"), []byte(fill.Replace(pageText)))
	if err == nil {
		err = pl.add(pl.p.path("controllers", n.file+".go"), []byte(fill.Replace(pageHandlerText)))
	}
	if err != nil {
		return err
	}
	return pl.pageRoute(n)
}

// pageRoute plans the route; where the application keeps its renderer elsewhere than in
// a field of what has the routes, the user is told the line.
func (pl *plan) pageRoute(n pageName) error {
	line := func(router, pkg, pages string) string {
		return fmt.Sprintf("%s.Get(%q, %s.%s(%s)).Name(%q)", router, n.path, pkg, n.function, pages, n.route)
	}
	routes, err := pl.p.routesFunc()
	if err != nil && !noPlace(err) {
		return err
	}
	var pages string
	if err == nil {
		if pages, err = pl.p.receiverField(routes, "inertia", "Renderer"); err != nil {
			return err
		}
	}
	if pages == "" {
		pl.note("the page has no route yet", "add this one where your routes are: "+line("r", "controllers", "pages"))
		return nil
	}
	if routes.Uses(pl.p.controllers(), n.function) {
		return nil
	}
	if err := pl.p.free(routes, route{method: http.MethodGet, pattern: n.path, name: n.route}); err != nil {
		return err
	}
	controllers, err := routes.Import(pl.p.controllers())
	if err == nil {
		err = routes.Append(func(router string) string { return line(router, controllers, pages) })
	}
	if err != nil {
		return err
	}
	return pl.change(routes.File)
}

// receiverField returns the expression for the field of a type of Kit's in the method with
// the routes, such as a.pages for *inertia.Renderer; "" if there is none.
func (p *project) receiverField(routes *gocode.Func, pkg, typ string) (string, error) {
	name, receiver, ok := routes.Receiver()
	if !ok {
		return "", nil
	}
	field, err := gocode.FindField(p.dir, receiver, gocode.Type{Path: kitModule + "/" + pkg, Name: typ, Pointer: true})
	if err != nil || field == "" {
		return "", err
	}
	return name + "." + field, nil
}

const pageText = `import { Head } from '@inertiajs/react'
import type { PageProps } from 'UPgenerated/types'

export default function FUNCTION({ title }: PageProps<'COMPONENT'>) {
  return (
    <>
      <Head title={title} />
      <h1>{title}</h1>
    </>
  )
}
`

const pageHandlerText = `package controllers

import (
	"net/http"

	"github.com/kitgo/kit/inertia"
	"github.com/kitgo/kit/web"
)

// VARIABLEProps is what frontend/src/pages/COMPONENT.tsx gets.
type VARIABLEProps struct {
	Title string ` + "`json:\"title\"`" + `
}

// FUNCTION shows the page COMPONENT.
func FUNCTION(pages *inertia.Renderer) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		return pages.Render(w, r, "COMPONENT", VARIABLEProps{Title: "TITLE"})
	}
}
`
