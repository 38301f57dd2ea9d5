package integration_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/kitgo/kit/internal/dbtest"
)

func TestMain(m *testing.M) {
	waitTogether()
	dir, err := os.MkdirTemp("", "kit-integration-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	workshop.dir = dir
	workshop.ports.Store(rand.Uint32N(1 << 30)) // the same tests may run beside these
	code := dbtest.Run(m)
	os.RemoveAll(dir)
	os.Exit(code)
}

// waitTogether lets more tests run at the same time than there are processors, unless
// the command line says how many: they wait for servers and time-outs most of the time.
func waitTogether() {
	flag.Parse()
	chosen := false
	flag.Visit(func(f *flag.Flag) { chosen = chosen || f.Name == "test.parallel" })
	if !chosen {
		if err := flag.Set("test.parallel", "8"); err != nil {
			panic(err)
		}
	}
}

// workshop holds what is built once for all tests of the package.
var workshop struct {
	dir               string
	kit, fixture, app once
	pages             once // of pagesFrontend
	ports             atomic.Uint32
}

// once builds a program at first need.
type once struct {
	sync.Once
	path string
	err  error
}

func (o *once) get(tb testing.TB, build func() (string, error)) string {
	tb.Helper()
	o.Do(func() { o.path, o.err = build() })
	if o.err != nil {
		tb.Fatal(o.err)
	}
	return o.path
}

// command runs a program to its end and returns an error with its output.
func command(dir, name string, args ...string) error {
	c := exec.Command(name, args...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", c, err, out)
	}
	return nil
}

func goBuild(pkg, name string) (string, error) {
	path := filepath.Join(workshop.dir, name)
	return path, command(".", "go", "build", "-o", path, pkg)
}

// kitCommand is the path of the kit command of this checkout.
func kitCommand(tb testing.TB) string {
	tb.Helper()
	return workshop.kit.get(tb, func() (string, error) { return goBuild("../cmd/kit", "kit") })
}

// fixture is the path of the application in the folder fixture.
func fixture(tb testing.TB) string {
	tb.Helper()
	return workshop.fixture.get(tb, func() (string, error) { return goBuild("./fixture", "fixture") })
}

// newApplication is the directory of an application made by kit new and built
// by kit build, its frontend included.
func newApplication(tb testing.TB) string {
	tb.Helper()
	kit := kitCommand(tb)
	return workshop.app.get(tb, func() (string, error) {
		dir := filepath.Join(workshop.dir, "shop")
		return dir, errors.Join(
			command(workshop.dir, kit, "new", "shop", "--no-interaction", "--no-git"),
			command(dir, kit, "build"),
		)
	})
}

// appBinary is the binary of newApplication.
func appBinary(tb testing.TB) string {
	tb.Helper()
	return filepath.Join(newApplication(tb), "shop")
}

// process is a running binary. Its working directory is empty.
type process struct {
	tb     testing.TB
	cmd    *exec.Cmd
	url    string
	stdout *output
	stderr *output
	ended  chan struct{}
}

// output collects what a process writes.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// environment is what processes are started with besides vars: nothing of the
// machine's own configuration.
func environment(vars ...string) []string {
	return append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}, vars...)
}

// start runs binary with args; SERVER_PORT is a free port unless vars set it. The
// process is killed when the test ends.
func start(tb testing.TB, binary string, vars []string, args ...string) *process {
	tb.Helper()
	return startIn(tb, tb.TempDir(), binary, vars, args...)
}

// startIn is start in a directory.
func startIn(tb testing.TB, dir, binary string, vars []string, args ...string) *process {
	tb.Helper()
	return launch(tb, dir, nil, binary, vars, args...)
}

// startWith is start with open files, which are descriptors 3 and up of the process.
func startWith(tb testing.TB, files []*os.File, binary string, vars []string, args ...string) *process {
	tb.Helper()
	return launch(tb, tb.TempDir(), files, binary, vars, args...)
}

func launch(tb testing.TB, dir string, files []*os.File, binary string, vars []string, args ...string) *process {
	tb.Helper()
	port := freePort(tb)
	p := &process{tb: tb, stdout: new(output), stderr: new(output), ended: make(chan struct{})}
	p.cmd = exec.Command(binary, args...)
	p.cmd.Dir = dir
	p.cmd.Env = environment(append([]string{"SERVER_HOST=127.0.0.1", "SERVER_PORT=" + strconv.Itoa(port)}, vars...)...)
	p.cmd.ExtraFiles = files
	p.cmd.Stdout, p.cmd.Stderr = p.stdout, p.stderr
	p.url = fmt.Sprintf("http://127.0.0.1:%d", port)
	for _, v := range vars {
		if own, ok := strings.CutPrefix(v, "SERVER_PORT="); ok {
			p.url = "http://127.0.0.1:" + own
		}
	}
	if err := p.cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait()
		close(p.ended)
	}()
	tb.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.ended
		if tb.Failed() {
			tb.Logf("%s %s\nstdout:\n%s\nstderr:\n%s", filepath.Base(binary), strings.Join(args, " "), p.stdout, p.stderr)
		}
	})
	return p
}

// wait returns the exit code, or fails the test after limit.
func (p *process) wait(limit time.Duration) int {
	p.tb.Helper()
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(limit):
		p.tb.Fatalf("the process did not end within %s", limit)
		return -1
	}
}

func (p *process) signal(s syscall.Signal) {
	p.tb.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.tb.Fatal(err)
	}
}

// get requests path and returns the status and the body; 0 if nobody answers.
func (p *process) get(path string) (int, string) {
	response, err := http.Get(p.url + path)
	if err != nil {
		return 0, err.Error()
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(body)
}

// untilReady waits until the process answers that it is ready.
func (p *process) untilReady() *process {
	p.tb.Helper()
	p.until(time.Minute, "ready", p.isReady)
	return p
}

// until polls condition; it fails the test when the process ends first or after
// limit.
func (p *process) until(limit time.Duration, what string, condition func() bool) {
	p.tb.Helper()
	deadline := time.After(limit)
	for !condition() {
		select {
		case <-p.ended:
			if condition() {
				return
			}
			p.tb.Fatalf("the process ended (%s) before it was %s", p.cmd.ProcessState, what)
		case <-deadline:
			p.tb.Fatalf("the process was not %s within %s", what, limit)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// result is what a command that ran to its end gave.
type result struct {
	code           int
	stdout, stderr string
}

// run runs binary to its end.
func run(tb testing.TB, binary string, vars []string, args ...string) result {
	tb.Helper()
	p := start(tb, binary, vars, args...)
	code := p.wait(time.Minute)
	return result{code, p.stdout.String(), p.stderr.String()}
}

// decode parses the one JSON document that text must be.
func decode[T any](tb testing.TB, text string) T {
	tb.Helper()
	var v T
	decoder := json.NewDecoder(strings.NewReader(text))
	if err := decoder.Decode(&v); err != nil {
		tb.Fatalf("%v in:\n%s", err, text)
	}
	if decoder.More() {
		tb.Fatalf("more than one JSON document in:\n%s", text)
	}
	return v
}

// freePort returns a port below those that systems give to outgoing connections, so
// that nobody else gets it until a process listens there.
func freePort(tb testing.TB) int {
	tb.Helper()
	const first, count = 15000, 15000
	for range count {
		port := first + int(workshop.ports.Add(1))%count
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			continue
		}
		l.Close()
		return port
	}
	tb.Fatal("no port is free")
	return 0
}
