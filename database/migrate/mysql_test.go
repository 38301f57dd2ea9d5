package migrate_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/database/schema"
	"github.com/kitgo/kit/internal/dbtest"
)

// all runs statements.
func all(statements ...string) migrate.Func {
	return func(ctx context.Context, s *schema.Builder) error {
		for _, sql := range statements {
			if err := s.Exec(ctx, sql); err != nil {
				return err
			}
		}
		return nil
	}
}

// On MySQL a migration that changes rows only is one transaction.
func TestAMigrationOfRowsIsUndoneOnMySQL(t *testing.T) {
	t.Parallel()
	db := open(t, dbtest.MariaDB(t))
	list := []migrate.Migration{
		creating(1, "a"),
		doing(2, "rows", all("INSERT INTO a VALUES (1)", "INSERT INTO a VALUES (2)", "INSERT INTO a VALUES (1)")),
	}
	m := newMigrator(t, db, list, migrate.Options{})
	_, err := m.Up(t.Context(), migrate.UpOptions{})
	if _, ok := errors.AsType[*migrate.Error](err); !ok {
		t.Fatalf("%v, want an *Error", err)
	}
	equal(t, "status", states(t, m), []string{"create_a_table applied 1", "rows pending 0"})
	if n := count(t, db, "a"); n != 0 {
		t.Errorf("%d rows were kept", n)
	}
}

// The journal has what was committed, and nothing that was rolled back.
func TestTheJournalOnMySQLIsExact(t *testing.T) {
	t.Parallel()
	db := open(t, dbtest.MariaDB(t))
	mixed := doing(2, "mixed", all(
		"INSERT INTO a VALUES (1)",    // committed by the next one
		"CREATE TABLE b (id integer)", // commits by itself
		"CREATE TEMPORARY TABLE c (i integer)",
		"INSERT INTO a VALUES (2)", // rolled back
		"INSERT INTO no_such_table VALUES (3)",
		"CREATE TABLE never (id integer)",
	))
	m := newMigrator(t, db, []migrate.Migration{creating(1, "a"), mixed}, migrate.Options{})
	_, err := m.Up(t.Context(), migrate.UpOptions{})
	e := isDirty(t, "the failure", err)
	equal(t, "done", e.Journal.Done, []string{"INSERT INTO a VALUES (1)", "CREATE TABLE b (id integer)"})
	equal(t, "failed", e.Journal.Failed, "INSERT INTO no_such_table VALUES (3)")
	if n := count(t, db, "a"); n != 1 {
		t.Errorf("%d rows, want 1", n)
	}
	status, err := m.Status(t.Context())
	if err != nil || status[1].Journal == nil {
		t.Fatalf("%+v, %v", status, err)
	}
	equal(t, "journal in the status", *status[1].Journal, e.Journal)
}

// A migration is stopped while the server works on a statement.
func TestStoppingAStatementOfMySQL(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]string{"after rows": "INSERT INTO a VALUES (1)", "after a table": "CREATE TABLE b (id integer)"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := dbtest.MariaDB(t)
			db := open(t, url)
			ctx, cancel := context.WithCancel(t.Context())
			slow := doing(2, "slow", func(ctx context.Context, s *schema.Builder) error {
				time.AfterFunc(200*time.Millisecond, cancel)
				return all(first, "DO SLEEP(60)")(ctx, s)
			})
			m := newMigrator(t, db, []migrate.Migration{creating(1, "a"), slow}, migrate.Options{})
			start := time.Now()
			_, err := m.Up(ctx, migrate.UpOptions{})
			if took := time.Since(start); !errors.Is(err, context.Canceled) || took > 3*time.Second {
				t.Errorf("%v after %s, want the context's error at once", err, took)
			}
			running := 1
			for range 20 { // a thread that was killed is listed for a moment
				if running = count(t, db, "information_schema.processlist WHERE db = database() AND info LIKE 'DO SLEEP%'"); running == 0 {
					break
				}
				time.Sleep(50 * time.Millisecond)
			}
			if running != 0 {
				t.Errorf("%d statements are still running", running)
			}
			want := []string{"create_a_table applied 1", "slow pending 0"}
			if name == "after a table" {
				want[1] = "slow dirty 1"
				if e := isDirty(t, "stopped", err); !strings.Contains(e.Journal.String(), "CREATE TABLE b") {
					t.Errorf("journal %s", e.Journal)
				}
			}
			equal(t, "status", states(t, m), want)
			if n := count(t, db, "a"); n != 0 {
				t.Errorf("%d rows were kept", n)
			}
			// The lock is free.
			other := newMigrator(t, open(t, url), []migrate.Migration{creating(1, "a"), creating(3, "c")}, migrate.Options{LockTimeout: 2 * time.Second})
			if _, err := other.Up(t.Context(), migrate.UpOptions{}); name == "after rows" && err != nil {
				t.Error(err)
			} else if name == "after a table" {
				_ = isDirty(t, "the next", err)
			}
		})
	}
}
