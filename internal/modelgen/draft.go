package modelgen

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Draft is a model that the user writes: a file with a struct.
type Draft struct {
	Model  string // its Go name, such as BlogPost
	Table  string // such as blog_posts
	Path   string // of the file, which there is not yet
	Source []byte
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
	d.Path, d.Source = filepath.Join(dir, ownFile(d.Model)), d.source(w.pkg)
	switch _, err := os.Lstat(d.Path); {
	case err == nil:
		return nil, &ExistsError{filepath.Base(d.Path), dir}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("look for %s: %w", d.Path, err)
	}
	return d, nil
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
