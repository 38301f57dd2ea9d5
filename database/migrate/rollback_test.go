package migrate_test

import (
	"context"
	"strings"
	"testing"

	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/database/schema"
)

func TestRollback(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := open(t, url)
		list := []migrate.Migration{creating(1, "a"), creating(3, "c")}
		m := newMigrator(t, db, list, migrate.Options{})
		rollback := func(o migrate.RollbackOptions) []string {
			t.Helper()
			r, err := m.Rollback(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			return brief(r)
		}
		equal(t, "of an empty database", rollback(migrate.RollbackOptions{}), []string{})
		if hasTable(t, db, "kit_migrations") {
			t.Error("rolling back nothing has made the table")
		}
		up(t, m)
		m = newMigrator(t, db, append(list, creating(2, "b"), creating(4, "d")), migrate.Options{})
		up(t, m)
		equal(t, "the last", rollback(migrate.RollbackOptions{}), []string{"create_d_table 2"})
		equal(t, "a batch", rollback(migrate.RollbackOptions{Batch: 1}), []string{"create_c_table 1", "create_a_table 1"})
		equal(t, "no such batch", rollback(migrate.RollbackOptions{Batch: 7}), []string{})
		equal(t, "again", brief(up(t, m)), []string{"create_a_table 3", "create_c_table 3", "create_d_table 3"})
		equal(t, "three", rollback(migrate.RollbackOptions{Steps: 3}), []string{"create_d_table 3", "create_c_table 3", "create_a_table 3"})
		equal(t, "more than there are", rollback(migrate.RollbackOptions{Steps: 9}), []string{"create_b_table 2"})
		for _, name := range []string{"a", "b", "c", "d"} {
			if hasTable(t, db, name) {
				t.Errorf("table %s is still there", name)
			}
		}
		if _, err := m.Rollback(t.Context(), migrate.RollbackOptions{Steps: 1, Batch: 1}); err == nil {
			t.Error("steps and a batch together are accepted")
		}
	})
}

func TestRollbackThatIsImpossibleChangesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := open(t, url)
		oneWay := creating(1, "a")
		oneWay.Down = nil
		up(t, newMigrator(t, db, []migrate.Migration{oneWay, creating(2, "b")}, migrate.Options{}))
		for what, list := range map[string][]migrate.Migration{
			"has no Down":            {oneWay, creating(2, "b")},
			"is not in this program": {creating(2, "b")},
		} {
			r, err := newMigrator(t, db, list, migrate.Options{}).Rollback(t.Context(), migrate.RollbackOptions{Steps: 2})
			if err == nil || !strings.Contains(err.Error(), what) || !strings.Contains(err.Error(), oneWay.Name) || len(r.Applied) > 0 {
				t.Errorf("%v, want an error with %q", err, what)
			}
		}
		broken := creating(2, "b")
		broken.Down = func(ctx context.Context, s *schema.Builder) error {
			return s.Drop(ctx, "no_such_table")
		}
		_, err := newMigrator(t, db, []migrate.Migration{oneWay, broken}, migrate.Options{}).Rollback(t.Context(), migrate.RollbackOptions{})
		if err == nil || !strings.Contains(err.Error(), "roll back migration "+broken.Name) || !strings.Contains(err.Error(), "no_such_table") {
			t.Errorf("a Down that fails: %v", err)
		}
		if n := count(t, db, "b") + count(t, db, "a"); n != 0 || count(t, db, "kit_migrations") != 2 {
			t.Error("something was rolled back")
		}
	})
}
