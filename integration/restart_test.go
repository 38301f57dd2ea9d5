package integration_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/internal/dbtest"
)

// own starts a database server for one test, which may stop it, and returns the URL of
// a database on it. A pooler goes on when its server has stopped.
func own(t *testing.T, kind string) (server *dbtest.Server, url string) {
	t.Helper()
	if kind == "mariadb" {
		s := dbtest.StartMariaDB(t)
		s.CreateDatabase(t, "app")
		return s.Server, s.URL("app")
	}
	s := dbtest.StartPostgres(t)
	s.CreateDatabase(t, "app")
	// Tests' servers tell of commits before they are written, and one that stops at that
	// moment would lose what it has told.
	db, err := database.Open(s.URL("app"), nil)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), "ALTER DATABASE app SET synchronous_commit = on")
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if kind == "pgbouncer" {
		return s.Server, dbtest.PgBouncer(t, s.URL("app"))
	}
	return s.Server, s.URL("app")
}

// servers returns the kinds that are servers.
func servers() []string {
	return slices.DeleteFunc(slices.Clone(kinds), func(kind string) bool { return kind == "sqlite" })
}

// The database stops while one process migrates and others wait, and is started again.
func TestARestartOfTheDatabase(t *testing.T) {
	t.Parallel()
	for _, kind := range servers() {
		for _, where := range []string{"process", "database"} {
			t.Run(kind+"/"+where, func(t *testing.T) {
				t.Parallel()
				server, url := own(t, kind)
				holder := start(t, fixture(t), append(slowUndone(kind, url, where), "FIXTURE_SLOW_MIGRATION=10s")).untilMigrating()
				var waiting []*process
				for range 3 {
					waiting = append(waiting, start(t, fixture(t), threeMigrations(url)))
				}
				for _, p := range waiting {
					p.untilWaiting()
				}
				time.Sleep(time.Second) // so that all of them are in the middle of it
				server.Stop()
				time.Sleep(2 * time.Second)
				server.Start()
				if code := holder.wait(time.Minute); code != 1 {
					t.Errorf("the exit code of the process that migrated is %d, want 1", code)
				}
				if message := lastLines(holder.stderr.String(), "error:"); !strings.Contains(message, "migration m2026") {
					t.Errorf("the process that migrated does not say what it was doing: %s", message)
				}
				applied := 0
				for _, p := range waiting {
					p.untilReady()
					applied += strings.Count(p.stderr.String(), "migration applied")
				}
				if want := map[bool]int{true: 2, false: 1}[kind == "mariadb"]; applied != want {
					t.Errorf("the waiting processes applied %d migrations, want %d", applied, want)
				}
				whole(t, url)
			})
		}
	}
}

// A process that waits for the lock gives up when the database is away, or says
// nothing, for longer than DB_CONNECT_TIMEOUT.
func TestADatabaseThatDoesNotComeBack(t *testing.T) {
	t.Parallel()
	ways := map[string]func(*dbtest.Server){"stopped": (*dbtest.Server).Stop, "frozen": (*dbtest.Server).Freeze}
	for _, kind := range servers() {
		for way, leave := range ways {
			t.Run(kind+"/"+way, func(t *testing.T) {
				t.Parallel()
				server, url := own(t, kind)
				start(t, fixture(t), slowThird(url, "process")).untilMigrating()
				waiting := start(t, fixture(t), append(threeMigrations(url), "DB_CONNECT_TIMEOUT=2s")).untilWaiting()
				left := time.Now() // a process may notice before the server has ended
				leave(server)
				if code := waiting.wait(25 * time.Second); code != 69 {
					t.Errorf("exit code %d, want 69", code)
				}
				if took := time.Since(left); took < 2*time.Second {
					t.Errorf("it gave up after %s, want at least 2s", took)
				}
				if message := lastLines(waiting.stderr.String(), "error:"); !strings.Contains(message, "DATABASE_URL") {
					t.Errorf("the message is %s", message)
				}
			})
		}
	}
}
