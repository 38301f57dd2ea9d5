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
	"strings"
	"syscall"
	"testing"
	"time"
)

// admin is the superuser of every server, who needs no password.
const admin = "kit"

// access lets the administrator in without a password and asks all others for one.
const access = `
local all all trust
host all ` + admin + ` 127.0.0.1/32 trust
host all all 127.0.0.1/32 scram-sha-256
`

// settings trade safety against a power cut, which tests do not need, for speed.
const settings = `
listen_addresses = '127.0.0.1'
max_connections = 300
fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = 32MB
autovacuum = off
password_encryption = 'scram-sha-256'
`

// watchdog is what ends a server. It waits for the end of its standard input,
// which comes when the test process closes it or dies, and then ends the server
// whose folder is $1 and removes the folder.
const watchdog = `
trap '' INT TERM HUP
read -r _
pidfile="$1/data/postmaster.pid"
[ -s "$pidfile" ] && kill -QUIT "$(head -n 1 "$pidfile")" 2>/dev/null
tries=0
while [ -s "$pidfile" ] && [ $tries -lt 100 ]; do
	tries=$((tries + 1))
	sleep 0.05
done
rm -rf "$1"
`

// Server is a PostgreSQL server of a test.
type Server struct {
	tb   testing.TB // nil for the server that tests share
	bin  string
	dir  string
	port int
	user *syscall.Credential // whom the server runs as; nil is the current user

	guard      *exec.Cmd
	guardInput io.Closer

	exited chan struct{} // closed when the running postgres process has ended
	cmd    *exec.Cmd
}

// startServer makes a server with its folder and its watchdog and starts it.
func startServer() (*Server, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin}
	if s.dir, err = os.MkdirTemp("", "kit-pg-"); err != nil {
		return nil, err
	}
	if err := s.watch(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.dir))
	}
	if err := s.create(); err != nil {
		return nil, errors.Join(err, s.close())
	}
	// Another process may take the free port before the server does.
	for range 3 {
		if s.port, err = freePort(); err != nil {
			break
		}
		if err = s.start(); err == nil {
			return s, nil
		}
	}
	return nil, errors.Join(err, s.close())
}

// watch starts the watchdog. It has a process group of its own, so that Ctrl-C
// on the terminal does not reach it.
func (s *Server) watch() error {
	s.guard = exec.Command("sh", "-c", watchdog, "sh", s.dir)
	s.guard.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	input, err := s.guard.StdinPipe()
	if err != nil {
		return err
	}
	s.guardInput = input
	return s.guard.Start()
}

// close lets the watchdog end the server and waits for it.
func (s *Server) close() error {
	if err := s.guardInput.Close(); err != nil {
		return err
	}
	if err := s.guard.Wait(); err != nil {
		return fmt.Errorf("end the PostgreSQL server in %s: %w", s.dir, err)
	}
	return nil
}

// create makes the server's data.
func (s *Server) create() error {
	if os.Geteuid() == 0 { // PostgreSQL refuses to run as root
		if err := s.dropRoot(); err != nil {
			return err
		}
	}
	initdb := s.program("initdb", "--pgdata", s.data(), "--username", admin, "--auth", "trust",
		"--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions")
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	config, err := os.OpenFile(filepath.Join(s.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(config, "%sunix_socket_directories = '%s'\n", settings, s.dir)
	return errors.Join(err, config.Close(), os.WriteFile(filepath.Join(s.data(), "pg_hba.conf"), []byte(access), 0o600))
}

// dropRoot chooses the user that the server runs as and gives it the folder.
func (s *Server) dropRoot() error {
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return err
		}
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

// start runs the server and waits until it answers.
func (s *Server) start() error {
	log, err := os.Create(filepath.Join(s.dir, "log"))
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := s.program("postgres", "-D", s.data(), "-p", strconv.Itoa(s.port))
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	exited := make(chan struct{})
	s.cmd, s.exited = cmd, exited
	go func() {
		_ = cmd.Wait()
		close(exited)
	}()
	deadline := time.Now().Add(60 * time.Second)
	for {
		err := s.exec("SELECT 1")
		if err == nil {
			return nil
		}
		select {
		case <-exited:
			return fmt.Errorf("the PostgreSQL server ended at its start:\n%s", s.log())
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("the PostgreSQL server does not answer: %w\n%s", err, s.log())
		}
	}
}

// stop ends the server at once.
func (s *Server) stop() error {
	// The postmaster takes SIGQUIT as "immediate shutdown".
	if err := s.cmd.Process.Signal(syscall.SIGQUIT); err != nil {
		return fmt.Errorf("stop the PostgreSQL server: %w", err)
	}
	select {
	case <-s.exited:
		return nil
	case <-time.After(30 * time.Second):
		return fmt.Errorf("the PostgreSQL server does not stop:\n%s", s.log())
	}
}

// signalAll sends a signal to the postmaster and to its children, which have process
// groups of their own.
func (s *Server) signalAll(name string) error {
	pid := strconv.Itoa(s.cmd.Process.Pid)
	for _, args := range [][]string{{"kill", "-" + name, pid}, {"pkill", "-" + name, "-P", pid}} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%v: %w\n%s", args, err, out)
		}
	}
	return nil
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) log() string {
	text, err := os.ReadFile(filepath.Join(s.dir, "log"))
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// program returns a command that runs one of PostgreSQL's programs.
func (s *Server) program(name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(context.Background(), filepath.Join(s.bin, name), args...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: s.user}
	return cmd
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

func quoteLiteral(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
