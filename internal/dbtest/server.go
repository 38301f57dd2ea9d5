//go:build unix

package dbtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// admin is the superuser of every database server, who needs no password.
const admin = "kit"

// Server is what all servers of tests have in common: a folder, a port, a process,
// and a watchdog that ends them.
type Server struct {
	tb    testing.TB // nil for a server that tests share
	name  string     // for messages
	users []string   // whom root runs it as: the first that exists
	crash syscall.Signal

	program program
	dir     string
	port    int
	kept    *os.File            // keeps the port
	user    *syscall.Credential // whom the server runs as; nil is the current user

	guard      *exec.Cmd
	guardInput io.Closer

	exited chan struct{} // closed when the running process has ended
	cmd    *exec.Cmd
	frozen bool
}

// program is what a [Server] runs.
type program interface {
	// create fills the server's folder. It is called once, before the first start.
	create() error
	// command returns the command line that runs the server in the foreground, on
	// the port that is now known.
	command() ([]string, error)
	// answer asks the server something and returns nil if it answers.
	answer(context.Context) error
}

// launch makes the server's folder and its watchdog, and starts the program.
func (s *Server) launch(p program) error {
	var err error
	if s.dir, err = os.MkdirTemp("", "kit-test-"); err != nil {
		return err
	}
	if err := s.watch(); err != nil {
		return errors.Join(err, os.RemoveAll(s.dir))
	}
	s.program = p
	if err := s.dropRoot(); err != nil {
		return errors.Join(err, s.close())
	}
	if err := p.create(); err != nil {
		return errors.Join(err, s.close())
	}
	if s.port, s.kept, err = reserve(); err != nil {
		return errors.Join(err, s.close())
	}
	if err := s.start(); err != nil {
		return errors.Join(err, s.close())
	}
	return nil
}

// endWith makes the server a test's own: it ends with the test.
func (s *Server) endWith(tb testing.TB) {
	s.tb = tb
	tb.Cleanup(func() {
		if tb.Failed() {
			s.report(tb)
		}
		if err := s.close(); err != nil {
			tb.Error(err)
		}
	})
}

// report logs what the server said last, and how it ended if it has.
func (s *Server) report(tb testing.TB) {
	text := s.log()
	if len(text) > 4000 {
		text = "…" + text[len(text)-4000:]
	}
	state := "runs"
	select {
	case <-s.exited:
		state = s.cmd.ProcessState.String()
	default:
	}
	tb.Logf("the %s server (%s) has logged:\n%s", s.name, state, text)
}

// dropRoot chooses the user that the server runs as and gives it the folder: most
// servers refuse to run as root.
func (s *Server) dropRoot() error {
	if os.Geteuid() != 0 {
		return nil
	}
	var u *user.User
	var err error
	for _, name := range append(s.users, "nobody") {
		if u, err = user.Lookup(name); err == nil {
			break
		}
	}
	if err != nil {
		return err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return err
	}
	s.user = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return os.Chown(s.dir, uid, gid)
}

// Addr returns the server's address, such as 127.0.0.1:41234.
func (s *Server) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// Stop ends the server at once, as a crash would: connections break and no
// transaction gets to its end.
func (s *Server) Stop() {
	s.tb.Helper()
	if err := s.stop(); err != nil {
		s.tb.Fatal(err)
	}
}

// Start starts a stopped server again, with its data and on its port, and waits
// until it answers.
func (s *Server) Start() {
	s.tb.Helper()
	if err := s.start(); err != nil {
		s.tb.Fatal(err)
	}
}

// Freeze stops the server's processes in the middle of what they do, so that
// connections stay open and nothing is answered, as when a machine or a network
// hangs. Thaw lets them go on.
func (s *Server) Freeze() {
	s.tb.Helper()
	if err := s.signalAll("STOP"); err != nil {
		s.tb.Fatal(err)
	}
	s.frozen = true
}

// Thaw ends [Server.Freeze].
func (s *Server) Thaw() {
	s.tb.Helper()
	if err := s.signalAll("CONT"); err != nil {
		s.tb.Fatal(err)
	}
	s.frozen = false
}

// start runs the server and waits until it answers.
func (s *Server) start() error {
	args, err := s.program.command()
	if err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(s.dir, "log"))
	if err != nil {
		return err
	}
	defer log.Close()
	// The process itself writes its number, for the watchdog, before it can do anything else.
	cmd := s.run("sh", append([]string{"-c", `echo $$ >"$0" && exec "$@"`, s.pidFile()}, args...)...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	exited := make(chan struct{})
	s.cmd, s.exited = cmd, exited
	go func() {
		_ = cmd.Wait()
		_ = os.Remove(s.pidFile()) // the number may become another process's
		close(exited)
	}()
	return s.wait()
}

// wait waits until the server answers.
func (s *Server) wait() error {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	for {
		err := s.program.answer(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-s.exited:
			return fmt.Errorf("the %s server ended at its start:\n%s", s.name, s.log())
		case <-ctx.Done():
			return fmt.Errorf("the %s server does not answer: %w\n%s", s.name, err, s.log())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// stop ends the server at once.
func (s *Server) stop() error {
	if err := s.cmd.Process.Signal(s.crash); err != nil {
		return fmt.Errorf("stop the %s server: %w", s.name, err)
	}
	if s.frozen { // then only the signal that kills gets through
		_ = s.signalAll("CONT") // fails when that was the signal
		s.frozen = false
	}
	select {
	case <-s.exited:
		return nil
	case <-time.After(30 * time.Second):
		return fmt.Errorf("the %s server does not stop:\n%s", s.name, s.log())
	}
}

// signalAll sends a signal to the server's process and to its children, which may
// have process groups of their own.
func (s *Server) signalAll(name string) error {
	pid := strconv.Itoa(s.cmd.Process.Pid)
	if out, err := exec.Command("kill", "-"+name, pid).CombinedOutput(); err != nil {
		return fmt.Errorf("send %s to the %s server: %w\n%s", name, s.name, err, out)
	}
	out, err := exec.Command("pkill", "-"+name, "-P", pid).CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == 1 {
		return nil // no children
	}
	if err != nil {
		return fmt.Errorf("send %s to the processes of the %s server: %w\n%s", name, s.name, err, out)
	}
	return nil
}

// run returns a command that runs in the server's folder, as its user.
func (s *Server) run(name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(context.Background(), name, args...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", "TMPDIR="+s.dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: s.user}
	return cmd
}

func (s *Server) data() string    { return filepath.Join(s.dir, "data") }
func (s *Server) pidFile() string { return filepath.Join(s.dir, "pid") }

func (s *Server) log() string {
	text, err := os.ReadFile(filepath.Join(s.dir, "log"))
	if err != nil {
		return err.Error()
	}
	return string(text)
}
