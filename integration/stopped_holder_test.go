package integration_test

import (
	"syscall"
	"testing"
	"time"
)

// A process that is told to stop in the middle of a migration undoes it and gives the
// lock up at once.
func TestTheLockIsFreeAtOnceWhenTheHolderIsStopped(t *testing.T) {
	t.Parallel()
	wherever(t, kinds, func(t *testing.T, kind, where, url string) {
		holder := start(t, fixture(t), slowUndone(kind, url, where)).untilMigrating()
		waiting := start(t, fixture(t), threeMigrations(url)).untilWaiting()
		holder.signal(syscall.SIGTERM)
		told := time.Now()
		if code := holder.wait(20 * time.Second); code != 0 {
			t.Errorf("exit code %d, want 0", code)
		}
		stopped := time.Now()
		waiting.until(5*time.Second, "ready", waiting.isReady)
		stop, next := stopped.Sub(told).Round(time.Millisecond), time.Since(stopped).Round(time.Millisecond)
		t.Logf("the holder stopped after %s, the next process was ready %s later", stop, next)
		if stop > time.Second || next > time.Second {
			t.Errorf("the holder stopped after %s, the next process was ready %s later, want each in less than 1s", stop, next)
		}
		whole(t, url)
	})
}

func TestAStoppedMigrationLeavesNothing(t *testing.T) {
	t.Parallel()
	wherever(t, kinds, func(t *testing.T, kind, where, url string) {
		p := start(t, fixture(t), slowUndone(kind, url, where)).untilMigrating()
		p.signal(syscall.SIGTERM)
		if code := p.wait(20 * time.Second); code != 0 {
			t.Errorf("exit code %d, want 0", code)
		}
		if hasTable(t, url, "things_3") || notes(t, url, "migration 3") != 0 {
			t.Error("it left something")
		}
		if want := map[bool]int{true: 0, false: 1}[kind == "mariadb"]; notes(t, url, "migrated") != want {
			t.Errorf("the second migration is there %d times, want %d", notes(t, url, "migrated"), want)
		}
	})
}

// A migration that does not look at its context cannot be stopped. The process ends
// nevertheless, and the database undoes what the migration did.
func TestAMigrationThatDoesNotStopIsCut(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			url := fresh(t, kind)
			holder := start(t, fixture(t), append(slowUndone(kind, url, "deaf"), "SHUTDOWN_TIMEOUT=1s")).untilMigrating()
			waiting := start(t, fixture(t), threeMigrations(url)).untilWaiting()
			holder.signal(syscall.SIGTERM)
			told := time.Now()
			if code := holder.wait(20 * time.Second); code != 0 {
				t.Errorf("exit code %d, want 0", code)
			}
			if took := time.Since(told); took < time.Second {
				t.Errorf("it ended after %s, before SHUTDOWN_TIMEOUT", took)
			}
			waiting.until(10*time.Second, "ready", waiting.isReady)
			whole(t, url)
		})
	}
}
