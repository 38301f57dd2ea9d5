package devserver

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	// quiet is for how long nothing may change before a batch of changes is complete:
	// editors write a file in several steps.
	quiet = 25 * time.Millisecond
	// longest bounds a batch, as when a script writes all the time.
	longest = 500 * time.Millisecond
)

// Watch sends the paths, from dir, of the sources of the Go program that change, in
// batches, until ctx ends. Directories may come and go.
func Watch(ctx context.Context, dir string) (<-chan []string, error) {
	return watch(ctx, &watched{root: dir, ignored: ignoredDir, wanted: func(e fsnotify.Event) bool { return source(e.Name) }})
}

// WatchNames sends the paths, from dir, of the files that come and go there.
func WatchNames(ctx context.Context, dir string) (<-chan []string, error) {
	return watch(ctx, &watched{
		root: dir, ignored: func(string, string) bool { return false },
		wanted: func(e fsnotify.Event) bool {
			return !e.Has(fsnotify.Write) && !strings.HasPrefix(filepath.Base(e.Name), ".")
		},
	})
}

// watched is a tree of directories and what counts in it.
type watched struct {
	*fsnotify.Watcher
	root    string
	ignored func(root, dir string) bool
	wanted  func(fsnotify.Event) bool
}

func watch(ctx context.Context, w *watched) (<-chan []string, error) {
	var err error
	if w.Watcher, err = fsnotify.NewWatcher(); err != nil {
		return nil, fmt.Errorf("watching %s: %w", w.root, err)
	}
	if err := w.tree(w.root); err != nil {
		return nil, errors.Join(err, w.Close())
	}
	batches := make(chan []string)
	go func() {
		defer w.Close()
		w.collect(ctx, batches)
	}()
	return batches, nil
}

// tree watches a directory and those in it.
func (w *watched) tree(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist): // has gone meanwhile
			return nil
		case err != nil:
			return fmt.Errorf("watching %s: %w", path, err)
		case !d.IsDir():
			return nil
		case path != w.root && w.ignored(w.root, path):
			return filepath.SkipDir
		}
		if err := w.Add(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("watching %s: %w", path, err)
		}
		return nil
	})
}

// ignoredDir reports whether nothing below a directory is a source of the Go program.
func ignoredDir(root, path string) bool {
	name := filepath.Base(path)
	if strings.HasPrefix(name, ".") || name == "node_modules" || name == "testdata" {
		return true
	}
	relative, err := filepath.Rel(root, path)
	if err != nil {
		return true
	}
	parts := strings.Split(filepath.ToSlash(relative), "/")
	// Vite's, but for the Go file that embeds the build.
	return len(parts) > 1 && parts[0] == "frontend" || relative == "tmp" || relative == "bin" || relative == "docs"
}

// source reports whether the Go program may be made of a file: of Go code, or of what
// is embedded. Databases, logs and tests are not.
func source(path string) bool {
	name := filepath.Base(path)
	if strings.HasPrefix(name, ".env") {
		return true
	}
	if strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") || strings.HasSuffix(name, "_test.go") {
		return false
	}
	if filepath.Base(filepath.Dir(path)) == "frontend" {
		return filepath.Ext(name) == ".go"
	}
	return slices.Contains([]string{".go", ".mod", ".sum", ".work", ".sql", ".html", ".tmpl", ".gotmpl", ".txt", ".md", ".json", ".yaml", ".yml", ".toml", ".csv", ".xml"}, filepath.Ext(name))
}

func (w *watched) collect(ctx context.Context, batches chan<- []string) {
	var changed []string
	var begun time.Time
	timer := time.NewTimer(0)
	<-timer.C
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			select {
			case batches <- changed:
				changed = nil
			case <-ctx.Done():
				return
			}
		case e, ok := <-w.Events:
			if !ok {
				return
			}
			if e.Has(fsnotify.Chmod) && !e.Has(fsnotify.Write) {
				continue
			}
			added := []string{e.Name}
			if info, err := os.Stat(e.Name); err == nil && info.IsDir() {
				if e.Has(fsnotify.Create) && !w.ignored(w.root, e.Name) {
					// Files may be there before the directory is watched.
					_ = w.tree(e.Name)
					added = filesIn(e.Name)
				} else {
					added = nil
				}
			}
			for _, path := range added {
				relative, err := filepath.Rel(w.root, path)
				if err != nil || !w.wanted(fsnotify.Event{Name: path, Op: e.Op}) || slices.Contains(changed, relative) {
					continue
				}
				if len(changed) == 0 {
					begun = time.Now()
				}
				changed = append(changed, relative)
				timer.Reset(min(quiet, max(0, longest-time.Since(begun))))
			}
		case _, ok := <-w.Errors:
			if !ok {
				return
			}
			// The queue has overflowed: anything may have changed.
			if len(changed) == 0 {
				changed, begun = append(changed, "go.mod"), time.Now()
				timer.Reset(quiet)
			}
		}
	}
}

// filesIn returns the files below a directory.
func filesIn(dir string) (list []string) {
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			list = append(list, path)
		}
		return nil
	})
	return list
}
