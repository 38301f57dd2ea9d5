package modelgen

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kitgo/kit/internal/identifier"
)

// Draft is a model that the user writes: a file with a struct.
type Draft struct {
	Model  string // its Go name, such as BlogPost
	Table  string // such as blog_posts
	Path   string // of the file, which there is not yet
	Source []byte
	Fields []Field // of the columns, without id and times
	// Relations are the fields for the rows that a row belongs to, by the column.
	Relations map[string]Field
}

// Field is a field of a model. In JSON it has a name of its own, which is "-" for one
// that is left out.
type Field struct{ Name, Type, JSON string }

// NameError is a name that cannot be that of a model.
type NameError struct{ Name, Problem, Advice string }

// Error says why.
func (e *NameError) Error() string {
	return fmt.Sprintf("%q cannot be the name of a model: %s", e.Name, e.Problem)
}

// Hint says which one to use.
func (e *NameError) Hint() string { return e.Advice }

// ExistsError is something that a draft would write a second time.
type ExistsError struct{ What, Path string }

// Error says what is where.
func (e *ExistsError) Error() string { return e.What + " already exists, in " + e.Path }

// longest is how many bytes a name may have: the names of indexes have the table's in
// front, and PostgreSQL allows 63.
const longest = 40

// DraftOptions are what a name does not say of a model.
type DraftOptions struct {
	// Columns are those between the id and the times, and ForeignKeys what they refer to.
	// A relation is written where there is the model of the other table.
	Columns     []Column
	ForeignKeys []ForeignKey
	// Planned are models that will be there, too.
	Planned []string
}

// NewDraft returns the model of a name, such as BlogPost or blog_post, in a folder,
// without writing it. Its name is that which db:sync gives to a row of its table, so
// that posts means Post, and so are the names and types of its fields. The errors are a
// [*NameError], an [*ExistsError] and a [*SyntaxError].
func NewDraft(dir, name string, o DraftOptions) (*Draft, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	table := TableName(name)
	if problem := identifier.TableProblem(table); problem != "" {
		return nil, &NameError{name, "its table, " + table + ", " + problem, "choose another name"}
	}
	d := &Draft{Model: modelName(table), Table: table}
	w, err := readFolder(dir)
	if err != nil {
		return nil, err
	}
	if there, ok := w.declared[d.Model]; ok {
		return nil, &ExistsError{d.Model, filepath.Join(dir, there.file)}
	}
	for file, text := range w.generated {
		if typeOf(text) == d.Model {
			return nil, &ExistsError{d.Model, filepath.Join(dir, file)}
		}
	}
	m := o.model(table, w)
	d.Fields, d.Relations = m.ownFields(len(o.Columns)), m.belongsTo()
	if d.Source, err = m.source("package " + w.pkg); err != nil {
		return nil, err
	}
	d.Path = filepath.Join(dir, ownFile(d.Model))
	switch _, err := os.Lstat(d.Path); {
	case err == nil:
		return nil, &ExistsError{filepath.Base(d.Path), dir}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("look for %s: %w", d.Path, err)
	}
	return d, nil
}

// model returns the Go of the table.
func (o DraftOptions) model(table string, w *written) *model {
	id := Column{Name: "id", Kind: Int, Auto: true}
	times := []Column{{Name: "created_at", Kind: Time, Default: Now}, {Name: "updated_at", Kind: Time, Default: Now}}
	tables := []Table{{
		Name: table, PrimaryKey: []string{"id"}, ForeignKeys: o.ForeignKeys,
		Columns: slices.Concat([]Column{id}, o.Columns, times),
	}}
	seen := map[string]bool{table: true}
	for _, key := range o.ForeignKeys {
		name := modelName(key.Table)
		if seen[key.Table] || !w.has(name) && !slices.Contains(o.Planned, name) {
			continue
		}
		seen[key.Table] = true
		tables = append(tables, Table{Name: key.Table, Columns: []Column{id}, PrimaryKey: []string{"id"}})
	}
	m := build(tables, w)[0]
	m.relations = slices.DeleteFunc(m.relations, func(f field) bool { return !strings.Contains(f.bun, "rel:belongs-to") })
	return m
}

// ownFields returns the fields of the columns behind the id.
func (m *model) ownFields(n int) []Field {
	var list []Field
	for _, f := range m.fields[1 : n+1] {
		list = append(list, f.exported())
	}
	return list
}

// belongsTo returns the relations with one column, by that.
func (m *model) belongsTo() map[string]Field {
	list := map[string]Field{}
	for _, f := range m.relations {
		join, ok := strings.CutPrefix(f.bun, "rel:belongs-to,join:")
		if column, _, single := strings.Cut(join, "="); ok && single {
			list[column] = f.exported()
		}
	}
	return list
}

func (f field) exported() Field {
	name, _, _ := strings.Cut(f.json, ",")
	return Field{f.name, f.typ, name}
}

// has reports whether the folder has the struct of a model.
func (w *written) has(model string) bool {
	if d, ok := w.declared[model]; ok {
		return d.isStruct
	}
	for _, text := range w.generated {
		if typeOf(text) == model {
			return true
		}
	}
	return false
}

func checkName(name string) error {
	if problem := identifier.Problem(name, longest, "_"); problem != "" {
		return &NameError{name, "it " + problem, "use letters, digits and _, beginning with a letter, such as BlogPost or blog_post"}
	}
	return nil
}
