package migrate_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/database/schema"
	"github.com/kitgo/kit/internal/dbtest"
)

// These variables make the test binary a process that migrates.
const (
	childURL  = "MIGRATE_CHILD_URL"
	childSlow = "MIGRATE_CHILD_SLOW"
)

// forever is how long the migration of a process takes that will be killed.
const forever = time.Minute

// notes returns the migrations of the child processes: the second one takes a while
// and stores a row, by which one sees how often it ran.
func notes(slow time.Duration, began func()) []migrate.Migration {
	return []migrate.Migration{
		{
			Name: "m20260101_000000_create_notes_table",
			Up: func(ctx context.Context, s *schema.Builder) error {
				return s.Create(ctx, "notes", func(t *schema.Table) { t.Text("text") })
			},
		},
		{
			Name: "m20260102_000000_write_a_note",
			Up: func(ctx context.Context, s *schema.Builder) error {
				if err := s.Exec(ctx, "INSERT INTO notes VALUES ('migrated')"); err != nil {
					return err
				}
				began()
				if slow == forever && s.Dialect() == database.Postgres {
					// The server is in the middle of a statement when the process dies.
					return s.Exec(ctx, "SELECT pg_sleep(60)")
				}
				select {
				case <-ctx.Done():
					return ctx.Err()
				case <-time.After(slow):
					return nil
				}
			},
		},
	}
}

// child migrates and says on standard output when the slow migration began and what
// was applied.
func child(url string) int {
	slow, err := time.ParseDuration(os.Getenv(childSlow))
	if err != nil {
		fmt.Println(err)
		return 1
	}
	db, err := database.Open(url, nil)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer db.Close()
	m, err := migrate.New(db, migrate.Set{List: notes(slow, func() { fmt.Println("began") })}, &migrate.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	r, err := m.Up(context.Background(), migrate.UpOptions{})
	for _, a := range r.Applied {
		fmt.Println("applied", a.Name)
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

// start starts a child process.
func start(t *testing.T, url string, slow time.Duration) (c *exec.Cmd, out *bufio.Scanner) {
	t.Helper()
	c = exec.CommandContext(t.Context(), os.Args[0])
	c.Env = append(os.Environ(), childURL+"="+url, childSlow+"="+slow.String())
	pipe, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c, bufio.NewScanner(pipe)
}

func TestMigratorsThatStartAtOnceApplyEachMigrationOnce(t *testing.T) {
	t.Parallel()
	shared(t, func(t *testing.T, url string) {
		var applied, ran atomic.Int64
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				m := newMigrator(t, open(t, url), notes(100*time.Millisecond, func() { ran.Add(1) }), migrate.Options{})
				r, err := m.Up(t.Context(), migrate.UpOptions{})
				if err != nil {
					t.Error(err)
				}
				applied.Add(int64(len(r.Applied)))
			})
		}
		wg.Wait()
		if applied.Load() != 2 || ran.Load() != 1 {
			t.Errorf("%d applied, want 2; the second ran %d times, want once", applied.Load(), ran.Load())
		}
	})
}

func TestProcessesThatStartAtOnceApplyEachMigrationOnce(t *testing.T) {
	t.Parallel()
	shared(t, func(t *testing.T, url string) {
		applied := 0
		var processes []*exec.Cmd
		var outputs []*bufio.Scanner
		for range 4 {
			c, out := start(t, url, 100*time.Millisecond)
			processes, outputs = append(processes, c), append(outputs, out)
		}
		for i, c := range processes {
			var text strings.Builder
			for outputs[i].Scan() {
				text.WriteString(outputs[i].Text() + "\n")
			}
			applied += strings.Count(text.String(), "applied ")
			if err := c.Wait(); err != nil {
				t.Errorf("%v:\n%s", err, text.String())
			}
		}
		if n := count(t, open(t, url), "notes"); applied != 2 || n != 1 {
			t.Errorf("%d applied, want 2; %d notes, want 1", applied, n)
		}
	})
}

func TestTheLockIsFreeWhenItsHolderIsKilled(t *testing.T) {
	t.Parallel()
	shared(t, func(t *testing.T, url string) {
		holder, out := start(t, url, forever)
		for out.Scan() && out.Text() != "began" {
		}
		var log bytes.Buffer
		waiting := make(chan struct{}, 2)
		m := newMigrator(t, open(t, url), notes(0, func() {}), migrate.Options{
			Logger: slog.New(slog.NewTextHandler(&log, nil)), LockTimeout: 20 * time.Second,
			OnProgress: func(migrate.Progress) { waiting <- struct{}{} },
		})
		var r migrate.Result
		done := make(chan error)
		go func() {
			var err error
			r, err = m.Up(t.Context(), migrate.UpOptions{})
			done <- err
		}()
		<-waiting
		select {
		case err := <-done:
			t.Fatalf("it did not wait: %v", err)
		case <-time.After(300 * time.Millisecond):
		}
		if err := holder.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = holder.Wait() // says that it was killed
		killed := time.Now()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if took := time.Since(killed); took > 10*time.Second {
			t.Errorf("the lock was free %s after the kill", took)
		}
		equal(t, "applied by the second", brief(r), []string{"write_a_note 2"})
		if n := count(t, open(t, url), "notes"); n != 1 {
			t.Errorf("%d notes, want 1: the killed process must leave none", n)
		}
		if n := strings.Count(log.String(), "waiting for another process's migrations"); n < 1 || n > 3 {
			t.Errorf("%d lines about waiting, want one every 5 seconds:\n%s", n, log.String())
		}
	})
}

// A process that is stopped in the middle of a migration and goes on later must not
// write beside the one that has taken over.
func TestAStoppedHolderCannotWriteBesideTheNext(t *testing.T) {
	t.Parallel()
	test := func(t *testing.T, url string) {
		t.Parallel()
		holder, out := start(t, url, 3*time.Second)
		for out.Scan() && out.Text() != "began" {
		}
		if err := holder.Process.Signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		m := newMigrator(t, open(t, url), notes(0, func() {}), migrate.Options{LockTimeout: 30 * time.Second})
		start := time.Now()
		equal(t, "applied by the second", brief(up(t, m)), []string{"write_a_note 2"})
		if took := time.Since(start); took > 12*time.Second {
			t.Errorf("taking over took %s", took)
		}
		if err := holder.Process.Signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		var lines []string
		for out.Scan() {
			lines = append(lines, out.Text())
		}
		if err := holder.Wait(); err == nil || slices.Contains(lines, "applied m20260102_000000_write_a_note") {
			t.Errorf("the stopped one ended with %v and said %q", err, lines)
		}
		if n := count(t, open(t, url), "notes"); n != 1 {
			t.Errorf("%d notes, want 1", n)
		}
	}
	t.Run("mariadb", func(t *testing.T) { test(t, dbtest.MariaDB(t)) })
	t.Run("pgbouncer", func(t *testing.T) { test(t, dbtest.PgBouncer(t, dbtest.Postgres(t))) })
}

// hold keeps the lock of a database until the returned function is called.
func hold(t *testing.T, url string) (release func()) {
	t.Helper()
	began, end, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
	slow := doing(1, "hold", func(ctx context.Context, _ *schema.Builder) error {
		close(began)
		<-end
		return nil
	})
	m := newMigrator(t, open(t, url), []migrate.Migration{slow}, migrate.Options{})
	ctx := context.WithoutCancel(t.Context()) // which ends before the clean-up
	go func() {
		defer close(ended)
		if _, err := m.Up(ctx, migrate.UpOptions{}); err != nil {
			t.Error(err)
		}
	}()
	<-began
	release = sync.OnceFunc(func() { close(end); <-ended })
	t.Cleanup(release)
	return release
}

func TestTheLockTimeout(t *testing.T) {
	t.Parallel()
	shared(t, func(t *testing.T, url string) {
		release := hold(t, url)
		m := newMigrator(t, open(t, url), []migrate.Migration{creating(2, "a")}, migrate.Options{LockTimeout: 200 * time.Millisecond})
		start := time.Now()
		_, err := m.Up(t.Context(), migrate.UpOptions{})
		e, ok := errors.AsType[*migrate.LockError](err)
		if !ok || e.ExitCode() != 75 || e.Hint() == "" || !strings.Contains(e.Error(), "200ms") {
			t.Errorf("%v, want a *LockError", err)
		}
		if took := time.Since(start); took < 200*time.Millisecond || took > 5*time.Second {
			t.Errorf("gave up after %s, want 200ms", took)
		}
		release()
		up(t, m)
	})
}

func TestWaitingForTheLockEndsWithTheContext(t *testing.T) {
	t.Parallel()
	shared(t, func(t *testing.T, url string) {
		hold(t, url)
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		m := newMigrator(t, open(t, url), []migrate.Migration{creating(2, "a")}, migrate.Options{})
		if _, err := m.Up(ctx, migrate.UpOptions{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want the context's error", err)
		}
	})
}

func TestNothingPendingNeedsNoLock(t *testing.T) {
	t.Parallel()
	shared(t, func(t *testing.T, url string) {
		m := newMigrator(t, open(t, url), []migrate.Migration{creating(2, "a")}, migrate.Options{LockTimeout: time.Millisecond})
		up(t, m)
		hold(t, url)
		up(t, m)
	})
}

// When the connection with the lock breaks, another process may migrate. What the
// first one did so far must not be committed.
func TestALostConnectionEndsTheMigration(t *testing.T) {
	t.Parallel()
	url := dbtest.Postgres(t)
	db := open(t, url)
	lose := doing(1, "lose", func(ctx context.Context, s *schema.Builder) error {
		if err := s.Create(ctx, "half", func(t *schema.Table) { t.ID() }); err != nil {
			return err
		}
		_, err := db.ExecContext(ctx, "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")
		return err
	})
	m := newMigrator(t, db, []migrate.Migration{lose, creating(2, "after")}, migrate.Options{})
	if r, err := m.Up(t.Context(), migrate.UpOptions{}); err == nil || len(r.Applied) != 0 {
		t.Errorf("applied %v, error %v, want an error", brief(r), err)
	}
	if hasTable(t, db, "half") || hasTable(t, db, "after") {
		t.Error("it went on without the lock")
	}
}

// A deleted lock file lets a second process in. The transactions keep the two apart.
func TestADeletedLockFileDoesNotRunAMigrationTwice(t *testing.T) {
	t.Parallel()
	url := dbtest.SQLite(t)
	db := open(t, url)
	began := make(chan struct{}, 2)
	var ran atomic.Int64
	list := notes(500*time.Millisecond, func() { ran.Add(1); began <- struct{}{} })
	var wg sync.WaitGroup
	migrateIt := func() {
		m := newMigrator(t, open(t, url), list, migrate.Options{})
		if _, err := m.Up(t.Context(), migrate.UpOptions{}); err != nil {
			t.Error(err)
		}
	}
	wg.Go(migrateIt)
	<-began
	if err := os.Remove(db.Path() + ".migrate.lock"); err != nil {
		t.Fatal(err)
	}
	wg.Go(migrateIt)
	wg.Wait()
	if n := count(t, db, "notes"); n != 1 || ran.Load() != 1 {
		t.Errorf("%d notes, the migration ran %d times, want 1 and once", n, ran.Load())
	}
}

// A waiting process must not keep a statement waiting that waits for all others.
func TestAnIndexIsCreatedConcurrentlyWhileAnotherProcessWaits(t *testing.T) {
	t.Parallel()
	url := dbtest.Postgres(t)
	list := []migrate.Migration{creating(1, "a"), {
		Name: "m20260102_000000_index", NoTransaction: true,
		Up: func(ctx context.Context, s *schema.Builder) error {
			time.Sleep(200 * time.Millisecond) // until the others wait
			return s.Exec(ctx, "CREATE INDEX CONCURRENTLY a_again ON a (id)")
		},
	}}
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			m := newMigrator(t, open(t, url), list, migrate.Options{LockTimeout: 10 * time.Second})
			if _, err := m.Up(t.Context(), migrate.UpOptions{}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
