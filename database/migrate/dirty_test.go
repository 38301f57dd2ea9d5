package migrate_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/database/schema"
)

// half returns a migration without a transaction that creates a table and then fails
// as long as *fail.
func half(fail *bool) migrate.Migration {
	return migrate.Migration{
		Name: "m20260102_000000_half", NoTransaction: true,
		Up: func(ctx context.Context, s *schema.Builder) error {
			if err := s.Create(ctx, "kept", func(t *schema.Table) { t.ID() }); err != nil {
				return err
			}
			if *fail {
				return s.Exec(ctx, "INSERT INTO no_such_table (text) VALUES ('it''s \\ \"x\"')")
			}
			return s.Exec(ctx, map[database.Dialect]string{
				database.Postgres: "CREATE INDEX CONCURRENTLY a_again ON a (id)",
				database.SQLite:   "VACUUM", // which it refuses in a transaction
				database.MySQL:    "OPTIMIZE TABLE a",
			}[s.Dialect()])
		},
		Down: func(ctx context.Context, s *schema.Builder) error { return s.Drop(ctx, "kept") },
	}
}

func isDirty(t *testing.T, what string, err error) *migrate.DirtyError {
	t.Helper()
	e, ok := errors.AsType[*migrate.DirtyError](err)
	if !ok {
		t.Fatalf("%s: %v, want a *DirtyError", what, err)
	}
	if e.ExitCode() != 1 || !strings.Contains(e.Hint(), "migrate:resolve "+e.Name) {
		t.Errorf("%s: code %d, hint %q", what, e.ExitCode(), e.Hint())
	}
	return e
}

func TestWhatCannotBeUndoneIsMarkedAndExplained(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := open(t, url)
		fail := true
		m := newMigrator(t, db, []migrate.Migration{creating(1, "a"), half(&fail), creating(3, "c")}, migrate.Options{})
		for i, what := range []string{"the failure", "the next start"} {
			_, err := m.Up(t.Context(), migrate.UpOptions{})
			e := isDirty(t, what, err)
			if len(e.Journal.Done) != 1 || !strings.HasPrefix(e.Journal.Done[0], "CREATE TABLE") || !strings.Contains(e.Journal.Done[0], "kept") {
				t.Errorf("%s: done %q", what, e.Journal.Done)
			}
			if !strings.Contains(e.Journal.Failed, `it''s \ "x"`) || !strings.Contains(e.Journal.Problem, "no_such_table") || e.Journal.Begun != "" {
				t.Errorf("%s: journal %+v", what, e.Journal)
			}
			for _, want := range []string{"m20260102_000000_half", "done 1: CREATE TABLE", "failed: INSERT INTO no_such_table", "what comes after that was not run"} {
				if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
					t.Errorf("%s: %q lacks %q or is not one line", what, err, want)
				}
			}
			if kept := strings.Contains(err.Error(), "m20260101_000000_create_a_table"); kept != (i == 0) {
				t.Errorf("%s: what was applied before it: %v in %q", what, kept, err)
			}
		}
		equal(t, "status", states(t, m), []string{"create_a_table applied 1", "half dirty 1", "create_c_table pending 0"})
		if _, err := m.Rollback(t.Context(), migrate.RollbackOptions{}); err == nil {
			t.Error("rolled back a dirty migration")
		} else {
			_ = isDirty(t, "a rollback", err)
		}

		run(t, db, "DROP TABLE kept") // undone by hand
		fail = false
		if err := m.Resolve(t.Context(), "m20260102_000000_half", false); err != nil {
			t.Fatal(err)
		}
		equal(t, "resolved as not applied", states(t, m), []string{"create_a_table applied 1", "half pending 0", "create_c_table pending 0"})
		equal(t, "next try", brief(up(t, m)), []string{"half 2", "create_c_table 2"})
		if _, err := m.Rollback(t.Context(), migrate.RollbackOptions{Steps: 2}); err != nil || hasTable(t, db, "kept") {
			t.Errorf("rollback: %v", err)
		}
	})
}

func TestADirtyMigrationThatWasCompletedByHand(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := open(t, url)
		fail := true
		m := newMigrator(t, db, []migrate.Migration{creating(1, "a"), half(&fail)}, migrate.Options{})
		_, err := m.Up(t.Context(), migrate.UpOptions{})
		_ = isDirty(t, "the failure", err)
		if err := m.Resolve(t.Context(), "m20260102_000000_half", true); err != nil {
			t.Fatal(err)
		}
		equal(t, "resolved as applied", states(t, m), []string{"create_a_table applied 1", "half applied 1"})
		equal(t, "next start", brief(up(t, m)), []string{})
		if err := m.Resolve(t.Context(), "m20260102_000000_half", true); err == nil || !strings.Contains(err.Error(), "nothing to resolve") {
			t.Errorf("resolved twice: %v", err)
		}
		// A program that does not have it can roll it back nevertheless.
		old := newMigrator(t, db, []migrate.Migration{creating(1, "a")}, migrate.Options{})
		if _, err := old.Rollback(t.Context(), migrate.RollbackOptions{}); err != nil || hasTable(t, db, "kept") {
			t.Errorf("rollback: %v", err)
		}
	})
}

// A migration that fails at its first statement has left nothing, with or without a
// transaction.
func TestAFailureThatLeavesNothingIsNotDirty(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := open(t, url)
		first := doing(1, "first", func(ctx context.Context, s *schema.Builder) error { return s.Drop(ctx, "no_such_table") })
		first.NoTransaction = true
		m := newMigrator(t, db, []migrate.Migration{first}, migrate.Options{})
		_, err := m.Up(t.Context(), migrate.UpOptions{})
		if _, ok := errors.AsType[*migrate.Error](err); !ok {
			t.Errorf("%v, want an *Error", err)
		}
		equal(t, "status", states(t, m), []string{"first pending 0"})
	})
}

func TestADownThatCannotBeUndoneIsMarkedToo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := open(t, url)
		fail := false
		mig := half(&fail)
		mig.Down = func(ctx context.Context, s *schema.Builder) error {
			return errors.Join(s.Drop(ctx, "kept"), s.Drop(ctx, "no_such_table"))
		}
		m := newMigrator(t, db, []migrate.Migration{creating(1, "a"), mig}, migrate.Options{})
		up(t, m)
		_, err := m.Rollback(t.Context(), migrate.RollbackOptions{})
		if e := isDirty(t, "the failure", err); !e.Down || !strings.Contains(err.Error(), "being rolled back") {
			t.Errorf("it does not say that it was being rolled back: %v", err)
		}
		_, err = m.Up(t.Context(), migrate.UpOptions{})
		if e := isDirty(t, "the next start", err); !e.Down {
			t.Error("the next start does not say that it was being rolled back")
		}
		if err := m.Resolve(t.Context(), mig.Name, false); err != nil {
			t.Fatal(err)
		}
		equal(t, "status", states(t, m), []string{"create_a_table applied 1", "half pending 0"})
	})
}
