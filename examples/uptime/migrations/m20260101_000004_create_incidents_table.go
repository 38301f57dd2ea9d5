package migrations

import (
	"context"

	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/database/schema"
)

var createIncidentsTable = migrate.Migration{
	Name: "m20260101_000004_create_incidents_table",
	Up: func(ctx context.Context, s *schema.Builder) error {
		return s.Create(ctx, "incidents", func(t *schema.Table) {
			t.ID()
			t.ForeignID("site_id").References("sites").OnDelete(schema.Cascade)
			t.String("cause", 300)
			t.Timestamp("opened_at").Index()
			t.Timestamp("closed_at").Nullable()
			t.Index("site_id", "opened_at")
		})
	},
	Down: func(ctx context.Context, s *schema.Builder) error {
		return s.Drop(ctx, "incidents")
	},
}
