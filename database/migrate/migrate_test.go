package migrate_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/database/schema"
	"github.com/kitgo/kit/internal/dbtest"
)

func TestMain(m *testing.M) {
	if url := os.Getenv(childURL); url != "" {
		os.Exit(child(url))
	}
	os.Exit(dbtest.Run(m))
}

// each runs a test on every kind of database, with the URL of an empty one.
func each(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); test(t, dbtest.SQLite(t)) })
	t.Run("memory", func(t *testing.T) { t.Parallel(); test(t, "sqlite://:memory:") })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); test(t, dbtest.Postgres(t)) })
	t.Run("mariadb", func(t *testing.T) { t.Parallel(); test(t, dbtest.MariaDB(t)) })
	t.Run("pgbouncer", func(t *testing.T) { t.Parallel(); test(t, dbtest.PgBouncer(t, dbtest.Postgres(t))) })
}

// transactional is each for the databases where a migration is one transaction.
func transactional(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); test(t, dbtest.SQLite(t)) })
	t.Run("memory", func(t *testing.T) { t.Parallel(); test(t, "sqlite://:memory:") })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); test(t, dbtest.Postgres(t)) })
	t.Run("pgbouncer", func(t *testing.T) { t.Parallel(); test(t, dbtest.PgBouncer(t, dbtest.Postgres(t))) })
}

// shared is each for tests that open a database more than once.
func shared(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); test(t, dbtest.SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); test(t, dbtest.Postgres(t)) })
	t.Run("mariadb", func(t *testing.T) { t.Parallel(); test(t, dbtest.MariaDB(t)) })
	t.Run("pgbouncer", func(t *testing.T) { t.Parallel(); test(t, dbtest.PgBouncer(t, dbtest.Postgres(t))) })
}

func open(t *testing.T, url string) *database.DB {
	t.Helper()
	db, err := database.Open(url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func newMigrator(t *testing.T, db *database.DB, list []migrate.Migration, o migrate.Options) *migrate.Migrator {
	t.Helper()
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	m, err := migrate.New(db, migrate.Set{List: list}, &o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// creating returns a migration that creates a table.
func creating(day int, table string) migrate.Migration {
	return migrate.Migration{
		Name: fmt.Sprintf("m202601%02d_000000_create_%s_table", day, table),
		Up: func(ctx context.Context, s *schema.Builder) error {
			return s.Create(ctx, table, func(t *schema.Table) { t.ID() })
		},
		Down: func(ctx context.Context, s *schema.Builder) error { return s.Drop(ctx, table) },
	}
}

// doing returns a migration of any function.
func doing(day int, words string, up migrate.Func) migrate.Migration {
	return migrate.Migration{Name: fmt.Sprintf("m202601%02d_000000_%s", day, words), Up: up}
}

func up(t *testing.T, m *migrate.Migrator) migrate.Result {
	t.Helper()
	r, err := m.Up(t.Context(), migrate.UpOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// brief returns names with their batches, such as "create_a_table 1".
func brief(r migrate.Result) []string {
	list := []string{}
	for _, a := range r.Applied {
		list = append(list, fmt.Sprintf("%s %d", a.Name[len("m20260101_000000_"):], a.Batch))
	}
	return list
}

// states returns names with their states and batches.
func states(t *testing.T, m *migrate.Migrator) []string {
	t.Helper()
	list, err := m.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, s := range list {
		out = append(out, fmt.Sprintf("%s %s %d", s.Name[len("m20260101_000000_"):], s.Status, s.Batch))
	}
	return out
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func hasTable(t *testing.T, db *database.DB, name string) bool {
	t.Helper()
	found, err := schema.New(db).HasTable(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func run(t *testing.T, db *database.DB, query string) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func count(t *testing.T, db *database.DB, table string) int {
	t.Helper()
	var n int
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNewRefusesAWrongList(t *testing.T) {
	t.Parallel()
	db := open(t, "sqlite://:memory:")
	nothing := func(context.Context, *schema.Builder) error { return nil }
	for name, want := range map[string]string{
		"create_users":                    "a name is m, the date",
		"20260101_000000_users":           "a name is m, the date",
		"m20261301_000000_users":          "a name is m, the date",
		"m20260101_250000_users":          "a name is m, the date",
		"m20260101_000000":                "a name is m, the date",
		"m20260101_000000_Users":          "a name is m, the date",
		"m20260101_000000-users":          "a name is m, the date",
		"m20260101_000000_users'; DROP x": "a name is m, the date",
	} {
		_, err := migrate.New(db, migrate.Set{List: []migrate.Migration{{Name: name, Up: nothing}}}, nil)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "migrate_test.go:") {
			t.Errorf("%s: %v, want an error with %q and the place", name, err, want)
		}
	}
	_, err := migrate.New(db, migrate.Set{List: []migrate.Migration{{Name: "m20260101_000000_users"}}}, nil)
	if err == nil || !strings.Contains(err.Error(), "has no Up") {
		t.Errorf("without Up: %v", err)
	}
	_, err = migrate.New(db, migrate.Set{List: []migrate.Migration{creating(1, "a"), creating(2, "b"), creating(1, "a")}}, nil)
	if err == nil || strings.Count(err.Error(), "migrate_test.go:") != 2 {
		t.Errorf("two of one name: %v, want both places", err)
	}
}

func TestUpAppliesInOrderOfNameInBatches(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := open(t, url)
		var log bytes.Buffer
		var steps []migrate.Progress
		o := migrate.Options{
			Logger: slog.New(slog.NewTextHandler(&log, nil)), Version: "v1.2.3",
			OnProgress: func(p migrate.Progress) { steps = append(steps, p) },
		}
		first := []migrate.Migration{creating(3, "c"), creating(1, "a")}
		before := time.Now().Add(-time.Second)
		equal(t, "first", brief(up(t, newMigrator(t, db, first, o))), []string{"create_a_table 1", "create_c_table 1"})
		equal(t, "progress", steps, []migrate.Progress{
			{Phase: migrate.WaitingForLock},
			{migrate.Migrating, "m20260101_000000_create_a_table", 1, 2},
			{migrate.Migrating, "m20260103_000000_create_c_table", 2, 2},
		})
		if n := strings.Count(log.String(), "migration applied"); n != 2 || !strings.Contains(log.String(), "m20260101_000000_create_a_table") || !strings.Contains(log.String(), "duration=") {
			t.Errorf("%d log lines, want 2 with name and duration:\n%s", n, log.String())
		}

		steps, log = nil, bytes.Buffer{}
		equal(t, "nothing pending", brief(up(t, newMigrator(t, db, first, o))), []string{})
		equal(t, "progress when nothing is pending", steps, []migrate.Progress(nil))
		equal(t, "log when nothing is pending", log.String(), "")

		m := newMigrator(t, db, append(first, creating(2, "b"), creating(4, "d")), o)
		equal(t, "second", brief(up(t, m)), []string{"create_b_table 2", "create_d_table 2"})
		equal(t, "status", states(t, m), []string{
			"create_a_table applied 1", "create_b_table applied 2", "create_c_table applied 1", "create_d_table applied 2",
		})
		list, err := m.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if at := list[0].AppliedAt; at.Location() != time.UTC || at.Before(before) || at.After(time.Now()) {
			t.Errorf("applied at %v, want now in UTC", at)
		}
		var version string
		if err := db.QueryRowContext(t.Context(), "SELECT min(version) FROM kit_migrations").Scan(&version); err != nil || version != "v1.2.3" {
			t.Errorf("recorded version %q, %v", version, err)
		}
	})
}

func TestUpToAndStepByStep(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := open(t, url)
		m := newMigrator(t, db, []migrate.Migration{creating(1, "a"), creating(2, "b"), creating(3, "c"), creating(4, "d")}, migrate.Options{})
		r, err := m.Up(t.Context(), migrate.UpOptions{To: "m20260102_000000_create_b_table"})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "to b", brief(r), []string{"create_a_table 1", "create_b_table 1"})
		r, err = m.Up(t.Context(), migrate.UpOptions{Step: true})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "steps", brief(r), []string{"create_c_table 2", "create_d_table 3"})
		_, err = m.Up(t.Context(), migrate.UpOptions{To: "m20260102_000000_create_c_table"})
		hint, ok := errors.AsType[interface {
			error
			Hint() string
			ExitCode() int
		}](err)
		if !ok || hint.ExitCode() != 2 || !strings.Contains(hint.Hint(), "create_b_table") && !strings.Contains(hint.Hint(), "create_c_table") {
			t.Errorf("to no migration: %v, want a hint at the nearest", err)
		}
	})
}

func TestStatusCreatesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := open(t, url)
		m := newMigrator(t, db, []migrate.Migration{creating(1, "a")}, migrate.Options{})
		equal(t, "status", states(t, m), []string{"create_a_table pending 0"})
		if hasTable(t, db, "kit_migrations") {
			t.Error("Status has made the table")
		}
		up(t, m)
		equal(t, "status of another program", states(t, newMigrator(t, db, []migrate.Migration{creating(2, "b")}, migrate.Options{})),
			[]string{"create_a_table missing 1", "create_b_table pending 0"})
	})
}

func TestOtherErrorsAreNotTakenForAMissingTable(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := open(t, url)
		run(t, db, "CREATE TABLE kit_migrations (name text)")
		m := newMigrator(t, db, []migrate.Migration{creating(1, "a")}, migrate.Options{})
		if _, err := m.Up(t.Context(), migrate.UpOptions{}); err == nil || !strings.Contains(err.Error(), "kit_migrations") {
			t.Errorf("with a foreign table kit_migrations: %v", err)
		}
		if hasTable(t, db, "a") {
			t.Error("it migrated nevertheless")
		}
	})
}

func TestAFailedMigrationLeavesNothing(t *testing.T) {
	t.Parallel()
	transactional(t, func(t *testing.T, url string) {
		db := open(t, url)
		failing := doing(2, "fail", func(ctx context.Context, s *schema.Builder) error {
			if err := s.Create(ctx, "half", func(t *schema.Table) { t.ID() }); err != nil {
				return err
			}
			if err := s.Exec(ctx, "INSERT INTO a DEFAULT VALUES"); err != nil {
				return err
			}
			return s.Exec(ctx, "INSERT INTO\n\tno_such_table VALUES (1)")
		})
		m := newMigrator(t, db, []migrate.Migration{creating(1, "a"), failing, creating(3, "c")}, migrate.Options{})
		r, err := m.Up(t.Context(), migrate.UpOptions{})
		e, ok := errors.AsType[*migrate.Error](err)
		if !ok {
			t.Fatalf("%v, want a *Error", err)
		}
		text := e.Error()
		for _, want := range []string{failing.Name, "INSERT INTO no_such_table VALUES (1)", "no_such_table"} {
			if !strings.Contains(text, want) || strings.Contains(text, "\n") {
				t.Errorf("the error is not one line with %q: %s", want, text)
			}
		}
		if e.Name != failing.Name || e.ExitCode() != 1 || e.Hint() == "" {
			t.Errorf("name %s, exit code %d, hint %q", e.Name, e.ExitCode(), e.Hint())
		}
		equal(t, "applied", brief(r), []string{"create_a_table 1"})
		equal(t, "applied in the error", brief(migrate.Result{Applied: e.Applied}), []string{"create_a_table 1"})
		if hasTable(t, db, "half") || count(t, db, "a") != 0 {
			t.Error("the failed migration left something")
		}
		equal(t, "status", states(t, m), []string{"create_a_table applied 1", "fail pending 0", "create_c_table pending 0"})
		failing.Up = creating(2, "b").Up
		equal(t, "after the correction", brief(up(t, newMigrator(t, db, []migrate.Migration{creating(1, "a"), failing}, migrate.Options{}))), []string{"fail 2"})
	})
}

func TestAMigrationThatIsCancelledLeavesNothing(t *testing.T) {
	t.Parallel()
	slow := map[database.Dialect]string{
		database.Postgres: "SELECT pg_sleep(60)",
		database.SQLite:   "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
	}
	transactional(t, func(t *testing.T, url string) {
		db := open(t, url)
		ctx, cancel := context.WithCancel(t.Context())
		half := doing(1, "half", func(ctx context.Context, s *schema.Builder) error {
			if err := s.Create(ctx, "half", func(t *schema.Table) { t.ID() }); err != nil {
				return err
			}
			time.AfterFunc(100*time.Millisecond, cancel)
			return s.Exec(ctx, slow[s.Dialect()])
		})
		m := newMigrator(t, db, []migrate.Migration{half}, migrate.Options{})
		start := time.Now()
		_, err := m.Up(ctx, migrate.UpOptions{})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v, want the context's", err)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("took %s", took)
		}
		if hasTable(t, db, "half") {
			t.Error("the cancelled migration left its table")
		}
		// The lock is free, and foreign keys hold again on the connection of :memory:.
		half.Up = creating(1, "half").Up
		up(t, newMigrator(t, db, []migrate.Migration{half}, migrate.Options{LockTimeout: 5 * time.Second}))
		if db.Dialect() == database.SQLite {
			var on int
			if err := db.QueryRowContext(t.Context(), "PRAGMA foreign_keys").Scan(&on); err != nil || on != 1 {
				t.Errorf("foreign keys are %d, %v", on, err)
			}
		}
	})
}
