package integration_test

import (
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
		return strings.Contains(log, `"msg":"task completed"`) && strings.Contains(log, "a task that panics")
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
	for _, want := range []string{`"msg":"task started"`, `"msg":"task completed"`, `"msg":"task failed"`, `"duration":`} {
		if !strings.Contains(log, want) {
			t.Errorf("the log has no %s", want)
		}
	}
	for line := range strings.Lines(log) {
		if strings.Contains(line, `"slow"`) && strings.Contains(line, "task failed") {
			t.Errorf("the running task was not allowed to end: %s", line)
		}
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
		if message := lastLines(got.stderr, "error:"); !strings.Contains(message, "panic") {
			t.Errorf("the error does not name the task: %s", message)
		}
		if strings.Contains(got.stdout, "yearly") {
			t.Errorf("a task that is not due ran:\n%s", got.stdout)
		}
	})
}
