package integration_test

import (
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What an operator does with a scheduler, from one command to the next.
func TestTheSchedulersCommands(t *testing.T) {
	t.Parallel()
	databases(t, func(t *testing.T, url string) {
		vars := []string{"DATABASE_URL=" + url, "FIXTURE_SLOW_TASK=10ms", "NO_COLOR=1"}
		if got := run(t, fixture(t), vars, "migrate"); got.code != 0 {
			t.Fatal(got.stderr)
		}
		steps := []struct {
			args          string
			code          int
			want, without string
		}{
			{"schedule:list", 0, "*/20 * * * * * (every 20 seconds; between 00:00 and 23:59)", "ok in"},
			{"schedule:list", 0, "Each run starts once, however many schedulers", "in memory"},
			{"schedule:history", 0, "No runs are recorded.", "TASK"},
			{"schedule:resume", 0, "The schedule was not paused.", ""},
			{"schedule:pause note", 0, "Task 'note' is paused.", ""},
			{"schedule:pause note", 0, "Task 'note' is paused already.", ""},
			{"schedule:pause nothing", 2, "there is no task \"nothing\"", "paused"},
			{"schedule:run", 1, "Running 'version'... OK", "Running 'note'"},
			{"schedule:history note", 0, "skipped", "ok"},
			{"schedule:history panic --failed", 0, "panic: a task that panics", "version"},
			{"schedule:history talks --failed", 0, "No runs are recorded.", ""},
			{"schedule:history talks --output", 0, "said in passing", ""},
			{"schedule:history version --output", 0, "kit devel", "talks"},
			{"schedule:history --limit 0", 2, "--limit 0 is out of range", ""},
			{"schedule:list", 0, "ok in", ""},
			{"schedule:check", 0, "none late", ""},
			{"schedule:list --json", 0, `"paused": true`, ""},
			{"doctor", 0, "the last run of task panic", ""},
			{"doctor", 0, "note is paused", ""},
			{"schedule:pause", 0, "The schedule is paused.", ""},
			{"schedule:run", 0, "No tasks are due to run.", "Running"},
			{"schedule:resume note", 0, "Task 'note' stays paused, because all tasks are", ""},
			{"schedule:resume", 0, "The schedule starts at its times again.", ""},
			{"schedule:simulate --from 2026-03-29 --to 2026-03-29T00:01:00Z", 0, "7 runs. The busiest minutes:\n  2026-03-29 00:00 UTC  7 runs", ""},
			{"schedule:simulate --from 2026-03-29 --to 2026-03-28", 2, "--to is not after --from", ""},
			{"schedule:simulate --from soon", 2, `--from "soon" is not a time`, ""},
			{"schedule:simulate --timezone Mars", 2, `--timezone "Mars" is not a time zone`, ""},
			{"schedule:simulate --from 2026-01-01 --to 2029-01-01", 2, "more than 100000 runs would start", ""},
			{"serve --with=queue", 2, "--with=queue is not known", ""},
		}
		for _, step := range steps {
			got := run(t, fixture(t), vars, strings.Fields(step.args)...)
			all := got.stdout + got.stderr
			if got.code != step.code || !strings.Contains(all, step.want) || step.without != "" && strings.Contains(got.stdout, step.without) {
				t.Errorf("%s exits %d, want %d with %q without %q:\n%s", step.args, got.code, step.code, step.want, step.without, all)
			}
		}
	})
}

// What the health check of a scheduler says when its tasks ran once, and not again.
func TestScheduleCheck(t *testing.T) {
	t.Parallel()
	url := fresh(t, "sqlite")
	vars := []string{"DATABASE_URL=" + url, "NO_COLOR=1"}
	for _, args := range []string{"migrate", "schedule:run", "schedule:check"} {
		if got := run(t, fixture(t), vars, args); args == "schedule:check" && (got.code != 0 || !strings.Contains(got.stdout, "none late")) {
			t.Errorf("after a run: exit %d\n%s%s", got.code, got.stdout, got.stderr)
		}
	}
	execute(t, url, "UPDATE kit_schedule_runs SET due_at = '2026-01-01 00:00:00+00:00' WHERE task = 'version'")
	got := run(t, fixture(t), vars, "schedule:check")
	if got.code != 1 || !strings.Contains(got.stderr, "error: task version was due at ") || strings.Contains(got.stderr, "task note") {
		t.Errorf("when a task is late: exit %d\n%s%s", got.code, got.stdout, got.stderr)
	}
}

// Nobody runs the tasks: after two minutes the probe says so, and stays ready.
func TestTheProbeSeesThatNoSchedulerRuns(t *testing.T) {
	t.Parallel()
	vars := []string{"DATABASE_URL=" + fresh(t, "sqlite"), "FIXTURE_CHECK=schedule"}
	p := start(t, fixture(t), vars, "serve").untilReady()
	if code, body := p.get("/_kit/ready"); code != 200 || !strings.Contains(body, `"schedule": "ok"`) {
		t.Errorf("at first: %d %s", code, body)
	}
	p.until(4*time.Minute, "noticing that no scheduler runs", func() bool {
		code, body := p.get("/_kit/ready")
		return code == 200 && strings.Contains(body, `"schedule": "warning"`)
	})
	p.until(5*time.Second, "logging which task", func() bool {
		return strings.Contains(p.stderr.String(), "did not start; is a scheduler running?")
	})
}

func TestTheWebServerRunsTheSchedule(t *testing.T) {
	t.Parallel()
	databases(t, func(t *testing.T, url string) {
		vars := []string{"DATABASE_URL=" + url, "FIXTURE_SLOW_TASK=3s", "LOG_FORMAT=json"}
		p := start(t, fixture(t), vars, "serve", "--port", "0", "--with=schedule")
		p.untilLogged("scheduler running")
		p.until(70*time.Second, "running the slow task", func() bool { return strings.Contains(p.stderr.String(), "Running 'slow'") })
		p.signal(syscall.SIGTERM)
		if code := p.wait(15 * time.Second); code != 0 {
			t.Errorf("exit code %d, want 0", code)
		}
		log := p.stderr.String()
		ended, stopped := strings.Index(log, "Task 'slow' completed"), strings.LastIndex(log, `"msg":"stopped"`)
		if ended < 0 || stopped < ended {
			t.Errorf("the server did not wait for the running task:\n%s", log)
		}
		if slices.ContainsFunc(history(t, vars), func(r recorded) bool { return r.Outcome == "running" }) {
			t.Errorf("a run has no end: %+v", history(t, vars))
		}
	})
}
