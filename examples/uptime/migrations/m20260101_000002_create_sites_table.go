package migrations

import (
	"context"

	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/database/schema"
)

var createSitesTable = migrate.Migration{
	Name: "m20260101_000002_create_sites_table",
	Up: func(ctx context.Context, s *schema.Builder) error {
		return s.Create(ctx, "sites", func(t *schema.Table) {
			t.ID()
			t.String("name", 80).Unique()
			t.String("url", 2000)
			t.Timestamps()
		})
	},
	Down: func(ctx context.Context, s *schema.Builder) error {
		return s.Drop(ctx, "sites")
	},
}
