package integration_test

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

// A process is stopped in the middle of a migration, with its connections open, as on
// a machine that sleeps, and goes on later. Where the lock is a lease or a sign of
// life, the next process takes over, and the first one must not write beside it.
func TestAFrozenHolderIsTakenOver(t *testing.T) {
	t.Parallel()
	wherever(t, []string{"pgbouncer", "mariadb"}, func(t *testing.T, kind, where, url string) {
		holder := start(t, fixture(t), append(slowUndone(kind, url, where), "FIXTURE_SLOW_MIGRATION=5s")).untilMigrating()
		waiting := start(t, fixture(t), threeMigrations(url)).untilWaiting()
		holder.signal(syscall.SIGSTOP)
		frozen := time.Now()
		waiting.until(40*time.Second, "ready", waiting.isReady)
		took := time.Since(frozen).Round(time.Millisecond)
		t.Logf("the next process was ready %s after the holder was stopped", took)
		if took > 18*time.Second {
			t.Errorf("the next process was ready %s after the holder was stopped, want about 10s", took)
		}
		if log := waiting.stderr.String(); !strings.Contains(log, "the database connection of a process that held the migration lock") {
			t.Errorf("the next process does not say what it did:\n%s", log)
		}
		whole(t, url)
		holder.signal(syscall.SIGCONT)
		if code := holder.wait(30 * time.Second); code != 1 {
			t.Errorf("the holder's exit code is %d, want 1", code)
		}
		if message := lastLines(holder.stderr.String(), "error:"); !strings.Contains(message, "migration m2026") {
			t.Errorf("the holder does not say what it was doing: %s", message)
		}
		whole(t, url)
	})
}

// The same between two migrations, where the holder has no transaction that the
// database could undo.
func TestAFrozenHolderIsTakenOverBetweenMigrations(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"pgbouncer", "mariadb"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			url := fresh(t, kind)
			slow := append(slowThird(url, "after"), "FIXTURE_SLOW_NUMBER=2", "FIXTURE_SLOW_MIGRATION=5s")
			holder := start(t, fixture(t), slow).untilMigrating()
			waiting := start(t, fixture(t), threeMigrations(url)).untilWaiting()
			holder.signal(syscall.SIGSTOP)
			waiting.until(40*time.Second, "ready", waiting.isReady)
			whole(t, url)
			holder.signal(syscall.SIGCONT)
			if code := holder.wait(30 * time.Second); code != 1 {
				t.Errorf("the holder's exit code is %d, want 1", code)
			}
			if strings.Count(holder.stderr.String(), "migration applied") != 2 {
				t.Error("the holder went on")
			}
			whole(t, url)
		})
	}
}

// Where the lock belongs to a connection or a file, the others wait.
func TestAFrozenHolderIsWaitedFor(t *testing.T) {
	t.Parallel()
	pauses := map[string]time.Duration{
		"postgres/process": time.Minute, "postgres/database": 12 * time.Second,
		"sqlite/process": 12 * time.Second, "sqlite/database": 6 * time.Second,
	}
	wherever(t, []string{"sqlite", "postgres"}, func(t *testing.T, kind, where, url string) {
		holder := start(t, fixture(t), append(slowThird(url, where), "FIXTURE_SLOW_MIGRATION=5s")).untilMigrating()
		waiting := start(t, fixture(t), threeMigrations(url)).untilWaiting()
		holder.signal(syscall.SIGSTOP)
		time.Sleep(pauses[kind+"/"+where])
		if status, body := waiting.get("/_kit/health"); status != 503 || !strings.Contains(body, "waiting-for-migration-lock") {
			t.Errorf("the next process did not wait: %d %s", status, body)
		}
		holder.signal(syscall.SIGCONT)
		holder.untilReady()
		waiting.untilReady()
		if strings.Contains(waiting.stderr.String(), "migration applied") {
			t.Error("the next process applied what the holder had applied")
		}
		whole(t, url)
	})
}
