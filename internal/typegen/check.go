package typegen

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"runtime"
	"slices"

	"golang.org/x/tools/go/gcexportdata"
)

// check type-checks the packages that have changed, and those that import them. The first
// mistake ends it; what is not done is done by the next one.
func (l *Loader) check(ctx context.Context) error {
	for _, s := range l.sources {
		for _, path := range s.app {
			if p := l.byPath(path); l.changed[p] {
				l.changed[s] = true
			}
		}
	}
	known := known{map[string]*types.Package{}, l.elsewhere}
	for _, s := range l.sources {
		if l.changed[s] {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := l.checkPackage(s, known); err != nil {
				return err
			}
		}
		known.app[s.path] = s.types
	}
	clear(l.changed)
	return nil
}

func (l *Loader) byPath(path string) *source {
	return l.sources[slices.IndexFunc(l.sources, func(s *source) bool { return s.path == path })]
}

func (l *Loader) checkPackage(s *source, known types.Importer) error {
	var first error
	config := types.Config{
		Importer: known, Sizes: l.sizes, GoVersion: s.goVersion,
		Error: func(err error) {
			if wrong, ok := errors.AsType[types.Error](err); ok && first == nil {
				first = l.broken(wrong.Fset.Position(wrong.Pos).String(), wrong.Msg)
			}
		},
	}
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Instances: map[*ast.Ident]types.Instance{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
	}
	p, err := config.Check(s.path, l.fset, s.syntax, info)
	if first != nil {
		return first
	}
	if err != nil {
		return err
	}
	s.code = &code{p, info, s.syntax}
	return nil
}

// known imports packages of the application, which have been checked, and others.
type known struct {
	app       map[string]*types.Package
	elsewhere *elsewhere
}

// Import returns a package.
func (k known) Import(path string) (*types.Package, error) {
	if p := k.app[path]; p != nil {
		return p, nil
	}
	return k.elsewhere.Import(path)
}

// elsewhere imports what other modules have, from the compiler's export data.
type elsewhere struct {
	*exports
	fset     *token.FileSet
	imported map[string]*types.Package // incomplete where another one only mentions it
}

func newElsewhere(fset *token.FileSet, e *exports) *elsewhere {
	return &elsewhere{e, fset, map[string]*types.Package{"unsafe": types.Unsafe}}
}

// has reports whether a package can be imported.
func (e *elsewhere) has(path string) bool { return path == "unsafe" || e.Files[path] != "" }

// Import returns a package.
func (e *elsewhere) Import(path string) (*types.Package, error) {
	if p := e.imported[path]; p != nil && p.Complete() {
		return p, nil
	}
	if problem := e.problems[path]; problem != "" {
		return nil, errors.New(problem)
	}
	if e.Files[path] == "" {
		return nil, errors.New("the go command does not find it")
	}
	p, err := e.read(path)
	if err != nil {
		return nil, fmt.Errorf("reading what the compiler made of it: %w; if the application has a newer Go than this kit, which %s has built, install kit again", err, runtime.Version())
	}
	return p, nil
}

func (e *elsewhere) read(path string) (*types.Package, error) {
	f, err := os.Open(e.Files[path])
	if err != nil {
		return nil, err
	}
	defer f.Close()
	// Deprecated because go list of Go 1.28 writes another format, which it reads as well.
	// The standard library's go/importer reads only what its own release has written.
	data, err := gcexportdata.NewReader(f) //nolint:staticcheck // until Go 1.27 is not supported any more
	if err != nil {
		return nil, err
	}
	return gcexportdata.Read(data, e.fset, e.imported, path)
}
