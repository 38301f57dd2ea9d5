// Package migrationgen writes migrations from their names and columns.
//
//	list, err := columns.Parse([]string{"slug:string:80:unique"})
//	m, err := migrationgen.New("migrations", "add_slug_to_posts", migrationgen.Options{Columns: list, Now: time.Now()})
//
// Nothing is written to disk: the result is the text of the files.
package migrationgen

import (
	"errors"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/kitgo/kit/internal/columns"
	"github.com/kitgo/kit/internal/gocode"
)

// Options are what the name of a migration does not say.
type Options struct {
	Columns []columns.Column
	Create  string    // the table to create, whatever the name says
	Table   string    // the table to change, whatever the name says
	Now     time.Time // goes into the name, in UTC
}

// Migration is a migration with its place in the list of them.
type Migration struct {
	Name  string // such as m20260102_150405_create_posts_table
	File  *gocode.File
	List  *gocode.File // the file with the list, changed
	Notes []Note       // what is left to do
}

// Note is something that the user should know about a migration.
type Note struct{ Message, Advice string }

// ExistsError is a migration that there is already.
type ExistsError struct{ Title, Path string }

// Error says where it is.
func (e *ExistsError) Error() string {
	return "the migration " + e.Title + " already exists, in " + e.Path
}

// ColumnsError is a change of columns that does not say of which.
type ColumnsError struct{ Message, Advice string }

// Error says what is missing.
func (e *ColumnsError) Error() string { return e.Message }

// New returns the migration of a name such as create_posts_table or AddSlugToPosts, for
// the folder of the migrations. The errors are those of this package, [gocode.ErrNoList]
// and a [*gocode.SyntaxError].
func New(dir, name string, o Options) (*Migration, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	words := fileTitle(name)
	t := readTitle(words)
	switch {
	case o.Create != "":
		t = title{change: create, table: o.Create}
	case o.Table != "" && (t.change == blank || t.change == create || t.change == drop):
		t = title{change: add, table: o.Table}
	case o.Table != "":
		t.table = o.Table
	}
	if t.change != blank {
		if err := checkTable(name, t.table); err != nil {
			return nil, err
		}
	}
	list, err := gocode.FindList(dir, "List", migrationType())
	if err != nil {
		return nil, err
	}
	variable := variable(words)
	newest, err := look(dir, variable, words)
	if err != nil {
		return nil, err
	}
	m := &Migration{Name: "m" + after(newest, o.Now).Format(layout) + "_" + words, List: list}
	d := draft{title: t, columns: o.Columns, dir: dir}
	up, down, err := d.bodies()
	if err != nil {
		return nil, err
	}
	m.Notes = d.notes
	source, err := format.Source([]byte(render(list.Package(), variable, m.Name, up, down)))
	if err != nil {
		return nil, fmt.Errorf("write the migration %s: %w", words, err)
	}
	m.File = &gocode.File{Path: filepath.Join(dir, m.Name+".go"), Text: source}
	if list.Lists("List", migrationType(), variable) {
		return m, nil // its file was removed, its entry was not
	}
	return m, list.AppendToList("List", migrationType(), variable)
}

// migrationType is the type of the elements of the list of migrations.
func migrationType() gocode.Type {
	return gocode.Type{Path: "github.com/kitgo/kit/database/migrate", Name: "Migration"}
}

const layout = "20060102_150405"

var stamped = regexp.MustCompile(`^m(\d{8}_\d{6})_`)

// look returns the time of the newest migration. It is an error when there is one of this
// variable or title.
func look(dir, variable, title string) (newest time.Time, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return newest, fmt.Errorf("read the migrations: %w", err)
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		name, _, _ := strings.Cut(e.Name(), ".")
		stamp := stamped.FindStringSubmatch(name)
		if stamp != nil {
			if t, err := time.Parse(layout, stamp[1]); err == nil && t.After(newest) {
				newest = t
			}
			if name[len(stamp[0]):] == title {
				return newest, &ExistsError{title, path}
			}
		}
		if filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := gocode.Read(path)
		if err != nil {
			return newest, err
		}
		if f.Declares(variable) {
			return newest, &ExistsError{title, path}
		}
	}
	return newest, nil
}

// after returns the time for a new migration: now, or a second after the newest one, as
// migrations run in the order of their names.
func after(newest, now time.Time) time.Time {
	now = now.UTC().Truncate(time.Second)
	if !now.After(newest) {
		return newest.Add(time.Second)
	}
	return now
}

func render(pkg, variable, name, up, down string) string {
	text := `package ` + pkg + `

import (
	"context"

	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/database/schema"
)

var ` + variable + ` = migrate.Migration{
	Name: "` + name + `",
	Up: func(ctx context.Context, s *schema.Builder) error {
		` + up + `
	},
`
	if down != "" {
		text += `Down: func(ctx context.Context, s *schema.Builder) error {
			` + down + `
		},
`
	}
	return text + "}\n"
}
