package integration_test

import (
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/kitgo/kit/internal/dbtest"
)

func TestTheSchedulerRunsAtTheFullMinute(t *testing.T) {
	t.Parallel()
	url := dbtest.Postgres(t)
	vars := []string{"DATABASE_URL=" + url, "LOG_FORMAT=json"}
	if got := run(t, fixture(t), vars, "migrate"); got.code != 0 {
		t.Fatal(got.stderr)
	}
	p := start(t, fixture(t), vars, "schedule:work")
	p.until(90*time.Second, "running its tasks", func() bool {
		log := p.stderr.String()
		return strings.Contains(log, `"msg":"Task 'note' completed"`) && strings.Contains(log, "a task that panics")
	})
	first := time.Now()
	if late := first.Sub(first.Truncate(time.Minute)); late > 10*time.Second {
		t.Errorf("the tasks ran %s after the full minute", late)
	}
	// The slow task is still running; it may end within SHUTDOWN_TIMEOUT.
	p.signal(syscall.SIGTERM)
	if code := p.wait(15 * time.Second); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	log := p.stderr.String()
	for _, want := range []string{`"msg":"Running 'note'"`, `"msg":"Task 'note' completed"`, `"msg":"Task 'panic' failed"`, `"duration":`} {
		if !strings.Contains(log, want) {
			t.Errorf("the log has no %s", want)
		}
	}
	for line := range strings.Lines(log) {
		if strings.Contains(line, `"slow"`) && strings.Contains(line, "' failed") {
			t.Errorf("the running task was not allowed to end: %s", line)
		}
	}
}

// Many schedulers on one database: each task starts once.
func TestEachTaskRunsOnceHoweverManySchedulers(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			url := fresh(t, kind)
			vars := []string{"DATABASE_URL=" + url, "FIXTURE_SLOW_TASK=100ms"}
			if got := run(t, fixture(t), vars, "migrate"); got.code != 0 {
				t.Fatal(got.stderr)
			}
			processes := make([]*process, 6)
			for i := range processes {
				processes[i] = start(t, fixture(t), vars, "schedule:run")
			}
			failed := 0
			for _, p := range processes {
				if p.wait(2*time.Minute) != 0 {
					failed++
				}
			}
			noted, panicked := history(t, vars, "note"), history(t, vars, "panic")
			if len(noted) < 1 || len(noted) > 2 { // two when a minute began meanwhile
				t.Fatalf("the history of the task: %+v", noted)
			}
			if n, err := count(t, url, "SELECT count(*) FROM notes WHERE text LIKE 'noted at %'"); err != nil || n != len(noted) {
				t.Errorf("the task ran %d times, %v, in %d minutes", n, err, len(noted))
			}
			if failed != len(panicked) {
				t.Errorf("%d processes ran the task that fails, in %d minutes", failed, len(panicked))
			}
			for _, r := range append(noted, panicked...) {
				if want := map[bool]string{true: "failed", false: "ok"}[r.Task == "panic"]; r.Outcome != want || r.Host == "" || !strings.HasSuffix(r.Due, ":00Z") {
					t.Errorf("the history has %+v, want %s", r, want)
				}
			}
			if got := run(t, fixture(t), vars, "schedule:list"); !strings.Contains(got.stdout, strings.NewReplacer("T", " ", ":00Z", "").Replace(noted[0].Due)+" ok") {
				t.Errorf("schedule:list does not show the last run:\n%s%s", got.stdout, got.stderr)
			}
			if got := run(t, fixture(t), vars, "schedule:test", "note"); got.code != 0 || !strings.Contains(got.stdout, "Running 'note'... OK") {
				t.Errorf("schedule:test: %d\n%s%s", got.code, got.stdout, got.stderr)
			}
			if got := run(t, fixture(t), vars, "schedule:test", "nots"); got.code != 2 || !strings.Contains(got.stderr, "did you mean note?") {
				t.Errorf("schedule:test of nothing: %d\n%s", got.code, got.stderr)
			}
		})
	}
}

type recorded struct{ Task, Due, Outcome, Host string }

func history(t *testing.T, vars []string, args ...string) []recorded {
	t.Helper()
	got := run(t, fixture(t), vars, append([]string{"schedule:history", "--json"}, args...)...)
	return decode[struct{ Runs []recorded }](t, got.stdout).Runs
}

// The process of a task is killed: the run is lost, and told so within a minute.
func TestTheRunOfAKilledProcessIsLost(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"sqlite", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			url := fresh(t, kind)
			vars := []string{"DATABASE_URL=" + url, "FIXTURE_SLOW_TASK=1h", "LOG_FORMAT=text"}
			if got := run(t, fixture(t), vars, "migrate"); got.code != 0 {
				t.Fatal(got.stderr)
			}
			holder := start(t, fixture(t), vars, "schedule:run")
			holder.untilLogged("Running 'slow' task=slow")
			holder.signal(syscall.SIGKILL)
			killed := time.Now()
			if runs := history(t, vars, "slow"); len(runs) != 1 || runs[0].Outcome != "running" {
				t.Errorf("just after that: %+v", runs)
			}
			other := start(t, fixture(t), vars, "schedule:work")
			other.until(70*time.Second, "finding the lost run", func() bool { return strings.Contains(other.stderr.String(), "task lost") })
			t.Logf("%s after the process was killed its run was lost", time.Since(killed).Round(time.Second))
			if time.Since(killed) > time.Minute {
				t.Errorf("the run was lost %s after its process, want at most a minute", time.Since(killed))
			}
			lost := slices.ContainsFunc(history(t, vars, "slow"), func(r recorded) bool { return r.Outcome == "lost" })
			if !lost {
				t.Errorf("the history: %+v", history(t, vars, "slow"))
			}
			other.signal(syscall.SIGKILL)
		})
	}
}

func TestScheduleRun(t *testing.T) {
	t.Parallel()
	databases(t, func(t *testing.T, url string) {
		vars := []string{"DATABASE_URL=" + url}
		if got := run(t, fixture(t), vars, "migrate"); got.code != 0 {
			t.Fatal(got.stderr)
		}
		got := run(t, fixture(t), vars, "schedule:run")
		if got.code != 1 || !strings.Contains(got.stdout, "Running 'note'... OK") || !strings.Contains(got.stdout, "Running 'panic'... FAILED") {
			t.Errorf("schedule:run exits %d:\n%s", got.code, got.stdout)
		}
		if message := lastLines(got.stderr, "error:"); !strings.Contains(message, `task "panic" failed: panic: a task that panics`) {
			t.Errorf("the error does not name the task: %s", message)
		}
		if strings.Contains(got.stdout, "yearly") {
			t.Errorf("a task that is not due ran:\n%s", got.stdout)
		}
	})
}
