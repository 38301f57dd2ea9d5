package cli

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/kitgo/kit/console"
	"github.com/spf13/cobra"
)

func makeControllerCommand(stdio console.IO) *cobra.Command {
	g := &generator{stdio: stdio}
	var resource bool
	c := &cobra.Command{
		Use:   "make:controller NAME",
		Short: "Write a controller, its test, and its routes",
		Long: `Write a controller in controllers/, a test of it, and its line in the routes. With
--resource it lists, stores, shows, updates and deletes things of one kind. Nothing that
exists is overwritten without --force.`,
		Example: `  kit make:controller Reports
  kit make:controller Todos --resource`,
		Args: oneName("make:controller", "Reports"),
		RunE: func(_ *cobra.Command, args []string) error {
			words, err := wordsOf(args[0], "a controller", "Reports")
			if err != nil {
				return err
			}
			if n := len(words); n > 1 && words[n-1] == "controller" {
				words = words[:n-1]
			}
			return g.run(func(pl *plan) error { return pl.controller(words, resource) })
		},
	}
	g.flags(c, true)
	c.Flags().BoolVar(&resource, "resource", false, "with the methods Index, Store, Show, Update and Destroy")
	return c
}

func makeMiddlewareCommand(stdio console.IO) *cobra.Command {
	g := &generator{stdio: stdio}
	c := &cobra.Command{
		Use:   "make:middleware NAME",
		Short: "Write a middleware and its test",
		Long: `Write a middleware in middleware/, which does something before and after the handlers of
the routes that use it, and a test of it. Nothing that exists is overwritten without
--force.`,
		Example: "  kit make:middleware EnsureSubscribed",
		Args:    oneName("make:middleware", "EnsureSubscribed"),
		RunE: func(_ *cobra.Command, args []string) error {
			words, err := wordsOf(args[0], "a middleware", "EnsureSubscribed")
			if err != nil {
				return err
			}
			return g.run(func(pl *plan) error {
				pl.note("no route has the middleware yet", "say r.Use(middleware."+pascalCase(words)+") at the beginning of a group of routes")
				return pl.sources("middleware", words, middlewareText, middlewareTestText)
			})
		},
	}
	g.flags(c, true)
	return c
}

// controller plans a controller, its test, and its line in the routes.
func (pl *plan) controller(words []string, resource bool) error {
	pascal, path := pascalCase(words), strings.Join(words, "-")
	text, test := controllerText, controllerTestText
	wanted := []route{{method: http.MethodGet, pattern: "/" + path, name: path + ".index"}}
	line := func(r, pkg string) string {
		return fmt.Sprintf("%s.Get(%q, %s.%s{}.Index).Name(%q)", r, "/"+path, pkg, pascal, path+".index")
	}
	if resource {
		text, test, wanted = resourceText, resourceTestText, resourceRoutes("/"+path, jsonActions())
		line = func(r, pkg string) string { return fmt.Sprintf("%s.Resource(%q, %s.%s{})", r, "/"+path, pkg, pascal) }
	}
	form := strings.ToLower(pascal[:1]) + pascal[1:] + "Form"
	if err := pl.sources("controllers", words, text, test, "PATH", path, "FORM", form); err != nil {
		return err
	}
	routes, err := pl.p.routesFunc()
	if err != nil {
		return noRoutes(err)
	}
	if routes.Uses(pl.p.controllers(), pascal) {
		return nil
	}
	if err := pl.p.free(routes, wanted...); err != nil {
		return err
	}
	controllers, err := routes.Import(pl.p.controllers())
	if err == nil {
		err = routes.Append(func(r string) string { return line(r, controllers) })
	}
	if err != nil {
		return err
	}
	return pl.change(routes.File)
}

// controllers is the path of the package of the controllers.
func (p *project) controllers() string { return p.mod.Module.Mod.Path + "/controllers" }

const controllerText = `package controllers

import (
	"net/http"

	"github.com/kitgo/kit/web"
)

// TYPE answers the requests below /PATH. What it works with, such as the pages or
// models, are its fields.
type TYPE struct{}

// Index answers GET /PATH.
func (c TYPE) Index(w http.ResponseWriter, r *http.Request) error {
	return web.JSON(w, http.StatusOK, map[string]string{"controller": "PATH"})
}
`

const controllerTestText = `package controllers_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/kitgo/kit/web"

	"MODULE/controllers"
)

func TestTYPEIndex(t *testing.T) {
	t.Parallel()
	routes := web.NewRouter()
	routes.Get("/PATH", controllers.TYPE{}.Index)

	answer := httptest.NewRecorder()
	routes.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/PATH", nil))

	if answer.Code != http.StatusOK {
		t.Errorf("GET /PATH = %d %s, want 200", answer.Code, answer.Body)
	}
}
`

const resourceText = `package controllers

import (
	"net/http"

	"github.com/kitgo/kit/web"
)

// TYPE lists, stores, shows, updates and deletes what is below /PATH. What it works
// with, such as a model, are its fields.
type TYPE struct{}

// FORM is the input of Store and Update.
type FORM struct {
	Name string ` + "`json:\"name\" validate:\"required,max=200\"`" + `
}

// Index answers GET /PATH: all of them.
func (c TYPE) Index(w http.ResponseWriter, r *http.Request) error {
	return web.JSON(w, http.StatusOK, []FORM{})
}

// Store answers POST /PATH: a new one.
func (c TYPE) Store(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Bind[FORM](r)
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusCreated, form)
}

// Show answers GET /PATH/{id}: one of them.
func (c TYPE) Show(w http.ResponseWriter, r *http.Request) error {
	id, err := web.Param[int64](r, "id")
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, map[string]int64{"id": id})
}

// Update answers PUT and PATCH /PATH/{id}: one of them, changed.
func (c TYPE) Update(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.Param[int64](r, "id"); err != nil {
		return err
	}
	form, err := web.Bind[FORM](r)
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, form)
}

// Destroy answers DELETE /PATH/{id}: one of them less.
func (c TYPE) Destroy(w http.ResponseWriter, r *http.Request) error {
	if _, err := web.Param[int64](r, "id"); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
`

const resourceTestText = `package controllers_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/kitgo/kit/web"

	"MODULE/controllers"
)

func TestTYPE(t *testing.T) {
	t.Parallel()
	routes := web.NewRouter()
	routes.Resource("/PATH", controllers.TYPE{})
	tests := map[string]struct {
		method, path, body string
		status             int
	}{
		"all of them":    {"GET", "/PATH", "", http.StatusOK},
		"a new one":      {"POST", "/PATH", ` + "`{\"name\":\"new\"}`" + `, http.StatusCreated},
		"without a name": {"POST", "/PATH", ` + "`{}`" + `, http.StatusUnprocessableEntity},
		"one of them":    {"GET", "/PATH/1", "", http.StatusOK},
		"no such id":     {"GET", "/PATH/x", "", http.StatusNotFound},
		"one changed":    {"PUT", "/PATH/1", ` + "`{\"name\":\"other\"}`" + `, http.StatusOK},
		"one less":       {"DELETE", "/PATH/1", "", http.StatusNoContent},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := httptest.NewRequestWithContext(t.Context(), tt.method, tt.path, strings.NewReader(tt.body))
			request.Header.Set("Content-Type", "application/json")
			answer := httptest.NewRecorder()
			routes.ServeHTTP(answer, request)
			if answer.Code != tt.status {
				t.Errorf("%s %s = %d %s, want %d", tt.method, tt.path, answer.Code, answer.Body, tt.status)
			}
		})
	}
}
`

const middlewareText = `package middleware

import "net/http"

// TYPE runs before and after next.
func TYPE(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// What comes before the handler. An answer instead of it ends here.
		next.ServeHTTP(w, r)
	})
}
`

const middlewareTestText = `package middleware_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"MODULE/middleware"
)

func TestTYPE(t *testing.T) {
	t.Parallel()
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })

	answer := httptest.NewRecorder()
	middleware.TYPE(handler).ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))

	if answer.Code != http.StatusNoContent {
		t.Errorf("the answer is %d, want that of the handler, 204", answer.Code)
	}
}
`
