package modelgen

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
)

// Plan is what there is to do in the folder of the models.
type Plan struct {
	Changes []Change // sorted by file
	Notes   []Note   // what is left alone, and why
	dir     string
}

// Action is what happens to a file.
type Action string

// The actions of a [Change].
const (
	Create Action = "create"
	Update Action = "update"
	Remove Action = "remove"
)

// Change is one file to write or to remove.
type Change struct {
	File     string // the name in the folder
	Action   Action
	Own      bool   // belongs to the user from now on
	Why      string // of a removal, such as "its table is gone"
	old, new []byte
}

// Note is about a file of the user that is left alone, or a table that gets none.
type Note struct {
	File    string // "" for none
	Message string
	Advice  string // what to do about it; "" for nothing
}

// NewPlan compares tables, as [Inspect] returns them, with the models in a folder,
// which need not exist. The errors are a [*SyntaxError] and those of reading files.
func NewPlan(dir string, tables []Table) (*Plan, error) {
	w, err := readFolder(dir)
	if err != nil {
		return nil, err
	}
	p := &Plan{dir: dir}
	kept := map[string]bool{}
	names := taken{}
	for name := range w.files {
		names[strings.TrimSuffix(strings.ToLower(name), suffix)] = strings.HasSuffix(name, suffix)
	}
	for _, m := range build(tables, w) {
		if !bunCanName(m.table.Name) {
			p.Notes = append(p.Notes, Note{Message: fmt.Sprintf("the table %s gets no model: bun cannot write its name", m.table.Name)})
			continue
		}
		if m.declared != nil {
			p.leave(m)
			continue
		}
		file := names.free(fileName(m.table.Name)) + suffix
		kept[file] = true
		source, err := m.render(w.pkg)
		if err != nil {
			return nil, err
		}
		p.write(file, w.generated[file], source)
		if o := ownFile(m.name); !w.files[o] {
			w.files[o] = true
			p.Changes = append(p.Changes, Change{File: o, Action: Create, Own: true, new: m.renderOwn(w.pkg)})
		}
	}
	for _, file := range slices.Sorted(maps.Keys(w.generated)) {
		if !kept[file] {
			p.remove(file, w)
		}
	}
	slices.SortFunc(p.Changes, func(a, b Change) int { return cmp.Compare(a.File, b.File) })
	return p, nil
}

func (p *Plan) write(file string, old, source []byte) {
	switch {
	case old == nil:
		p.Changes = append(p.Changes, Change{File: file, Action: Create, new: source})
	case !bytes.Equal(bytes.ReplaceAll(old, []byte("\r\n"), []byte("\n")), source): // line ends of Windows are no difference
		p.Changes = append(p.Changes, Change{File: file, Action: Update, old: old, new: source})
	}
}

// leave notes that a table has no file as the user has one.
func (p *Plan) leave(m *model) {
	switch d := m.declared; {
	case d.own:
	case d.isStruct:
		p.Notes = append(p.Notes, Note{
			d.file, fmt.Sprintf("%s is written by hand; nothing is made of the table %s", m.name, m.table.Name),
			fmt.Sprintf("delete the struct, and keep its methods, to have it made; or put %s over it", own),
		})
	default:
		p.Notes = append(p.Notes, Note{
			d.file, fmt.Sprintf("the name %s is in use; nothing is made of the table %s", m.name, m.table.Name),
			"give what is there another name, or put " + own + " over it if it is a type",
		})
	}
}

// remove removes a file that no table has any more.
func (p *Plan) remove(file string, w *written) {
	old := w.generated[file]
	name := typeOf(old)
	if _, replaced := w.declared[name]; replaced {
		p.Changes = append(p.Changes, Change{File: file, Action: Remove, Why: name + " is written by hand", old: old})
		return
	}
	p.Changes = append(p.Changes, Change{File: file, Action: Remove, Why: "its table is gone", old: old})
	if o := ownFile(name); w.files[o] {
		p.Notes = append(p.Notes, Note{o, "is yours and stays, but " + name + " has no table any more", "delete it if nothing in it is needed"})
	}
}

// Diff returns the changes as a unified diff; "" when there is nothing to do.
func (p *Plan) Diff() string {
	var b strings.Builder
	for _, c := range p.Changes {
		path := filepath.ToSlash(filepath.Join(filepath.Base(p.dir), c.File))
		before, after := "a/"+path, "b/"+path
		if c.Action == Create {
			before = "/dev/null"
		}
		if c.Action == Remove {
			after = "/dev/null"
		}
		text := diff.Diff(before, c.old, after, c.new)
		// The first line is that of a command: diff OLD NEW.
		_, text, _ = bytes.Cut(text, []byte("\n"))
		b.Write(text)
	}
	return b.String()
}

// Apply writes and removes the files, each as a whole or not at all. A file of the user
// that has come into being since is not overwritten.
func (p *Plan) Apply() error {
	if len(p.Changes) == 0 {
		return nil
	}
	if err := os.MkdirAll(p.dir, 0o755); err != nil {
		return fmt.Errorf("make the folder of the models: %w", err)
	}
	for _, c := range p.Changes {
		path := filepath.Join(p.dir, c.File)
		var err error
		switch {
		case c.Action == Remove:
			err = os.Remove(path)
		case c.Own:
			err = writeNew(path, c.new)
		default:
			err = replace(path, c.new)
		}
		if err != nil {
			return fmt.Errorf("%s %s: %w", c.Action, path, err)
		}
	}
	return nil
}

// writeNew writes a file that must not exist.
func writeNew(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}

// replace writes a file as a whole or not at all.
func replace(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".kit-write-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(content)
	if err = errors.Join(err, f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
