package integration_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// service is a server whose process is replaced. Its binary is in a folder of its own, as
// a release is, and its log in a file, because a pipe would end with the first process.
type service struct {
	*process
	binary, log string
	vars        []string
}

// startService starts the fixture as a service. Files are handed over to it as systemd
// does.
func startService(t *testing.T, files []*os.File, vars ...string) *service {
	t.Helper()
	dir := t.TempDir()
	s := &service{binary: filepath.Join(dir, "current", "app"), log: filepath.Join(dir, "log")}
	s.release(t, "1", fixture(t))
	port := strconv.Itoa(freePort(t))
	s.vars = append([]string{"SERVER_HOST=127.0.0.1", "SERVER_PORT=" + port, "LOG_LEVEL=info", "ACCESS_LOG_SAMPLE=0.001"}, vars...)
	log, err := os.Create(s.log)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	p := &process{tb: t, url: "http://127.0.0.1:" + port, stdout: new(output), stderr: new(output), ended: make(chan struct{})}
	p.cmd = exec.Command(s.binary, "serve", "--with=schedule")
	if files != nil {
		p.cmd = exec.Command("/bin/sh", "-c", `LISTEN_PID=$$ exec "$0" serve --with=schedule`, s.binary)
	}
	p.cmd.Dir, p.cmd.Env, p.cmd.ExtraFiles = dir, environment(s.vars...), files
	p.cmd.Stdout, p.cmd.Stderr = log, log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.process = p
	go func() { _ = p.cmd.Wait(); close(p.ended) }()
	t.Cleanup(func() {
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // the processes that came after it, too
		<-p.ended
		if t.Failed() {
			t.Logf("the service's log:\n%s", s.said(t))
		}
	})
	return s
}

// release puts a program where the next process is started from.
func (s *service) release(t *testing.T, name, program string) {
	t.Helper()
	base := filepath.Dir(filepath.Dir(s.binary))
	dir := filepath.Join(base, "releases", name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	// Not written by this process: what other tests start meanwhile would have the file open
	// for a moment, and a program that somebody may write to does not start (ETXTBSY).
	if out, err := exec.Command("install", "-m", "755", program, filepath.Join(dir, "app")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	s.lead(t, name)
}

// lead makes the path that the service was started by lead to a release.
func (s *service) lead(t *testing.T, name string) {
	t.Helper()
	base := filepath.Dir(filepath.Dir(s.binary))
	link := filepath.Join(base, "next")
	if err := os.Symlink(filepath.Join("releases", name), link); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(link, filepath.Join(base, "current")); err != nil {
		t.Fatal(err)
	}
}

func (s *service) said(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(s.log)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// reload runs the command reload, with more variables for the new process if there are
// any.
func (s *service) reload(t *testing.T, vars ...string) result {
	t.Helper()
	args := []string{"reload"}
	if vars != nil {
		args = append(args, "--environment")
	}
	return run(t, fixture(t), append(s.vars[:len(s.vars):len(s.vars)], vars...), args...)
}

// reloaded reloads, and returns the process that serves then.
func (s *service) reloaded(t *testing.T, vars ...string) (pid int) {
	t.Helper()
	got := s.reload(t, vars...)
	found := regexp.MustCompile(`^Process (\d+) serves in place of process (\d+), after \S+s\.\n$`).FindStringSubmatch(got.stdout)
	if got.code != 0 || found == nil {
		t.Fatalf("reload exits with %d\n%s%s", got.code, got.stdout, got.stderr)
	}
	pid, _ = strconv.Atoi(found[1])
	return pid
}

// runs reports whether a process that is no child of the test does.
func runs(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(state, "Z")
}

// eventually waits for a condition of no certain process.
func eventually(t *testing.T, limit time.Duration, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %s: %s", limit, what)
		}
	}
}

// load sends requests all the time, half of them on connections that stay open.
type load struct {
	done           atomic.Bool
	served, failed atomic.Int64
	clients        sync.WaitGroup
}

func startLoad(t *testing.T, url string, transport func() *http.Transport) *load {
	l := new(load)
	for n := range 8 {
		l.clients.Go(func() {
			transport := transport()
			transport.DisableKeepAlives = n%2 == 0
			defer transport.CloseIdleConnections()
			client := &http.Client{Transport: transport, Timeout: time.Minute}
			method := []string{http.MethodGet, http.MethodPost}[n/2%2]
			path := []string{"/slow?for=5ms", "/notes", "/", "/slow?for=300ms", "/_kit/ready"}
			for i := 0; !l.done.Load(); i++ {
				target := path[(i+n)%len(path)]
				if method == http.MethodPost {
					target = "/echo" // which no client sends twice by itself
				}
				request, _ := http.NewRequest(method, url+target, strings.NewReader("said"))
				if method == http.MethodGet {
					request, _ = http.NewRequest(method, url+target, nil)
				}
				response, err := client.Do(request)
				if err != nil {
					l.failed.Add(1)
					t.Errorf("%s %s: %v", method, target, err)
					return
				}
				body, err := io.ReadAll(response.Body)
				response.Body.Close()
				l.served.Add(1)
				if err != nil || response.StatusCode != 200 {
					l.failed.Add(1)
					t.Errorf("%s %s = %s %q %v", method, target, response.Status, body, err)
				}
			}
		})
	}
	t.Cleanup(l.stop)
	return l
}

func (l *load) stop() {
	l.done.Store(true)
	l.clients.Wait()
}

func plain() *http.Transport { return &http.Transport{} }
