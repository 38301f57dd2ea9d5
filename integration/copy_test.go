package integration_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/internal/dbtest"
)

// A whole move: an application on SQLite, with runs of tasks and a mark that it is down,
// goes to a server, where it serves.
func TestMovingToAServer(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{"postgres": dbtest.Postgres(t), "mariadb": dbtest.MariaDB(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, vars := sqliteDir(t)
			for _, args := range [][]string{{"db:seed"}, {"schedule:test", "note"}, {"schedule:pause", "slow"}, {"down"}} {
				if got := run(t, fixture(t), vars, args...); got.code != 0 {
					t.Fatalf("%v: %s", args, got.stderr)
				}
			}
			got := run(t, fixture(t), vars, "db:copy", "--to", url, "--json")
			answer := decode[struct {
				Rows   int64
				Tables []struct {
					Name, Checksum string
					Rows           int64
				}
			}](t, got.stdout)
			if got.code != 0 || len(answer.Tables) < 4 || answer.Tables[len(answer.Tables)-1].Name != "notes" || answer.Tables[len(answer.Tables)-1].Rows != 4 {
				t.Fatalf("exit %d, %s%s", got.code, got.stdout, got.stderr)
			}
			there := []string{"DATABASE_URL=" + url, "LOG_LEVEL=warn"}
			if list := run(t, fixture(t), there, "schedule:list").stdout; !strings.Contains(list, "paused") {
				t.Errorf("nothing is paused:\n%s", list)
			}
			server := start(t, fixture(t), there).untilReady()
			if status, _ := server.get("/notes"); status != 503 {
				t.Errorf("while it is down: %d", status)
			}
			if got := run(t, fixture(t), there, "up"); got.code != 0 {
				t.Error(got.stderr)
			}
			server.until(20*time.Second, "up", func() bool { status, body := server.get("/notes"); return status == 200 && body == "4" })
			again := run(t, fixture(t), vars, "db:copy", "--to", url)
			if again.code != 1 || !strings.Contains(again.stderr, "has rows: ") || !strings.Contains(again.stderr, "notes (4)") {
				t.Errorf("again: exit %d, %s", again.code, again.stderr)
			}
		})
	}
}

// The process that copies is killed, and then its server's connection: nothing is half.
func TestACopyIsKilled(t *testing.T) {
	t.Parallel()
	dir, _ := sqliteDir(t, manyRows...)
	// The same migrations, but those of a server insert no rows.
	vars := []string{"DATABASE_URL=sqlite://" + filepath.Join(dir, "app.db"), "LOG_LEVEL=warn", "FIXTURE_MIGRATIONS=3"}
	server := dbtest.StartPostgres(t)
	for i := range 4 {
		name := fmt.Sprintf("killed_%d", i)
		server.CreateDatabase(t, name)
		url := server.URL(name)
		db, err := database.Open(url, nil)
		if err != nil {
			t.Fatal(err)
		}
		p := start(t, fixture(t), vars, "db:copy", "--to", url)
		writing := func() bool {
			var n int
			err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY \"things_3\"%'").Scan(&n)
			return err == nil && n > 0
		}
		p.until(time.Minute, "writing", writing)
		time.Sleep(time.Duration(i) * 20 * time.Millisecond)
		if i%2 == 0 {
			_ = p.cmd.Process.Kill()
			<-p.ended
		} else {
			if _, err := db.ExecContext(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"); err != nil {
				t.Fatal(err)
			}
			if code := p.wait(time.Minute); code == 0 {
				t.Error("a copy whose connection was ended exits with 0")
			}
		}
		rows := func() (n int) {
			if err := db.QueryRowContext(context.Background(), "SELECT count(*) FROM things_3").Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := rows(); n != 0 && n != 400_000 {
			t.Errorf("after a kill there are %d of 400000 rows", n)
		}
		if got := run(t, fixture(t), vars, "db:copy", "--to", url, "--force"); got.code != 0 {
			t.Errorf("again: %s", got.stderr)
		}
		if n := rows(); n != 400_000 {
			t.Errorf("after another copy there are %d rows", n)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}
