package typegen

import (
	"context"
	"errors"
	"go/ast"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// head is what of a file decides to which package it belongs and what that imports.
type head struct {
	top     string // what is above the package clause, such as build constraints, and its name
	imports []string
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
		enough, err := l.parseAgain(s, slices.Index(s.names, name))
		if err != nil {
			return nil, err
		}
		if !enough {
			return l.Load(ctx)
		}
		delete(l.unread, name)
	}
	if err := l.check(ctx); err != nil {
		return nil, err
	}
	return l.program(), nil
}

// parseAgain reads a file of s again, and reports whether all that it needs is known.
func (l *Loader) parseAgain(s *source, i int) (enough bool, err error) {
	f, h, err := l.parse(s.names[i])
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil // it has gone, or will be there again at the next change
	}
	if err != nil {
		return false, err
	}
	if h.top != s.heads[i].top || slices.ContainsFunc(h.imports, func(path string) bool {
		return !l.elsewhere.has(path) && !slices.Contains(s.app, path)
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
