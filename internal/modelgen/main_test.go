package modelgen_test

import (
	"context"
	"os"
	"testing"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/schema"
	"github.com/kitgo/kit/internal/dbtest"
	"github.com/kitgo/kit/internal/modelgen"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Run(m)) }

// databases makes an empty database of each kind.
var databases = []struct {
	name string
	url  func(testing.TB) string
}{
	{"SQLite", dbtest.SQLite},
	{"PostgreSQL", dbtest.Postgres},
	{"MariaDB", dbtest.MariaDB},
}

func open(t *testing.T, url string) *database.DB {
	t.Helper()
	db, err := database.Open(url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// define runs a definition of the schema as a migration does, on one connection.
func define(t *testing.T, db *database.DB, define func(context.Context, *schema.Builder) error) {
	t.Helper()
	if err := define(t.Context(), schema.New(db)); err != nil {
		t.Fatal(err)
	}
}

// sync brings a folder up to the schema and returns what changed.
func sync(t *testing.T, db *database.DB, dir string) *modelgen.Plan {
	t.Helper()
	plan := planFor(t, db, dir)
	if err := plan.Apply(); err != nil {
		t.Fatal(err)
	}
	return plan
}

func planFor(t *testing.T, db *database.DB, dir string) *modelgen.Plan {
	t.Helper()
	tables, err := modelgen.Inspect(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := modelgen.NewPlan(dir, tables)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}
