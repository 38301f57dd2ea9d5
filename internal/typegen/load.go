package typegen

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// Program is the type-checked Go code of an application.
type Program struct {
	dir      string
	fset     *token.FileSet
	packages []*code
}

// code is one package of the application.
type code struct {
	types  *types.Package
	info   *types.Info
	syntax []*ast.File
}

// Load type-checks the packages of the module in dir, which must compile. What they
// import comes from the compiler's cache, which is filled if it must.
func Load(ctx context.Context, dir string) (*Program, error) { return NewLoader(dir).Load(ctx) }

// Loader type-checks the packages of a module, and after a change only what that concerns.
// It is for one goroutine at a time. Create it with [NewLoader].
type Loader struct {
	dir     string
	fset    *token.FileSet
	sizes   types.Sizes
	sources []*source                 // each behind those that it imports; nil when all must be loaded
	files   map[string]*source        // by the absolute path of a file
	outside map[string]*types.Package // what other modules have, by the path of an import
	unread  map[string]bool           // files that have changed and are not parsed yet
	changed map[*source]bool          // that are not type-checked yet
}

// source is a package of the module, and what it was made of.
type source struct {
	path      string
	goVersion string
	names     []string // of the files, with the directory
	heads     []head   // of the files
	app       []string // the packages of the module that it imports
	*code
}

// NewLoader returns a Loader of the module in dir.
func NewLoader(dir string) *Loader { return &Loader{dir: dir} }

// Load type-checks all packages, which must compile. What they import comes from the
// compiler's cache, which is filled if it must.
func (l *Loader) Load(ctx context.Context) (*Program, error) {
	l.sources = nil
	dir, err := filepath.Abs(l.dir)
	if err != nil {
		return nil, err
	}
	l.dir, l.fset = dir, token.NewFileSet()
	loaded, err := packages.Load(&packages.Config{
		Context: ctx, Dir: dir, Fset: l.fset,
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports | packages.NeedModule |
			packages.NeedTypes | packages.NeedTypesSizes | packages.NeedSyntax | packages.NeedTypesInfo,
	}, "./...")
	if err != nil {
		return nil, fmt.Errorf("reading the Go code: %w", err)
	}
	for _, p := range loaded {
		if len(p.Errors) > 0 {
			// Those of the go command repeat what others say, without a place.
			i := max(0, slices.IndexFunc(p.Errors, func(e packages.Error) bool { return e.Kind != packages.ListError }))
			return nil, l.broken(p.Errors[i].Pos, p.Errors[i].Msg)
		}
	}
	l.keep(loaded)
	return l.program(), nil
}

// program is what was loaded, in an order that does not change.
func (l *Loader) program() *Program {
	p := &Program{dir: l.dir, fset: l.fset}
	for _, s := range l.sources {
		p.packages = append(p.packages, s.code)
	}
	slices.SortFunc(p.packages, func(a, b *code) int { return strings.Compare(a.types.Path(), b.types.Path()) })
	return p
}

// ErrBroken is in the error for Go code that does not compile.
var ErrBroken = errors.New("the Go code does not compile")

// broken is the error for code that does not compile.
func (l *Loader) broken(place, message string) error {
	if file, rest, ok := strings.Cut(place, ":"); ok {
		if relative, err := filepath.Rel(l.dir, file); err == nil && !strings.HasPrefix(relative, "..") {
			place = filepath.ToSlash(relative) + ":" + rest
		}
	}
	return &Problem{Place: place, Message: message, Advice: "types are generated from code that compiles", err: ErrBroken}
}
