//go:build measure

package chain_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kitgo/kit/benchmarks/tasks"
)

const (
	// Many short turns, for a machine has fast and slow moments.
	handlerTurns = 15
	networkTurns = 41
	oneTurn      = 10_000 // answers

	connections = 32
	slowClients = 50
	manyAsked   = 1_000_000
)

// TestMeasure prints the tables of docs/benchmarks.md.
func TestMeasure(t *testing.T) {
	load, _ := os.ReadFile("/proc/loadavg")
	fmt.Printf("\n%s/%s, %d CPUs, %s, load %s\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), load)
	t.Run("handler", measureHandlers)
	t.Run("network", measureNetwork)
	t.Run("memory", measureMemory)
}

func head(cells ...string) {
	fmt.Println("\n| " + strings.Join(cells, " | ") + " |")
	fmt.Println(strings.Repeat("|---", len(cells)) + "|")
}

// measureHandlers measures the handlers without a network. The contenders take turns.
func measureHandlers(*testing.T) {
	log := slog.New(slog.NewJSONHandler(io.Discard, nil))
	handlers := make([]http.Handler, len(contenders))
	for i, c := range contenders {
		handlers[i] = c.make(log)
	}
	all := append([]tasks.Task{{Name: "text", Method: "GET", Path: "/text"}, {Name: "JSON", Method: "GET", Path: "/json"}}, tasks.All...)
	times, bytes, allocs := map[string][]int64{}, map[string][]int64{}, map[string][]int64{}
	for turn := range handlerTurns {
		for _, task := range all {
			for i := range contenders {
				i = (i + turn) % len(contenders)
				r := testing.Benchmark(func(b *testing.B) {
					b.ReportAllocs()
					request, w := task.Request(), tasks.NewWriter()
					for b.Loop() {
						w.Clear()
						handlers[i].ServeHTTP(w, request())
					}
					if w.Status >= 400 {
						b.Errorf("status %d", w.Status)
					}
				})
				key := contenders[i].name + task.Name
				times[key], bytes[key], allocs[key] = append(times[key], r.NsPerOp()), append(bytes[key], r.AllocedBytesPerOp()), append(allocs[key], r.AllocsPerOp())
			}
		}
	}
	names := []string{"without a network"}
	for _, task := range all {
		names = append(names, task.Name)
	}
	head(names...)
	for _, c := range contenders {
		row := "| " + c.name
		for _, task := range all {
			key := c.name + task.Name
			row += fmt.Sprintf(" | %.2f µs (%.2f), %d B, %d", float64(median(times[key]))/1000,
				float64(median(times[contenders[0].name+task.Name]))/float64(median(times[key])), median(bytes[key]), median(allocs[key]))
		}
		fmt.Println(row + " |")
	}
}

func median(list []int64) int64 {
	slices.Sort(list)
	return list[len(list)/2]
}

// measureNetwork measures the time that a server's process is on a CPU for an answer,
// while another process asks it over connections that stay open. That time counts what
// net/http, the kernel's network and the collector take, and not what other programs do.
// The contenders take turns.
func measureNetwork(t *testing.T) {
	servers := make([]*server, len(contenders))
	for i, c := range contenders {
		servers[i] = start(t, c.name)
		ask(t, servers[i].address, "/json", 2*oneTurn) // warm
	}
	pages := []struct {
		name, path string
		slow       bool
	}{{"text", "/text", false}, {"JSON", "/json", false}, {"text beside 50 slow clients", "/text", true}}
	results := make([][][]float64, len(contenders))
	for i := range results {
		results[i] = make([][]float64, len(pages))
	}
	for turn := range networkTurns {
		for k, task := range pages {
			for i := range contenders {
				i = (i + turn) % len(contenders)
				end := func() {}
				if task.slow {
					end = hold(t, servers[i].address)
				}
				before := servers[i].cpu(t)
				ask(t, servers[i].address, task.path, oneTurn)
				results[i][k] = append(results[i][k], float64((servers[i].cpu(t)-before).Nanoseconds())/1000/oneTurn)
				end()
			}
		}
	}
	names := []string{"µs of CPU an answer"}
	for _, task := range pages {
		names = append(names, task.name)
	}
	head(names...)
	middle := func(i, k int) float64 {
		slices.Sort(results[i][k])
		return results[i][k][networkTurns/2]
	}
	for i, c := range contenders {
		row := "| " + c.name
		for k := range pages {
			row += fmt.Sprintf(" | %.1f (%.2f)", middle(i, k), middle(0, k)/middle(i, k))
		}
		fmt.Println(row + " |")
	}
}

// cpu returns how long the process has been on a CPU.
func (s *server) cpu(t *testing.T) time.Duration {
	t.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", s.pid))
	if err != nil || len(threads) == 0 {
		t.Fatalf("no threads: %v", err)
	}
	var sum time.Duration
	for _, thread := range threads {
		text, err := os.ReadFile(thread)
		if err != nil {
			t.Fatal(err)
		}
		var one int64
		if _, err := fmt.Sscan(string(text), &one); err != nil {
			t.Fatal(err)
		}
		sum += time.Duration(one)
	}
	return sum
}

// ask asks for a path so often, over many connections.
func ask(t *testing.T, address, path string, times int64) {
	t.Helper()
	var answers atomic.Int64
	var wg sync.WaitGroup
	for range connections {
		wg.Go(func() {
			if err := askOne(address, path, func() bool { return answers.Add(1) < times }); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// askOne asks over one connection until more is false. It reads as little of the answers
// as it can, so that the asking costs less than the answering.
func askOne(address, path string, more func() bool) error {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer c.Close()
	question := []byte("GET " + path + " HTTP/1.1\r\nHost: " + address + "\r\n\r\n")
	in := bufio.NewReader(c)
	for {
		if _, err := c.Write(question); err != nil {
			return err
		}
		length := -1
		for first := true; ; first = false {
			line, err := in.ReadSlice('\n')
			if err != nil {
				return err
			}
			if first && string(line) != "HTTP/1.1 200 OK\r\n" {
				return errors.New(string(line))
			}
			if len(line) == 2 {
				break
			}
			if len(line) > 16 && string(line[:16]) == "Content-Length: " {
				if length, err = strconv.Atoi(strings.TrimSpace(string(line[16:]))); err != nil {
					return err
				}
			}
		}
		if length < 0 {
			return errors.New("an answer without its length")
		}
		if _, err := in.Discard(length); err != nil {
			return err
		}
		if !more() {
			return nil
		}
	}
}

// hold occupies a server with clients that send a body of 1 MB ten bytes at a time, and
// returns what ends them.
func hold(t *testing.T, address string) func() {
	t.Helper()
	done := make(chan struct{})
	var wg sync.WaitGroup
	for range slowClients {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(c, "POST /read HTTP/1.1\r\nHost: %s\r\nContent-Length: 1000000\r\n\r\n", address)
		wg.Go(func() {
			defer c.Close()
			tick := time.NewTicker(50 * time.Millisecond)
			defer tick.Stop()
			for {
				select {
				case <-done:
					return
				case <-tick.C:
					if _, err := c.Write([]byte("0123456789")); err != nil {
						return
					}
				}
			}
		})
	}
	return func() { close(done); wg.Wait() }
}

// measureMemory looks at the memory of a server over a million requests.
func measureMemory(t *testing.T) {
	head("resident memory", "after 50,000 requests", "after 500,000", "after 1,000,000")
	for _, c := range contenders {
		if c.name != "Kit" && c.name != "net/http, by hand" {
			continue
		}
		s := start(t, c.name)
		row := "| " + c.name
		for _, n := range []int64{manyAsked / 20, manyAsked * 9 / 20, manyAsked / 2} {
			ask(t, s.address, "/json", n)
			row += fmt.Sprintf(" | %.1f MiB", float64(s.memory(t))/(1<<20))
		}
		fmt.Println(row + " |")
	}
}
