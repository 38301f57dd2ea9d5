package typegen

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
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

// Load type-checks the packages of the module in dir. See [Loader.Load].
func Load(ctx context.Context, dir string) (*Program, error) { return NewLoader(dir, "").Load(ctx) }

// Loader type-checks the packages of a module, and after a change only what that concerns.
// It is for one goroutine at a time. Create it with [NewLoader].
type Loader struct {
	dir, cache string
	fset       *token.FileSet
	sizes      types.Sizes
	sources    []*source          // each behind those that it imports; nil when all must be loaded
	files      map[string]*source // by the absolute path of a file
	elsewhere  *elsewhere         // what other modules have
	unread     map[string]bool    // files that have changed and are not parsed yet
	changed    map[*source]bool   // that are not type-checked yet
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

// NewLoader returns a Loader of the module in dir. In the file cache, unless that is "", it
// keeps where the export data of other modules is, so that the next one need not ask for
// that; the file may be removed at any time.
func NewLoader(dir, cache string) *Loader { return &Loader{dir: dir, cache: cache} }

// Load type-checks all packages of the module, which must compile, as kit build compiles
// them: without cgo. What they import from elsewhere comes from the compiler's cache, which
// is filled if it must.
func (l *Loader) Load(ctx context.Context) (*Program, error) {
	l.sources = nil
	dir, err := filepath.Abs(l.dir)
	if err != nil {
		return nil, err
	}
	l.dir, l.fset = dir, token.NewFileSet()
	var env environment
	var packages []listed
	group, listing := errgroup.WithContext(ctx)
	group.Go(func() (err error) { env, err = readEnvironment(listing, dir); return err })
	group.Go(func() (err error) { packages, err = listApplication(listing, dir); return err })
	if err := group.Wait(); err != nil {
		return nil, err
	}
	l.sizes = types.SizesFor("gc", env["GOARCH"])
	sources, imports, err := l.read(packages)
	if err != nil {
		return nil, err
	}
	if kept := readExports(l.cache, env, imports); kept != nil {
		// Should what was kept be wrong after all, the second try says what is.
		if program, err := l.checkAll(ctx, sources, kept); err == nil {
			return program, nil
		}
	}
	found, err := findExports(ctx, dir, l.cache, env, imports)
	if err != nil {
		return nil, err
	}
	return l.checkAll(ctx, sources, found)
}

// read parses the packages of the module. It returns them, each behind those that it
// imports, and the paths of all else that they import.
func (l *Loader) read(packages []listed) (sources []*source, imports []string, err error) {
	l.files = map[string]*source{}
	byPath := map[string]*source{}
	for _, p := range packages {
		if p.Error != nil {
			return nil, nil, l.broken(cmp.Or(p.Error.Pos, p.Dir, p.ImportPath), p.Error.Err)
		}
		s := &source{path: p.ImportPath, code: &code{}}
		if p.Module != nil && p.Module.GoVersion != "" {
			s.goVersion = "go" + p.Module.GoVersion
		}
		for _, name := range p.GoFiles {
			name = filepath.Join(p.Dir, name)
			f, h, err := l.parse(name)
			if err != nil {
				return nil, nil, err
			}
			s.names, s.heads, s.syntax = append(s.names, name), append(s.heads, h), append(s.syntax, f)
			l.files[name] = s
		}
		byPath[s.path] = s
		sources = append(sources, s)
	}
	others := map[string]bool{}
	for _, s := range sources {
		for _, h := range s.heads {
			for _, path := range h.imports {
				switch {
				case byPath[path] != nil:
					s.app = append(s.app, path)
				case path != "unsafe":
					others[path] = true
				}
			}
		}
	}
	sources, err = l.sorted(sources, byPath)
	return sources, slices.Sorted(maps.Keys(others)), err
}

// sorted puts packages behind those that they import.
func (l *Loader) sorted(all []*source, byPath map[string]*source) ([]*source, error) {
	const entered, left = 1, 2
	state := map[*source]int{}
	var list []*source
	var visit func(s *source) error
	visit = func(s *source) error {
		switch state[s] {
		case entered:
			return l.broken(l.fset.Position(s.syntax[0].Package).String(), "import cycle not allowed: package "+s.path+" imports itself, perhaps through others")
		case left:
			return nil
		}
		state[s] = entered
		for _, path := range s.app {
			if err := visit(byPath[path]); err != nil {
				return err
			}
		}
		state[s] = left
		list = append(list, s)
		return nil
	}
	for _, s := range all {
		if err := visit(s); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// parse reads a file.
func (l *Loader) parse(name string) (*ast.File, head, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, head{}, fmt.Errorf("reading the Go code: %w", err)
	}
	f, err := parser.ParseFile(l.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if list, ok := errors.AsType[scanner.ErrorList](err); ok {
		return nil, head{}, l.broken(list[0].Pos.String(), list[0].Msg)
	}
	if err != nil {
		return nil, head{}, err
	}
	return f, headOf(f, text), nil
}

// checkAll type-checks packages with the export data of others, and keeps what it finds.
func (l *Loader) checkAll(ctx context.Context, sources []*source, e *exports) (*Program, error) {
	l.unread, l.changed = map[string]bool{}, map[*source]bool{}
	l.elsewhere = newElsewhere(l.fset, e)
	for _, s := range sources {
		l.changed[s] = true
	}
	l.sources = sources
	if err := l.check(ctx); err != nil {
		l.sources = nil
		return nil, err
	}
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
	place = filepath.ToSlash(strings.TrimPrefix(place, l.dir+string(filepath.Separator)))
	return &Problem{Place: place, Message: message, Advice: "types are generated from code that compiles", err: ErrBroken}
}
