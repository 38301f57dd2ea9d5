package kittest

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/database/schema"
	"github.com/kitgo/kit/internal/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Run(m)) }

// servers are where the databases of tests can be.
var servers = map[string]func(testing.TB) string{
	"SQLite":     func(testing.TB) string { return "" },
	"PostgreSQL": dbtest.Postgres,
	"MariaDB":    dbtest.MariaDB,
}

// onAll runs a test with a server of each kind.
func onAll(t *testing.T, f func(t *testing.T, url string)) {
	t.Helper()
	for name, start := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f(t, start(t))
		})
	}
}

type team struct {
	ID   int64  `bun:"id,pk,autoincrement"`
	Name string `bun:"name"`
}

// teams is a history that counts how often it has made the table: not when it is only
// asked for its SQL.
func teams(made *atomic.Int64) migrate.Set {
	return migrate.Set{List: []migrate.Migration{{
		Name: "m20260101_000000_create_teams",
		Up: func(ctx context.Context, s *schema.Builder) error {
			return s.Create(ctx, "teams", func(t *schema.Table) {
				t.ID()
				t.String("name", 40).Unique()
			})
		},
	}, {
		Name: "m20260102_000000_insert_teams",
		Up: func(ctx context.Context, s *schema.Builder) error {
			if err := s.Exec(ctx, "INSERT INTO teams (name) VALUES ('core')"); err != nil {
				return err
			}
			if made != nil {
				made.Add(1)
			}
			return nil
		},
	}}}
}

// fresh returns a new database.
func fresh(t *testing.T, all *templates, url string, set migrate.Set) *database.DB {
	t.Helper()
	return open(t, config(all.url(t, url, set)))
}

func insert(t *testing.T, db *database.DB, name string) {
	t.Helper()
	if err := database.Insert(t.Context(), db, &team{Name: name}); err != nil {
		t.Error(err)
	}
}

func TestEachTestHasACopyOfTheMigratedDatabase(t *testing.T) {
	t.Parallel()
	onAll(t, func(t *testing.T, url string) {
		var made atomic.Int64
		var all templates
		set := teams(&made)
		t.Run("tests", func(t *testing.T) {
			for i := range 8 {
				t.Run(fmt.Sprint(i), func(t *testing.T) {
					t.Parallel()
					db := fresh(t, &all, url, set)
					AssertHas[team](t, db, "name = ?", "core")
					insert(t, db, "mine")
					AssertCount[team](t, db, 2, "")
					if err := up(t.Context(), db, set); err != nil {
						t.Error(err)
					}
				})
			}
		})
		// On a server the SQL was asked for twice before.
		if n, most := made.Load(), int64(3); n > most {
			t.Errorf("the migrations ran %d times, want at most %d", n, most)
		}
	})
}

func TestSetsAreToldApart(t *testing.T) {
	t.Parallel()
	named := func(table string) migrate.Set {
		return migrate.Set{List: []migrate.Migration{{
			Name: "m20260101_000000_create_table",
			Up: func(ctx context.Context, s *schema.Builder) error {
				return s.Create(ctx, table, func(t *schema.Table) { t.ID() })
			},
		}}}
	}
	files := func(table string) migrate.Set {
		return migrate.Set{Files: fstest.MapFS{"m20260101_000000_create_table.up.sql": {Data: []byte("CREATE TABLE " + table + " (id bigint)")}}}
	}
	onAll(t, func(t *testing.T, url string) {
		var all templates
		for _, kind := range []func(string) migrate.Set{named, files} {
			for _, table := range []string{"one", "two"} {
				db := fresh(t, &all, url, kind(table))
				if _, err := db.ExecContext(t.Context(), "SELECT id FROM "+table); err != nil {
					t.Error(err)
				}
			}
		}
	})
}

func TestAnEmptySet(t *testing.T) {
	t.Parallel()
	onAll(t, func(t *testing.T, url string) {
		var all templates
		db := fresh(t, &all, url, migrate.Set{})
		if _, err := db.ExecContext(t.Context(), "CREATE TABLE teams (id bigint)"); err != nil {
			t.Error(err)
		}
	})
}

func TestDatabasesEndWithTheirTests(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"PostgreSQL", "MariaDB"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := servers[name](t)
			var all templates
			var db *database.DB
			t.Run("test", func(t *testing.T) {
				set := teams(new(atomic.Int64))
				db = fresh(t, &all, url, set)
				// A connection that the test forgot is in a transaction.
				other, err := database.Open(all.url(t, url, set), nil)
				if err != nil {
					t.Fatal(err)
				}
				forgotten, err := other.SQL().BeginTx(context.WithoutCancel(t.Context()), nil)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := forgotten.Exec("UPDATE teams SET name = 'x'"); err != nil {
					t.Fatal(err)
				}
			})
			server := all.servers[url].server
			err := server.with(db.Name(), func(db *database.DB) error { return db.Ping(t.Context()) })
			if err == nil || !strings.Contains(err.Error(), db.Name()) {
				t.Errorf("the database %s: %v", db.Name(), err)
			}
			list, err := server.kind.leftovers(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range list {
				if l.name == db.Name() {
					t.Errorf("%s is left", l.name)
				}
			}
		})
	}
}
