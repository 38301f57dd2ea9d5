package kit

import (
	"fmt"
	"strings"

	"github.com/kitgo/kit/console"
	"github.com/spf13/cobra"
)

func (p *program) routeList() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "route:list",
		Short:   "List the routes",
		Example: fmt.Sprintf("  %s route:list --json", p.name),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	c.RunE = func(c *cobra.Command, _ []string) error {
		return p.with(c.Context(), func(app *App) error { return p.printRoutes(app, asJSON) })
	}
	return c
}

func (p *program) printRoutes(app *App, asJSON bool) error {
	router, err := app.router()
	if err != nil {
		return err
	}
	type route struct {
		Method     string   `json:"method"`
		Path       string   `json:"path"`
		Name       string   `json:"name"`
		Handler    string   `json:"handler"`
		Middleware []string `json:"middleware"`
		Host       string   `json:"host"`
	}
	routes := make([]route, 0)
	rows := [][]string{{"METHOD", "PATH", "NAME", "HANDLER", "MIDDLEWARE"}}
	for _, r := range router.Routes() {
		routes = append(routes, route{r.Method, r.Pattern, r.RouteName(), r.Handler, append([]string{}, r.Middleware...), r.Host})
		rows = append(rows, []string{r.Method, r.Host + r.Pattern, r.RouteName(), r.Handler, strings.Join(r.Middleware, ", ")})
	}
	if asJSON {
		return console.JSON(p.stdio.Out, map[string]any{"routes": routes})
	}
	if len(routes) == 0 {
		fmt.Fprintln(p.stdio.Out, "No routes are registered.")
		return nil
	}
	return p.table(rows)
}
