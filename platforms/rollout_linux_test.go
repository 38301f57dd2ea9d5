//go:build rollout

package platforms_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// machines makes networks of their own for processes, on one bridge: each has an address,
// and finds the others by their names in /etc/hosts, as containers do.
type machines struct {
	t     *testing.T
	dir   string
	count atomic.Int32
}

const bridge = "10.213.78."

// named are the machines that others look for by their names, with the last part of their
// addresses.
var named = map[string]int32{"database": 2, "redis": 3}

func startMachines(t *testing.T) *machines {
	m := &machines{t: t, dir: t.TempDir()}
	m.ip("link", "set", "lo", "up")
	m.ip("link", "add", "kitbr", "type", "bridge")
	m.ip("addr", "add", bridge+"1/24", "dev", "kitbr")
	m.ip("link", "set", "kitbr", "up")
	hosts := filepath.Join(m.dir, "hosts")
	text := "127.0.0.1 localhost\n"
	for name, n := range named {
		text += fmt.Sprintf("%s%d %s\n", bridge, n, name)
	}
	write(t, hosts, text)
	if err := os.Chmod(hosts, 0o644); err != nil {
		t.Fatal(err)
	}
	runIn(t, "/", "mount", "--bind", hosts, "/etc/hosts")
	m.count.Store(10)
	return m
}

func (m *machines) ip(args ...string) { m.t.Helper(); runIn(m.t, "/", "ip", args...) }

// machine is one of them.
type machine struct {
	name, address string
	keeper        int // a process in its network
}

func (m *machines) start(name string) machine {
	m.t.Helper()
	keeper := exec.Command("unshare", "--net", "sh", "-c", "echo made; exec sleep infinity")
	keeper.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := keeper.StdoutPipe()
	if err != nil {
		m.t.Fatal(err)
	}
	if err := keeper.Start(); err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { _ = keeper.Process.Kill(); _ = keeper.Wait() })
	if !bufio.NewScanner(out).Scan() {
		m.t.Fatal("unshare --net does not work here")
	}
	n, ok := named[name]
	if !ok {
		n = m.count.Add(1)
	}
	c := machine{name, fmt.Sprint(bridge, n), keeper.Process.Pid}
	cable := fmt.Sprint("kitv", n)
	m.ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", fmt.Sprint(c.keeper))
	m.ip("link", "set", cable, "master", "kitbr")
	m.ip("link", "set", cable, "up")
	for _, line := range []string{"addr add " + c.address + "/24 dev eth0", "link set eth0 up", "link set lo up"} {
		runIn(m.t, "/", "nsenter", slices.Concat([]string{"--target", fmt.Sprint(c.keeper), "--net", "ip"}, strings.Fields(line))...)
	}
	return c
}

// command returns a command on the machine, with no variables but env.
func (c machine) command(ctx context.Context, dir string, env map[string]string, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, "nsenter", append([]string{"--target", fmt.Sprint(c.keeper), "--net", "--"}, args...)...)
	command.Dir = dir
	command.Env = []string{"PATH=" + os.Getenv("PATH")}
	for name, value := range env {
		command.Env = append(command.Env, name+"="+value)
	}
	return command
}

// container is a process that a platform runs.
type container struct {
	machine
	t       *testing.T
	command *exec.Cmd
	ended   chan struct{}
	log     string
	stopped atomic.Bool
}

// run starts a process on a machine of its own.
func (m *machines) run(name, dir string, env map[string]string, args ...string) *container {
	m.t.Helper()
	c := &container{machine: m.start(name), t: m.t, ended: make(chan struct{})}
	c.log = filepath.Join(m.dir, fmt.Sprintf("%s-%s.log", name, c.address))
	log, err := os.Create(c.log)
	if err != nil {
		m.t.Fatal(err)
	}
	defer log.Close()
	c.command = c.machine.command(context.Background(), dir, env, args...)
	c.command.Stdout, c.command.Stderr = log, log
	c.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := c.command.Start(); err != nil {
		m.t.Fatal(err)
	}
	go func() {
		_ = c.command.Wait()
		close(c.ended)
		if !c.stopped.Load() {
			m.t.Errorf("%s ended by itself: %s", name, c.command.ProcessState)
		}
	}()
	m.t.Cleanup(func() {
		c.stopped.Store(true)
		_ = c.command.Process.Kill()
		<-c.ended
		if text, _ := os.ReadFile(c.log); m.t.Failed() {
			m.t.Logf("%s at %s:\n%s", name, c.address, text[max(0, len(text)-4000):])
		}
	})
	return c
}

// stop ends the process as a platform does, which would kill it after the grace period.
func (c *container) stop(grace time.Duration) {
	c.stopped.Store(true)
	_ = c.command.Process.Signal(syscall.SIGTERM)
	select {
	case <-c.ended:
		if code := c.command.ProcessState.ExitCode(); code != 0 {
			c.t.Errorf("%s at %s exits with %d", c.name, c.address, code)
		}
	case <-time.After(grace):
		c.t.Errorf("%s at %s would have been killed after %s", c.name, c.address, grace)
	}
}

// fleet is the processes of one application, and who sends requests to those that the
// platform names as ready.
type fleet struct {
	*machines
	mu        sync.Mutex
	ready     []string // addresses with ports
	turn      int
	done      chan struct{}
	clients   sync.WaitGroup
	served    atomic.Int64
	failed    atomic.Int64
	web       []*container
	scheduler *container
	leaving   sync.WaitGroup
}

func (m *machines) newFleet() *fleet {
	f := &fleet{machines: m, done: make(chan struct{})}
	return f
}

func (f *fleet) next() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.turn++
	return f.ready[f.turn%len(f.ready)]
}

func (f *fleet) enter(address string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ready = append(f.ready, address)
}

func (f *fleet) leave(address string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ready = slices.DeleteFunc(f.ready, func(a string) bool { return a == address })
}

// load sends requests all the time.
func (f *fleet) load() {
	for range 4 {
		f.clients.Go(func() {
			client := &http.Client{Transport: &http.Transport{}, Timeout: 20 * time.Second}
			for {
				select {
				case <-f.done:
					return
				case <-time.After(20 * time.Millisecond):
				}
				f.served.Add(1)
				response, err := client.Get("http://" + f.next() + "/ticks")
				if err != nil {
					f.failed.Add(1)
					f.t.Error(err)
					continue
				}
				body, err := io.ReadAll(response.Body)
				response.Body.Close()
				if err != nil || response.StatusCode != 200 {
					f.failed.Add(1)
					f.t.Errorf("%s %s %v", response.Status, body, err)
				}
			}
		})
	}
}

// release is what the files of a platform say of the application.
type release struct {
	binary string // the folder that the image's binary is in
	web    process
	others process // the scheduler
	// healthy waits until the platform takes a new instance for ready.
	healthy func(*container)
}

// roll replaces each instance as a platform does: the new one first; the old one gets no
// more requests a second after it was told to stop, which is how long that takes to get
// around.
func (f *fleet) roll(r release) {
	old := f.web
	f.web = nil
	for i := range 3 {
		c := f.run("web", r.binary, r.web.env, append([]string{"./app"}, r.web.command...)...)
		r.healthy(c)
		f.web = append(f.web, c)
		f.enter(fmt.Sprintf("%s:%d", c.address, r.web.port))
		if old == nil {
			continue
		}
		gone := old[i]
		f.leaving.Go(func() { gone.stop(r.web.grace) })
		f.leaving.Go(func() {
			time.Sleep(time.Second)
			f.leave(fmt.Sprintf("%s:%d", gone.address, r.web.port))
		})
	}
	gone := f.scheduler
	f.scheduler = f.run("scheduler", r.binary, r.others.env, append([]string{"./app"}, r.others.command...)...)
	if gone != nil {
		f.leaving.Go(func() { gone.stop(r.others.grace) })
	}
	f.leaving.Wait()
	time.Sleep(3 * time.Second) // some more ticks
}

// end stops everything, and returns how many requests there were.
func (f *fleet) end(r release) {
	close(f.done)
	f.clients.Wait()
	for _, c := range append(f.web, f.scheduler) {
		f.leaving.Go(func() { c.stop(r.web.grace) })
	}
	f.leaving.Wait()
	f.t.Logf("%d requests, of which %d failed", f.served.Load(), f.failed.Load())
	if f.served.Load() < 300 || f.failed.Load() > 0 {
		f.t.Errorf("of %d requests %d failed", f.served.Load(), f.failed.Load())
	}
}

// until waits for a condition.
func until(t *testing.T, limit time.Duration, what string, every time.Duration, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !condition(); time.Sleep(every) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %s: %s", limit, what)
		}
	}
}
