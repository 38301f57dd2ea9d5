// Package devserver runs an application and Vite while they are being written: behind one
// address, built again when a source changes. The program before answers until the next
// one is ready. What does not compile, does not start or has not migrated is told in the
// terminal and by a small script in every page (client.js), over server-sent events.
package devserver

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Options are what [Server.Run] needs to know.
type Options struct {
	Dir    string // of the application
	Binary string // where the program is built to
	Listen net.Listener
	URL    string // of Listen, for people

	// FrontendPort returns a free port for Vite, each time that starts. Nil means that there
	// is no Vite.
	FrontendPort func() (int, error)
	// Migrate runs pending migrations before a program starts. Without it browsers show
	// them, with a button.
	Migrate bool

	// Compiled is called each time that the compiler has ended, with or without a program.
	Compiled func()

	Out    io.Writer
	Colors bool
	// Only are the programs whose output is printed, of app, vite and build. None means all.
	Only []string
}

// Server is a development server. Create it with [New].
type Server struct {
	Options
	board    *board
	print    *printer
	compiler compiler
	program  program
	frontend *frontend
	stopping chan struct{}
	begun    time.Time
	replaced sync.WaitGroup // programs that drain
}

// New returns a server that has not begun.
func New(o Options) *Server {
	s := &Server{Options: o, board: newBoard(), print: &printer{out: o.Out, colors: o.Colors, only: o.Only}, stopping: make(chan struct{}), begun: time.Now()}
	s.compiler = compiler{dir: o.Dir, binary: o.Binary}
	s.program = program{dir: o.Dir, binary: o.Binary, out: s.print.from("app", nil), env: []string{"SHUTDOWN_TIMEOUT=" + drain.String()}}
	if o.Colors {
		s.program.env = append(s.program.env, "CLICOLOR_FORCE=1")
	}
	if o.FrontendPort != nil {
		s.program.env = append(s.program.env, "VITE_URL="+VitePath)
		s.frontend = newFrontend(filepath.Join(o.Dir, "frontend"), o.FrontendPort, VitePath, s.print.from("vite", viteBanner))
		s.board.state.Editor = true
	}
	return s
}

// Run serves until ctx ends; then everything that it has started has ended.
func (s *Server) Run(ctx context.Context) error {
	changes, err := Watch(ctx, s.Dir)
	if err != nil {
		return err
	}
	var all sync.WaitGroup
	defer all.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if s.frontend != nil {
		all.Go(func() { s.frontend.run(ctx) })
	}
	web := &http.Server{Handler: s.handler(), ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	all.Go(func() { failed <- web.Serve(s.Listen) })
	all.Go(func() { s.work(ctx, changes) })
	select {
	case <-ctx.Done():
		err = nil
	case err = <-failed:
		err = fmt.Errorf("serving at %s: %w", s.URL, err)
		cancel()
	}
	close(s.stopping)
	_ = web.Close()
	return err
}

// work builds and starts the program, at first and after each change, until ctx ends. A
// change during that begins it anew.
func (s *Server) work(ctx context.Context, changes <-chan []string) {
	var job sync.WaitGroup
	begin := func(changed []string) context.CancelFunc {
		job.Wait()
		ctx, cancel := context.WithCancel(ctx)
		job.Go(func() { s.rebuild(ctx, changed) })
		return cancel
	}
	cancel := begin(nil)
	var waiting []string // changes of jobs that were given up
	for {
		select {
		case changed := <-changes:
			cancel()
			job.Wait()
			if state, _, _ := s.board.read(); state.Phase == Building || state.Phase == Starting {
				changed = append(waiting, changed...)
			}
			waiting = changed
			cancel = begin(changed)
		case <-ctx.Done():
			cancel()
			job.Wait()
			if _, current, _ := s.board.read(); current != nil {
				current.process.stop(2 * drain)
			}
			s.replaced.Wait()
			return
		}
	}
}

// rebuild builds the program and starts it, unless it is the one that runs.
func (s *Server) rebuild(ctx context.Context, changed []string) {
	begin := time.Now()
	s.board.enter(Building)
	sum, err := s.compiler.compile(ctx)
	if ctx.Err() != nil {
		return
	}
	if s.Compiled != nil {
		s.Compiled()
	}
	if wrong, ok := errors.AsType[*compileError](err); ok {
		s.report("The Go code does not compile", wrong.mistakes, wrong.output)
		return
	}
	if err != nil {
		s.report("The program cannot be built", nil, err.Error())
		return
	}
	state, current, _ := s.board.read()
	if current != nil && current.sum == sum && current.process.alive() && !settings(changed) && state.Failure == "" {
		s.board.enter(Running)
		return
	}
	s.board.enter(Starting)
	if s.Migrate {
		if output, err := s.runMigrations(ctx); err != nil {
			if ctx.Err() == nil {
				s.report("The migrations have failed", nil, output)
			}
			return
		}
	}
	s.startProgram(ctx, sum, begin, changed)
}

// startProgram starts a program that was built, and lets it answer once it is ready.
func (s *Server) startProgram(ctx context.Context, sum [sha256.Size]byte, begin time.Time, changed []string) {
	pending := make(chan []string, 1)
	go func() { pending <- s.program.pending(ctx) }()
	next, err := s.program.start(ctx, sum, s.addClient)
	if ctx.Err() != nil {
		if next != nil {
			next.process.stop(0)
		}
		return
	}
	if err != nil {
		output := err.Error()
		if stopped, ok := errors.AsType[*stoppedError](err); ok {
			output = stopped.output
		}
		s.report("The application does not start", nil, output)
		return
	}
	before := s.board.run(next)
	go s.watchEnd(next)
	if before != nil {
		s.replaced.Go(func() { before.process.stop(drain + time.Second) })
	}
	s.ready(time.Since(begin), changed)
	select {
	case names := <-pending:
		s.setPending(names)
	case <-ctx.Done():
	}
}

func (s *Server) ready(took time.Duration, changed []string) {
	if changed == nil {
		s.print.line("build", fmt.Sprintf("ready at %s in %s", s.URL, time.Since(s.begun).Round(10*time.Millisecond)))
		return
	}
	what := changed[0]
	if len(changed) > 1 {
		what = fmt.Sprintf("%s and %d more", what, len(changed)-1)
	}
	s.print.line("build", fmt.Sprintf("reloaded in %s (%s)", took.Round(10*time.Millisecond), what))
}

// watchEnd tells when a program ends that was not replaced.
func (s *Server) watchEnd(b *backend) {
	<-b.process.ended
	select {
	case <-s.stopping:
		return
	default:
	}
	s.board.update(func(state *State, current *backend) *backend {
		if current != b {
			return current
		}
		if state.Phase == Running {
			state.Phase = Failed
		}
		state.Failure, state.Output = "The application has stopped", b.tail.String()
		s.print.line("build", "the application has stopped; it starts again at the next change")
		return nil
	})
}

// report tells that a change did not become a program that runs.
func (s *Server) report(failure string, mistakes []Mistake, output string) {
	s.board.fail(failure, mistakes, output)
	s.print.line("build", failure+":")
	for line := range strings.Lines(output) {
		s.print.line("build", "  "+strings.TrimRight(line, "\n"))
	}
}

func (s *Server) setPending(names []string) {
	if len(names) > 0 {
		s.print.line("build", fmt.Sprintf("pending migrations: %s; run them with the button in the browser, `kit migrate`, or `kit serve --migrate`", strings.Join(names, ", ")))
	}
	s.board.update(func(state *State, current *backend) *backend {
		state.Pending = names
		return current
	})
}

// migrate runs the pending migrations and lets pages load again.
func (s *Server) migrate(ctx context.Context) (output string, err error) {
	if output, err = s.runMigrations(ctx); err != nil {
		return output, err
	}
	names := s.program.pending(ctx)
	s.board.update(func(state *State, current *backend) *backend {
		state.Pending = names
		state.Version++
		return current
	})
	return output, nil
}

func (s *Server) runMigrations(ctx context.Context) (output string, err error) {
	_, output, err = s.program.command(ctx, "migrate")
	output = strings.TrimSpace(escapes.ReplaceAllString(output, ""))
	if err == nil {
		s.print.line("app", output)
	}
	return output, err
}

// settings reports whether a change is one of the program's settings, which it reads when
// it starts.
func settings(changed []string) bool {
	for _, path := range changed {
		if strings.HasPrefix(filepath.Base(path), ".env") {
			return true
		}
	}
	return false
}
