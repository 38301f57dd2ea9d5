package kittest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/database/schema"
)

// onServers runs a test with a server of each kind. Other tests use them, too.
func onServers(t *testing.T, f func(t *testing.T, url string)) {
	t.Helper()
	for _, name := range []string{"PostgreSQL", "MariaDB"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f(t, servers[name](t))
		})
	}
}

// serverOf returns the server that a test binary with these templates uses.
func serverOf(t *testing.T, all *templates, url string) *server {
	t.Helper()
	s, err := all.server(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// only is a history of one table of this name.
func only(table string) migrate.Set {
	return migrate.Set{List: []migrate.Migration{{
		Name: "m20260101_000000_create_table",
		Up: func(ctx context.Context, s *schema.Builder) error {
			return s.Create(ctx, table, func(t *schema.Table) {
				t.ID()
				t.String("name", 40)
			})
		},
	}}}
}

// nameOf returns the name of a template that is on the server.
func nameOf(t *testing.T, s *server, set migrate.Set) string {
	t.Helper()
	scratch := newName(time.Now())
	if err := s.kind.create(t.Context(), scratch); err != nil {
		t.Fatal(err)
	}
	name, err := s.templateName(t.Context(), scratch, set)
	if err := errors.Join(err, s.kind.drop(t.Context(), scratch)); err != nil || name == "" {
		t.Fatalf("template %q: %v", name, err)
	}
	return name
}

func TestTestBinariesShareATemplate(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, url string) {
		var made atomic.Int64
		table := newName(time.Now()) // the server may have a template of another run
		set := only(table)
		set.List = append(set.List, migrate.Migration{Name: "m20260102_000000_counts", Up: func(context.Context, *schema.Builder) error {
			made.Add(1)
			return nil
		}})
		var binaries [4]templates // each as in a process of its own
		var group sync.WaitGroup
		for i := range binaries {
			group.Go(func() {
				db := fresh(t, &binaries[i], url, set)
				if _, err := db.ExecContext(t.Context(), "INSERT INTO "+table+" (name) VALUES ('x')"); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		// Each asks for the SQL twice, one migrates.
		if n := made.Load(); n != 4*2+1 {
			t.Errorf("the migrations ran %d times, want 9", n)
		}
	})
}

func TestATemplateThatIsNotCompleteIsMadeAnew(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, url string) {
		var failing, good templates
		broken := errors.New("on purpose")
		var fails bool
		table := newName(time.Now())
		set := only(table)
		set.List = append(set.List, migrate.Migration{Name: "m20260102_000000_fails", Up: func(ctx context.Context, s *schema.Builder) error {
			if exists, err := s.HasTable(ctx, table); err != nil || exists && fails { // not when its SQL is asked for
				return errors.Join(err, broken)
			}
			return nil
		}})
		fails = true
		if _, err := failing.make(t.Context(), t, url, set); !errors.Is(err, broken) {
			t.Fatalf("error %v", err)
		}
		fails = false
		db := fresh(t, &good, url, set)
		if _, err := db.ExecContext(t.Context(), "INSERT INTO "+table+" (name) VALUES ('x')"); err != nil {
			t.Error(err)
		}
	})
}

func TestMigrationsWhoseSQLCannotBeToldBefore(t *testing.T) {
	t.Parallel()
	reading := func(ctx context.Context, s *schema.Builder) error {
		var n int
		if err := s.Conn().QueryRowContext(ctx, "SELECT count(*) FROM things").Scan(&n); err != nil {
			return err
		}
		return s.Exec(ctx, "INSERT INTO things (name) VALUES (?)", fmt.Sprint("one of ", n))
	}
	var calls atomic.Int64
	changing := func(ctx context.Context, s *schema.Builder) error {
		return s.Exec(ctx, "INSERT INTO things (name) VALUES (?)", fmt.Sprint("call ", calls.Add(1)))
	}
	for name, second := range map[string]migrate.Func{"reads": reading, "changes": changing} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onServers(t, func(t *testing.T, url string) {
				set := only("things")
				set.List = append(set.List, migrate.Migration{Name: "m20260102_000000_second", Up: second})
				var all templates
				for range 2 {
					db := fresh(t, &all, url, set)
					var n int
					if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM things").Scan(&n); err != nil || n != 1 {
						t.Errorf("%d things, %v", n, err)
					}
				}
			})
		})
	}
}

func TestLeftoversAreDroppedByAge(t *testing.T) {
	t.Parallel()
	onServers(t, func(t *testing.T, url string) {
		var before, after templates
		s := serverOf(t, &before, url)
		now := time.Now()
		young, old := newName(now.Add(-59*time.Minute)), newName(now.Add(-61*time.Minute))
		for _, name := range []string{young, old} {
			if err := s.kind.create(t.Context(), name); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := s.kind.drop(context.Background(), name); err != nil {
					t.Error(err)
				}
			})
		}
		used, unused := only("used"), only("unused")
		fresh(t, &before, url, used)
		fresh(t, &before, url, unused)
		usedName, unusedName := nameOf(t, s, used), nameOf(t, s, unused)
		lastUsed(t, s, usedName, now.Add(-6*24*time.Hour))
		lastUsed(t, s, unusedName, now.Add(-9*24*time.Hour))
		serverOf(t, &after, url)
		list, err := s.kind.leftovers(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]bool{young: true, old: false, usedName: true, unusedName: false} {
			if is := slices.ContainsFunc(list, func(l leftover) bool { return l.name == name }); is != want {
				t.Errorf("%s is there: %t", name, is)
			}
		}
		fresh(t, &after, url, used) // which notes it
		list, err = s.kind.leftovers(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range list {
			if l.name == usedName && time.Since(l.used) > 25*time.Hour {
				t.Errorf("%s was used at %s", l.name, l.used)
			}
		}
	})
}

// lastUsed changes when a template was used.
func lastUsed(t *testing.T, s *server, name string, at time.Time) {
	t.Helper()
	var err error
	switch k := s.kind.(type) {
	case *postgresServer:
		err = k.exec(t.Context(), "COMMENT ON DATABASE %s IS '"+at.UTC().Format(time.RFC3339)+"'", name)
	case *mysqlServer:
		_, err = k.db.ExecContext(t.Context(), fmt.Sprintf("UPDATE %s.%s SET day = ?", quote(name), mark), at.UTC().Format(time.DateOnly))
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestOtherDatabasesAreNotLeftovers(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"kit_test_", "kit_test_shop", "kit_test_99999999999999_x", "kit_test_20200101"} {
		if (leftover{name: name}).old(time.Now()) {
			t.Errorf("%s would be dropped", name)
		}
	}
}

func TestDatabaseURLKeepsWhatLeadsToTheServer(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"postgres://a:b%2F@h:1/x?sslmode=disable":         "postgres://a:b%2F@h:1/new?sslmode=disable",
		"postgres://a@/x?host=/run/pg&dbname=y&port=5433": "postgres://a@/new?host=%2Frun%2Fpg&port=5433",
		"mysql://a@localhost/x?socket=/run/mysqld.sock":   "mysql://a@localhost/new?socket=/run/mysqld.sock",
	} {
		u, err := url.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		if got := (&server{url: u}).databaseURL("new"); got != want {
			t.Errorf("%s becomes %s, want %s", raw, got, want)
		}
	}
}

func TestURLsThatLeadToNoServer(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"sqlite://test.db":                  "TEST_DATABASE_URL=\"sqlite://test.db\": is not the URL of a server\nuse postgres://",
		"postgres://a:secret@127.0.0.1:1/x": "TEST_DATABASE_URL=\"postgres://a:***@127.0.0.1:1/x\": connection refused (waited 5s)\nstart PostgreSQL, or correct the host and the port in TEST_DATABASE_URL, or unset TEST_DATABASE_URL",
		"mysql://a:secret@127.0.0.1:1/x":    "TEST_DATABASE_URL=\"mysql://a:***@127.0.0.1:1/x\": connection refused (waited 5s)\nstart MySQL, or correct",
		"redis://127.0.0.1":                 "unknown scheme redis://",
	} {
		t.Run(url[:5], func(t *testing.T) {
			t.Parallel()
			var all templates
			_, err := all.server(t.Context(), url)
			if err == nil {
				t.Fatal("it is a server")
			}
			if text := explain(err); !strings.Contains(text, want) || strings.Contains(text, "secret") {
				t.Error(text)
			}
		})
	}
}
