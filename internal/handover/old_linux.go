package handover

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Supported says whether this system can do it.
const Supported = true

// Replace starts the program and lets it serve on the sockets; control may be nil. When
// it returns no error, the new process, whose id it returns, accepts connections, and this
// one should close its listener and end the requests that it has. Otherwise nothing has
// changed, and the new process has ended.
func Replace(ctx context.Context, listener, control net.Listener, o Options) (pid int, err error) {
	limited, cancel := context.WithTimeoutCause(ctx, o.Patience, ErrTooLate)
	defer cancel()
	child, err := start(listener, control, o.Program)
	if err != nil {
		return 0, err
	}
	defer child.conversation.Close()
	// A conversation that ends by the context ends every read of it.
	stop := context.AfterFunc(limited, func() { _ = child.conversation.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	err = child.talk(o.Phase)
	if err == nil {
		return child.process.Process.Pid, nil
	}
	if limited.Err() != nil {
		err = context.Cause(limited)
	}
	child.end(o.Grace)
	if errors.Is(err, errSilent) {
		err = &Failure{Code: max(child.process.ProcessState.ExitCode(), 1), Message: fmt.Sprintf("the new process ended before it was ready (%s)", child.process.ProcessState), Advice: "its output says why"}
	}
	return 0, err
}

// child is the new process, as the old one sees it.
type child struct {
	process      *exec.Cmd
	conversation net.Conn
	ended        chan struct{}
}

func start(listener, control net.Listener, p Program) (*child, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("making a socket for the new process: %w", err)
	}
	mine, theirs := os.NewFile(uintptr(pair[0]), "conversation"), os.NewFile(uintptr(pair[1]), "conversation")
	defer mine.Close()
	defer theirs.Close()
	conversation, err := net.FileConn(mine)
	if err != nil {
		return nil, fmt.Errorf("making a socket for the new process: %w", err)
	}
	socket, err := copyOf(listener)
	if err != nil {
		return nil, errors.Join(err, conversation.Close())
	}
	defer socket.Close()
	files, mark := []*os.File{listenerFile - 3: socket, conversationFile - 3: theirs}, strconv.Itoa(os.Getpid())
	if control != nil {
		socket, err := copyOf(control)
		if err != nil {
			return nil, errors.Join(err, conversation.Close())
		}
		defer socket.Close()
		files, mark = append(files, socket), mark+controlled
	}
	c := &child{
		process:      &exec.Cmd{Path: p.Path, Args: p.Args, Env: environment(p.Env, mark), Dir: p.Dir, ExtraFiles: files, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr},
		conversation: conversation,
		ended:        make(chan struct{}),
	}
	if err := c.process.Start(); err != nil {
		return nil, errors.Join(&Failure{Code: 1, Message: fmt.Sprintf("%s cannot be started: %v", p.Path, cause(err)), Advice: "is it a program for this machine, that this user may run?"}, conversation.Close())
	}
	go func() {
		_ = c.process.Wait()
		close(c.ended)
	}()
	return c, nil
}

// cause returns what the system said.
func cause(err error) error {
	if number, ok := errors.AsType[syscall.Errno](err); ok {
		return number
	}
	return err
}

// copyOf returns the listener's socket as a file. The file of the listener's own method
// would make the socket block, in the old process too.
func copyOf(l net.Listener) (*os.File, error) {
	socket, ok := l.(syscall.Conn)
	if !ok {
		return nil, fmt.Errorf("the socket of a %T cannot be passed on", l)
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return nil, fmt.Errorf("passing the socket on: %w", err)
	}
	var number int
	var dup error
	err = raw.Control(func(fd uintptr) { number, dup = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0) })
	if err = errors.Join(err, dup); err != nil {
		return nil, fmt.Errorf("passing the socket on: %w", err)
	}
	return os.NewFile(uintptr(number), l.Addr().String()), nil
}

// environment is that of the new process: without what was meant for this one.
func environment(env []string, mark string) []string {
	list := make([]string, 0, len(env)+1)
	for _, v := range env {
		switch name, _, _ := strings.Cut(v, "="); name {
		case variable, "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "WATCHDOG_PID", "MAINPID":
		default:
			list = append(list, v)
		}
	}
	return append(list, variable+"="+mark)
}

// errSilent means that the new process has ended, or closed its side, without a reason.
var errSilent = errors.New("the new process said nothing")

// talk goes through the conversation to its end.
func (c *child) talk(phase func(string)) error {
	lines := json.NewDecoder(c.conversation)
	for {
		var m message
		if err := lines.Decode(&m); err != nil {
			return errSilent
		}
		switch {
		case m.Failure != nil:
			return m.Failure
		case m.Ready:
			if err := json.NewEncoder(c.conversation).Encode(message{Take: true}); err != nil {
				return errSilent
			}
		case m.Serving:
			return nil
		case phase != nil:
			phase(m.Phase)
		}
	}
}

// end ends the process, if it has not ended by itself.
func (c *child) end(grace time.Duration) {
	kill := sync.OnceFunc(func() { _ = c.process.Process.Kill() })
	select {
	case <-c.ended:
		return
	case <-time.After(100 * time.Millisecond): // it may be about to
	}
	_ = c.process.Process.Signal(syscall.SIGTERM)
	timer := time.AfterFunc(grace, kill)
	defer timer.Stop()
	<-c.ended
}
