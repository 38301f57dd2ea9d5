//go:build unix

package integration_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/kitgo/kit/internal/dbtest"
)

// startHanded starts the fixture as systemd does: files are handed over, and LISTEN_PID
// is the process's own.
func startHanded(tb testing.TB, files []*os.File, url string, vars ...string) *process {
	tb.Helper()
	p := startWith(tb, files, "/bin/sh", vars, "-c", `LISTEN_PID=$$ exec "$0" serve`, fixture(tb))
	p.url = url
	return p
}

// socket is a listening socket as a file, and the address that it is reached at. As
// long as the file is open, connections are queued though nobody accepts them.
func socket(tb testing.TB) (file *os.File, url string) {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer listener.Close()
	if file, err = listener.(*net.TCPListener).File(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { file.Close() })
	return file, "http://" + listener.Addr().String()
}

// A restart behind a socket that somebody keeps open fails no request, though the next
// process migrates for a while before it is ready.
func TestARestartOnAHandedSocketFailsNoRequest(t *testing.T) {
	t.Parallel()
	file, url := socket(t)
	database := "DATABASE_URL=" + dbtest.SQLite(t)
	first := startHanded(t, []*os.File{file}, url, database, "LISTEN_FDS=1", "LOG_LEVEL=info").untilReady()
	var done atomic.Bool
	var served, afterwards atomic.Int64
	var clients sync.WaitGroup
	for n := range 8 {
		clients.Go(func() {
			transport := &http.Transport{DisableKeepAlives: n%2 == 0}
			defer transport.CloseIdleConnections()
			client := &http.Client{Transport: transport, Timeout: 30 * time.Second}
			for !done.Load() {
				response, err := client.Get(url + "/slow?for=5ms")
				if err != nil {
					t.Error(err)
					return
				}
				body, err := io.ReadAll(response.Body)
				response.Body.Close()
				if err != nil || response.StatusCode != 200 {
					t.Errorf("%s %q %v", response.Status, body, err)
					return
				}
				served.Add(1)
				select {
				case <-first.ended:
					afterwards.Add(1)
				default:
				}
			}
		})
	}
	stop := sync.OnceFunc(func() { done.Store(true); clients.Wait() })
	defer stop()
	first.until(10*time.Second, "under load", func() bool { return served.Load() > 100 })
	first.signal(syscall.SIGTERM)
	if code := first.wait(10 * time.Second); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	if !strings.Contains(first.stderr.String(), "url="+url) {
		t.Errorf("the log does not name %s", url)
	}
	second := startHanded(t, []*os.File{file}, url, database, "LISTEN_FDS=1", "FIXTURE_MIGRATIONS=3", "FIXTURE_SLOW_NUMBER=3", "FIXTURE_SLOW_MIGRATION=500ms")
	second.until(30*time.Second, "serving", func() bool { return afterwards.Load() > 100 })
	stop()
}

func TestSocketsThatCannotBeServed(t *testing.T) {
	t.Parallel()
	one, url := socket(t)
	two, _ := socket(t)
	plain, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	for _, test := range []struct {
		name, count string
		files       []*os.File
		want        string
	}{
		{"two", "2", []*os.File{one, two}, "LISTEN_FDS=2: the server listens on one socket"},
		{"not a number", "x", []*os.File{one}, `LISTEN_FDS="x" is not a number of sockets`},
		{"not a socket", "1", []*os.File{plain}, "the descriptor is not a listening socket"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := startHanded(t, test.files, url, "DATABASE_URL="+dbtest.SQLite(t), "LISTEN_FDS="+test.count)
			if code := p.wait(30 * time.Second); code != 78 {
				t.Errorf("exit code %d, want 78", code)
			}
			if !strings.Contains(p.stderr.String(), test.want) {
				t.Errorf("stderr lacks %q", test.want)
			}
		})
	}
}

// Variables that are meant for a parent are no socket for its child.
func TestASocketForAnotherProcessIsNotTaken(t *testing.T) {
	t.Parallel()
	p := start(t, fixture(t), []string{"DATABASE_URL=" + dbtest.SQLite(t), "LISTEN_PID=1", "LISTEN_FDS=1"}).untilReady()
	if status, _ := p.get("/"); status != 200 {
		t.Errorf("GET / = %d on SERVER_PORT, want 200", status)
	}
}

// Many restarts behind such a socket, under requests that begin at a fixed rate, so that
// some of them come at the very moment at which a process ceases to accept.
func TestManyRestartsOnAHandedSocketFailNoRequest(t *testing.T) {
	t.Parallel()
	file, url := socket(t)
	database := "DATABASE_URL=" + dbtest.SQLite(t)
	next := func() *process {
		return startHanded(t, []*os.File{file}, url, database, "LISTEN_FDS=1").untilReady()
	}
	p := next()
	stop := paced(url+"/notes", 200, &http.Client{Transport: &http.Transport{}, Timeout: 30 * time.Second})
	defer stop()
	for range 20 {
		time.Sleep(50 * time.Millisecond)
		p.signal(syscall.SIGTERM)
		if code := p.wait(10 * time.Second); code != 0 {
			t.Errorf("exit code %d, want 0", code)
		}
		p = next()
	}
	if l := stop(); len(l.took) < 500 || len(l.failed) > 0 {
		t.Errorf("of %d requests, of which one took %s, %d failed: %v", len(l.took), l.at(1), len(l.failed), errors.Join(l.failed...))
	}
}
