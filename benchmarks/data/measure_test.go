//go:build measure

package data_test

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// rounds is how often each cell of the table is measured. The contestants take turns,
// and each round another one begins, so that noise hits all alike.
const rounds = 5

// TestMeasure prints a table with the medians. -benchtime is for one measurement.
func TestMeasure(t *testing.T) {
	printMachine(t)
	sqlite, postgres := contenders(t, onSQLite), contenders(t, onPostgres)
	fmt.Printf("\nMedian of %d rounds: time (its ratio to database/sql), bytes and allocations.\n\n", rounds)
	head := []string{""}
	for _, c := range sqlite {
		head = append(head, c.name)
	}
	printRow(head)
	fmt.Println(strings.Repeat("|---", len(head)) + "|")
	var noise []float64
	for _, on := range []struct {
		name string
		list []contender
	}{{"SQLite", sqlite}, {"PostgreSQL", postgres}} {
		for _, k := range tasks() {
			row := []string{on.name + ", " + k.name}
			results := measureAll(t, k, on.list)
			for i := range results {
				noise = append(noise, results[i].spread())
				row = append(row, results[i].cell(results[0]))
			}
			printRow(row)
		}
	}
	slices.Sort(noise)
	fmt.Printf("\nNoise: in half of the cells the slowest round took at most %.2f times as long as the fastest, in nine of ten at most %.2f times.\n",
		noise[len(noise)/2], noise[len(noise)*9/10])
}

// results are those of one contestant, a round each.
type results []testing.BenchmarkResult

func measureAll(t *testing.T, k task, list []contender) []results {
	t.Helper()
	all := make([]results, len(list))
	for round := range rounds {
		for i := range list {
			i = (i + round) % len(list)
			var failed error
			r := testing.Benchmark(func(b *testing.B) { failed = k.measure(b, list[i]) })
			if failed != nil || r.N == 0 {
				t.Fatalf("%s, %s: %v", k.name, list[i].name, failed)
			}
			all[i] = append(all[i], r)
		}
	}
	return all
}

// median returns the middle of what f returns for each round.
func (rs results) median(f func(testing.BenchmarkResult) int64) int64 {
	var list []int64
	for _, r := range rs {
		list = append(list, f(r))
	}
	slices.Sort(list)
	return list[len(list)/2]
}

func (rs results) time() int64 { return rs.median(testing.BenchmarkResult.NsPerOp) }

// spread is how many times as long as the fastest round the slowest one took.
func (rs results) spread() float64 {
	fastest, slowest := rs[0].NsPerOp(), rs[0].NsPerOp()
	for _, r := range rs {
		fastest, slowest = min(fastest, r.NsPerOp()), max(slowest, r.NsPerOp())
	}
	return float64(slowest) / float64(fastest)
}

// cell shows the results and compares them with others.
func (rs results) cell(base results) string {
	bytes := rs.median(testing.BenchmarkResult.AllocedBytesPerOp)
	return fmt.Sprintf("%s (%.2f), %s, %d", duration(rs.time()), float64(rs.time())/float64(base.time()),
		size(bytes), rs.median(testing.BenchmarkResult.AllocsPerOp))
}

func duration(ns int64) string {
	if ns < int64(time.Millisecond) {
		return fmt.Sprintf("%.1f µs", float64(ns)/1e3)
	}
	return fmt.Sprintf("%.2f ms", float64(ns)/1e6)
}

func size(bytes int64) string {
	if bytes < 10_000 {
		return fmt.Sprintf("%d B", bytes)
	}
	return fmt.Sprintf("%d kB", bytes/1000)
}

// printRow prints a row of a Markdown table.
func printRow(cells []string) { fmt.Println("| " + strings.Join(cells, " | ") + " |") }

// compared are the modules whose versions matter.
var compared = []string{"github.com/jackc/pgx/v5", "modernc.org/sqlite", "github.com/jmoiron/sqlx", "github.com/uptrace/bun", "gorm.io/gorm"}

// printMachine says where the numbers come from.
func printMachine(t *testing.T) {
	t.Helper()
	module, err := os.ReadFile("../go.mod") // a test does not carry the versions
	if err != nil {
		t.Fatal(err)
	}
	var versions []string
	for line := range strings.Lines(string(module)) {
		words := strings.Fields(strings.TrimPrefix(line, "require "))
		if len(words) > 1 && slices.Contains(compared, words[0]) {
			versions = append(versions, words[0]+" "+words[1])
		}
	}
	load, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		load = []byte("unknown")
	}
	minute, _, _ := strings.Cut(string(load), " ")
	fmt.Printf("%s/%s, %d CPUs, load %s, %s, %s; PostgreSQL over a unix socket (fsync off), SQLite with write-ahead logging\n",
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), minute, runtime.Version(), strings.Join(versions, ", "))
}
