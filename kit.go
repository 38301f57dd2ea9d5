// Package kit turns an application into one binary: web server, embedded React
// frontend, migrations and scheduler.
//
// An application is a value, [App], that a function of yours puts together:
//
//	func main() { kit.Main(newApp) }
//
//	func newApp(ctx context.Context, cfg kit.Config) (*kit.App, error) {
//		db, err := database.Open(cfg.DatabaseURL, &cfg.Database)
//		if err != nil {
//			return nil, err
//		}
//		return &kit.App{
//			Config: cfg,
//			DB:     db,
//			Routes: func(r *web.Router) {
//				r.Get("/", func(w http.ResponseWriter, r *http.Request) error {
//					return web.Text(w, http.StatusOK, "Hello")
//				})
//			},
//		}, nil
//	}
//
// The binary's commands are serve (also without a word), migrate, schedule:work
// and others; `help` lists them. Every command starts the same application.
//
// This package is the only one that knows all the others: each of them can be
// used without it.
package kit

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/database/seed"
	"github.com/kitgo/kit/env"
	"github.com/kitgo/kit/health"
	"github.com/kitgo/kit/inertia"
	"github.com/kitgo/kit/schedule"
	"github.com/kitgo/kit/session"
	"github.com/kitgo/kit/web"
	"github.com/spf13/cobra"

	// The binary must know all time zones where no file beside it does.
	_ "time/tzdata"
)

// App is an application. Config and DB are required.
type App struct {
	// Config is what was read from the environment.
	Config Config

	// DB is the database. It need not answer when the App is made.
	DB *database.DB

	// Migrations is the history of the database's schema.
	Migrations migrate.Set

	// Seeders fill the database with rows to begin with, in this order.
	Seeders []seed.Seeder

	// Checks ask whether what the application depends on works, besides the database.
	// They decide whether /_kit/ready answers 200, and doctor runs them.
	Checks []health.Check

	// Routes registers the routes.
	Routes func(*web.Router)

	// Middleware runs before every route, after Kit's own.
	Middleware []web.Middleware

	// Chain changes Kit's own middleware: what it sets to nil is left out. Nil leaves it
	// as it is.
	Chain func(*Chain)

	// TLS makes the server speak https itself, such as with certificates of package acme;
	// nil is what TLS_CERT_FILE says, or http.
	TLS *tls.Config

	// Sessions keep data of each visitor. With them, production needs APP_KEY.
	Sessions *session.Manager

	// Pages renders the Inertia pages; its build is served with them.
	Pages *inertia.Renderer

	// ErrorPage answers a browser whose request failed, such as with an Inertia page.
	// What it gets may be shown, but for Err. Nil means a plain page.
	ErrorPage func(w http.ResponseWriter, r *http.Request, f web.Failure) error

	// Schedule registers the scheduled tasks.
	Schedule func(*schedule.Schedule)

	// Commands are the application's own, beside Kit's. They run with the application's
	// logger, and a context that ends with SIGINT and SIGTERM; the database is closed after
	// them. GroupID is the heading that lists them, "Application" unless it is given.
	Commands []*cobra.Command

	// Metrics answers /_kit/metrics; package metrics has what answers for Prometheus. Nil
	// means that there is no such address.
	Metrics http.Handler

	// Logger defaults to [slog.Default], which Main sets up from Config.
	Logger *slog.Logger
}

// Main is the whole main function of an application: it reads C from the
// environment, builds the application, runs the command that the arguments name
// (none means serve), and exits the process. newApp should connect parts and
// wait for nothing: the database is connected to when a command needs it.
//
// SIGTERM and SIGINT cancel the command's context; a second one exits at once.
func Main[C any](newApp func(context.Context, C) (*App, error)) {
	ctx := stopBySignal(context.Background())
	os.Exit(run(ctx, newApp, env.OS("."), os.Args, console.Stdio()))
}

// run is Main with everything it takes from the process as an argument.
func run[C any](ctx context.Context, newApp func(context.Context, C) (*App, error), source env.Source, args []string, stdio console.IO) int {
	p := &program{
		name:      filepath.Base(args[0]),
		source:    source,
		stdio:     stdio,
		variables: func() []env.Variable { return env.Describe[C](source) },
		newApp: func(ctx context.Context) (*App, error) {
			cfg, err := loadConfig[C](source)
			if err != nil {
				return nil, err
			}
			return newApp(ctx, cfg)
		},
	}
	root := p.command()
	end, err := p.addOwn(ctx, root, args[1:])
	defer func() { _ = end() }() // what the command did is done
	if err != nil {
		return console.Fail(err, args[1:], stdio)
	}
	return console.Run(ctx, root, args[1:], stdio)
}

func (a *App) log() *slog.Logger {
	if a.Logger != nil {
		return a.Logger
	}
	return slog.Default()
}

// Migrate runs the pending migrations, waiting for those of other processes.
func (a *App) Migrate(ctx context.Context) error {
	m, err := a.migrator(nil)
	if err != nil {
		return err
	}
	_, err = m.Up(ctx, migrate.UpOptions{})
	return err
}

func (a *App) migrator(onProgress func(migrate.Progress)) (*migrate.Migrator, error) {
	return migrate.New(a.DB, a.Migrations, &migrate.Options{
		LockTimeout:          a.Config.MigrateLockTimeout,
		StatementLockTimeout: a.Config.MigrateStatementLockTimeout,
		RefuseAhead:          a.Config.MigrateAhead == "refuse",
		Logger:               a.log(),
		Version:              buildVersion().Version,
		OnProgress:           onProgress,
	})
}

// Tasks returns the schedule, or the mistakes in it.
func (a *App) Tasks() (*schedule.Schedule, error) {
	s := &schedule.Schedule{Environment: a.Config.Environment, Execute: execute}
	if a.Schedule != nil {
		a.Schedule(s)
	}
	return s, s.Err()
}

// router returns the routes, or the mistakes in them.
func (a *App) router() (*web.Router, error) {
	r := web.NewRouter()
	if a.Routes != nil {
		a.Routes(r)
	}
	return r, r.Err()
}

// Handler returns the web application: Kit's middleware, the frontend's files and
// the routes. The endpoints below /_kit are not in it; they belong to the server.
func (a *App) Handler() (http.Handler, error) {
	routes, err := a.router()
	if err != nil {
		return nil, err
	}
	chain, err := a.chain()
	if err != nil {
		return nil, err
	}
	return web.Chain(chain.list()...)(routes), nil
}

// check reports what is wrong with the application as it was put together, all at
// once, so that no command starts on an application that is broken elsewhere.
func (a *App) check() error {
	if a.DB == nil {
		return errors.New("kit.App has no DB: open one with database.Open in newApp")
	}
	_, routes := a.router()
	_, tasks := a.Tasks()
	_, migrations := a.migrator(nil)
	_, checks := a.checks(nil)
	return errors.Join(a.Config.check(), a.checkKey(), routes, tasks, migrations, checks, seed.Check(a.Seeders))
}

// checkKey reports that production has sessions, but no key.
func (a *App) checkKey() error {
	if a.Sessions == nil || !a.Config.Production() || a.Config.Database.Key != nil {
		return nil
	}
	return &env.Error{Variable: "APP_KEY", Problem: "is not set, and an application with sessions needs it in production", Advice: "set it to " + new(database.Key).Expected()}
}
