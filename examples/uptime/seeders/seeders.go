// Package seeders fills the database with rows to begin with.
package seeders

import (
	"context"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/seed"

	"github.com/kitgo/kit/examples/uptime/models"
)

// All is the seeders, in the order in which the command db:seed runs them.
var All = []seed.Seeder{sites}

// sites are two that are up and one that is not.
var sites = seed.Seeder{
	Name: "sites",
	Run: func(ctx context.Context, c database.Conn) error {
		return database.Upsert(ctx, c, []models.Site{
			{Name: "Go", URL: "https://go.dev"},
			{Name: "Example", URL: "https://example.com"},
			{Name: "Nowhere", URL: "http://nowhere.invalid"},
		}, []string{"name"}, "url")
	},
}
