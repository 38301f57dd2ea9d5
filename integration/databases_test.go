package integration_test

import (
	"strings"
	"testing"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/internal/dbtest"
)

// kinds are the kinds of databases, and of ways to them, that applications run on.
var kinds = []string{"sqlite", "postgres", "pgbouncer", "mariadb"}

// fresh returns the URL of a fresh database of a kind.
func fresh(t *testing.T, kind string) string {
	t.Helper()
	switch kind {
	case "sqlite":
		return dbtest.SQLite(t)
	case "postgres":
		return dbtest.Postgres(t)
	case "pgbouncer":
		return dbtest.PgBouncer(t, dbtest.Postgres(t))
	case "mariadb":
		return dbtest.MariaDB(t)
	}
	t.Fatalf("there is no kind %q of databases", kind)
	return ""
}

// databases runs test on a fresh database of each kind.
func databases(t *testing.T, test func(t *testing.T, url string)) {
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			test(t, fresh(t, kind))
		})
	}
}

// wherever runs test on a fresh database of each of some kinds, and twice: the slow
// part of the migration is in the process (it computes between two statements), and in
// the database (it waits for a statement).
func wherever(t *testing.T, kinds []string, test func(t *testing.T, kind, where, url string)) {
	for _, kind := range kinds {
		for _, where := range []string{"process", "database"} {
			t.Run(kind+"/"+where, func(t *testing.T) {
				t.Parallel()
				test(t, kind, where, fresh(t, kind))
			})
		}
	}
}

// open connects the test to a database.
func open(t *testing.T, url string) *database.DB {
	t.Helper()
	db, err := database.Open(url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// execute runs statements, as somebody would by hand.
func execute(t *testing.T, url string, statements ...string) {
	t.Helper()
	db := open(t, url)
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
}

// notes counts the rows of the fixture's table that have this text.
func notes(t *testing.T, url, text string) int {
	t.Helper()
	n, err := count(t, url, "SELECT count(*) FROM notes WHERE text = ?", text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// count reads a number. PgBouncer 1.18 may tell a client that has just come that it
// "successfully sent" the cancel request of another one, and hang up; it is asked again.
func count(t *testing.T, url, query string, args ...any) (n int, err error) {
	t.Helper()
	db := open(t, url)
	for range 3 {
		err = db.QueryRowContext(t.Context(), query, args...).Scan(&n)
		if err == nil || !strings.Contains(err.Error(), "successfully sent cancel request") {
			break
		}
	}
	return n, err
}

// hasTable reports whether a query of a table works.
func hasTable(t *testing.T, url, table string) bool {
	t.Helper()
	_, err := count(t, url, "SELECT count(*) FROM "+table)
	if err != nil && !strings.Contains(err.Error(), table) {
		t.Fatal(err)
	}
	return err == nil
}

// slowThird makes the third of three migrations take a minute, after it has created
// the table things_3 and written a note.
func slowThird(url, where string) []string {
	return append(threeMigrations(url), "FIXTURE_SLOW_NUMBER=3", "FIXTURE_SLOW_MIGRATION=1m", "FIXTURE_SLOW_WHERE="+where)
}

// slowUndone makes a migration take a minute that the kind of database undoes when it
// is cut: the third one, but the second one where a change of the schema is no part of
// a transaction.
func slowUndone(kind, url, where string) []string {
	if kind == "mariadb" {
		return append(slowThird(url, where), "FIXTURE_SLOW_NUMBER=2")
	}
	return slowThird(url, where)
}

func threeMigrations(url string) []string {
	return []string{"DATABASE_URL=" + url, "FIXTURE_MIGRATIONS=3"}
}

// whole fails the test when something of the three migrations is missing, or there
// twice.
func whole(t *testing.T, url string) {
	t.Helper()
	for _, text := range []string{"migrated", "migration 3", "end of migration 3"} {
		if n := notes(t, url, text); n != 1 {
			t.Errorf("the note %q is there %d times, want once", text, n)
		}
	}
	if !hasTable(t, url, "things_3") {
		t.Error("there is no table things_3")
	}
}

// untilMigrating waits until the process is in the slow part of a migration.
func (p *process) untilMigrating() *process {
	p.tb.Helper()
	p.untilLogged("the slow part begins")
	time.Sleep(100 * time.Millisecond) // the statement is on its way to the database
	return p
}

// untilWaiting waits until the process waits for the migration lock.
func (p *process) untilWaiting() *process {
	p.tb.Helper()
	p.until(20*time.Second, "waiting for the lock", func() bool {
		_, body := p.get("/_kit/health")
		return strings.Contains(body, `"phase":"waiting-for-migration-lock"`)
	})
	p.untilLogged("waiting for another process's migrations")
	return p
}

func (p *process) untilLogged(text string) {
	p.tb.Helper()
	p.until(20*time.Second, "logging "+text, func() bool { return strings.Contains(p.stderr.String(), text) })
}

func (p *process) isReady() bool {
	status, _ := p.get("/_kit/health")
	return status == 200
}
