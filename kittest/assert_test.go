package kittest

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/migrate"
)

// recorder is a test that writes down how it failed.
type recorder struct {
	testing.TB
	errors []string
}

func (r *recorder) Error(args ...any)                 { r.errors = append(r.errors, fmt.Sprint(args...)) }
func (r *recorder) Errorf(format string, args ...any) { r.Error(fmt.Sprintf(format, args...)) }
func (r *recorder) Fatal(args ...any)                 { r.Error(args...); runtime.Goexit() }
func (r *recorder) Fatalf(format string, args ...any) { r.Fatal(fmt.Sprintf(format, args...)) }

// failure returns what f says when it fails the test.
func failure(t *testing.T, f func(tb testing.TB)) string {
	t.Helper()
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(r)
	}()
	<-done
	return strings.Join(r.errors, "\n")
}

func TestAssertionsSayWhatIsThere(t *testing.T) {
	t.Parallel()
	db := DB(t, teams(nil))
	type gone struct {
		ID int64 `bun:"id,pk"`
	}
	for name, c := range map[string]struct {
		assert func(tb testing.TB)
		want   string
	}{
		"has":           {func(tb testing.TB) { AssertHas[team](tb, db, "name = ?", "core") }, ""},
		"has any":       {func(tb testing.TB) { AssertHas[team](tb, db, "") }, ""},
		"has not":       {func(tb testing.TB) { AssertHas[team](tb, db, "name = ? AND id < ?", "x", 9) }, "no kittest.team with name = ? AND id < ? [x 9]; the table has\n\t{ID:1 Name:core}"},
		"missing":       {func(tb testing.TB) { AssertMissing[team](tb, db, "name = ?", "x") }, ""},
		"not missing":   {func(tb testing.TB) { AssertMissing[team](tb, db, "name IN (?)", []string{"core"}) }, "1 times kittest.team with name IN (?) [[core]]; the table has\n\t{ID:1 Name:core}"},
		"count":         {func(tb testing.TB) { AssertCount[team](tb, db, 1, "") }, ""},
		"another count": {func(tb testing.TB) { AssertCount[team](tb, db, 2, "") }, "1 times, want 2: kittest.team; the table has\n\t{ID:1 Name:core}"},
		"no table":      {func(tb testing.TB) { AssertHas[gone](tb, db, "") }, "count kittest.gone: SQL logic error: no such table: gones (1)"},
	} {
		if got := failure(t, c.assert); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestAssertionsShowFewRows(t *testing.T) {
	t.Parallel()
	db := DB(t, only("teams"))
	for rows, want := range []string{"the table has no rows", 5: "\n\t{ID:4 Name:n4}\n\t{ID:5 Name:n5}", 6: "\n\t{ID:5 Name:n5}\n\t..."} {
		if rows > 0 {
			insert(t, db, fmt.Sprint("n", rows))
		}
		if want == "" {
			continue
		}
		if got := failure(t, func(tb testing.TB) { AssertHas[team](tb, db, "name = 'x'") }); !strings.HasSuffix(got, want) {
			t.Errorf("%q, want %q at its end", got, want)
		}
	}
}

func TestAssertionsInACleanup(t *testing.T) {
	t.Parallel()
	db := DB(t, only("teams"))
	insert(t, db, "kept")
	t.Cleanup(func() { AssertCount[team](t, db, 1, "name = ?", "kept") })
}

func TestConfigTakesOneSet(t *testing.T) {
	t.Parallel()
	got := failure(t, func(tb testing.TB) { Config(tb, only("a"), only("b")) })
	if !strings.Contains(got, "one set of migrations, not 2") {
		t.Errorf("%q", got)
	}
}

func TestAMigrationThatFailsIsNamed(t *testing.T) {
	t.Parallel()
	for range 2 { // also for the second test
		got := failure(t, func(tb testing.TB) { DB(tb, sqls("CREATE nonsense")) })
		if !strings.Contains(got, "m20260101_000000_all") || !strings.Contains(got, `near "nonsense"`) {
			t.Errorf("%q", got)
		}
	}
	wrong := migrate.Set{Files: os.DirFS("no/such/folder")}
	if got := failure(t, func(tb testing.TB) { DB(tb, wrong) }); !strings.Contains(got, "list the migrations' files: open .: ") {
		t.Errorf("%q", got)
	}
}

// TestTheVariableNamesTheServer is not parallel: it sets the environment.
func TestTheVariableNamesTheServer(t *testing.T) {
	for name, want := range map[string]database.Dialect{"SQLite": database.SQLite, "PostgreSQL": database.Postgres, "MariaDB": database.MySQL} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TEST_DATABASE_URL", servers[name](t))
			db := DB(t, teams(nil))
			AssertHas[team](t, db, "name = ?", "core")
			cfg := Config(t)
			empty := open(t, cfg)
			if db.Dialect() != want || empty.Dialect() != want {
				t.Errorf("dialects %s, %s", db.Dialect(), empty.Dialect())
			}
			if _, err := empty.ExecContext(t.Context(), "CREATE TABLE teams (id bigint)"); err != nil {
				t.Error(err)
			}
		})
	}
	t.Setenv("TEST_DATABASE_URL", "sqlite://x.db")
	if got := failure(t, func(tb testing.TB) { DB(tb, teams(nil)) }); !strings.Contains(got, "is not the URL of a server") {
		t.Errorf("%q", got)
	}
}
