//go:build measure

package integration_test

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kitgo/kit/internal/dbtest"
)

// TestMeasure prints the numbers of docs/benchmarks.md; it judges none of them.
// Each start is timed from exec to the first 200 of /_kit/health, beside a bare
// net/http program that is started the same way.
func TestMeasure(t *testing.T) {
	kit := kitCommand(t)
	dir := filepath.Join(t.TempDir(), "measured")
	begin := time.Now()
	if err := command(filepath.Dir(dir), kit, "new", "measured", "--no-interaction", "--no-git"); err != nil {
		t.Fatal(err)
	}
	created := time.Since(begin)
	if err := command(dir, kit, "build"); err != nil {
		t.Fatal(err)
	}
	built := time.Since(begin)
	app := filepath.Join(dir, "measured")
	server := start(t, app, []string{"DATABASE_URL=" + dbtest.SQLite(t)}).untilReady()
	if status, _ := server.get("/"); status != 200 {
		t.Fatalf("GET / = %d", status)
	}
	served := time.Since(begin)
	time.Sleep(2 * time.Second)
	memory := residentMemory(t, server.cmd.Process.Pid)

	info, err := os.Stat(app)
	if err != nil {
		t.Fatal(err)
	}
	bare := filepath.Join(t.TempDir(), "bare")
	source := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(source, []byte(bareProgram), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := command(".", "go", "build", "-trimpath", "-ldflags=-s -w", "-o", bare, source); err != nil {
		t.Fatal(err)
	}

	const runs = 20
	migrated := dbtest.SQLite(t)
	startup(t, app, migrated) // applies the migration
	postgres := dbtest.Postgres(t)
	startup(t, app, postgres)
	var nothing, fresh, nothingPG, baseline []time.Duration
	for range runs { // interleaved, so that noise hits all alike
		baseline = append(baseline, startup(t, bare, ""))
		nothing = append(nothing, startup(t, app, migrated))
		fresh = append(fresh, startup(t, app, dbtest.SQLite(t)))
		nothingPG = append(nothingPG, startup(t, app, postgres))
	}

	fmt.Printf("machine: %s/%s, %d CPUs, %s\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	fmt.Printf("binary of a new application: %d bytes\n", info.Size())
	fmt.Printf("idle memory (resident): %.1f MiB\n", float64(memory)/1024/1024)
	fmt.Printf("kit new: %.1f s; with kit build: %.1f s; to the served page: %.1f s\n", created.Seconds(), built.Seconds(), served.Seconds())
	for _, row := range []struct {
		name  string
		times []time.Duration
	}{
		{"a bare net/http program", baseline}, {"SQLite, nothing pending", nothing},
		{"SQLite, new database", fresh}, {"PostgreSQL, nothing pending", nothingPG},
	} {
		slices.Sort(row.times)
		ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
		fmt.Printf("exec to first 200, %-28s min %5.1f ms, median %5.1f ms, max %5.1f ms\n", row.name+":", ms(row.times[0]), ms(row.times[len(row.times)/2]), ms(row.times[len(row.times)-1]))
	}
}

// startup is the time from exec to the first 200 of /_kit/health.
func startup(t *testing.T, binary, url string) time.Duration {
	t.Helper()
	port := strconv.Itoa(freePort(t))
	cmd := exec.Command(binary)
	cmd.Dir = filepath.Dir(binary)
	cmd.Env = environment("SERVER_HOST=127.0.0.1", "SERVER_PORT="+port, "DATABASE_URL="+url, "APP_ENV=production")
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for time.Since(begin) < 20*time.Second {
		// A refused connection is cheap to try; a client's error is not.
		connection, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err != nil {
			time.Sleep(200 * time.Microsecond)
			continue
		}
		connection.Close()
		response, err := client.Get("http://127.0.0.1:" + port + "/_kit/health")
		if err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return time.Since(begin)
			}
		}
	}
	t.Fatalf("%s did not start", binary)
	return 0
}

// residentMemory returns the resident set of a process in bytes.
func residentMemory(t *testing.T, pid int) int64 {
	t.Helper()
	out, err := exec.Command("ps", "-o", "rss=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		t.Fatal(err)
	}
	kib, err := strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return kib * 1024
}

const bareProgram = `package main

import (
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/_kit/health", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("{}")) })
	if err := http.ListenAndServe("127.0.0.1:"+os.Getenv("SERVER_PORT"), nil); err != nil {
		panic(err)
	}
}
`
