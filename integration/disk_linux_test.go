package integration_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// disk is a small file system in memory, which only processes see that are started
// on it. Mounting needs no privileges where users may have namespaces of their own.
type disk struct {
	t    *testing.T
	dir  string
	into []string // the command that runs others where the disk is seen
}

func newDisk(t *testing.T, size string) *disk {
	t.Helper()
	d := &disk{t: t, dir: t.TempDir()}
	// The mount lives as long as its process, which ends with its input.
	args, own := []string{"--mount"}, []string{"--mount"}
	if os.Geteuid() != 0 {
		args, own = append(args, "--user", "--map-root-user"), append(own, "--user", "--preserve-credentials")
	}
	args = append(args, "sh", "-c", `mount -t tmpfs -o "size=$1,mode=777" tmpfs "$0" && echo mounted && read -r _`, d.dir, size)
	keeper := exec.Command("unshare", args...)
	input, err := keeper.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := keeper.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	messages := new(output)
	keeper.Stderr = messages
	if err := keeper.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		input.Close()
		_ = keeper.Wait()
	})
	if lines := bufio.NewScanner(stdout); !lines.Scan() {
		t.Fatalf("this test needs root, or a Linux that lets users have namespaces:\n%s", messages)
	}
	d.into = append([]string{"--target", strconv.Itoa(keeper.Process.Pid)}, own...)
	return d
}

// remount changes the disk's options.
func (d *disk) remount(options string) {
	d.t.Helper()
	args := slices.Concat(d.into, []string{"mount", "-o", "remount," + options, d.dir})
	if out, err := exec.Command("nsenter", args...).CombinedOutput(); err != nil {
		d.t.Fatalf("%v: %s", err, out)
	}
}

// run runs the fixture with its database on the disk.
func (d *disk) run(vars []string, args ...string) result {
	d.t.Helper()
	vars = append([]string{"DATABASE_URL=sqlite://" + filepath.Join(d.dir, "app.db")}, vars...)
	return run(d.t, "nsenter", vars, slices.Concat(d.into, []string{fixture(d.t)}, args)...)
}

// The disk is full in the middle of a migration: in a statement, or at its commit.
func TestAFullDiskLeavesNothingHalf(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		size string
		vars []string
	}{
		"in a statement": {"2m", []string{"FIXTURE_MIGRATIONS=40", "FIXTURE_ROWS=500000"}},
		"at a commit":    {"200k", []string{"FIXTURE_MIGRATIONS=40"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDisk(t, tt.size)
			got := d.run(tt.vars, "serve")
			message := lastLines(got.stderr, "error:")
			if got.code != 1 || !strings.Contains(message, "disk is full") || !strings.Contains(message, "migration m2026") {
				t.Errorf("exit code %d, want 1 and a message that says what is full: %s", got.code, message)
			}
			if strings.Contains(message, "rolling back failed") {
				t.Errorf("the message says that something else failed, too: %s", message)
			}
			applied := strings.Count(d.run(tt.vars, "migrate:status").stdout, " applied ")
			if want := strings.Count(got.stderr, "migration applied"); applied != want || applied == 0 {
				t.Errorf("%d migrations are applied, want those %d of the log", applied, want)
			}
			d.remount("size=100m")
			again := d.run(tt.vars, "migrate")
			if want := fmt.Sprintf("Applied %d migrations.", 40-applied); again.code != 0 || !strings.Contains(again.stdout, want) {
				t.Errorf("with space again: exit code %d, %s%s, want 0 and %s", again.code, again.stdout, again.stderr, want)
			}
			if got := d.run(tt.vars, "migrate:rollback", "39"); got.code != 0 {
				t.Errorf("what was applied cannot be undone: %s", got.stderr)
			}
		})
	}
}

// A database that cannot be written is named, and nothing is served.
func TestADatabaseThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		existing bool
		options  string // of the disk
		query    string // of the URL
		code     int
		want     string
	}{
		"a new one on a read-only disk":   {false, "ro", "", 69, "read-only file system"},
		"an old one on a read-only disk":  {true, "ro", "", 69, "app.db"},
		"an old one that is only read":    {true, "rw", "?mode=ro", 1, "app.db"},
		"one that is not there, and read": {false, "rw", "?mode=ro", 69, "app.db does not exist"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDisk(t, "10m")
			if tt.existing {
				if got := d.run(nil, "migrate"); got.code != 0 {
					t.Fatal(got.stderr)
				}
			}
			d.remount(tt.options)
			got := d.run([]string{"FIXTURE_MIGRATIONS=3", "DATABASE_URL=sqlite://" + filepath.Join(d.dir, "app.db") + tt.query})
			if message := lastLines(got.stderr, "error:"); got.code != tt.code || !strings.Contains(message, tt.want) {
				t.Errorf("exit code %d, %s, want %d with %q", got.code, message, tt.code, tt.want)
			}
			if lastLines(got.stderr, "hint:") == "" {
				t.Error("there is no hint")
			}
		})
	}
}

// An SQLite database that belongs to another user.
func TestADatabaseOfAnotherUser(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("needs root, to become another user")
	}
	tests := map[string]struct {
		file, dir os.FileMode
		code      int
		want      string
	}{
		"the folder may not be written":           {0o666, 0o755, 69, "permission denied"},
		"the file may not be written":             {0o644, 0o777, 1, "readonly"},
		"the file may not be read":                {0o600, 0o777, 69, "permission denied"},
		"the lock file is that of the other user": {0o666, 0o777, 0, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, err := os.MkdirTemp("", "kit-integration-")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { os.RemoveAll(dir) })
			binary, path := filepath.Join(dir, "fixture"), filepath.Join(dir, "data", "app.db")
			url := "DATABASE_URL=sqlite://" + path
			if got := run(t, fixture(t), []string{url}, "migrate"); got.code != 0 {
				t.Fatal(got.stderr)
			}
			if err := errors.Join(
				os.Link(fixture(t), binary), os.Chmod(dir, 0o755),
				os.Chmod(path, tt.file), os.Chmod(filepath.Dir(path), tt.dir),
			); err != nil {
				t.Fatal(err)
			}
			got := run(t, "setpriv", []string{url, "FIXTURE_MIGRATIONS=3"}, "--reuid=65534", "--regid=65534", "--clear-groups", binary, "migrate")
			message := lastLines(got.stderr, "error:")
			if got.code != tt.code || !strings.Contains(message, tt.want) {
				t.Errorf("exit code %d, %s, want %d with %q", got.code, message, tt.code, tt.want)
			}
			if got.code != 0 && !strings.Contains(message, path) {
				t.Errorf("the message does not name the file: %s", message)
			}
		})
	}
}
