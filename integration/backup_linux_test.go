package integration_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/kitgo/kit/database/backup"
)

// manyRows makes a database whose copy takes a moment.
var manyRows = []string{"FIXTURE_MIGRATIONS=3", "FIXTURE_ROWS=400000"}

// sqliteDir is a folder with a migrated database app.db, and the variables for it.
func sqliteDir(t *testing.T, vars ...string) (dir string, all []string) {
	t.Helper()
	dir = t.TempDir()
	all = append([]string{"DATABASE_URL=sqlite://" + filepath.Join(dir, "app.db"), "LOG_LEVEL=warn"}, vars...)
	if got := run(t, fixture(t), all, "migrate"); got.code != 0 {
		t.Fatal(got.stderr)
	}
	return dir, all
}

// partials lists the copies in a folder that are not complete.
func partials(t *testing.T, dir string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(dir, ".*.partial"))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// A process is killed at moments all over its work: under its name the backup is complete
// or not there, and a restored database is the old one or the new one.
func TestBackupAndRestoreAreKilled(t *testing.T) {
	t.Parallel()
	dir, vars := sqliteDir(t, manyRows...)
	db, good := filepath.Join(dir, "app.db"), filepath.Join(dir, "good.db")
	if got := run(t, fixture(t), vars, "backup", good); got.code != 0 {
		t.Fatal(got.stderr)
	}
	// The new database has one migration less than the old one.
	if got := run(t, fixture(t), vars, "migrate:rollback"); got.code != 0 {
		t.Fatal(got.stderr)
	}
	started := time.Now()
	if got := run(t, fixture(t), vars, "backup", filepath.Join(dir, "less.db")); got.code != 0 {
		t.Fatal(got.stderr)
	}
	whole := time.Since(started)
	killed, complete := 0, 0
	for i := range 7 {
		out := filepath.Join(t.TempDir(), "backup.db")
		kill := func(args ...string) bool {
			p := start(t, fixture(t), vars, args...)
			time.Sleep(whole * time.Duration(i) / 6)
			_ = p.cmd.Process.Kill()
			<-p.ended
			return p.cmd.ProcessState.ExitCode() != 0
		}
		if kill("backup", out) {
			killed++
		}
		if _, err := os.Stat(out); err == nil {
			complete++
			if _, err := backup.Check(t.Context(), out); err != nil {
				t.Errorf("after a kill: %v", err)
			}
		}
		killed0 := kill("restore", good, "--force")
		report, err := backup.Check(t.Context(), db)
		if err != nil {
			t.Fatalf("after a killed restore: %v", err)
		}
		if n := len(report.Migrations); n != 2 && n != 3 || !killed0 && n != 3 {
			t.Errorf("after a restore (killed: %t) there are %d migrations", killed0, n)
		}
		if got := run(t, fixture(t), vars, "restore", filepath.Join(dir, "less.db"), "--force"); got.code != 0 {
			t.Fatalf("restoring after a kill: %s", got.stderr)
		}
	}
	if killed == 0 {
		t.Error("no backup was killed")
	}
	t.Logf("%d of 7 backups were killed, %d are complete", killed, complete)
}

// A server, a scheduler or a migration has the database open.
func TestADatabaseInUseIsNotRestored(t *testing.T) {
	t.Parallel()
	dir, vars := sqliteDir(t)
	file := filepath.Join(dir, "backup.db")
	server := start(t, fixture(t), vars).untilReady()
	if got := run(t, fixture(t), vars, "backup", file); got.code != 0 {
		t.Fatalf("beside a server: %s", got.stderr)
	}
	got := run(t, fixture(t), vars, "restore", file, "--force")
	if got.code != 1 || !strings.Contains(got.stderr, "is in use by process ") || !strings.Contains(got.stderr, "hint: stop the application first") {
		t.Errorf("beside a server: exit %d, %s", got.code, got.stderr)
	}
	if status, body := server.get("/notes"); status != 200 || body != "1" {
		t.Errorf("the server answers %d %s", status, body)
	}
	if got := run(t, fixture(t), vars, "restore", file, "--verify"); got.code != 0 || !strings.Contains(got.stdout, "is a healthy database of this application") {
		t.Errorf("verify: exit %d, %s%s", got.code, got.stdout, got.stderr)
	}
	server.signal(syscall.SIGKILL) // its log stays
	server.wait(30 * time.Second)
	if got := run(t, fixture(t), vars, "restore", file, "--force"); got.code != 0 {
		t.Errorf("after the server was killed: %s", got.stderr)
	}
	if status, body := start(t, fixture(t), vars).untilReady().get("/notes"); status != 200 || body != "1" {
		t.Errorf("on the restored database: %d %s", status, body)
	}
	if left := partials(t, dir); left != nil {
		t.Errorf("left are %v", left)
	}
}

func TestBackupsOnAFullOrReadOnlyDisk(t *testing.T) {
	t.Parallel()
	dir, vars := sqliteDir(t, manyRows...)
	d := newDisk(t, "1m")
	on := func(args ...string) result {
		return run(t, "nsenter", vars, slices.Concat(d.into, []string{fixture(t)}, args)...)
	}
	full := on("backup", filepath.Join(d.dir, "x.db"))
	if full.code != 1 || !strings.Contains(full.stderr, "is full") || !strings.Contains(full.stderr, "hint: make room") {
		t.Errorf("on a full disk: exit %d, %s", full.code, full.stderr)
	}
	left := run(t, "nsenter", nil, slices.Concat(d.into, []string{"ls", "-A", d.dir})...)
	if left.stdout != "" {
		t.Errorf("left on the full disk: %s", left.stdout)
	}
	// Restoring onto the disk, which has a small database.
	small := []string{"DATABASE_URL=sqlite://" + filepath.Join(d.dir, "app.db"), "LOG_LEVEL=warn"}
	if got := d.run(nil, "migrate"); got.code != 0 {
		t.Fatal(got.stderr)
	}
	file := filepath.Join(dir, "big.db")
	if got := run(t, fixture(t), vars, "backup", file); got.code != 0 {
		t.Fatal(got.stderr)
	}
	got := run(t, "nsenter", small, slices.Concat(d.into, []string{fixture(t), "restore", file, "--force"})...)
	if got.code != 1 || !strings.Contains(got.stderr, "is full") {
		t.Errorf("restoring onto a full disk: exit %d, %s", got.code, got.stderr)
	}
	if got := d.run(nil, "migrate:status"); got.code != 0 || strings.Count(got.stdout, " applied ") != 2 {
		t.Errorf("the old database: exit %d, %s%s", got.code, got.stdout, got.stderr)
	}
	d.remount("ro")
	readOnly := on("backup", filepath.Join(d.dir, "x.db"))
	if readOnly.code != 1 || !strings.Contains(readOnly.stderr, "read-only file system") {
		t.Errorf("on a read-only disk: exit %d, %s", readOnly.code, readOnly.stderr)
	}
}
