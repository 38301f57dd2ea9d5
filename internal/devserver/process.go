package devserver

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"time"
)

// process is a program that runs in the background, in a group of its own, so that what
// it starts ends with it.
type process struct {
	cmd   *exec.Cmd
	ended chan struct{}
	err   error // of Wait, once ended is closed
}

// start starts a program in dir, with variables added to the environment. What it prints
// goes to out. It ends when this process does.
func start(dir string, env []string, out io.Writer, name string, args ...string) (*process, error) {
	p := &process{cmd: exec.Command(name, args...), ended: make(chan struct{})}
	p.cmd.Dir = dir
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = out, out
	p.cmd.WaitDelay = time.Second
	group(p.cmd)
	// Vite ends when its standard input does.
	input, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	started := make(chan error)
	go func() {
		// Linux ends the child with the thread that started it.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := p.cmd.Start(); err != nil {
			started <- err
			return
		}
		close(started)
		p.err = p.cmd.Wait()
		input.Close()
		close(p.ended)
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	return p, nil
}

// stop asks the process to end, waits, and kills it when it takes longer than patience.
func (p *process) stop(patience time.Duration) {
	select {
	case <-p.ended:
		return
	default:
	}
	terminate(p.cmd.Process)
	select {
	case <-p.ended:
	case <-time.After(patience):
	}
	kill(p.cmd.Process) // also what it has left behind
	<-p.ended
}

func (p *process) alive() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}
