package kit

import (
	"cmp"
	"context"
	"errors"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/handover"
	"github.com/kitgo/kit/internal/sdnotify"
)

// reloadTimeout returns ReloadTimeout or its default.
func (c Config) reloadTimeout() time.Duration { return cmp.Or(c.ReloadTimeout, 15*time.Minute) }

// reloader replaces this process when it is asked to.
type reloader struct {
	*server
	listener, control net.Listener
	// busy is held while a new process starts, and for ever once one serves.
	busy sync.Mutex
	done chan struct{} // closed when a new process serves
}

// reloads replaces this process when SIGUSR2, or a request on the control socket, asks
// for it. The channel is closed when a new process serves; end waits until nothing goes on
// any more, after ctx has ended.
func (s *server) reloads(ctx context.Context, listener net.Listener) (replaced <-chan struct{}, end func()) {
	if s.process == nil || !handover.Supported {
		return nil, func() {}
	}
	r := &reloader{server: s, listener: listener, done: make(chan struct{})}
	if r.control = s.process.control(); r.control == nil {
		var err error
		if r.control, err = handover.Listen(s.app.Config.address(listener)); err != nil {
			s.log.Warn("the command reload will not find this server; SIGUSR2 works", "error", err)
		}
	}
	var running sync.WaitGroup
	running.Go(func() { s.process.watchdog(ctx) })
	running.Go(func() { r.obeySignals(ctx) })
	if r.control != nil {
		close := context.AfterFunc(ctx, func() { r.control.Close() })
		running.Go(func() { r.answer(ctx, &running); close() })
	}
	return r.done, running.Wait
}

func (r *reloader) obeySignals(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.process.signals:
			_, _ = r.reload(ctx, handover.Request{}, nil) // it is in the log
		}
	}
}

// answer answers requests on the control socket, until that is closed. A process that has
// not taken over yet leaves them to the old one.
func (r *reloader) answer(ctx context.Context, running *sync.WaitGroup) {
	for r.process.heir != nil && r.at() < ready {
		select {
		case <-ctx.Done():
			return
		case <-time.After(5 * time.Millisecond):
		}
	}
	for {
		conn, err := r.control.Accept()
		if err != nil {
			return
		}
		running.Go(func() {
			handover.Answer(conn, func(q handover.Request, phase func(string)) (handover.Done, error) {
				done, err := r.reload(ctx, q, phase)
				if err != nil {
					return done, failureOf(err)
				}
				return done, nil
			})
		})
	}
}

// reload starts a new process, and returns when that serves, or why it does not.
func (r *reloader) reload(ctx context.Context, q handover.Request, phase func(string)) (handover.Done, error) {
	if err := r.refuse(ctx); err != nil {
		r.log.Warn("not reloaded", "error", err)
		return handover.Done{}, err
	}
	began := time.Now()
	program := r.process.program
	program.Env = os.Environ()
	if q.Env != nil {
		program.Env = ofService(q.Env)
	}
	r.log.Info("reloading: a new process is started", "path", program.Path)
	systemd := r.process.systemd
	systemd.Send(sdnotify.Reloading(), sdnotify.Status("reloading"))
	stop := r.extend(ctx)
	pid, err := handover.Replace(ctx, r.listener, r.control, handover.Options{
		Program: program, Patience: r.app.Config.reloadTimeout(), Grace: r.app.Config.shutdownTimeout(),
		Phase: func(name string) {
			systemd.Send(sdnotify.Status("reloading: the new process is %s", name))
			if phase != nil {
				phase(name)
			}
		},
	})
	stop()
	if err != nil {
		err = r.explain(ctx, err)
		r.busy.Unlock()
		if ctx.Err() == nil {
			systemd.Send(sdnotify.Ready, sdnotify.Status("serving; a reload failed: %s", console.Message(err)))
		}
		r.log.Error("not reloaded: this process serves on", "error", err)
		return handover.Done{}, err
	}
	systemd.Send(sdnotify.MainPID(pid), sdnotify.Ready, sdnotify.Status("serving"))
	r.log.Info("reloaded: a new process serves", "pid", pid, "took", time.Since(began).Round(time.Millisecond))
	if r.control != nil {
		r.control.Close() // the next request is for the new process
	}
	close(r.done)
	return handover.Done{New: pid, Old: os.Getpid()}, nil
}

// refuse takes r.busy, or says why there is no reload now.
func (r *reloader) refuse(ctx context.Context) error {
	switch {
	case os.Getpid() == 1:
		return replaceError(console.Failed, "this server is process 1 of a container, which ends when it does", "replace the container instead")
	case r.process.unknown != nil:
		return replaceError(console.Failed, "this server does not know its own program: "+r.process.unknown.Error(), "mount /proc where it runs, or restart it instead")
	case ctx.Err() != nil:
		return replaceError(console.Failed, "the server is stopping", "")
	case r.at() < ready:
		return replaceError(console.TryAgain, "the server is not ready itself: "+r.at().String(), "try again when it is")
	case !r.busy.TryLock():
		return replaceError(console.TryAgain, "the server is being replaced already", "try again when that is done")
	}
	return nil
}

// explain says why the new process does not serve, for who asked. Whatever that process
// exited with, the reload has failed.
func (r *reloader) explain(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return replaceError(console.Failed, "the server was told to stop while a new process started", "")
	case errors.Is(err, handover.ErrTooLate):
		return replaceError(console.Failed, "the new process was not ready within RELOAD_TIMEOUT="+r.app.Config.reloadTimeout().String(), "its output says what it was doing; a migration that takes longer needs more time")
	}
	f := failureOf(err)
	return replaceError(console.Failed, f.Message, f.Advice)
}

// extend asks systemd for more time until the returned function is called.
func (r *reloader) extend(ctx context.Context) (stop func()) {
	ctx, stop = context.WithCancel(ctx)
	go func() {
		for {
			r.process.systemd.Send(sdnotify.Extend(extendBy))
			select {
			case <-ctx.Done():
				return
			case <-time.After(extendEvery):
			}
		}
	}()
	return stop
}

// ofService returns the environment of another process of the same service, with what
// systemd told this one alone.
func ofService(env []string) []string {
	own := []string{"NOTIFY_SOCKET", "WATCHDOG_USEC", "INVOCATION_ID", "JOURNAL_STREAM"}
	list := slices.DeleteFunc(slices.Clone(env), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains(own, name) || name == "SYSTEMD_EXEC_PID"
	})
	for _, name := range own {
		if value, ok := os.LookupEnv(name); ok {
			list = append(list, name+"="+value)
		}
	}
	return list
}

// control returns the control socket that this process took over; nil without one.
func (p *serveProcess) control() net.Listener {
	if p.heir == nil {
		return nil
	}
	return p.heir.Control
}
