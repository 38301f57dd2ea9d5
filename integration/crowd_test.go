package integration_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Many processes start at once on an empty database with many migrations. The crowds
// come one after the other: a machine has few processors.
func TestManyProcessesStartAtOnce(t *testing.T) {
	t.Parallel()
	const migrations = 20
	sizes := map[string]int{"sqlite": 10, "postgres": 40, "pgbouncer": 20, "mariadb": 20}
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			url := fresh(t, kind)
			vars := []string{
				"DATABASE_URL=" + url, fmt.Sprintf("FIXTURE_MIGRATIONS=%d", migrations),
				"FIXTURE_SLOW_NUMBER=10", "FIXTURE_SLOW_MIGRATION=3s",
				"DB_SLOW_QUERY=-1s", // forty processes on a few CPUs are slow
			}
			began := time.Now()
			var crowd []*process
			for range sizes[kind] {
				crowd = append(crowd, start(t, fixture(t), vars))
			}
			for _, p := range crowd {
				p.until(time.Minute, "ready", p.isReady)
			}
			t.Logf("%d processes were ready after %s", len(crowd), time.Since(began).Round(time.Millisecond))
			applied := 0
			for _, p := range crowd {
				applied += strings.Count(p.stderr.String(), "migration applied")
				for line := range strings.Lines(p.stderr.String()) {
					if strings.Contains(line, " ERR ") || strings.Contains(line, " WRN ") && !strings.Contains(line, "the slow part begins") {
						t.Errorf("a process logs: %s", line)
					}
				}
				if status, _ := p.get("/notes"); status != 200 {
					t.Errorf("GET /notes = %d", status)
				}
			}
			if applied != migrations {
				t.Errorf("all processes together applied %d migrations, want %d", applied, migrations)
			}
			for n := 3; n <= migrations; n++ {
				for _, text := range []string{fmt.Sprintf("migration %d", n), fmt.Sprintf("end of migration %d", n)} {
					if got := notes(t, url, text); got != 1 {
						t.Errorf("the note %q is there %d times, want once", text, got)
					}
				}
			}
		})
	}
}
