package chain_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/kitgo/kit"
)

// serveVariable makes the test binary a server: each contender is a process of its own,
// with one CPU.
const serveVariable = "CHAIN_SERVE"

// serve serves a contender until its standard input ends, and prints its address.
func serve(name string) {
	log := slog.New(slog.NewJSONHandler(io.Discard, nil))
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		for in := bufio.NewScanner(os.Stdin); in.Scan(); {
			debug.FreeOSMemory()
			fmt.Println("freed")
		}
		stop()
	}()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	if name == "Kit" { // with all that its server does
		if err := kitApp(log).Serve(ctx, kit.ServeOptions{Listener: listener}); err != nil {
			panic(err)
		}
		return
	}
	for _, c := range contenders {
		if c.name == name {
			// Against slow readers Kit has a listener of its own.
			server := &http.Server{Handler: c.make(log), ReadHeaderTimeout: 10 * time.Second, WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute}
			go func() { <-ctx.Done(); _ = server.Close() }()
			_ = server.Serve(listener)
		}
	}
}

// server is a contender that serves.
type server struct {
	address string // host and port
	pid     int
	in      io.WriteCloser
	out     *bufio.Reader
}

var hostPort = regexp.MustCompile(`http://(\S+)`)

// start starts a contender, which ends with the test.
func start(t *testing.T, name string) *server {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serveVariable+"="+name, "GOMAXPROCS=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	s := &server{pid: cmd.Process.Pid, in: in, out: bufio.NewReader(out)}
	text, err := s.out.ReadString('\n')
	if err != nil {
		t.Fatalf("%s does not serve: %v", name, err)
	}
	s.address = strings.Replace(hostPort.FindStringSubmatch(text)[1], "localhost", "127.0.0.1", 1)
	return s
}

// memory returns the resident memory in bytes, after the server has given back what it
// does not use.
func (s *server) memory(t *testing.T) int64 {
	t.Helper()
	if _, err := io.WriteString(s.in, "free\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.out.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.pid))
	if err != nil {
		t.Fatal(err)
	}
	var kilobytes int64
	_, after, _ := strings.Cut(string(status), "VmRSS:")
	if _, err := fmt.Sscan(after, &kilobytes); err != nil {
		t.Fatal(err)
	}
	return kilobytes << 10
}
