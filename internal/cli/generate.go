package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/gocode"
	"github.com/rogpeppe/go-internal/diff"
	"github.com/rogpeppe/go-internal/lockedfile"
	"github.com/spf13/cobra"
)

// generator is what the generators have in common: the flags, and how files are written.
type generator struct {
	stdio         console.IO
	dryRun, force bool
	skipTypes     bool
}

// flags adds the flags of a generator; those without files of their own have no --force.
func (g *generator) flags(c *cobra.Command, force bool) {
	c.Flags().BoolVar(&g.dryRun, "dry-run", false, "write nothing, show what would change as a diff")
	if force {
		c.Flags().BoolVar(&g.force, "force", false, "overwrite files that exist")
	}
}

// plan is what a generator is about to write.
type plan struct {
	p     *project
	force bool
	files []planned
	notes []note
}

// planned is a file to write.
type planned struct {
	path     string
	old, new []byte // old is nil for a file that there is not
}

// note is something that is left to the user.
type note struct{ message, advice string }

// add adds a file of its own. One that exists is a mistake without --force, and so is Go
// code with a name that another file of its package has.
func (pl *plan) add(path string, text []byte) error {
	old, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		old, err = nil, nil
	} else if err == nil && !pl.force {
		return usage(pl.p.relative(path)+" already exists; nothing was written", "choose another name, or overwrite it with --force")
	}
	if err != nil {
		return fmt.Errorf("look for %s: %w", pl.p.relative(path), err)
	}
	if filepath.Ext(path) == ".go" {
		name, other, err := (&gocode.File{Path: path, Text: text}).Redeclares()
		if err != nil {
			return err
		}
		if name != "" {
			return usage(name+" already exists, in "+pl.p.relative(other)+"; nothing was written", "choose another name, or change what is there")
		}
	}
	pl.files = append(pl.files, planned{path, old, text})
	return nil
}

// change adds a file of the user that is changed.
func (pl *plan) change(f *gocode.File) error {
	old, err := os.ReadFile(f.Path)
	if err != nil {
		return fmt.Errorf("read %s: %w", pl.p.relative(f.Path), err)
	}
	if !bytes.Equal(old, f.Text) {
		pl.files = append(pl.files, planned{f.Path, old, f.Text})
	}
	return nil
}

func (pl *plan) note(message, advice string) { pl.notes = append(pl.notes, note{message, advice}) }

// run lets fill plan in the application around the working directory, and writes what is
// planned: all of it or nothing. One generator runs after the other.
func (g *generator) run(fill func(*plan) error) error {
	p, err := findProject()
	if err != nil {
		return err
	}
	unlock, err := p.lock()
	if err != nil {
		return err
	}
	defer unlock()
	pl := &plan{p: p, force: g.force}
	if err := fill(pl); err != nil {
		return unreadable(p, err)
	}
	s := newSteps(g.stdio)
	if g.dryRun {
		fmt.Fprint(g.stdio.Out, pl.diff())
	} else if err := pl.write(); err != nil {
		return err
	}
	for _, f := range pl.files {
		if !g.dryRun {
			fmt.Fprintf(g.stdio.Out, "  %s %s\n", s.paint("32", "✓"), p.relative(f.path))
		}
	}
	if len(pl.files) == 0 {
		fmt.Fprintf(g.stdio.Out, "  %s everything is there already; nothing to change\n", s.paint("32", "✓"))
	}
	for _, n := range pl.notes {
		fmt.Fprintf(g.stdio.Out, "  %s %s\n", s.paint("33", "!"), n.message)
		if n.advice != "" {
			fmt.Fprintf(g.stdio.Out, "    %s\n", n.advice)
		}
	}
	return nil
}

// lock waits until no other generator works on the application.
func (p *project) lock() (unlock func(), err error) {
	dir, err := p.cache("generate")
	if err != nil {
		return nil, err
	}
	unlock, err = lockedfile.MutexAt(filepath.Join(dir, "lock")).Lock()
	if err != nil {
		return nil, fmt.Errorf("waiting for other generators: %w", err)
	}
	return unlock, nil
}

// diff returns the plan as a unified diff.
func (pl *plan) diff() string {
	var b bytes.Buffer
	for _, f := range pl.files {
		path := filepath.ToSlash(pl.p.relative(f.path))
		before := "a/" + path
		if f.old == nil {
			before = "/dev/null"
		}
		// The first line is that of a command: diff OLD NEW.
		_, text, _ := bytes.Cut(diff.Diff(before, f.old, "b/"+path, f.new), []byte("\n"))
		b.Write(text)
	}
	return b.String()
}

// write writes the files; when one of them fails, all are as they were. What takes space
// comes first: on a full disk nothing has changed yet, and nothing has to be put back.
func (pl *plan) write() (err error) {
	var undo []func() error
	defer func() {
		if err == nil {
			return
		}
		for i := len(undo) - 1; i >= 0; i-- {
			err = errors.Join(err, undo[i]())
		}
	}()
	type change struct {
		replacement
		mode fs.FileMode
	}
	var list []change
	for _, f := range pl.files {
		made, err := makeDirs(filepath.Dir(f.path))
		undo = append(undo, made...)
		if err != nil {
			return unwritten(pl.p.relative(f.path), err)
		}
		mode := fs.FileMode(0o644)
		if info, err := os.Stat(f.path); err == nil {
			mode = info.Mode().Perm()
		}
		r, err := newReplacement(f.path, f.new, mode)
		if err != nil {
			return unwritten(pl.p.relative(f.path), err)
		}
		undo = append(undo, func() error { r.discard(); return nil })
		list = append(list, change{r, mode})
	}
	for i, f := range pl.files {
		if err := list[i].put(); err != nil {
			return unwritten(pl.p.relative(f.path), err)
		}
		undo = append(undo, func() error {
			if f.old == nil {
				return os.Remove(f.path)
			}
			return replaceFile(f.path, f.old, list[i].mode)
		})
	}
	return nil
}

// makeDirs makes a directory and those above it, and returns how to remove what it made.
func makeDirs(dir string) (undo []func() error, err error) {
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Lstat(d); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		undo = append([]func() error{func() error { return os.Remove(d) }}, undo...)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	return undo, nil
}
