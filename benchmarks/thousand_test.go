package benchmarks_test

import (
	"fmt"
	"log/slog"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/internal/dbtest"
)

// longHistory is an application with many migrations on one database, and what was
// measured of it.
type longHistory struct {
	name   string
	binary string
	url    string
	set    migrate.Set // the same history in this process

	apply, up     time.Duration
	status, start times
}

// TestThousand measures what 1,000 applied migrations cost: as SQL files, and in Go
// with their sources, whose checksums are computed.
func TestThousand(t *testing.T) {
	const count, runs = 1000, 20
	var list []*longHistory
	for _, a := range []application{inSQL(count), inGo(count)} {
		binary := a.build(t)
		list = append(list,
			&longHistory{name: a.form + ", PostgreSQL", binary: binary, url: postgres(t), set: a.set()},
			&longHistory{name: a.form + ", SQLite", binary: binary, url: dbtest.SQLite(t), set: a.set()})
	}
	for _, h := range list {
		_, h.apply = h.command(t, "migrate")
		h.up = h.noopUp(t)
	}
	for range runs { // interleaved, so that noise hits all alike
		for _, h := range list {
			out, took := h.command(t, "migrate:status", "--json")
			if got := strings.Count(out, `"applied"`); got != count {
				t.Fatalf("%d migrations are applied, not %d:\n%.500s", got, count, out)
			}
			h.status = append(h.status, took)
			h.start = append(h.start, server{binary: h.binary}.on(h.url).startAll(t, 1, 200*time.Microsecond))
		}
	}
	fmt.Printf("\n%d applied migrations. Up is migrate.New and Migrator.Up in a process that is connected; the others are whole processes, median and p90 of %d, interleaved.\n", count, runs)
	printHead("", "Up, nothing pending", "`migrate:status --json`", "start, exec to 200", "`migrate`, all of them, once")
	for _, h := range list {
		printRow(h.name, ms(h.up), h.status.inMilliseconds(), h.start.inMilliseconds(), seconds(h.apply))
	}
}

func (ts times) inMilliseconds() string { return ms(ts.at(0.5)) + ", " + ms(ts.at(0.9)) }

// command runs a command of the application, and returns what it prints and how long
// it takes.
func (h *longHistory) command(t *testing.T, args ...string) (string, time.Duration) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), h.binary, args...)
	cmd.Dir = filepath.Dir(h.binary)
	cmd.Env = []string{"DATABASE_URL=" + h.url, "APP_ENV=production"}
	var problems strings.Builder
	cmd.Stderr = &problems
	begin := time.Now()
	out, err := cmd.Output()
	took := time.Since(begin)
	if err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, problems.String())
	}
	return string(out), took
}

// noopUp returns how long Up takes when nothing is pending.
func (h *longHistory) noopUp(t *testing.T) time.Duration {
	t.Helper()
	db, err := database.Open(h.url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	result := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			// A migrator computes each checksum once: a start has a new one.
			m, err := migrate.New(db, h.set, &migrate.Options{Logger: slog.New(slog.DiscardHandler)})
			if err != nil {
				b.Fatal(err)
			}
			done, err := m.Up(b.Context(), migrate.UpOptions{})
			if err != nil {
				b.Fatal(err)
			}
			if len(done.Applied) > 0 {
				b.Fatalf("%d migrations were pending", len(done.Applied))
			}
		}
	})
	return time.Duration(result.NsPerOp())
}
