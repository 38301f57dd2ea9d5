package typegen

import (
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// head is what of a file decides to which package it belongs and what that imports.
type head struct {
	top     string // what is above the package clause, such as build constraints, and its name
	imports []string
}

// keep remembers what was loaded, so that a change needs only a part of it again.
func (l *Loader) keep(loaded []*packages.Package) {
	l.files, l.unread, l.changed = map[string]*source{}, map[string]bool{}, map[*source]bool{}
	l.outside = map[string]*types.Package{"unsafe": types.Unsafe}
	own := map[*types.Package]*source{}
	var all []*source
	for _, p := range loaded {
		l.sizes = p.TypesSizes
		s := &source{path: p.PkgPath, code: &code{p.Types, p.TypesInfo, p.Syntax}}
		if p.Module != nil && p.Module.GoVersion != "" {
			s.goVersion = "go" + p.Module.GoVersion
		}
		for _, f := range p.Syntax {
			name := l.fset.File(f.FileStart).Name()
			s.names = append(s.names, name)
			text, err := os.ReadFile(name)
			if err != nil || filepath.Ext(name) != ".go" {
				s.heads = append(s.heads, head{}) // unlike any, so that a change loads all
				continue
			}
			l.files[name] = s
			s.heads = append(s.heads, headOf(f, text))
		}
		own[p.Types] = s
		all = append(all, s)
	}
	for _, s := range all {
		for _, i := range s.types.Imports() {
			if inner := own[i]; inner != nil {
				s.app = append(s.app, inner.path)
			} else {
				l.outside[i.Path()] = i
			}
		}
	}
	l.sources = sorted(all)
}

// sorted puts packages behind those that they import.
func sorted(all []*source) []*source {
	byPath := map[string]*source{}
	for _, s := range all {
		byPath[s.path] = s
	}
	seen := map[*source]bool{}
	var list []*source
	var visit func(s *source)
	visit = func(s *source) {
		if s == nil || seen[s] {
			return
		}
		seen[s] = true
		for _, path := range s.app {
			visit(byPath[path])
		}
		list = append(list, s)
	}
	for _, s := range all {
		visit(s)
	}
	return list
}

func headOf(f *ast.File, text []byte) head {
	h := head{top: string(text[:min(int(f.Package-f.FileStart), len(text))]) + f.Name.Name}
	for _, i := range f.Imports {
		h.imports = append(h.imports, strings.Trim(i.Path.Value, "`\""))
	}
	return h
}

// Reload is Load after files have changed, whose paths are absolute or from the module's
// directory. It parses those and type-checks their packages and who imports them. What
// may change more, such as a new file or an import of what is not known, loads all.
func (l *Loader) Reload(ctx context.Context, changed ...string) (*Program, error) {
	if l.sources == nil {
		return l.Load(ctx)
	}
	for _, name := range changed {
		if !filepath.IsAbs(name) {
			name = filepath.Join(l.dir, name)
		}
		switch {
		case l.files[name] != nil:
			l.unread[name] = true
		case strings.HasSuffix(name, "_test.go"):
		case filepath.Ext(name) == ".go", slices.Contains([]string{"go.mod", "go.sum", "go.work"}, filepath.Base(name)):
			return l.Load(ctx)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.unread)) {
		s := l.files[name]
		known, err := l.parse(s, slices.Index(s.names, name))
		if err != nil {
			return nil, err
		}
		if !known {
			return l.Load(ctx)
		}
		delete(l.unread, name)
	}
	if err := l.check(ctx); err != nil {
		return nil, err
	}
	return l.program(), nil
}

// parse reads a file of s again, and reports whether all that it needs is known.
func (l *Loader) parse(s *source, i int) (known bool, err error) {
	text, err := os.ReadFile(s.names[i])
	if err != nil {
		return false, nil // it has gone, or will be there again at the next change
	}
	f, err := parser.ParseFile(l.fset, s.names[i], text, parser.ParseComments|parser.SkipObjectResolution)
	if list, ok := errors.AsType[scanner.ErrorList](err); ok {
		return false, l.broken(list[0].Pos.String(), list[0].Msg)
	}
	if err != nil {
		return false, err
	}
	h := headOf(f, text)
	if h.top != s.heads[i].top || slices.ContainsFunc(h.imports, func(path string) bool {
		return l.outside[path] == nil && !slices.Contains(s.app, path)
	}) {
		return false, nil
	}
	l.fset.RemoveFile(l.fset.File(s.syntax[i].FileStart))
	l.changed[s] = true
	s.heads[i] = h
	// The program that was returned before keeps its own list.
	s.code = &code{s.types, s.info, slices.Clone(s.syntax)}
	s.syntax[i] = f
	return true, nil
}

// check type-checks the packages that have changed, and those that import them. The first
// mistake ends it; what is not done is done by the next one.
func (l *Loader) check(ctx context.Context) error {
	known := importer(maps.Clone(l.outside))
	for _, s := range l.sources {
		for _, path := range s.app {
			if p := l.byPath(path); l.changed[p] {
				l.changed[s] = true
			}
		}
	}
	for _, s := range l.sources {
		if l.changed[s] {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := l.checkPackage(s, known); err != nil {
				return err
			}
		}
		known[s.path] = s.types
	}
	clear(l.changed)
	return nil
}

func (l *Loader) byPath(path string) *source {
	return l.sources[slices.IndexFunc(l.sources, func(s *source) bool { return s.path == path })]
}

func (l *Loader) checkPackage(s *source, known importer) error {
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

// importer knows packages by their path.
type importer map[string]*types.Package

// Import returns a package.
func (i importer) Import(path string) (*types.Package, error) {
	if p := i[path]; p != nil {
		return p, nil
	}
	return nil, errors.New("could not import " + path)
}
