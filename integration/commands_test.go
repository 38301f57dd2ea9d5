package integration_test

import (
	"strings"
	"testing"

	"github.com/kitgo/kit/internal/dbtest"
)

func TestMigrationCommands(t *testing.T) {
	t.Parallel()
	databases(t, func(t *testing.T, url string) {
		vars := []string{"DATABASE_URL=" + url}
		step := func(code int, stdout string, args ...string) {
			t.Helper()
			got := run(t, fixture(t), vars, args...)
			if got.code != code || !strings.Contains(got.stdout, stdout) {
				t.Fatalf("%s: exit %d, want %d with %q:\n%s%s", strings.Join(args, " "), got.code, code, stdout, got.stdout, got.stderr)
			}
		}
		step(0, "pending", "migrate:status")
		step(1, "pending", "migrate:status", "--pending")
		step(0, "Nothing to roll back.", "migrate:rollback")
		step(0, "Applied 1 migration.", "migrate", "--to", "m20260101_000000_create_notes_table")
		step(0, "Applied 1 migration.", "migrate")
		step(0, "Nothing to migrate.", "migrate")
		step(0, "applied", "migrate:status", "--pending")
		step(0, "Rolled back 1 migration.", "migrate:rollback")
		step(0, "Rolled back 1 migration.", "migrate:rollback", "2")
		step(0, `"name": "m20260102_000000_insert_a_note_slowly"`, "migrate", "--json")
		step(0, "Rolled back 2 migrations.", "migrate:rollback", "--batch", "1")
		step(0, "Applied 2 migrations.", "migrate", "--step")
		step(0, "Rolled back 2 migrations.", "migrate:rollback", "--step", "2")
		step(0, "applied 2 migrations.", "migrate:fresh", "--force")
		step(0, "applied 2 migrations.", "migrate:fresh", "--force")
		if n := notes(t, url, "migrated"); n != 1 {
			t.Errorf("after migrate:fresh the note is there %d times, want once", n)
		}
	})
}

func TestStatusForMachines(t *testing.T) {
	t.Parallel()
	databases(t, func(t *testing.T, url string) {
		vars := []string{"DATABASE_URL=" + url}
		if got := run(t, fixture(t), vars, "migrate", "--to", "m20260101_000000_create_notes_table"); got.code != 0 {
			t.Fatal(got.stderr)
		}
		got := run(t, fixture(t), vars, "migrate:status", "--json")
		type migration struct {
			Name, Status string
			Batch        *int
			AppliedAt    *string `json:"applied_at"`
			DurationMS   *int    `json:"duration_ms"`
		}
		list := decode[struct{ Migrations []migration }](t, got.stdout).Migrations
		if len(list) != 2 {
			t.Fatalf("%d migrations, want 2: %s", len(list), got.stdout)
		}
		if m := list[0]; m.Status != "applied" || m.Batch == nil || *m.Batch != 1 || m.AppliedAt == nil || !strings.HasSuffix(*m.AppliedAt, "Z") || m.DurationMS == nil {
			t.Errorf("the applied migration is %+v", m)
		}
		if m := list[1]; m.Status != "pending" || m.Batch != nil || m.AppliedAt != nil || m.DurationMS != nil {
			t.Errorf("the pending migration is %+v", m)
		}
		if !strings.Contains(got.stdout, `"lock": null`) {
			t.Errorf("no lock in %s", got.stdout)
		}
	})
}

func TestListCommands(t *testing.T) {
	t.Parallel()
	vars := []string{"DATABASE_URL=" + dbtest.SQLite(t)}
	routes := decode[struct {
		Routes []struct {
			Method, Path, Name, Handler string
			Middleware                  []string
		}
	}](t, run(t, fixture(t), vars, "route:list", "--json").stdout).Routes
	if len(routes) != 6 || routes[0].Method != "GET" || routes[0].Path != "/" || routes[0].Name != "home" || routes[0].Handler == "" || routes[0].Middleware == nil {
		t.Errorf("route:list --json = %+v", routes)
	}
	tasks := decode[struct {
		Tasks []struct {
			Name, Description, Expression, Timezone string
			Next                                    []string
			Paused                                  bool
		}
	}](t, run(t, fixture(t), vars, "schedule:list", "--json", "--next", "2").stdout).Tasks
	if len(tasks) != 6 || tasks[0].Name != "note" || tasks[0].Expression != "* * * * *" || tasks[0].Description != "Writes a note" || len(tasks[0].Next) != 2 {
		t.Errorf("schedule:list --json = %+v", tasks)
	}
	if last := tasks[5]; last.Timezone != "Europe/Berlin" || !strings.HasSuffix(last.Next[0], "-12-31T23:00:00Z") {
		t.Errorf("the yearly task in Berlin is %+v", last)
	}
	for url, want := range map[string]string{dbtest.SQLite(t): "on this machine share the database's file", "sqlite://:memory:": "every process runs all tasks"} {
		if got := run(t, fixture(t), []string{"DATABASE_URL=" + url}, "schedule:list").stdout; !strings.Contains(got, want) {
			t.Errorf("schedule:list on %s does not say that %s:\n%s", url, want, got)
		}
	}
	for _, args := range [][]string{{"help"}, {"version"}, {"completion", "bash"}, {"help", "migrate:rollback"}, {"serve", "--help"}} {
		// None of these needs a configuration.
		if got := run(t, fixture(t), nil, args...); got.code != 0 || got.stdout == "" || got.stderr != "" {
			t.Errorf("%v: exit %d, stdout %d bytes, stderr %q", args, got.code, len(got.stdout), got.stderr)
		}
	}
}
