package integration_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kitgo/kit/internal/dbtest"
)

func TestProbesWhileAnInstanceStarts(t *testing.T) {
	t.Parallel()
	databases(t, func(t *testing.T, url string) {
		vars := []string{"DATABASE_URL=" + url, "FIXTURE_SLOW_MIGRATION=1500ms"}
		first := start(t, fixture(t), vars)
		first.until(10*time.Second, "migrating", func() bool {
			status, body := first.get("/_kit/health")
			return status == 503 && strings.Contains(body, `"phase":"migrating"`)
		})
		second := start(t, fixture(t), vars)
		second.until(10*time.Second, "waiting for the lock", func() bool {
			status, body := second.get("/_kit/health")
			return status == 503 && strings.Contains(body, `"status":"starting"`) && strings.Contains(body, `"phase":"waiting-for-migration-lock"`)
		})
		if status, _ := second.get("/_kit/live"); status != 200 {
			t.Errorf("live = %d while starting, want 200", status)
		}
		if status, _ := second.get("/_kit/ready"); status != 503 {
			t.Errorf("ready = %d while starting, want 503", status)
		}
		response, err := http.Get(second.url + "/")
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != 503 || response.Header.Get("Retry-After") == "" {
			t.Errorf("GET / = %d with Retry-After %q while starting, want 503 with one", response.StatusCode, response.Header.Get("Retry-After"))
		}
		first.untilReady()
		second.untilReady()
		if status, body := second.get("/_kit/ready"); status != 200 {
			t.Errorf("ready = %d, want 200: %s", status, body)
		}
	})
}

func TestAFailedMigrationEndsTheStart(t *testing.T) {
	t.Parallel()
	databases(t, func(t *testing.T, url string) {
		vars := []string{"DATABASE_URL=" + url, "FIXTURE_FAIL_MIGRATION=true"}
		var instances []*process
		for range 2 {
			instances = append(instances, start(t, fixture(t), vars))
		}
		for _, p := range instances {
			if code := p.wait(30 * time.Second); code != 1 {
				t.Errorf("exit code %d, want 1", code)
			}
			last := lastLines(p.stderr.String(), "error:")
			if !strings.Contains(last, "m20260103_000000_fail") || !strings.Contains(last, "no_such_table") {
				t.Errorf("the error does not name the migration and the statement: %s", last)
			}
		}
		if n := notes(t, url, "half"); n != 0 {
			t.Error("the failed migration left something behind")
		}
		if n := notes(t, url, "migrated"); n != 1 {
			t.Error("what was applied before the failed migration is gone")
		}
		status := run(t, fixture(t), vars, "migrate:status", "--json")
		got := decode[struct {
			Migrations []struct{ Name, Status string }
		}](t, status.stdout)
		want := []string{"applied", "applied", "pending"}
		for i, m := range got.Migrations {
			if m.Status != want[i] {
				t.Errorf("%s is %s, want %s", m.Name, m.Status, want[i])
			}
		}
	})
}

func TestTheMigrationLockTimeout(t *testing.T) {
	t.Parallel()
	databases(t, func(t *testing.T, url string) {
		holder := start(t, fixture(t), []string{"DATABASE_URL=" + url, "FIXTURE_SLOW_MIGRATION=1m"})
		holder.untilMigrating()
		for _, p := range []*process{
			start(t, fixture(t), []string{"DATABASE_URL=" + url}, "migrate", "--lock-timeout", "300ms"),
			start(t, fixture(t), []string{"DATABASE_URL=" + url, "MIGRATE_LOCK_TIMEOUT=0.3"}),
		} {
			if code := p.wait(20 * time.Second); code != 75 {
				t.Errorf("exit code %d, want 75", code)
			}
		}
	})
}

func TestNoMigrateServesWithoutMigrating(t *testing.T) {
	t.Parallel()
	databases(t, func(t *testing.T, url string) {
		p := start(t, fixture(t), []string{"DATABASE_URL=" + url, "FIXTURE_FAIL_MIGRATION=true"}, "serve", "--no-migrate").untilReady()
		if status, body := p.get("/"); status != 200 || body != "hello" {
			t.Errorf("GET / = %d %q", status, body)
		}
		status := run(t, fixture(t), []string{"DATABASE_URL=" + url}, "migrate:status", "--pending=3")
		if status.code != 3 {
			t.Errorf("migrate:status --pending=3 exits %d, want 3", status.code)
		}
	})
}

func TestHealthWhenTheDatabaseGoes(t *testing.T) {
	t.Parallel()
	server := dbtest.StartPostgres(t)
	server.CreateDatabase(t, "app")
	p := start(t, fixture(t), []string{"DATABASE_URL=" + server.URL("app")}).untilReady()
	check := func(path string, want int, body string) {
		t.Helper()
		status, got := p.get(path)
		if status != want || !strings.Contains(got, body) {
			t.Errorf("GET %s = %d %s, want %d with %s", path, status, got, want, body)
		}
		for _, secret := range []string{"127.0.0.1", "connection refused", "SQLSTATE", "postgres"} {
			if strings.Contains(got, secret) {
				t.Errorf("GET %s tells %q: %s", path, secret, got)
			}
		}
	}
	check("/_kit/health?db=true", 200, `"database":"connected"`)
	server.Stop()
	p.until(2*time.Second, "disconnected", func() bool { // it asks the database once a second at most
		status, _ := p.get("/_kit/health?db=true")
		return status == 503
	})
	check("/_kit/health?db=true", 503, `"status":"error"`)
	check("/_kit/health?db=true", 503, `"database":"disconnected"`)
	check("/_kit/health", 200, `"status":"ok"`)
	check("/_kit/health?nodb=true", 200, `"status":"ok"`)
	check("/_kit/ready", 503, `"database": "disconnected"`)
	if got := run(t, fixture(t), []string{"SERVER_PORT=" + p.url[strings.LastIndex(p.url, ":")+1:]}, "health", "--db"); got.code != 1 {
		t.Errorf("health --db exits %d, want 1", got.code)
	}
	server.Start()
	p.until(15*time.Second, "connected again", func() bool {
		status, _ := p.get("/_kit/health?db=true")
		return status == 200
	})
}

func TestHealthIsQuickWhenTheDatabaseHangs(t *testing.T) {
	t.Parallel()
	server := dbtest.StartPostgres(t)
	server.CreateDatabase(t, "app")
	p := start(t, fixture(t), []string{"DATABASE_URL=" + server.URL("app")}).untilReady()
	server.Freeze()
	t.Cleanup(server.Thaw) // a stopped process cannot be ended
	for range 2 {          // on an open connection, then on a new one
		begin := time.Now()
		status, body := p.get("/_kit/health?db=true")
		if took := time.Since(begin); status != 503 || !strings.Contains(body, `"database":"disconnected"`) || took > 4*time.Second {
			t.Errorf("health = %d %s after %s, want 503 after 2 s", status, body, took)
		}
	}
	if status, _ := p.get("/_kit/health"); status != 200 {
		t.Errorf("health without the database = %d, want 200", status)
	}
	server.Thaw()
	p.until(10*time.Second, "connected again", func() bool {
		status, _ := p.get("/_kit/health?db=true")
		return status == 200
	})
}

func TestADatabaseThatComesLateIsWaitedFor(t *testing.T) {
	t.Parallel()
	server := dbtest.StartPostgres(t)
	server.CreateDatabase(t, "app")
	server.Stop()
	p := start(t, fixture(t), []string{"DATABASE_URL=" + server.URL("app")})
	p.until(10*time.Second, "connecting", func() bool {
		status, body := p.get("/_kit/health")
		return status == 503 && strings.Contains(body, `"phase":"connecting"`)
	})
	gaveUp := start(t, fixture(t), []string{"DATABASE_URL=" + server.URL("app"), "DB_CONNECT_TIMEOUT=1s"})
	if code := gaveUp.wait(20 * time.Second); code != 69 {
		t.Errorf("exit code %d after DB_CONNECT_TIMEOUT, want 69", code)
	}
	server.Start()
	p.untilReady()
}

// lastLines returns the lines of text that begin with prefix.
func lastLines(text, prefix string) string {
	var lines []string
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, prefix) {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return fmt.Sprint(strings.Join(lines, "\n"))
}
