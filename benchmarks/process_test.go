package benchmarks_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// server is a program that serves /_kit/health, and how it is started.
type server struct {
	binary string
	args   []string
	env    []string
}

// on returns the server for a database.
func (s server) on(url string) server {
	s.env = append(slices.Clone(s.env), "DATABASE_URL="+url)
	return s
}

// process is a server that runs.
type process struct {
	cmd    *exec.Cmd
	port   int
	log    string
	exited chan struct{}
}

// startAll starts n servers at once and ends them again. It returns the time from the
// first exec to when all of them have answered 200. Each is asked so often.
func (s server) startAll(t *testing.T, n int, every time.Duration) time.Duration {
	t.Helper()
	// A folder for each is made before the clock runs.
	var list []*process
	for _, port := range freePorts(t, n) {
		list = append(list, s.prepare(t, port))
	}
	defer func() {
		for _, p := range list {
			p.end()
		}
	}()
	begin := time.Now()
	for _, p := range list {
		p.start(t)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	ready := make([]time.Duration, n)
	failed := make([]error, n)
	var group sync.WaitGroup
	for i, p := range list {
		group.Go(func() {
			failed[i] = p.untilReady(ctx, every)
			ready[i] = time.Since(begin)
		})
	}
	group.Wait()
	if err := errors.Join(failed...); err != nil {
		t.Fatal(err)
	}
	var last time.Duration
	for _, d := range ready {
		last = max(last, d)
	}
	return last
}

// prepare makes ready what can be before the clock runs.
func (s server) prepare(t *testing.T, port int) *process {
	t.Helper()
	folder := t.TempDir()
	p := &process{port: port, log: filepath.Join(folder, "log"), exited: make(chan struct{})}
	p.cmd = exec.CommandContext(t.Context(), s.binary, s.args...)
	p.cmd.Dir = folder
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "SERVER_HOST=127.0.0.1", "SERVER_PORT=" + strconv.Itoa(port), "APP_ENV=production"}, s.env...)
	log, err := os.Create(p.log)
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stdout, p.cmd.Stderr = log, log
	return p
}

func (p *process) start(t *testing.T) {
	t.Helper()
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.exited)
	}()
}

// end kills the process.
func (p *process) end() {
	if p.cmd.Process != nil {
		_ = p.cmd.Process.Kill()
		<-p.exited
	}
	_ = p.cmd.Stdout.(io.Closer).Close()
}

// untilReady asks the process whether it is healthy until it answers 200.
func (p *process) untilReady(ctx context.Context, every time.Duration) error {
	for {
		if err := p.ask(every); err == nil {
			return nil
		}
		select {
		case <-p.exited:
			text, _ := os.ReadFile(p.log)
			return fmt.Errorf("%s ended:\n%s", p.cmd, text)
		case <-ctx.Done():
			return fmt.Errorf("%s: %w", p.cmd, ctx.Err())
		case <-time.After(every):
		}
	}
}

// ask connects and asks for the health, over and over on that connection, until the
// answer is 200.
func (p *process) ask(every time.Duration) error {
	conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(p.port)))
	if err != nil {
		return err
	}
	defer conn.Close()
	answers := bufio.NewReader(conn)
	for {
		if _, err := io.WriteString(conn, "GET /_kit/health HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
			return err
		}
		answer, err := http.ReadResponse(answers, nil)
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, answer.Body); err != nil {
			return err
		}
		if answer.StatusCode == http.StatusOK {
			return nil
		}
		time.Sleep(every)
	}
}

// freePorts returns ports below those that systems give to outgoing connections, so
// that nothing takes them before the servers do.
func freePorts(t *testing.T, n int) []int {
	t.Helper()
	var list []int
	for port := 20000 + os.Getpid()%1000; len(list) < n && port < 32000; port++ {
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			continue
		}
		l.Close()
		list = append(list, port)
	}
	if len(list) < n {
		t.Fatal("no free ports")
	}
	return list
}
