// Command uptime watches web sites: it asks each of them every minute, keeps what
// they answered, and shows it on a public page.
package main

import (
	"context"
	"net/http"

	"github.com/kitgo/kit"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/inertia"
	"github.com/kitgo/kit/session"
	"github.com/spf13/cobra"

	"github.com/kitgo/kit/examples/uptime/auth"
	"github.com/kitgo/kit/examples/uptime/commands"
	"github.com/kitgo/kit/examples/uptime/frontend"
	"github.com/kitgo/kit/examples/uptime/migrations"
	"github.com/kitgo/kit/examples/uptime/models"
	"github.com/kitgo/kit/examples/uptime/seeders"
)

func main() { kit.Main(newApp) }

// app holds what routes and scheduled tasks work with.
type app struct {
	db       *database.DB
	sites    *models.Sites
	users    *models.Users
	sessions *session.Manager
	pages    *inertia.Renderer
}

// shared are the props that every page has.
type shared struct {
	SignedIn bool `json:"signedIn"`
}

// newApp connects the parts of the application. Tests call it, too.
func newApp(_ context.Context, cfg Config) (*kit.App, error) {
	db, err := database.Open(cfg.DatabaseURL, &cfg.Database) // connects at first use
	if err != nil {
		return nil, err
	}
	build, err := frontend.Build(cfg.ViteURL)
	if err != nil {
		return nil, err
	}
	a := &app{
		db:       db,
		sites:    models.NewSites(db),
		users:    models.NewUsers(db),
		sessions: session.New(session.NewDatabase(db), &cfg.Session),
		pages: inertia.New(build, &inertia.Options{
			Title: cfg.AppName,
			Head:  `<link rel="icon" type="image/svg+xml" href="/favicon.svg">`,
			Store: inertia.Sessions{},
			Share: func(r *http.Request) (any, error) {
				signedIn, err := auth.UserID.Has(r.Context())
				return shared{signedIn}, err
			},
		}),
	}
	app := &kit.App{
		Config:     cfg.Config,
		DB:         db,
		Sessions:   a.sessions,
		Pages:      a.pages,
		Migrations: migrations.All,
		Seeders:    seeders.All,
		Routes:     a.routes,
		Schedule:   a.schedule,
		Commands:   []*cobra.Command{commands.UsersAdd{Users: a.users}.Command()},
	}
	return app, nil
}
