package kit

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/health"
	"github.com/kitgo/kit/schedule"
	"github.com/kitgo/kit/web"
	"github.com/spf13/cobra"
)

func (p *program) serve() *cobra.Command {
	var noMigrate bool
	var host string
	var port int
	var with []string
	c := &cobra.Command{
		Use:     "serve",
		Aliases: []string{"web:run"},
		Short:   "Run pending migrations, then the web server (the default)",
		Example: fmt.Sprintf("  %s serve --port 3000\n  %s serve --no-migrate\n  %s serve --with=schedule", p.name, p.name, p.name),
	}
	c.Flags().BoolVar(&noMigrate, "no-migrate", false, "do not run pending migrations first")
	c.Flags().StringVar(&host, "host", "", "host to bind (default SERVER_HOST)")
	c.Flags().IntVar(&port, "port", 0, "port to bind, 0 for any free one (default SERVER_PORT)")
	c.Flags().StringSliceVar(&with, "with", nil, "run this in the same process, too: `schedule`")
	c.RunE = func(c *cobra.Command, _ []string) (err error) {
		o := ServeOptions{NoMigrate: noMigrate}
		if o.process, err = newServeProcess(); err != nil {
			return err
		}
		defer func() { o.process.fail(err) }()
		for _, what := range with {
			if what != "schedule" {
				return &console.Error{Code: console.Usage, Message: fmt.Sprintf("--with=%s is not known", what), Advice: "use --with=schedule"}
			}
			o.Schedule = true
		}
		app, err := p.app(c.Context())
		if err != nil {
			return err
		}
		if c.Flags().Changed("host") {
			app.Config.Host = host
		}
		if c.Flags().Changed("port") {
			if port < 0 || port > 65535 {
				return &console.Error{Code: console.Usage, Message: fmt.Sprintf("--port %d is not a port", port), Advice: "use a number from 1 to 65535, or 0 for any free port"}
			}
			app.Config.Port = port
		}
		if o.Listener, err = o.process.listener(app.Config); err != nil {
			return errors.Join(err, app.DB.Close())
		}
		return app.Serve(c.Context(), o)
	}
	return c
}

// phase is where a serving process is in its life. The probes report it.
type phase int32

const (
	connecting phase = iota
	waitingForLock
	migrating
	ready
	stopping
)

func (p phase) String() string {
	return [...]string{"connecting", "waiting-for-migration-lock", "migrating", "ready", "stopping"}[p]
}

// server is a serving process.
type server struct {
	app     *App
	log     *slog.Logger
	phase   atomic.Int32
	handler http.Handler // the application's
	tls     *tls.Config  // nil without TLS
	checks  *health.Runner
	// tasks are run in this process when they are not nil.
	tasks *schedule.Schedule
	// process is nil unless the program does nothing but serve.
	process *serveProcess
	// replaced says that another process serves by now.
	replaced    atomic.Bool
	connections connections
	// progress is how far the migrations are; nil before they begin.
	progress atomic.Pointer[migrate.Progress]
}

func (s *server) at() phase     { return phase(s.phase.Load()) }
func (s *server) enter(p phase) { s.phase.Store(int32(p)) }

// ServeOptions narrows [App.Serve]. The zero value does all of it.
type ServeOptions struct {
	// NoMigrate serves without running the pending migrations first.
	NoMigrate bool

	// Schedule runs the scheduler in this process, too, as soon as the application is
	// ready.
	Schedule bool

	// Listener is served on and closed, in place of one that is bound to the
	// configuration's host and port. Connections wait in its queue until the
	// application is ready: who keeps the socket open wants them served, by this
	// process or the next one.
	Listener net.Listener

	// process is that of the command serve.
	process *serveProcess
}

// Serve listens, runs the pending migrations, and serves until ctx ends; then it
// drains, closes the database and returns nil. A listener of its own is open from the
// first moment, so that probes see a process that lives while it waits or migrates. An
// error before the application was ready means that nothing was served.
func (a *App) Serve(ctx context.Context, o ServeOptions) error {
	defer a.DB.Close()
	listener := o.Listener
	if listener != nil {
		defer listener.Close()
	}
	handler, err := a.Handler()
	if err != nil {
		return err
	}
	if listener == nil {
		if listener, err = listen(a.Config.Host, a.Config.Port); err != nil {
			return err
		}
	}
	s := &server{app: a, log: a.log(), handler: handler, tls: a.TLS, process: o.process}
	if s.tls == nil {
		if s.tls, err = a.Config.tls(); err != nil {
			return errors.Join(err, listener.Close())
		}
	}
	if o.Schedule {
		if s.tasks, err = a.Tasks(); err != nil {
			return errors.Join(err, listener.Close())
		}
	}
	if s.checks, err = a.checks(s.logChange); err != nil {
		return errors.Join(err, listener.Close())
	}
	return s.run(ctx, listener, o)
}

func (s *server) run(ctx context.Context, listener net.Listener, o ServeOptions) error {
	started := time.Now()
	// Requests outlive ctx: they end with the drain, not with the signal.
	requests, cancelRequests := context.WithCancel(context.WithoutCancel(ctx))
	defer cancelRequests()
	// Serving ends with ctx, or when another process has taken over.
	serving, leave := context.WithCancel(ctx)
	defer leave()
	httpServer := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    maxHeader,
		Protocols:         protocols(),
		HTTP2:             &http.HTTP2Config{SendPingTimeout: slowTimeout, PingTimeout: slowTimeout / 2},
		TLSConfig:         s.tls,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
		BaseContext:       func(net.Listener) context.Context { return web.WithStopping(requests, serving.Done()) },
		ConnState:         s.connections.moved,
	}
	served := make(chan error, 1)
	accepting := false
	accept := func() {
		accepting = true
		go func() {
			l := trackedListener{web.SlowReaders(listener, slowTimeout, slowRate)}
			if httpServer.TLSConfig != nil {
				served <- httpServer.ServeTLS(l, "", "")
				return
			}
			served <- httpServer.Serve(l)
		}()
	}
	if o.Listener == nil {
		accept()
	}
	// What waits in the listener's queue is the next process's, if there is one.
	stop := func(idle time.Duration) {
		listener.Close()
		if accepting {
			// So that each connection that was accepted is known.
			s.log.Debug("no connection is accepted any more", "why", <-served)
		}
		s.shutdown(httpServer, cancelRequests, idle)
	}

	boot, stopBoot := context.WithCancel(ctx)
	defer stopBoot()
	// The scheduler stops with the server, and is waited for.
	var scheduler sync.WaitGroup
	scheduling, stopScheduling := context.WithCancel(serving)
	defer scheduler.Wait()
	defer stopScheduling()
	scheduled := make(chan error, 1)
	booted := make(chan error, 1)
	go func() { booted <- s.boot(boot, o) }()
	// What asks for another process is waited for, so that none is left behind.
	replaced, end := s.reloads(serving, listener)
	defer end()
	defer leave()

	s.log.Debug("listening", "address", listener.Addr().String())
	for {
		select {
		case err := <-booted:
			if err != nil && ctx.Err() == nil {
				httpServer.Close()
				return err
			}
			if err == nil {
				s.enter(ready)
				if o.Listener != nil {
					accept()
				}
				s.process.serving()
				if s.tasks != nil {
					scheduler.Go(func() { scheduled <- s.app.runSchedule(scheduling, s.tasks) })
				}
				s.log.Info("server running", "url", s.url(listener.Addr(), o), "ready_after", time.Since(started).Round(time.Millisecond))
			}
			booted = nil
		case err := <-scheduled:
			if err != nil {
				httpServer.Close()
				return err
			}
			scheduled = nil
		case err := <-served:
			return fmt.Errorf("serving on %s: %w", listener.Addr(), err)
		case <-replaced:
			s.replaced.Store(true)
			leave()
			stop(idleWhenReplaced)
			scheduler.Wait()
			s.log.Info("stopped, after another process has taken over")
			return nil
		case <-ctx.Done():
			s.enter(stopping)
			s.process.stopping()
			if booted != nil {
				s.waitForBoot(booted)
			}
			s.drain(stop)
			scheduler.Wait()
			s.log.Info("stopped")
			return nil
		}
	}
}

// protocols are HTTP/1.1 and HTTP/2, which proxies on this side of the TLS speak without
// it, too (h2c).
func protocols() *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(true)
	p.SetHTTP2(true)
	p.SetUnencryptedHTTP2(true)
	return p
}

// boot does what must be done before the first request. A process that takes over from
// another one waits for it, too.
func (s *server) boot(ctx context.Context, o ServeOptions) error {
	defer s.process.starting(s.at)()
	if err := s.app.DB.Connect(ctx); err != nil {
		return err
	}
	if !o.NoMigrate {
		if err := s.migrate(ctx); err != nil {
			return err
		}
	}
	return s.process.takeOver(ctx)
}

// migrate runs the pending migrations.
func (s *server) migrate(ctx context.Context) error {
	m, err := s.app.migrator(func(p migrate.Progress) {
		switch p.Phase {
		case migrate.WaitingForLock:
			s.phase.CompareAndSwap(int32(connecting), int32(waitingForLock))
		case migrate.Migrating:
			s.progress.Store(&p)
			s.phase.CompareAndSwap(int32(waitingForLock), int32(migrating))
		}
	})
	if err != nil {
		return err
	}
	_, err = m.Up(ctx, migrate.UpOptions{})
	return err
}

// listen binds host and port; its errors say what to do.
func listen(host string, port int) (net.Listener, error) {
	address := net.JoinHostPort(host, strconv.Itoa(port))
	listener, err := net.Listen("tcp", address)
	if err == nil {
		return listener, nil
	}
	e := &console.Error{Code: console.Unavailable, Err: err}
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		e.Message = fmt.Sprintf("SERVER_PORT=%d is in use by another program (on %s)", port, host)
		e.Advice = "stop that program, or set SERVER_PORT (or --port) to another port"
	case errors.Is(err, syscall.EACCES):
		e.Message = fmt.Sprintf("SERVER_PORT=%d may not be bound by this user", port)
		e.Advice = "use a port above 1023, or allow this binary to bind low ports"
	default:
		e.Message = fmt.Sprintf("SERVER_HOST=%q cannot be bound: %v", host, errors.Unwrap(err))
		e.Advice = "use an address of this machine, or 0.0.0.0 for all"
	}
	return nil, e
}

// url is where a person on this machine reaches the server: the host is that of a
// listener that was handed over, or as configured.
func (s *server) url(address net.Addr, o ServeOptions) string {
	host := s.app.Config.Host
	if o.Listener != nil {
		host, _, _ = net.SplitHostPort(address.String())
	}
	return url(host, address, s.tls != nil)
}

// url is where a person on this machine reaches the server.
func url(host string, address net.Addr, secure bool) string {
	_, port, _ := net.SplitHostPort(address.String())
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	scheme := "http://"
	if secure {
		scheme = "https://"
	}
	return scheme + net.JoinHostPort(host, port)
}
