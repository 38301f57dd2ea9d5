//go:build measure

package pages_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
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
)

const (
	turns       = 5
	connections = 16
	oneTurn     = 3000 // answers
)

// TestMeasure prints the tables of docs/benchmarks.md.
func TestMeasure(t *testing.T) {
	load, _ := os.ReadFile("/proc/loadavg")
	fmt.Printf("\n%s/%s, %d CPUs, %s, load %s\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), load)
	t.Run("assets", measureAssets)
	t.Run("types", measureTypes)
}

func head(cells ...string) {
	fmt.Println("\n| " + strings.Join(cells, " | ") + " |")
	fmt.Println(strings.Repeat("|---", len(cells)) + "|")
}

// measureAssets measures the time that a server is on a CPU for an answer, and the
// answers a second, over connections that stay open. The servers take turns.
func measureAssets(t *testing.T) {
	dir := writeBuild(t, scriptSize)
	servers := []*server{startNginx(t, dir), startGo(t, "Kit, an application", "application", dir), startGo(t, "Kit, package vite alone", "vite", dir), startGo(t, "net/http, the least", "least", dir)}
	tasks := []struct {
		name, encoding string
		conditional    bool
		size           int
	}{
		{"brotli, 82 KB", "br", false, brotliSize}, {"gzip, 96 KB", "gzip", false, gzipSize},
		{"as it is, 300 KB", "identity", false, scriptSize}, {"304", "br", true, 0},
	}
	type result struct{ micros, rate []float64 }
	results := map[string]*result{}
	for turn := range turns {
		for _, task := range tasks {
			for i := range servers {
				s := servers[(i+turn)%len(servers)]
				question := fmt.Sprintf("GET /%s HTTP/1.1\r\nHost: %s\r\nAccept-Encoding: %s\r\n", script, s.address, task.encoding)
				status := "HTTP/1.1 200 OK"
				if task.conditional {
					question += "If-None-Match: " + s.etag(t, task.encoding) + "\r\n"
					status = "HTTP/1.1 304 Not Modified"
				}
				before, begun := s.cpu(t), time.Now()
				ask(t, s.address, question+"\r\n", status, task.size)
				r := results[s.name+task.name]
				if r == nil {
					r = new(result)
					results[s.name+task.name] = r
				}
				r.micros = append(r.micros, float64((s.cpu(t)-before).Nanoseconds())/1000/oneTurn)
				r.rate = append(r.rate, oneTurn/time.Since(begun).Seconds())
			}
		}
	}
	names := []string{"µs of CPU an answer, answers a second"}
	for _, task := range tasks {
		names = append(names, task.name)
	}
	head(names...)
	for _, s := range servers {
		line := "| " + s.name
		for _, task := range tasks {
			r, first := results[s.name+task.name], results[servers[0].name+task.name]
			line += fmt.Sprintf(" | %.1f (%.2f), %.0f", median(r.micros), median(first.micros)/median(r.micros), median(r.rate))
		}
		fmt.Println(line + " |")
	}
}

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}

// cpu returns how long the server has been on a CPU.
func (s *server) cpu(t *testing.T) (sum time.Duration) {
	t.Helper()
	for _, pid := range s.pids {
		threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
		if err != nil || len(threads) == 0 {
			t.Fatalf("%s has no threads: %v", s.name, err)
		}
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
	}
	return sum
}

func (s *server) etag(t *testing.T, encoding string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.address+"/"+script, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", encoding)
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
	if response.Header.Get("Content-Encoding") != encoding {
		t.Fatalf("%s answers in %q, not in %s", s.name, response.Header.Get("Content-Encoding"), encoding)
	}
	return response.Header.Get("ETag")
}

// ask asks so often, over several connections.
func ask(t *testing.T, address, question, status string, size int) {
	t.Helper()
	var answers atomic.Int64
	var wg sync.WaitGroup
	for range connections {
		wg.Go(func() {
			if err := askOne(address, question, status, size, func() bool { return answers.Add(1) < oneTurn }); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// askOne asks over one connection until more is false.
func askOne(address, question, status string, size int, more func() bool) error {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer c.Close()
	in := bufio.NewReaderSize(c, 64<<10)
	for {
		if _, err := io.WriteString(c, question); err != nil {
			return err
		}
		length := 0
		for first := true; ; first = false {
			line, err := in.ReadSlice('\n')
			if err != nil {
				return err
			}
			if first && !strings.HasPrefix(string(line), status) {
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
		if size > 0 && length != size {
			return fmt.Errorf("%d bytes instead of %d", length, size)
		}
		if size > 0 {
			if _, err := in.Discard(length); err != nil {
				return err
			}
		}
		if !more() {
			return nil
		}
	}
}
