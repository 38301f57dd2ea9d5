package migrate_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/database/schema"
)

// history is a set of migrations of many kinds.
func history() []migrate.Migration {
	return []migrate.Migration{
		creating(1, "a"),
		{
			Name: "m20260102_000000_widen",
			Up: func(ctx context.Context, s *schema.Builder) error {
				if err := s.Create(ctx, "b", func(t *schema.Table) {
					t.ID()
					t.ForeignID("a_id").References("a").OnDelete(schema.Cascade)
					t.String("text", 100).Default("it's")
					t.Index("text")
				}); err != nil {
					return err
				}
				_, err := s.Conn().ExecContext(ctx, "INSERT INTO b (a_id, text) SELECT id, ? FROM a", "a ? and a 'quote'")
				return err
			},
			Down: func(ctx context.Context, s *schema.Builder) error { return s.Drop(ctx, "b") },
		},
		{
			Name: "m20260103_000000_narrow",
			Up: func(ctx context.Context, s *schema.Builder) error {
				return s.Table(ctx, "b", func(t *schema.Table) {
					t.DropColumn("text") // with its index
					t.String("title", 20).Nullable()
				})
			},
			Down: func(ctx context.Context, s *schema.Builder) error {
				return s.Table(ctx, "b", func(t *schema.Table) {
					t.DropColumn("title")
					t.String("text", 100).Default("it's")
					t.Index("text")
				})
			},
		},
		{
			Name: "m20260104_000000_outside", NoTransaction: true,
			Up: func(ctx context.Context, s *schema.Builder) error {
				return s.Exec(ctx, "CREATE VIEW v AS SELECT id FROM b")
			},
			Down: func(ctx context.Context, s *schema.Builder) error { return s.Exec(ctx, "DROP VIEW v") },
		},
	}
}

func pretended(list []migrate.Pretended) []string {
	var lines []string
	for _, p := range list {
		for _, s := range p.SQL {
			lines = append(lines, strings.Join(strings.Fields(s), " "))
		}
		if p.Err != nil {
			lines = append(lines, p.Name+": error "+p.Err.Error())
		}
	}
	return lines
}

// executed collects the statements of a database's log, which come from several
// connections.
type executed struct {
	slog.Handler
	mu    *sync.Mutex
	lines *[]string
}

func (executed) Enabled(context.Context, slog.Level) bool { return true }

func (e executed) Handle(_ context.Context, r slog.Record) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "sql" {
			*e.lines = append(*e.lines, strings.Join(strings.Fields(a.Value.String()), " "))
		}
		return true
	})
	return nil
}

// changes keeps the statements that are not about the runner itself.
func changes(lines []string) []string {
	return slices.DeleteFunc(lines, func(l string) bool {
		for _, own := range []string{"SELECT", "BEGIN", "COMMIT", "ROLLBACK", "CREATE UNIQUE INDEX \"kit_", "CREATE UNIQUE INDEX `kit_", "SET ", "PRAGMA", "SAVEPOINT", "ROLLBACK TO", "CREATE TABLE \"kit_", "CREATE TABLE `kit_", "DO RELEASE_LOCK("} {
			if strings.HasPrefix(l, own) {
				return true
			}
		}
		return strings.Contains(l, " kit_migration")
	})
}

func TestPretendIsWhatARealRunDoes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		var mu sync.Mutex
		var lines []string
		db, err := database.Open(url, &database.Options{Logging: true, Logger: slog.New(executed{slog.DiscardHandler, &mu, &lines})})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		m := newMigrator(t, db, history(), migrate.Options{})
		before, err := m.Pretend(t.Context(), migrate.UpOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if hasTable(t, db, "kit_migrations") || hasTable(t, db, "a") {
			t.Error("pretending has changed something")
		}
		lines = nil
		up(t, m)
		equal(t, "up", pretended(before), changes(lines))

		back, err := m.PretendRollback(t.Context(), migrate.RollbackOptions{Steps: 4})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "nothing was rolled back", states(t, m), []string{"create_a_table applied 1", "widen applied 1", "narrow applied 1", "outside applied 1"})
		lines = nil
		if _, err := m.Rollback(t.Context(), migrate.RollbackOptions{Steps: 4}); err != nil {
			t.Fatal(err)
		}
		equal(t, "down", pretended(back), changes(lines))
	})
}

func TestPretendOfPartOfIt(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := open(t, url)
		m := newMigrator(t, db, history(), migrate.Options{})
		if _, err := m.Up(t.Context(), migrate.UpOptions{To: "m20260102_000000_widen"}); err != nil {
			t.Fatal(err)
		}
		run(t, db, "INSERT INTO a (id) VALUES (1)")
		list, err := m.Pretend(t.Context(), migrate.UpOptions{To: "m20260103_000000_narrow"})
		if err != nil || len(list) != 1 || list[0].Name != "m20260103_000000_narrow" {
			t.Fatalf("%v, %v", list, err)
		}
		if lines := pretended(list); !slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, "DROP COLUMN") }) {
			t.Errorf("no DROP COLUMN in %q", lines)
		}
		if n := count(t, db, "a"); n != 1 {
			t.Errorf("%d rows", n)
		}
		failing := doing(9, "fail", func(ctx context.Context, s *schema.Builder) error {
			var n int
			return s.Conn().QueryRowContext(ctx, "SELECT count(*) FROM no_such_table").Scan(&n)
		})
		list, err = newMigrator(t, db, append(history(), failing), migrate.Options{}).Pretend(t.Context(), migrate.UpOptions{})
		if err != nil || len(list) != 3 || list[2].Err == nil || !strings.Contains(fmt.Sprint(list[2].Err), "no_such_table") {
			t.Errorf("a migration that reads what is not there: %v, %v", list, err)
		}
	})
}
