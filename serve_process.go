package kit

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/env"
	"github.com/kitgo/kit/internal/handover"
	"github.com/kitgo/kit/internal/sdnotify"
)

// serveProcess is what the command serve has to do with other processes: with systemd,
// which wants to know how it is doing, and with the one from which it takes over. Its
// methods do nothing when it is nil.
type serveProcess struct {
	program handover.Program // to be started when this process is to be replaced
	unknown error            // why it is not known which program this is, as without /proc
	heir    *handover.Heir   // nil if this process was not started to replace another one
	signals <-chan os.Signal // SIGUSR2
	systemd sdnotify.Socket
}

// newServeProcess comes before everything that takes time: until then, SIGUSR2 ends the
// process.
func newServeProcess() (*serveProcess, error) {
	p := &serveProcess{signals: handover.Signals(), systemd: sdnotify.FromEnvironment(os.Getenv)}
	var err error
	if p.heir, err = handover.Inherited(); err != nil {
		return nil, err
	}
	p.program, p.unknown = handover.Own()
	return p, nil
}

// fail tells the process that was to be replaced why this one does not serve.
func (p *serveProcess) fail(err error) {
	if p != nil && err != nil {
		p.heir.Fail(handover.Failure{Code: console.ExitCode(err), Message: console.Message(err), Advice: console.Hint(err)})
	}
}

// listener returns the socket that was handed over to this process; nil without one.
func (p *serveProcess) listener(c Config) (net.Listener, error) {
	if p.heir == nil {
		return handedListener(os.Getenv)
	}
	_, port, _ := net.SplitHostPort(p.heir.Listener.Addr().String())
	if old := p.heir.Address(); old != "" && old != c.address(p.heir.Listener) || c.Port != 0 && port != strconv.Itoa(c.Port) {
		return nil, &env.Error{
			Variable: "SERVER_PORT", Value: strconv.Itoa(c.Port), Problem: fmt.Sprintf("with SERVER_HOST=%s is not where the running server listens, which is %s", c.Host, p.heir.Listener.Addr()),
			Advice: "a new process takes over the socket as it is; restart the server to change that",
		}
	}
	return p.heir.Listener, nil
}

// address is what a server is called by those who ask it to be replaced: the host as it
// is configured, with the port.
func (c Config) address(l net.Listener) string {
	port := strconv.Itoa(c.Port)
	if c.Port == 0 {
		_, port, _ = net.SplitHostPort(l.Addr().String())
	}
	return net.JoinHostPort(c.Host, port)
}

// Systemd kills a start, or a reload, that takes longer than TimeoutStartSec, unless it is
// asked for more time.
const (
	extendEvery = 10 * time.Second
	extendBy    = time.Minute
)

// starting asks for more time until the returned function is called.
func (p *serveProcess) starting(at func() phase) (end func()) {
	if p == nil {
		return func() {}
	}
	stop := make(chan struct{})
	go func() {
		look := time.NewTicker(extendEvery / 100)
		defer look.Stop()
		var asked time.Time
		last := phase(-1)
		for {
			if now := at(); now != last {
				last = now
				p.heir.Phase(now.String())
				p.systemd.Send(sdnotify.Status("%s", now))
			}
			if time.Since(asked) >= extendEvery {
				asked = time.Now()
				p.systemd.Send(sdnotify.Extend(extendBy))
			}
			select {
			case <-stop:
				return
			case <-look.C:
			}
		}
	}()
	return func() { close(stop) }
}

// takeOver waits until the process that is to be replaced agrees.
func (p *serveProcess) takeOver(ctx context.Context) error {
	if p == nil {
		return nil
	}
	return p.heir.Ready(ctx)
}

// serving tells everybody that connections are accepted.
func (p *serveProcess) serving() {
	if p != nil {
		p.heir.Serving()
		p.systemd.Send(sdnotify.Ready, sdnotify.Status("serving"))
	}
}

func (p *serveProcess) stopping() {
	if p != nil {
		p.systemd.Send(sdnotify.Stopping, sdnotify.Status("stopping"))
	}
}

// watchdog gives systemd signs of life until ctx ends, if it wants them.
func (p *serveProcess) watchdog(ctx context.Context) {
	every := sdnotify.WatchdogEvery(os.Getenv)
	if every == 0 || !p.systemd.Listening() {
		return
	}
	for {
		p.systemd.Send(sdnotify.Watchdog)
		select {
		case <-ctx.Done():
			return
		case <-time.After(every / 3):
		}
	}
}

// replaceError is why a server is not replaced.
func replaceError(code int, message, advice string) error {
	return &handover.Failure{Code: code, Message: message, Advice: advice}
}

// failureOf returns err as what is told to who asked.
func failureOf(err error) *handover.Failure {
	if f, ok := errors.AsType[*handover.Failure](err); ok {
		return f
	}
	return &handover.Failure{Code: console.Failed, Message: console.Message(err), Advice: console.Hint(err)}
}
