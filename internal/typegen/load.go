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
func Load(ctx context.Context, dir string) (*Program, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	loaded, err := packages.Load(&packages.Config{
		Context: ctx, Dir: dir, Fset: fset,
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
			packages.NeedTypes | packages.NeedTypesSizes | packages.NeedSyntax | packages.NeedTypesInfo,
	}, "./...")
	if err != nil {
		return nil, fmt.Errorf("reading the Go code: %w", err)
	}
	p := &Program{dir: dir, fset: fset}
	for _, l := range loaded {
		if len(l.Errors) > 0 {
			// Those of the go command repeat what others say, without a place.
			i := max(0, slices.IndexFunc(l.Errors, func(e packages.Error) bool { return e.Kind != packages.ListError }))
			return nil, p.broken(l.Errors[i])
		}
		p.packages = append(p.packages, &code{l.Types, l.TypesInfo, l.Syntax})
	}
	slices.SortFunc(p.packages, func(a, b *code) int { return strings.Compare(a.types.Path(), b.types.Path()) })
	return p, nil
}

// ErrBroken is in the error for Go code that does not compile.
var ErrBroken = errors.New("the Go code does not compile")

// broken is the error for code that does not compile.
func (p *Program) broken(err packages.Error) error {
	place := err.Pos
	if file, rest, ok := strings.Cut(err.Pos, ":"); ok {
		if relative, e := filepath.Rel(p.dir, file); e == nil && !strings.HasPrefix(relative, "..") {
			place = filepath.ToSlash(relative) + ":" + rest
		}
	}
	return &Problem{Place: place, Message: err.Msg, Advice: "types are generated from code that compiles", err: ErrBroken}
}
