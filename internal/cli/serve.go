package cli

import (
	"context"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"sync"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/internal/devserver"
	"github.com/spf13/cobra"
)

// serve is one run of kit serve.
type serve struct {
	stdio                     console.IO
	host                      string
	port, frontendPort        int
	portGiven, frontendGiven  bool
	backendOnly, frontendOnly bool
	migrate, skipTypes        bool
	only                      []string
}

func serveCommand(stdio console.IO) *cobra.Command {
	s := &serve{stdio: stdio}
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the application while it is being written: Go and pages reload when they are saved",
		Long: `Run the application and Vite behind one address. A saved Go file builds and starts
the program again, and the one before answers until then; a saved page is swapped in
the browser. What does not compile is shown here and in the browser.`,
		Example: `  kit serve
  kit serve --port 3000 --migrate
  kit serve --log app,build`,
		RunE: func(c *cobra.Command, _ []string) error {
			s.portGiven, s.frontendGiven = c.Flags().Changed("port"), c.Flags().Changed("frontend-port")
			return s.run(c.Context())
		},
	}
	f := c.Flags()
	f.StringVar(&s.host, "host", "localhost", "host to bind; 0.0.0.0 lets other machines in")
	f.IntVarP(&s.port, "port", "p", 8000, "port to bind")
	f.IntVar(&s.frontendPort, "frontend-port", 5173, "port of Vite, which is behind the other one")
	f.BoolVar(&s.backendOnly, "backend-only", false, "no Vite: pages come from the last kit build")
	f.BoolVar(&s.frontendOnly, "frontend-only", false, "only Vite, for an application that is started otherwise")
	f.BoolVar(&s.migrate, "migrate", false, "run pending migrations before the program starts")
	f.BoolVar(&s.skipTypes, "skip-types", false, "do not write the TypeScript types when the Go code changes")
	f.StringSliceVar(&s.only, "log", nil, "print only the lines of these: `app,vite,build`")
	completes(c, "log", sources...)
	completes(c, "host", "localhost", "0.0.0.0")
	return c
}

// sources are those whose lines are printed.
var sources = []string{"app", "vite", "build"}

func (s *serve) run(ctx context.Context) error {
	for _, name := range s.only {
		if !slices.Contains(sources, name) {
			return &console.Error{Code: console.Usage, Message: fmt.Sprintf("--log %s is not known", name), Advice: "use app, vite, build, or several with commas"}
		}
	}
	if s.backendOnly && s.frontendOnly {
		return &console.Error{Code: console.Usage, Message: "--backend-only and --frontend-only together leave nothing to run", Advice: "leave out one of them"}
	}
	p, err := findProject()
	if err != nil {
		return err
	}
	hasFrontend := true
	if _, err := os.Stat(p.path("frontend", "package.json")); err != nil {
		hasFrontend = false
	}
	if s.frontendOnly && !hasFrontend {
		return &console.Error{Code: console.Usage, Message: "there is no frontend here: frontend/package.json is missing"}
	}
	if hasFrontend && !s.backendOnly {
		if _, err := preparePackages(ctx, newSteps(s.stdio), p); err != nil {
			return err
		}
	}
	if s.frontendOnly {
		return s.runFrontend(ctx, p)
	}
	if err := checkGo(ctx); err != nil {
		return err
	}
	listener, err := listen(s.host, s.port, s.portGiven)
	if err != nil {
		return err
	}
	defer listener.Close()
	binary, err := cachedBinary("serve", p)
	if err != nil {
		return err
	}
	port := listener.Addr().(*net.TCPAddr).Port
	o := devserver.Options{
		Dir: p.dir, Binary: binary, Listen: listener, URL: "http://" + net.JoinHostPort(shownHost(s.host), strconv.Itoa(port)),
		Migrate: s.migrate, Out: s.stdio.Out, Colors: console.Colors(s.stdio.Out), Only: s.only,
	}
	if hasFrontend && !s.backendOnly {
		if _, err := s.freeFrontendPort(); err != nil {
			return err
		}
		o.FrontendPort = s.freeFrontendPort
	}
	if port != s.port && s.port != 0 {
		fmt.Fprintf(s.stdio.Out, "Port %d is in use; using %d.\n", s.port, port)
	}
	fmt.Fprintf(s.stdio.Out, "Serving %s at %s (Ctrl-C stops it)\n", p.name(), o.URL)
	if p.hasPages() && !s.skipTypes && !s.backendOnly {
		compiled := make(chan struct{})
		o.Compiled = sync.OnceFunc(func() { close(compiled) })
		stop := s.followTypes(ctx, p, compiled)
		defer stop()
	}
	return devserver.New(o).Run(ctx)
}

// followTypes writes the TypeScript types while the server runs.
func (s *serve) followTypes(ctx context.Context, p *project, compiled <-chan struct{}) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		g := &generateTypes{stdio: s.stdio, compiled: compiled}
		if err := g.follow(ctx, p); err != nil && ctx.Err() == nil {
			console.PrintError(s.stdio.Err, err)
		}
	}()
	return func() { cancel(); <-ended }
}

// runFrontend runs Vite alone.
func (s *serve) runFrontend(ctx context.Context, p *project) error {
	port, err := s.freeFrontendPort()
	if err != nil {
		return err
	}
	url := "http://localhost:" + strconv.Itoa(port)
	fmt.Fprintf(s.stdio.Out, "Serving the frontend of %s at %s (Ctrl-C stops it)\nStart the application with VITE_URL=%s\n", p.name(), url, url)
	devserver.RunFrontend(ctx, p.path("frontend"), port, s.stdio.Out, console.Colors(s.stdio.Out))
	return nil
}

// freeFrontendPort returns the port for Vite: the next free one when nobody asked for this.
func (s *serve) freeFrontendPort() (int, error) {
	l, err := listen("127.0.0.1", s.frontendPort, s.frontendGiven)
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

func shownHost(host string) string {
	if host == "" || host == "0.0.0.0" || host == "::" {
		return "localhost"
	}
	return host
}
