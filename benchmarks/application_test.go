package benchmarks_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/database/schema"
)

// application is one with a long history of its schema: what is in its folder
// migrations.
type application struct {
	form  string            // SQL or Go
	names []string          // of the migrations in Go
	files map[string]string // by name
}

// migrationNames returns names of migrations: one creates a table, the next seven add
// a column to it.
func migrationNames(count int) []string {
	list := make([]string, count)
	for i := range list {
		date := time.Date(2020, 1, 1, 12, 0, 0, 0, time.UTC).AddDate(0, 0, i).Format("20060102_150405")
		what := fmt.Sprintf("create_items_%d_table", i/8)
		if i%8 > 0 {
			what = fmt.Sprintf("add_note_%d_to_items_%d", i%8, i/8)
		}
		list[i] = "m" + date + "_" + what
	}
	return list
}

// inSQL returns an application with SQL files.
func inSQL(count int) application {
	a := application{form: "SQL", files: map[string]string{"migrations.go": listed("*.sql", nil)}}
	for i, name := range migrationNames(count) {
		table := fmt.Sprintf("items_%d", i/8)
		up := "-- The items that people keep.\nCREATE TABLE " + table + ` (
    id          bigint       NOT NULL PRIMARY KEY,
    title       varchar(200) NOT NULL,
    description text,
    price       integer      NOT NULL DEFAULT 0,
    created_at  timestamp    NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX ` + table + "_title ON " + table + " (title);\n"
		down := "DROP TABLE " + table + ";\n"
		if i%8 > 0 {
			column := fmt.Sprintf("note_%d", i%8)
			up = "-- What people say about an item.\nALTER TABLE " + table + "\n    ADD COLUMN " + column + " varchar(500) NOT NULL DEFAULT '';\n"
			down = "ALTER TABLE " + table + " DROP COLUMN " + column + ";\n"
		}
		a.files[name+".up.sql"], a.files[name+".down.sql"] = up, down
	}
	return a
}

// inGo returns an application with migrations in Go.
func inGo(count int) application {
	a := application{form: "Go", names: migrationNames(count), files: map[string]string{}}
	var variables []string
	for i, name := range a.names {
		table, variable := fmt.Sprintf("items_%d", i/8), fmt.Sprintf("migration%d", i)
		up := `return s.Create(ctx, "` + table + `", func(t *schema.Table) {
			t.ID()
			t.String("title", 200)
			t.Text("description").Nullable()
			t.Integer("price").Default(0)
			t.Timestamps()
			t.Index("title")
		})`
		down := `return s.Drop(ctx, "` + table + `")`
		if i%8 > 0 {
			column := fmt.Sprintf("note_%d", i%8)
			up = `return s.Table(ctx, "` + table + `", func(t *schema.Table) {
			// What people say about an item.
			t.String("` + column + `", 500).Default("")
		})`
			down = `return s.Table(ctx, "` + table + `", func(t *schema.Table) { t.DropColumn("` + column + `") })`
		}
		a.files[name+".go"] = `package migrations

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
	Down: func(ctx context.Context, s *schema.Builder) error {
		` + down + `
	},
}
`
		variables = append(variables, variable)
	}
	a.files["migrations.go"] = listed("*.go", variables)
	return a
}

// listed is the source of the list of migrations.
func listed(embedded string, variables []string) string {
	return `package migrations

import (
	"embed"

	"github.com/kitgo/kit/database/migrate"
)

//go:embed ` + embedded + `
var files embed.FS

var All = migrate.Set{
	Files: files,
	List: []migrate.Migration{` + strings.Join(variables, ", ") + `},
}
`
}

const mainSource = `package main

import (
	"context"

	"github.com/kitgo/kit"
	"github.com/kitgo/kit/benchmarks/%s/migrations"
	"github.com/kitgo/kit/database"
)

func main() { kit.Main(newApp) }

func newApp(_ context.Context, cfg kit.Config) (*kit.App, error) {
	db, err := database.Open(cfg.DatabaseURL, &cfg.Database)
	if err != nil {
		return nil, err
	}
	return &kit.App{Config: cfg, DB: db, Migrations: migrations.All}, nil
}
`

// build compiles an application with this history. Its source is in this module while
// it is compiled, and in a folder that no pattern finds.
func (a application) build(t *testing.T) string {
	t.Helper()
	folder := "testdata/" + strings.ToLower(a.form)
	if err := os.MkdirAll(filepath.Join(folder, "migrations"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
		_ = os.Remove("testdata") // fails when there is something else in it
	})
	sources := map[string]string{"main.go": fmt.Sprintf(mainSource, folder)}
	for name, text := range a.files {
		sources["migrations/"+name] = text
	}
	for name, text := range sources {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return build(t, "./"+folder)
}

// set returns the history with functions that do nothing, for a process in which
// nothing of it is pending.
func (a application) set() migrate.Set {
	files := fstest.MapFS{}
	for name, text := range a.files {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	set := migrate.Set{Files: files}
	nothing := func(context.Context, *schema.Builder) error { return nil }
	for _, name := range a.names {
		set.List = append(set.List, migrate.Migration{Name: name, Up: nothing, Down: nothing})
	}
	return set
}
