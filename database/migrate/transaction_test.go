package migrate_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/database/schema"
	"github.com/kitgo/kit/internal/dbtest"
)

func TestATableCanBeReplacedWithoutLosingTheRowsThatReferToIt(t *testing.T) {
	t.Parallel()
	test := func(t *testing.T, url string) {
		t.Parallel()
		db := open(t, url)
		setup := doing(1, "setup", func(ctx context.Context, s *schema.Builder) error {
			err := s.Create(ctx, "users", func(t *schema.Table) { t.ID() })
			return errors.Join(err, s.Create(ctx, "articles", func(t *schema.Table) {
				t.ID()
				t.ForeignID("user_id").References("users").OnDelete(schema.Cascade)
			}), s.Exec(ctx, "INSERT INTO users VALUES (1)"), s.Exec(ctx, "INSERT INTO articles VALUES (1, 1)"))
		})
		rebuild := doing(2, "rebuild", func(ctx context.Context, s *schema.Builder) error {
			err := s.Create(ctx, "new_users", func(t *schema.Table) { t.ID(); t.Text("name").Default("") })
			return errors.Join(err, s.Exec(ctx, "INSERT INTO new_users (id) SELECT id FROM users"), s.Drop(ctx, "users"), s.Rename(ctx, "new_users", "users"))
		})
		orphan := doing(3, "orphan", func(ctx context.Context, s *schema.Builder) error { return s.Exec(ctx, "DELETE FROM users") })
		up(t, newMigrator(t, db, []migrate.Migration{setup, rebuild}, migrate.Options{}))
		if n := count(t, db, "articles"); n != 1 {
			t.Errorf("%d articles after the rebuild, want 1", n)
		}
		_, err := newMigrator(t, db, []migrate.Migration{setup, rebuild, orphan}, migrate.Options{}).Up(t.Context(), migrate.UpOptions{})
		if err == nil || !strings.Contains(err.Error(), `"articles"`) || count(t, db, "users") != 1 {
			t.Errorf("a migration that leaves an article of no user: %v", err)
		}
		// Foreign keys hold again, also after the failure.
		if _, err := db.ExecContext(t.Context(), "INSERT INTO articles VALUES (2, 99)"); err == nil {
			t.Error("foreign keys do not hold after the migrations")
		}
		// What was wrong before is not the fault of the next migration.
		s, err := db.Session(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, query := range []string{"PRAGMA foreign_keys = OFF", "INSERT INTO articles VALUES (2, 99)", "PRAGMA foreign_keys = ON"} {
			if _, err := s.ExecContext(t.Context(), query); err != nil {
				t.Error(err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		up(t, newMigrator(t, db, []migrate.Migration{setup, rebuild, creating(4, "more")}, migrate.Options{}))
	}
	// Only SQLite needs it.
	t.Run("file", func(t *testing.T) { test(t, dbtest.SQLite(t)) })
	t.Run("memory", func(t *testing.T) { test(t, "sqlite://:memory:") })
}
