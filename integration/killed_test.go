package integration_test

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

// A process dies in the middle of a migration that has already changed something, and
// the database undoes that.
func TestTheNextProcessGoesOnWhenTheHolderIsKilled(t *testing.T) {
	t.Parallel()
	wherever(t, kinds, func(t *testing.T, kind, where, url string) {
		holder := start(t, fixture(t), slowUndone(kind, url, where)).untilMigrating()
		waiting := start(t, fixture(t), threeMigrations(url)).untilWaiting()
		holder.signal(syscall.SIGKILL)
		killed := time.Now()
		waiting.until(12*time.Second, "ready", waiting.isReady)
		took := time.Since(killed).Round(time.Millisecond)
		t.Logf("ready %s after the kill", took)
		if took > 10*time.Second {
			t.Errorf("it was ready %s after the kill", took)
		}
		whole(t, url)
	})
}

// Where nothing undoes what a process did that was killed or stopped, the next one
// refuses until somebody has looked.
func TestTheNextProcessRefusesWhenTheHolderLeftSomething(t *testing.T) {
	t.Parallel()
	wherever(t, kinds, func(t *testing.T, kind, where, url string) {
		signals := map[string]syscall.Signal{"process": syscall.SIGKILL, "database": syscall.SIGTERM}
		slow, next := slowThird(url, where), threeMigrations(url)
		if kind != "mariadb" {
			slow, next = append(slow, "FIXTURE_NO_TRANSACTION=true"), append(next, "FIXTURE_NO_TRANSACTION=true")
		}
		const name = "m20260201_000300_create_things_3"
		holder := start(t, fixture(t), slow).untilMigrating()
		waiting := start(t, fixture(t), next).untilWaiting()
		holder.signal(signals[where])
		killed := time.Now()
		if code := waiting.wait(20 * time.Second); code != 1 {
			t.Errorf("exit code %d, want 1", code)
		}
		if took := time.Since(killed); took > 18*time.Second {
			t.Errorf("it refused %s after the signal", took)
		}
		refusal := lastLines(waiting.stderr.String(), "error:")
		for _, want := range []string{name, "dirty", "things_3", "what comes after that was not run"} {
			if !strings.Contains(refusal, want) {
				t.Errorf("the refusal has no %q: %s", want, refusal)
			}
		}
		if hint := lastLines(waiting.stderr.String(), "hint:"); !strings.Contains(hint, "migrate:resolve "+name+" --not-applied") {
			t.Errorf("the hint is %q", hint)
		}
		status := run(t, fixture(t), next, "migrate:status")
		for _, want := range []string{"is dirty", "done 1:", "things_3", "migrate:resolve " + name + " --applied"} {
			if !strings.Contains(status.stdout, want) {
				t.Errorf("migrate:status does not say %q:\n%s", want, status.stdout)
			}
		}
		for _, args := range [][]string{{"migrate"}, {"migrate:rollback"}} {
			if got := run(t, fixture(t), next, args...); got.code != 1 || !strings.Contains(got.stderr, "dirty") {
				t.Errorf("%v exits %d: %s", args, got.code, got.stderr)
			}
		}
		execute(t, url, undone(kind)...)
		if got := run(t, fixture(t), next, "migrate:resolve", name, "--not-applied"); got.code != 0 {
			t.Fatalf("migrate:resolve exits %d: %s", got.code, got.stderr)
		}
		start(t, fixture(t), next).untilReady()
		whole(t, url)
	})
}

// undone returns what undoes by hand what the third migration does before its slow
// part.
func undone(kind string) []string {
	drop, remove := "DROP TABLE things_3", "DELETE FROM notes WHERE text = 'migration 3'"
	if kind == "mariadb" {
		return []string{drop} // the note was in a transaction
	}
	return []string{drop, remove}
}
