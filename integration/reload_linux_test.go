package integration_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/kitgo/kit/internal/dbtest"
)

// Many reloads under constant load, by signal and by command, to other releases and with
// migrations, with a scheduler in the same process.
func TestReloadsFailNoRequest(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"sqlite", "postgres", "sqlite on a socket of systemd"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			kind, _, onSocket := strings.Cut(kind, " ")
			url := fresh(t, kind)
			vars := []string{"DATABASE_URL=" + url, "FIXTURE_TICKS=true"}
			var files []*os.File
			var address string
			if onSocket {
				var file *os.File
				file, address = socket(t)
				files = []*os.File{file}
				vars = append(vars, "LISTEN_FDS=1", "SERVER_PORT="+address[strings.LastIndex(address, ":")+1:])
			}
			s := startService(t, files, vars...)
			if onSocket {
				s.url = address
			}
			s.untilReady()
			l := startLoad(t, s.url, plain)
			s.until(20*time.Second, "under load", func() bool { return l.served.Load() > 100 })
			pids := []int{s.cmd.Process.Pid}
			more := func(pid int) {
				pids = append(pids, pid)
				before := l.served.Load()
				eventually(t, 20*time.Second, "more requests are served", func() bool { return l.served.Load() > before+100 })
			}
			more(s.reloaded(t))
			s.release(t, "2", fixture(t))
			more(s.reloaded(t, "FIXTURE_MIGRATIONS=3", "FIXTURE_SLOW_NUMBER=3", "FIXTURE_SLOW_MIGRATION=700ms"))
			s.lead(t, "1") // back
			more(s.reloaded(t, "FIXTURE_MIGRATIONS=2"))
			for range 3 {
				if err := syscall.Kill(pids[len(pids)-1], syscall.SIGUSR2); err != nil {
					t.Fatal(err)
				}
				var last []string
				eventually(t, 30*time.Second, "another process serves", func() bool {
					all := regexp.MustCompile(`a new process serves.* pid=(\d+)`).FindAllStringSubmatch(s.said(t), -1)
					last = all[len(all)-1]
					return len(all) == len(pids)
				})
				pid, _ := strconv.Atoi(last[1])
				more(pid)
			}
			// A quick machine has done all that within two of the scheduler's seconds.
			eventually(t, 30*time.Second, "the scheduler has worked some seconds", func() bool { return len(ticks(t, url)) > 4 })
			l.stop()
			t.Logf("%d requests during %d reloads, %d failed", l.served.Load(), len(pids)-1, l.failed.Load())
			if code := s.wait(30 * time.Second); code != 0 {
				t.Errorf("the first process exits with %d", code)
			}
			last := pids[len(pids)-1]
			for _, pid := range pids[:len(pids)-1] {
				eventually(t, 30*time.Second, "an old process ends", func() bool { return !runs(pid) })
			}
			if exe, _ := os.Readlink(fmt.Sprintf("/proc/%d/exe", last)); !strings.HasSuffix(exe, "/releases/1/app") {
				t.Errorf("%s serves", exe)
			}
			if err := syscall.Kill(last, syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			eventually(t, 30*time.Second, "the last process ends", func() bool { return !runs(last) })
			whole(t, url)
			onceASecond(t, url)
		})
	}
}

// A new process that does not become ready leaves the old one serving, and the command
// says why.
func TestAReloadThatFails(t *testing.T) {
	t.Parallel()
	url := dbtest.SQLite(t)
	s := startService(t, nil, "DATABASE_URL="+url, "RELOAD_TIMEOUT=10s", "SHUTDOWN_TIMEOUT=2s")
	s.untilReady()
	l := startLoad(t, s.url, plain)
	script := func(text string) func(*testing.T) {
		return func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "script")
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			s.release(t, strconv.Itoa(int(time.Now().UnixNano())), file)
		}
	}
	good := func(t *testing.T) { s.lead(t, "1") }
	port := s.url[strings.LastIndex(s.url, ":")+1:]
	for name, test := range map[string]struct {
		release func(*testing.T)
		vars    []string
		args    []string
		want    string
	}{
		"is no program":     {script("not a program"), nil, nil, "current/app cannot be started: exec format error"},
		"is not there":      {func(t *testing.T) { s.lead(t, "none") }, nil, nil, "current/app cannot be started: no such file or directory"},
		"exits":             {script("#!/bin/sh\nexit 3\n"), nil, nil, "the new process ended before it was ready (exit status 3)"},
		"dies":              {script("#!/bin/sh\nkill -9 $$\n"), nil, nil, "the new process ended before it was ready (signal: killed)"},
		"ends well":         {script("#!/bin/sh\nexit 0\n"), nil, nil, "the new process ended before it was ready (exit status 0)"},
		"hangs":             {script("#!/bin/sh\nexec sleep 1000\n"), nil, nil, "the new process was not ready within RELOAD_TIMEOUT=10s"},
		"a bad setting":     {good, []string{"LOG_LEVEL=loud"}, nil, `LOG_LEVEL="loud" is not a log level`},
		"a missing setting": {good, []string{"DATABASE_URL="}, nil, "DATABASE_URL"},
		"no database":       {good, []string{"DATABASE_URL=postgres://127.0.0.1:1/none", "DB_CONNECT_TIMEOUT=1s"}, nil, "DATABASE_URL"},
		"a bad migration":   {good, []string{"FIXTURE_FAIL_MIGRATION=true"}, nil, "no_such_table"},
		"another port":      {good, []string{"SERVER_PORT=" + strconv.Itoa(freePort(t))}, []string{"--port", port}, "is not where the running server listens"},
	} {
		t.Run(name, func(t *testing.T) {
			test.release(t)
			args := append([]string{"reload"}, test.args...)
			if test.vars != nil {
				args = append(args, "--environment")
			}
			got := run(t, fixture(t), append(s.vars[:len(s.vars):len(s.vars)], test.vars...), args...)
			if message := lastLines(got.stderr, "error:"); got.code != 1 || !strings.HasPrefix(message, "error: not reloaded: ") || !strings.Contains(message, test.want) {
				t.Errorf("reload exits with %d, and says %q; want %q", got.code, message, test.want)
			}
			if status, _ := s.get("/"); status != 200 || !runs(s.cmd.Process.Pid) {
				t.Errorf("the old process does not serve: %d", status)
			}
		})
	}
	good(t)
	s.reloaded(t)
	if code := s.wait(30 * time.Second); code != 0 {
		t.Errorf("the old process exits with %d", code)
	}
	l.stop()
	t.Logf("%d requests, %d failed", l.served.Load(), l.failed.Load())
	if others := strings.Count(s.said(t), "not reloaded: this process serves on"); others != 11 {
		t.Errorf("the log tells of %d failures", others)
	}
}

// What asks for a reload while there is one, or before the server is ready, or where there
// is no server.
func TestReloadsAtABadMoment(t *testing.T) {
	t.Parallel()
	url := dbtest.SQLite(t)
	s := startService(t, nil, "DATABASE_URL="+url, "SHUTDOWN_TIMEOUT=5s", "FIXTURE_SLOW_MIGRATION=3s")
	says := func(got result, code int, want string) {
		t.Helper()
		if got.code != code || !strings.Contains(got.stderr, want) {
			t.Errorf("reload exits with %d, want %d and %q:\n%s", got.code, code, want, got.stderr)
		}
	}
	s.until(20*time.Second, "migrating", func() bool { return strings.Contains(s.said(t), "the slow part begins") })
	says(s.reload(t), 75, "the server is not ready itself: migrating")
	s.untilReady()
	says(run(t, fixture(t), s.vars, "reload", "--host", "127.0.0.2"), 69, "no server runs at 127.0.0.2:")

	slow := append([]string{"FIXTURE_MIGRATIONS=3", "FIXTURE_SLOW_NUMBER=3", "FIXTURE_SLOW_MIGRATION=1m"}, s.vars...)
	first := start(t, fixture(t), slow, "reload", "--environment")
	s.until(20*time.Second, "migrating in the new process", func() bool { return strings.Count(s.said(t), "the slow part begins") == 2 })
	says(s.reload(t), 75, "the server is being replaced already")
	s.signal(syscall.SIGUSR2) // changes nothing
	s.signal(syscall.SIGTERM)
	if code := s.wait(20 * time.Second); code != 0 {
		t.Errorf("the server exits with %d", code)
	}
	if code := first.wait(20 * time.Second); code != 1 || !strings.Contains(first.stderr.String(), "the server was told to stop while a new process started") {
		t.Errorf("the first reload exits with %d", code)
	}
	if hasTable(t, url, "things_3") {
		t.Error("the new process's migration was not rolled back")
	}
	eventually(t, 10*time.Second, "the new process has ended", func() bool {
		return syscall.Kill(-s.cmd.Process.Pid, 0) != nil
	})
	says(s.reload(t), 69, "no server runs at 127.0.0.1:")
}

// Process 1 of a container cannot be replaced: the container ends with it.
func TestAContainersServerIsNotReloaded(t *testing.T) {
	t.Parallel()
	vars := []string{"DATABASE_URL=" + dbtest.SQLite(t), "SERVER_HOST=127.0.0.1", "SERVER_PORT=" + strconv.Itoa(freePort(t))}
	p := start(t, "unshare", vars, "--user", "--map-root-user", "--pid", "--fork", "--kill-child", "--", fixture(t), "serve")
	p.untilReady()
	got := run(t, fixture(t), vars, "reload")
	if got.code != 1 || !strings.Contains(got.stderr, "process 1 of a container") {
		t.Errorf("reload exits with %d: %s", got.code, got.stderr)
	}
	if status, _ := p.get("/"); status != 200 {
		t.Errorf("GET / = %d", status)
	}
}

// A server that cannot find out which program it is, as in a folder that is gone or without
// /proc, serves all the same.
func TestAServerThatDoesNotKnowItsProgram(t *testing.T) {
	t.Parallel()
	port := strconv.Itoa(freePort(t))
	vars := []string{"SERVER_HOST=127.0.0.1", "SERVER_PORT=" + port, "DATABASE_URL=" + dbtest.SQLite(t)}
	server := start(t, "/bin/sh", vars, "-c", `mkdir gone && cd gone && rmdir ../gone && exec "$0"`, fixture(t)).untilReady()
	got := run(t, fixture(t), vars, "reload")
	if got.code != 1 || !strings.Contains(got.stderr, "error: not reloaded: this server does not know its own program: ") {
		t.Errorf("reload exits with %d\n%s%s", got.code, got.stdout, got.stderr)
	}
	if status, _ := server.get("/_kit/health"); status != 200 {
		t.Errorf("after that it answers %d", status)
	}
}

// systemd learns of everything: what the service does, when it is ready, and which process
// it is.
func TestSystemdIsTold(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "kit-notify-") // short enough for the name of a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	address := &net.UnixAddr{Name: filepath.Join(dir, "s"), Net: "unixgram"}
	systemd, err := net.ListenUnixgram("unixgram", address)
	if err != nil {
		t.Fatal(err)
	}
	defer systemd.Close()
	said := make(chan string, 10_000) // so that nobody who says something waits
	go func() {
		for buffer := make([]byte, 4096); ; {
			n, err := systemd.Read(buffer)
			if err != nil {
				return
			}
			said <- string(buffer[:n])
		}
	}()
	hears := func(want string) {
		t.Helper()
		for limit := time.After(30 * time.Second); ; {
			select {
			case text := <-said:
				if regexp.MustCompile("(?m)^" + want + "$").MatchString(text) {
					return
				}
			case <-limit:
				t.Fatalf("systemd does not hear %q", want)
			}
		}
	}
	s := startService(t, nil, "DATABASE_URL="+dbtest.SQLite(t), "NOTIFY_SOCKET="+address.Name, "WATCHDOG_USEC=300000", "FIXTURE_SLOW_MIGRATION=500ms")
	hears(`STATUS=connecting`)
	hears(`EXTEND_TIMEOUT_USEC=60000000`)
	hears(`STATUS=migrating`)
	hears(`READY=1\nSTATUS=serving`)
	hears(`WATCHDOG=1`)
	if got := s.reload(t, "FIXTURE_FAIL_MIGRATION=true"); got.code != 1 {
		t.Errorf("reload exits with %d", got.code)
	}
	hears(`RELOADING=1\nMONOTONIC_USEC=\d+\nSTATUS=reloading`)
	hears(`READY=1\nSTATUS=serving; a reload failed: .*no_such_table.*`)
	pid := s.reloaded(t)
	hears(`RELOADING=1\nMONOTONIC_USEC=\d+\nSTATUS=reloading`)
	hears(fmt.Sprintf(`MAINPID=%d\nREADY=1\nSTATUS=serving`, pid))
	s.wait(30 * time.Second)
	hears(`WATCHDOG=1`)
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	hears(`STOPPING=1\nSTATUS=stopping`)
}

// onceASecond fails the test when a second between the first tick and the last one has
// none, or two.
func onceASecond(t *testing.T, url string) {
	t.Helper()
	var first, last time.Time
	times := map[time.Time]int{}
	for text, n := range ticks(t, url) {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		if times[at] = n; n != 1 {
			t.Errorf("the task that was due at %s ran %d times", text, n)
		}
		if first.IsZero() || at.Before(first) {
			first = at
		}
		if at.After(last) {
			last = at
		}
	}
	for at := first; at.Before(last); at = at.Add(time.Second) {
		if times[at] == 0 {
			t.Errorf("the task that was due at %s did not run", at)
		}
	}
	if len(times) < 3 {
		t.Errorf("there are %d ticks only", len(times))
	}
}
