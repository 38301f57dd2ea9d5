package modelgen

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Draft is a model that the user writes: a file with a struct, and if wanted the
// migration that makes its table.
type Draft struct {
	Model string // its Go name, such as BlogPost
	Table string // such as blog_posts
	files []draftFile
}

// draftFile is a file to write.
type draftFile struct {
	path    string
	content []byte
	changes bool // the file exists
}

// NameError is a name that cannot be that of a model.
type NameError struct{ Name, Problem string }

// Error says why.
func (e *NameError) Error() string {
	return fmt.Sprintf("%q cannot be the name of a model: %s", e.Name, e.Problem)
}

// ExistsError is something that a draft would write a second time.
type ExistsError struct{ What, Path string }

// Error says what is where.
func (e *ExistsError) Error() string { return e.What + " already exists, in " + e.Path }

// longest is how many bytes a name may have: the names of indexes have the table's in
// front, and PostgreSQL allows 63.
const longest = 40

// NewDraft returns the model of a name, such as BlogPost or blog_post, in a folder,
// without writing it. Its name is that which db:sync gives to a row of its table, so
// that posts means Post. The errors are a [*NameError], an [*ExistsError] and a
// [*SyntaxError].
func NewDraft(dir, name string) (*Draft, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	table := bunTable(pascal(words(name)))
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
	return d, d.add(filepath.Join(dir, ownFile(d.Model)), d.source(w.pkg))
}

func checkName(name string) error {
	switch {
	case name == "":
		return &NameError{name, "it is empty"}
	case len(name) > longest:
		return &NameError{name, fmt.Sprintf("it is longer than %d characters", longest)}
	}
	for i, r := range name {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		switch {
		case i == 0 && !letter:
			return &NameError{name, "it does not begin with a letter"}
		case !letter && r != '_' && (r < '0' || r > '9'):
			return &NameError{name, fmt.Sprintf("it has the character %q", r)}
		}
	}
	return nil
}

// add adds a file that must not exist.
func (d *Draft) add(path string, content []byte) error {
	switch _, err := os.Lstat(path); {
	case err == nil:
		return &ExistsError{filepath.Base(path), filepath.Dir(path)}
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("look for %s: %w", path, err)
	}
	d.files = append(d.files, draftFile{path: path, content: content})
	return nil
}

func (d *Draft) source(pkg string) []byte {
	base, imports := "", `import "time"`
	if bunTable(d.Model) != d.Table {
		base = fmt.Sprintf("\tbun.BaseModel `bun:\"table:%s\"`\n\n", d.Table)
		imports = "import (\n\t\"time\"\n\n\t\"github.com/uptrace/bun\"\n)"
	}
	return fmt.Appendf(nil, `package %s

%s

// %s is a row of the table %s.
type %[3]s struct {
%[5]s	ID        int64     `+"`bun:\"id,pk,autoincrement\"`"+`
	CreatedAt time.Time `+"`bun:\"created_at\"`"+`
	UpdatedAt time.Time `+"`bun:\"updated_at\"`"+`
}
`, pkg, imports, d.Model, d.Table, base)
}

// AddMigration adds the migration that creates the table, with its entry in the list
// of the migrations in a folder. Its name has the time, in UTC. The errors are an
// [*ExistsError], a [*ListError] and a [*SyntaxError].
func (d *Draft) AddMigration(dir string, now time.Time) error {
	title := "create_" + d.Table + "_table"
	variable := "create" + pascal(words(d.Table)) + "Table"
	m, err := readMigrations(dir)
	if err != nil {
		return err
	}
	if file, ok := m.find(variable, title); ok {
		return &ExistsError{"the migration " + title, filepath.Join(dir, file)}
	}
	list, err := m.append(variable)
	if err != nil {
		return err
	}
	name := "m" + now.UTC().Format("20060102_150405") + "_" + title
	if err := d.add(filepath.Join(dir, name+".go"), d.migration(m.pkg, name, variable)); err != nil {
		return err
	}
	d.files = append(d.files, draftFile{path: filepath.Join(dir, m.file), content: list, changes: true})
	return nil
}

func (d *Draft) migration(pkg, name, variable string) []byte {
	text := `package PACKAGE

import (
	"context"

	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/database/schema"
)

var VARIABLE = migrate.Migration{
	Name: "NAME",
	Up: func(ctx context.Context, s *schema.Builder) error {
		return s.Create(ctx, "TABLE", func(t *schema.Table) {
			t.ID()
			t.Timestamps()
		})
	},
	Down: func(ctx context.Context, s *schema.Builder) error {
		return s.Drop(ctx, "TABLE")
	},
}
`
	return []byte(strings.NewReplacer("PACKAGE", pkg, "VARIABLE", variable, "NAME", name, "TABLE", d.Table).Replace(text))
}

// Files returns the paths that [Draft.Write] writes: first the model's, then those of
// the migration and of the list.
func (d *Draft) Files() []string {
	var list []string
	for _, f := range d.files {
		list = append(list, f.path)
	}
	return list
}

// Write writes the files. Those that have come into being since are not overwritten.
func (d *Draft) Write() error {
	for _, f := range d.files {
		if err := os.MkdirAll(filepath.Dir(f.path), 0o755); err != nil {
			return fmt.Errorf("write %s: %w", f.path, err)
		}
		write := writeNew
		if f.changes {
			write = replace
		}
		if err := write(f.path, f.content); err != nil {
			return fmt.Errorf("write %s: %w", f.path, err)
		}
	}
	return nil
}
