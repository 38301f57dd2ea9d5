package migrations

import (
	"context"

	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/database/schema"
)

var createChecksTable = migrate.Migration{
	Name: "m20260101_000003_create_checks_table",
	Up: func(ctx context.Context, s *schema.Builder) error {
		return s.Create(ctx, "checks", func(t *schema.Table) {
			t.ID()
			t.ForeignID("site_id").References("sites").OnDelete(schema.Cascade)
			t.Bool("up")
			t.Integer("milliseconds")
			t.String("cause", 300)
			t.Timestamp("created_at").Index()
			t.Index("site_id", "created_at")
		})
	},
	Down: func(ctx context.Context, s *schema.Builder) error {
		return s.Drop(ctx, "checks")
	},
}
