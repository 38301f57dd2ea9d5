package migrate_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/database/schema"
	"github.com/kitgo/kit/internal/dbtest"
)

func TestFresh(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := open(t, url)
		a := creating(1, "a")
		m := newMigrator(t, db, []migrate.Migration{a}, migrate.Options{})
		up(t, m)
		run(t, db, "INSERT INTO a (id) VALUES (1)")
		run(t, db, "CREATE TABLE other (id bigint PRIMARY KEY REFERENCES a (id))")
		run(t, db, "INSERT INTO other VALUES (1)")
		run(t, db, "CREATE VIEW one AS SELECT * FROM a")
		run(t, db, "CREATE VIEW two AS SELECT * FROM one")
		want := []string{"a", "other"}
		if db.Dialect() == database.Postgres {
			for _, q := range []string{
				"CREATE EXTENSION pg_stat_statements", // has views in the current schema
				"CREATE MATERIALIZED VIEW three AS SELECT * FROM two",
				"CREATE VIEW four AS SELECT * FROM three",
				"CREATE TYPE mood AS ENUM ('sad', 'happy')",
				"CREATE TYPE pair AS (a mood, b mood)",
				"CREATE DOMAIN positive AS integer CHECK (value > 0)",
				"CREATE SEQUENCE numbers",
				"CREATE TABLE typed (m mood, p pair, n positive DEFAULT nextval('numbers')) PARTITION BY LIST (m)",
				"CREATE TABLE typed_sad PARTITION OF typed FOR VALUES IN ('sad')",
				"CREATE FUNCTION enum_first_of(mood, mood) RETURNS mood LANGUAGE sql AS 'SELECT $1'",
				"CREATE FUNCTION of_pair(pair) RETURNS mood LANGUAGE sql AS 'SELECT ($1).a'",
				"CREATE FUNCTION of_typed(typed) RETURNS mood LANGUAGE sql AS 'SELECT ($1).m'",
				"CREATE PROCEDURE nothing() LANGUAGE sql AS 'SELECT 1'",
				"CREATE AGGREGATE first_mood(mood) (SFUNC = enum_first_of, STYPE = mood)",
				"CREATE SCHEMA elsewhere",
				"CREATE TABLE elsewhere.kept (id integer)",
			} {
				run(t, db, q)
			}
			want = append(want, "typed")
		} else if db.Dialect() == database.SQLite {
			run(t, db, "CREATE VIRTUAL TABLE words USING fts5(word)")
			want = append([]string{"words"}, want...)
		} else {
			for _, q := range []string{
				"ALTER TABLE a ADD COLUMN other_id bigint, ADD FOREIGN KEY (other_id) REFERENCES other (id)", // a circle
				"CREATE SEQUENCE numbers",
				"CREATE FUNCTION double_it(n integer) RETURNS integer DETERMINISTIC RETURN 2 * n",
				"CREATE PROCEDURE nothing() SELECT 1",
				"CREATE EVENT sometimes ON SCHEDULE EVERY 1 DAY DO DELETE FROM other",
			} {
				run(t, db, q)
			}
		}
		dropped, r, err := m.Fresh(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "dropped", dropped, want)
		equal(t, "applied", brief(r), []string{"create_a_table 1"})
		if n := count(t, db, "a"); n != 0 {
			t.Errorf("%d rows after Fresh", n)
		}
		if db.Dialect() == database.Postgres {
			count(t, db, "elsewhere.kept")
			if n := count(t, db, "pg_class WHERE relname = 'pg_stat_statements_info'"); n != 1 {
				t.Error("the view of an extension was dropped")
			}
			for _, q := range []string{"CREATE TYPE mood AS ENUM ('x')", "CREATE SEQUENCE numbers", "CREATE VIEW four AS SELECT 1", "CREATE PROCEDURE nothing() LANGUAGE sql AS 'SELECT 1'"} {
				run(t, db, q)
			}
			run(t, db, "CREATE VIEW elsewhere.of_a AS SELECT * FROM a")
			if _, _, err := m.Fresh(t.Context()); err == nil || !hasTable(t, db, "a") {
				t.Errorf("with a view in another schema that needs a table: %v, want an error", err)
			}
		} else if hasTable(t, db, "words") {
			t.Error("the virtual table is still there")
		} else if db.Dialect() == database.MySQL {
			for _, q := range []string{"CREATE SEQUENCE numbers", "CREATE PROCEDURE nothing() SELECT 1", "CREATE VIEW two AS SELECT 1"} {
				run(t, db, q)
			}
		}
	})
}

func TestApplicationsInDifferentSchemasDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	url := dbtest.Postgres(t)
	admin := open(t, url)
	run(t, admin, "CREATE SCHEMA one")
	run(t, admin, "CREATE SCHEMA two")
	var wg sync.WaitGroup
	together := make(chan bool) // both migrations are under way at once
	for i, name := range []string{"one", "two"} {
		wg.Go(func() {
			db := open(t, url+"&search_path="+name)
			meet := doing(1, "meet", func(ctx context.Context, s *schema.Builder) error {
				timeout := time.After(10 * time.Second)
				if i == 0 {
					select {
					case together <- true:
					case <-timeout:
						return errors.New("the other one waits for the lock")
					}
					return nil
				}
				select {
				case <-together:
				case <-timeout:
					return errors.New("the other one waits for the lock")
				}
				return nil
			})
			m := newMigrator(t, db, []migrate.Migration{meet}, migrate.Options{})
			if _, err := m.Up(t.Context(), migrate.UpOptions{}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
