package benchmarks_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/kitgo/kit/benchmarks/history"
	"github.com/kitgo/kit/internal/dbtest"
)

// TestInstances starts many instances at once on an empty database.
func TestInstances(t *testing.T) {
	kit, goose := build(t, "./cmd/kitapp"), build(t, "./cmd/gooseapp")
	printMachine(t, goose)
	fmt.Printf("\nFrom the first exec of N processes to when all answer 200; 20 migrations, one of which takes %v. Shortest to longest of the runs.\n", history.Slow)
	printHead("N", "Kit", "goose, asks every 1 s", "goose, asks every 5 s (its default)", "Kit, nothing pending")
	for _, row := range []struct {
		name     string
		n, runs  int
		database func(*testing.T) string
	}{
		{"1", 1, 3, postgres}, // here the two are close
		{"2", 2, 2, postgres},
		{"8", 8, 2, postgres},
		{"32", 32, 2, postgres},
		{"64", 64, 2, postgres},
		{"8, MariaDB over TCP", 8, 1, func(t *testing.T) string { return dbtest.MariaDB(t) }},
	} {
		// Asking costs the machine something too: many are asked less often.
		every := max(2*time.Millisecond, time.Duration(row.n)*300*time.Microsecond)
		var fresh, idle, quick, slow times
		for range row.runs { // interleaved, so that noise hits all alike
			app := server{binary: kit}.on(row.database(t))
			fresh = append(fresh, app.startAll(t, row.n, every))
			idle = append(idle, app.startAll(t, row.n, every))
			app = server{binary: goose, env: []string{"LOCK_PERIOD=1"}}.on(row.database(t))
			quick = append(quick, app.startAll(t, row.n, every))
		}
		app := server{binary: goose}.on(row.database(t))
		slow = append(slow, app.startAll(t, row.n, every))
		printRow(row.name, fresh.inSeconds(), quick.inSeconds(), slow.inSeconds(), idle.inSeconds())
	}
}

// postgres returns the URL of an empty database of PostgreSQL, over its socket.
func postgres(t *testing.T) string {
	t.Helper()
	return overSocket(t, dbtest.Postgres(t))
}

// inSeconds shows the shortest and the longest time.
func (ts times) inSeconds() string {
	if len(ts) == 1 {
		return seconds(ts[0])
	}
	return seconds(ts.at(0)) + " to " + seconds(ts.at(1))
}
