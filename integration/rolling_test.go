package integration_test

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

// Three instances behind a balancer are replaced one by one, by a release with one
// migration more, and later by the old release again.
func TestARollingRestartDropsNoRequest(t *testing.T) {
	t.Parallel()
	databases(t, func(t *testing.T, url string) {
		const delay = 5 * probeEvery
		old := []string{"DATABASE_URL=" + url, "LOG_LEVEL=info", "SHUTDOWN_DELAY=" + delay.String()}
		next := append(threeMigrations(url), "SHUTDOWN_DELAY="+delay.String(), "FIXTURE_SLOW_NUMBER=3", "FIXTURE_SLOW_MIGRATION=300ms")
		b := startBalancer(t)
		var instances []*process
		enter := func(vars []string) *process {
			p := start(t, fixture(t), vars)
			b.watch(p)
			p.until(30*time.Second, "in the balancer's rotation", func() bool { return b.isReady(p) })
			return p
		}
		for range 3 {
			instances = append(instances, enter(old))
		}
		for n := range 4 {
			b.client([]string{"/notes", "/slow?for=50ms"}[n%2])
		}
		// replace starts each new instance before it stops the old one.
		replace := func(vars []string) (log string) {
			for i, p := range instances {
				instances[i] = enter(vars)
				log += instances[i].stderr.String()
				p.signal(syscall.SIGTERM)
				if code := p.wait(20 * time.Second); code != 0 {
					t.Errorf("exit code %d, want 0", code)
				}
			}
			return log
		}
		if log := replace(next); strings.Count(log, "migration applied") != 1 {
			t.Errorf("the new instances did not apply the migration once:\n%s", log)
		}
		if log := replace(old); strings.Count(log, "it is ahead of the program") != 3 {
			t.Errorf("the old instances do not all warn that the database is ahead:\n%s", log)
		}
		served, failed := b.stop()
		t.Logf("%d requests", served)
		if failed > 0 || served < 200 {
			t.Errorf("of %d requests %d failed", served, failed)
		}
		whole(t, url)

		refusing := run(t, fixture(t), append(old, "MIGRATE_AHEAD=refuse"))
		if message := lastLines(refusing.stderr, "error:"); refusing.code != 1 || !strings.Contains(message, "m20260201_000300_create_things_3") {
			t.Errorf("with MIGRATE_AHEAD=refuse the old release exits %d: %s", refusing.code, message)
		}
	})
}

// The old release undoes what only the new one contained: the way back is in the
// database.
func TestTheOldReleaseRollsTheNewOneBack(t *testing.T) {
	t.Parallel()
	databases(t, func(t *testing.T, url string) {
		old, next := []string{"DATABASE_URL=" + url}, append(threeMigrations(url), "FIXTURE_MIGRATIONS=4")
		if got := run(t, fixture(t), old, "migrate"); got.code != 0 {
			t.Fatal(got.stderr)
		}
		if got := run(t, fixture(t), next, "migrate"); got.code != 0 || !strings.Contains(got.stdout, "Applied 2 migrations.") {
			t.Fatalf("migrate: %+v", got)
		}
		if got := run(t, fixture(t), old, "migrate:status"); !strings.Contains(got.stdout, "missing") || !strings.Contains(got.stdout, "create_things_4") {
			t.Errorf("the old release's migrate:status:\n%s", got.stdout)
		}
		pretended := run(t, fixture(t), old, "migrate:rollback", "2", "--pretend")
		if drop := strings.Index(pretended.stdout, "things_4"); pretended.code != 0 || drop < 0 || drop > strings.Index(pretended.stdout, "things_3") {
			t.Errorf("migrate:rollback 2 --pretend: %+v", pretended)
		}
		if got := run(t, fixture(t), old, "migrate:rollback", "2"); got.code != 0 || !strings.Contains(got.stdout, "Rolled back 2 migrations.") {
			t.Fatalf("migrate:rollback 2: %+v", got)
		}
		for _, table := range []string{"things_3", "things_4"} {
			if hasTable(t, url, table) {
				t.Errorf("the table %s is still there", table)
			}
		}
		for text, want := range map[string]int{"migrated": 1, "migration 3": 0, "end of migration 4": 0} {
			if n := notes(t, url, text); n != want {
				t.Errorf("the note %q is there %d times, want %d", text, n, want)
			}
		}
		if got := run(t, fixture(t), old, "migrate"); got.code != 0 || !strings.Contains(got.stdout, "Nothing to migrate.") {
			t.Errorf("migrate of the old release: %+v", got)
		}
		if got := run(t, fixture(t), next, "migrate"); got.code != 0 || !strings.Contains(got.stdout, "Applied 2 migrations.") {
			t.Errorf("migrate of the new release, again: %+v", got)
		}
		whole(t, url)
	})
}
