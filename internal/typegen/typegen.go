// Package typegen writes TypeScript from the Go code of an application: the props of
// its pages, the forms that it reads, what it flashes, and its routes.
//
//	program, err := typegen.Load(ctx, "/src/shop")
//	…
//	out, err := program.Generate("frontend/src/pages")
//	err = os.WriteFile("frontend/src/generated/types.ts", out.Types, 0o644)
//
// It finds what it needs in the calls of package inertia and package web, with the
// types that the compiler sees: nothing is run, and there are no comments to write.
package typegen

import (
	"errors"
	"fmt"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kitgo/kit/internal/nearest"
)

// Output is what was generated.
type Output struct {
	Types  []byte // types.ts
	Routes []byte // routes.ts, which does without types.ts

	Pages, Forms, RouteCount int

	// Untyped says what could not be typed, because it is computed when the program
	// runs.
	Untyped []string
}

// Problem is a mistake at a place of the Go code.
type Problem struct {
	Place   string // controllers/home.go:17
	Message string
	Advice  string // may be ""
	err     error
}

// Error returns the place and the message.
func (p *Problem) Error() string { return p.Place + ": " + p.Message }

// Unwrap returns [ErrBroken] if that is what it is about.
func (p *Problem) Unwrap() error { return p.err }

// Hint returns the advice.
func (p *Problem) Hint() string { return p.Advice }

// Generate writes the TypeScript of the program. With the folder of the page components,
// a page that has none is an error; "" checks nothing. Errors are of type [*Problem],
// joined.
func (p *Program) Generate(pages string) (*Output, error) {
	f := p.find()
	c := newConverter(p)
	m := &module{}
	for _, page := range f.pages {
		m.page(page.component, p.typeOf(c, page.value, page.at, "page "+page.component))
	}
	for _, s := range f.shared {
		m.shared = append(m.shared, p.typeOf(c, s, s.at, "the shared props"))
	}
	for _, flash := range f.flashes {
		m.flash(flash.key, p.typeOf(c, flash.value, flash.at, "flash "+flash.key))
	}
	for _, form := range f.forms {
		c.form(form.typ, form.at)
	}
	errs := c.errs
	if pages != "" {
		errs = append(errs, p.missing(f.pages, pages)...)
	}
	routes, untyped, err := p.routes()
	errs = append(errs, err...)
	if len(errs) > 0 {
		return nil, errors.Join(unique(errs)...)
	}
	return &Output{
		Types: m.write(c), Routes: writeRoutes(routes),
		Pages: len(m.pages), Forms: len(f.forms), RouteCount: len(routes),
		Untyped: append(f.untyped, untyped...),
	}, nil
}

// missing returns the pages that have no component.
func (p *Program) missing(pages []page, dir string) []error {
	files, err := components(dir)
	if err != nil {
		return []error{err}
	}
	var errs []error
	for _, page := range pages {
		if slices.Contains(files, page.component) {
			continue
		}
		problem := &Problem{Place: p.place(page.at), Message: fmt.Sprintf("there is no page %s", page.component)}
		if near := nearest.Name(page.component, files); near != "" {
			problem.Advice = "did you mean " + near + "?"
		} else {
			problem.Advice = "write " + p.relative(filepath.Join(dir, page.component+".tsx"))
		}
		errs = append(errs, problem)
	}
	return errs
}

// components returns the names of the page components in a folder.
func components(dir string) ([]string, error) {
	var names []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		switch ext := filepath.Ext(name); ext {
		case ".tsx", ".jsx", ".ts", ".js":
			names = append(names, filepath.ToSlash(strings.TrimSuffix(name, ext)))
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("looking for pages: %w", err)
	}
	return names, nil
}

// place is a position as people read it, from the application's directory.
func (p *Program) place(at token.Pos) string {
	position := p.fset.Position(at)
	return fmt.Sprintf("%s:%d", p.relative(position.Filename), position.Line)
}

// relative is a path from the application's directory, if it is in it.
func (p *Program) relative(path string) string {
	if relative, err := filepath.Rel(p.dir, path); err == nil && !strings.HasPrefix(relative, "..") {
		return filepath.ToSlash(relative)
	}
	return path
}

// unique returns errs without those that say the same.
func unique(errs []error) []error {
	seen := map[string]bool{}
	return slices.DeleteFunc(errs, func(err error) bool {
		known := seen[err.Error()]
		seen[err.Error()] = true
		return known
	})
}
