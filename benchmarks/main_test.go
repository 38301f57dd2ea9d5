package benchmarks_test

import (
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/kitgo/kit/internal/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Run(m)) }

// build compiles a program of this module the way applications are built.
func build(t *testing.T, pkg string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), filepath.Base(pkg))
	cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	return binary
}

// overSocket returns the URL of the same PostgreSQL database over the server's unix
// socket.
func overSocket(t *testing.T, url string) string {
	t.Helper()
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	folder := query[string](t, url, "SHOW unix_socket_directories")
	return fmt.Sprintf("postgres://%s@/%s?host=%s&port=%d&sslmode=disable", config.User, config.Database, folder, config.Port)
}

// query returns the one value of a query.
func query[T any](t *testing.T, url, text string) T {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var value T
	if err := conn.QueryRow(t.Context(), text).Scan(&value); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return value
}

// printMachine says where the numbers come from. The path is of the program that has
// goose in it.
func printMachine(t *testing.T, goose string) {
	t.Helper()
	info, err := buildinfo.ReadFile(goose)
	if err != nil {
		t.Fatal(err)
	}
	versions := map[string]string{}
	for _, m := range info.Deps {
		versions[m.Path] = m.Version
	}
	fmt.Printf("\n%s/%s, %d CPUs, load %s; %s, PostgreSQL %s over a unix socket (fsync off), pgx %s, goose %s\n",
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), load(), runtime.Version(),
		query[string](t, dbtest.Postgres(t), "SHOW server_version"), versions["github.com/jackc/pgx/v5"], versions["github.com/pressly/goose/v3"])
}

// load is how busy the machine was in the last minute.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}

// printRow prints a row of a Markdown table.
func printRow(cells ...any) {
	for _, cell := range cells {
		fmt.Printf("| %v ", cell)
	}
	fmt.Println("|")
}

// printHead prints the first two lines of a Markdown table.
func printHead(cells ...any) {
	fmt.Println()
	printRow(cells...)
	fmt.Println(strings.Repeat("|---", len(cells)) + "|")
}

// times are measurements of one thing.
type times []time.Duration

// at returns the value below which a part of the times are: 0.5 is the median.
func (ts times) at(part float64) time.Duration {
	sorted := slices.Sorted(slices.Values(ts))
	return sorted[min(int(part*float64(len(sorted))), len(sorted)-1)]
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }
