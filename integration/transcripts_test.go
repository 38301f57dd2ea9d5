package integration_test

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/internal/dbtest"
)

// What the commands of the database say and return when somebody uses them as meant.
func TestDatabaseCommands(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			url := fresh(t, kind)
			tr := &transcript{t: t, vars: []string{"DATABASE_URL=" + url, "DB_SLOW_QUERY=-1s"}, replaced: hidden(t, url)}

			tr.title("An empty database")
			tr.run("migrate:status")
			tr.run("migrate:status", "--pending")
			tr.run("FIXTURE_MIGRATIONS=3", "migrate", "--pretend")
			tr.run("migrate:rollback", "--pretend")
			tr.run("migrate:rollback")
			tr.run("migrate:unlock")

			tr.title("There and back")
			tr.run("migrate", "--to", "m20260101_000000_create_notes_table")
			tr.run("migrate", "--pretend", "--json")
			tr.run("migrate", "--json")
			tr.run("migrate")
			tr.run("migrate", "--pretend")
			tr.run("FIXTURE_MIGRATIONS=4", "migrate", "--step")
			tr.run("FIXTURE_MIGRATIONS=4", "migrate:status")
			tr.run("FIXTURE_MIGRATIONS=4", "migrate:status", "--pending")
			tr.run("migrate:unlock", "--force")

			tr.title("The old release on a database that is ahead")
			tr.run("migrate:status")
			tr.run("migrate")
			tr.run("MIGRATE_AHEAD=refuse", "migrate")
			tr.run("MIGRATE_AHEAD=refuse")
			tr.run("migrate:rollback", "2", "--pretend")
			tr.run("migrate:rollback", "2")
			tr.run("MIGRATE_AHEAD=refuse", "migrate")

			tr.title("Seeds")
			tr.run("db:seed")
			tr.run("db:seed", "more")
			tr.run("FIXTURE_FAIL_SEEDER=true", "db:seed")
			tr.run("APP_ENV=production", "LOG_FORMAT=text", "db:seed")
			tr.run("APP_ENV=production", "LOG_FORMAT=text", "db:seed", "notes", "--force")

			tr.title("Again from the beginning")
			tr.run("migrate:fresh", "--seed")
			tr.run("migrate:fresh", "--seed", "--force")

			tr.title("A migration fails")
			tr.run("FIXTURE_FAIL_MIGRATION=true", "migrate")
			tr.run("FIXTURE_FAIL_MIGRATION=true", "migrate", "--json")
			tr.run("FIXTURE_FAIL_MIGRATION=true", "migrate:status")

			tr.title("A migration without a transaction fails")
			failing := []string{"FIXTURE_FAIL_MIGRATION=true", "FIXTURE_NO_TRANSACTION=true"}
			for _, args := range [][]string{
				{"migrate"}, {"migrate"}, {"migrate:rollback"}, {"migrate:status"}, {"migrate:status", "--json"},
				{"migrate:resolve", "m20260103_000000_fail", "--applied"}, {"migrate"}, {"migrate:rollback"},
			} {
				tr.run(append(failing, args...)...)
			}

			// A pooler makes no difference.
			tr.equals("commands-" + strings.Replace(kind, "pgbouncer", "postgres", 1))
		})
	}
}

// What the commands say while another process migrates.
func TestDatabaseCommandsWhileAnotherProcessMigrates(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			url := fresh(t, kind)
			tr := &transcript{t: t, vars: []string{"DATABASE_URL=" + url, "DB_SLOW_QUERY=-1s", "MIGRATE_LOCK_TIMEOUT=2"}, replaced: hidden(t, url)}
			start(t, fixture(t), slowThird(url, "process")).untilMigrating()
			tr.run("migrate:status")
			tr.run("migrate:status", "--json")
			tr.run("migrate", "--pretend")
			tr.run("FIXTURE_MIGRATIONS=3", "migrate")
			tr.run("FIXTURE_MIGRATIONS=3", "migrate", "--lock-timeout", "1s", "--json")
			tr.run("FIXTURE_MIGRATIONS=3")
			tr.run("migrate:rollback")
			tr.run("migrate:fresh", "--force")
			tr.run("migrate:resolve", "m20260101_000000_create_notes_table", "--applied")
			tr.run("migrate:unlock")
			tr.equals("locked-" + kind)
		})
	}
}

// What is wrong with the input is said before anything is done.
func TestMistakesInDatabaseCommands(t *testing.T) {
	t.Parallel()
	url := dbtest.SQLite(t)
	tr := &transcript{t: t, vars: []string{"DATABASE_URL=" + url, "DB_SLOW_QUERY=-1s"}, replaced: hidden(t, url)}
	commands := [][]string{
		{"migrate"}, {"migrate", "--pretend"}, {"migrate:status"}, {"migrate:rollback"}, {"migrate:fresh", "--force"},
		{"migrate:resolve", "m20260101_000000_create_notes_table", "--applied"}, {"migrate:unlock"}, {"db:seed"},
	}

	tr.title("Arguments")
	for _, line := range []string{
		"migrate now",
		"migrate --too m20260101_000000_create_notes_table",
		"migrate --to m20260101_000000_create_note_table",
		"migrate --to nothing",
		"migrate --to nothing --pretend",
		"migrate --to nothing --json",
		"migrate --lock-timeout soon",
		"migrate:status now",
		"migrate:status --pending=0",
		"migrate:status --pending=256",
		"migrate:status --pending=yes",
		"migrate:rollback 0",
		"migrate:rollback -1",
		"migrate:rollback all",
		"migrate:rollback 1 --step 1",
		"migrate:rollback --step 0",
		"migrate:rollback --step -2",
		"migrate:rollback --batch 0",
		"migrate:fresh now",
		"migrate:fresh",
		"migrate:fresh --seeds --force",
		"migrate:resolve",
		"migrate:resolve m20260101_000000_create_notes_table",
		"migrate:resolve m20260101_000000_create_notes_table --applied --not-applied",
		"migrate:resolve m20260101_000000_create_notes_table m20260102_000000_insert_a_note_slowly --applied",
		"migrate:resolve m20260101_000000_create_note_table --applied",
		"migrate:resolve m20260101_000000_create_notes_table --applied",
		"migrate:unlock now",
		"db:seed note",
		"db:seed everything",
		"db:seed notes everything",
		"db:seed --forced",
		"db:sed",
		"migrate:ststus",
	} {
		tr.run(strings.Fields(line)...)
	}

	tr.title("They have changed nothing")
	tr.run("migrate:status")

	tr.title("Settings")
	for _, setting := range []string{
		"MIGRATE_AHEAD=maybe", "MIGRATE_LOCK_TIMEOUT=soon", "MIGRATE_LOCK_TIMEOUT=-1s", "MIGRATE_STATEMENT_LOCK_TIMEOUT=long",
		"MIGRATE_STATEMENT_LOCK_TIMEOUT=-5s", "DB_MAX_CONNECTIONS=many", "DB_MAX_CONNECTIONS=-1", "DB_CONNECT_TIMEOUT=never",
		"DB_CONNECT_TIMEOUT=-1s", "DB_LOGGING=perhaps", "DATABASE_URL=",
	} {
		tr.run(setting, "migrate")
	}

	tr.title("A database that cannot be reached")
	for _, args := range commands {
		tr.run(append([]string{"DATABASE_URL=postgres://app:secret@127.0.0.1:1/app", "DB_CONNECT_TIMEOUT=500ms"}, args...)...)
	}
	tr.run("DATABASE_URL=postgres://app:secret@127.0.0.1:1/app", "DB_CONNECT_TIMEOUT=500ms", "migrate", "--json")

	tr.title("A migration that cannot be resolved")
	tr.run("migrate")
	tr.run("migrate:resolve", "m20260101_000000_create_notes_table", "--applied")
	tr.run("migrate:resolve", "m20260101_000000_create_notes_table", "--not-applied")

	tr.equals("mistakes")
}

// What --pretend prints is what DB_LOGGING shows of the real run, and it changes
// nothing.
func TestPretendSaysWhatHappens(t *testing.T) {
	t.Parallel()
	databases(t, func(t *testing.T, url string) {
		vars := append(threeMigrations(url), "LOG_FORMAT=json", "DB_LOGGING=true")
		same := func(args ...string) {
			t.Helper()
			before := tables(t, url)
			pretended := decode[struct {
				Pretended []struct {
					Name string
					SQL  []string
				}
			}](t, run(t, fixture(t), vars, append(args, "--pretend", "--json")...).stdout).Pretended
			if after := tables(t, url); !slices.Equal(before, after) {
				t.Errorf("%v --pretend changed the tables: %v, before %v", args, after, before)
			}
			ran := queries(t, run(t, fixture(t), vars, args...).stderr)
			for _, m := range pretended {
				if len(m.SQL) == 0 {
					t.Errorf("%v --pretend says nothing of %s", args, m.Name)
				}
				for _, sql := range m.SQL {
					at := slices.Index(ran, sql)
					if at < 0 {
						t.Errorf("%v --pretend says this of %s, which the real run did not do then:\n%s", args, m.Name, sql)
						continue
					}
					ran = ran[at+1:]
				}
			}
		}
		same("migrate", "--to", "m20260101_000000_create_notes_table")
		same("migrate")
		if n := notes(t, url, "end of migration 3"); n != 1 {
			t.Errorf("the last note is there %d times, want once", n)
		}
	})
}

// queries returns the statements in the log.
func queries(t *testing.T, log string) []string {
	t.Helper()
	var list []string
	for line := range strings.Lines(log) {
		var entry struct{ Msg, SQL string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Errorf("%v: %s", err, line)
		}
		if entry.Msg == "query" {
			list = append(list, entry.SQL)
		}
	}
	return list
}

// tables lists the tables of a database.
func tables(t *testing.T, url string) []string {
	t.Helper()
	db := open(t, url)
	query := map[database.Dialect]string{
		database.SQLite:   "SELECT name FROM sqlite_master ORDER BY 1",
		database.Postgres: "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY 1",
		database.MySQL:    "SELECT table_name FROM information_schema.tables WHERE table_schema = database() ORDER BY 1",
	}
	rows, err := db.QueryContext(t.Context(), query[db.Dialect()])
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		list = append(list, name)
	}
	return list
}

// hidden returns what stands for the parts of a URL that are different each time.
func hidden(t *testing.T, url string) []string {
	t.Helper()
	db := open(t, url)
	if path := db.Path(); path != "" {
		return []string{filepath.Dir(path), "<dir>"}
	}
	return []string{url, "<url>", db.Name(), "<database>"}
}
