package migrations

import (
	"context"

	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/database/schema"
)

var createUsersTable = migrate.Migration{
	Name: "m20260101_000001_create_users_table",
	Up: func(ctx context.Context, s *schema.Builder) error {
		return s.Create(ctx, "users", func(t *schema.Table) {
			t.ID()
			t.String("email", 255).Unique()
			t.String("password_hash", 200)
			t.Timestamps()
		})
	},
	Down: func(ctx context.Context, s *schema.Builder) error {
		return s.Drop(ctx, "users")
	},
}
