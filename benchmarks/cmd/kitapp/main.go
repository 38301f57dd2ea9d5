// Command kitapp is the Kit application that the benchmarks start.
package main

import (
	"context"
	"fmt"

	"github.com/kitgo/kit"
	"github.com/kitgo/kit/benchmarks/history"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/database/schema"
)

func main() { kit.Main(newApp) }

// Config adds to Kit's settings which application it is.
type Config struct {
	kit.Config

	// WithoutMigrations leaves them out.
	WithoutMigrations bool `env:"WITHOUT_MIGRATIONS"`
}

func newApp(_ context.Context, cfg Config) (*kit.App, error) {
	db, err := database.Open(cfg.DatabaseURL, &cfg.Database)
	if err != nil {
		return nil, err
	}
	app := &kit.App{Config: cfg.Config, DB: db}
	if !cfg.WithoutMigrations {
		app.Migrations = migrations(db.Dialect())
	}
	return app, nil
}

func migrations(dialect database.Dialect) migrate.Set {
	var set migrate.Set
	for _, step := range history.Steps(string(dialect)) {
		set.List = append(set.List, migrate.Migration{
			Name: fmt.Sprintf("m%d_000000_%s", step.Date, step.Name),
			Up:   func(ctx context.Context, s *schema.Builder) error { return s.Exec(ctx, step.Up) },
			Down: func(ctx context.Context, s *schema.Builder) error { return s.Exec(ctx, step.Down) },
		})
	}
	return set
}
