package transfer_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/schema"
	"github.com/kitgo/kit/database/transfer"
	"github.com/kitgo/kit/internal/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Run(m)) }

func open(t *testing.T, url string) *database.DB {
	t.Helper()
	db, err := database.Open(url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func exec(t *testing.T, db *database.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// tables is what migrations would make: every type, keys in circles, and a trigger where
// one can be.
func tables(t *testing.T, db *database.DB) {
	t.Helper()
	s, ctx := schema.New(db), t.Context()
	err := errors.Join(
		s.Create(ctx, "people", func(t *schema.Table) {
			t.ID()
			t.String("name", 100)
			t.BigInteger("boss_id").Nullable()
			t.BigInteger("team_id").Nullable()
		}),
		s.Create(ctx, "teams", func(t *schema.Table) {
			t.ID()
			t.String("name", 100).Unique()
			t.ForeignID("lead_id").References("people")
		}),
		s.Create(ctx, "everything", func(t *schema.Table) {
			t.UUID("id")
			t.Bool("a_bool")
			t.SmallInteger("small")
			t.Integer("whole")
			t.BigInteger("big")
			t.Decimal("price", 20, 4)
			t.Float("ratio")
			t.Text("text")
			t.Char("country", 5)
			t.Enum("mood", "good", "bad")
			t.Timestamp("at")
			t.DateTime("local")
			t.Date("day")
			t.Time("clock")
			t.JSON("document")
			t.Binary("bytes")
			t.String("missing", 20).Nullable()
			t.PrimaryKey("id")
		}),
		s.Table(ctx, "people", func(t *schema.Table) {
			t.Foreign("boss_id").References("people")
			t.Foreign("team_id").References("teams")
		}),
	)
	if err != nil {
		t.Fatal(err)
	}
}

const hostile = "it's \"quoted\", \\ back\\\\slashed, \ttabbed\r\nand \\N ☃ 🎉 \\."

func fill(t *testing.T, db *database.DB) {
	t.Helper()
	err := database.Tx(t.Context(), db, func(ctx context.Context) error {
		for _, q := range []string{
			"INSERT INTO people (id, name) VALUES (1, 'Ann'), (2, 'Bob'), (3, 'Cid'), (9000000000, 'Big')",
			"INSERT INTO teams (id, name, lead_id) VALUES (7, 'one', 1)",
			"UPDATE people SET boss_id = 3, team_id = 7 WHERE id = 1",
			"UPDATE people SET boss_id = 1 WHERE id = 2",
			"INSERT INTO people (id, name) VALUES (9000000009, 'Gone')",
			"DELETE FROM people WHERE id = 9000000009",
		} {
			if _, err := db.ExecContext(ctx, q); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	const insert = "INSERT INTO everything (id, a_bool, small, whole, big, price, ratio, text, country, mood, at, local, day, clock, document, bytes, missing) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	bytes := "x'0001ff5c6e27'"
	if db.Dialect() == database.Postgres {
		bytes = `'\x0001ff5c6e27'::bytea`
	}
	for i := range 2500 {
		query := strings.Replace(insert, "?, ?)", bytes+", ?)", 1)
		at := fmt.Sprintf("2026-03-29 01:%02d:59.123456", i%60)
		exec(t, db, query, fmt.Sprintf("0198c1e0-0000-7000-8000-%012d", i), i%2 == 0, i-1250, i*1000, int64(i)*3_000_000_000_000, fmt.Sprintf("%d.1250", i), float64(i)/3,
			fmt.Sprint(hostile, i), "de", "good", at, at, "2024-02-29", "23:59:59", fmt.Sprintf(`{"b": [1.50, %d, null, "ü"], "a": {"x": true}}`, i), nil)
	}
	exec(t, db, "UPDATE everything SET text = '' WHERE id = '0198c1e0-0000-7000-8000-000000000003'")
}

var servers = map[string]func(testing.TB) string{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres, "mariadb": dbtest.MariaDB}

// Each database is copied into each, and on; at the end of a chain of copies everything
// is as it was.
func TestCopyFromAndToEveryDatabase(t *testing.T) {
	t.Parallel()
	for _, chain := range [][]string{{"sqlite", "postgres", "mariadb", "sqlite", "sqlite"}, {"mariadb", "postgres", "postgres"}, {"postgres", "sqlite", "mariadb", "mariadb"}} {
		t.Run(strings.Join(chain, " "), func(t *testing.T) {
			t.Parallel()
			from := open(t, servers[chain[0]](t))
			tables(t, from)
			fill(t, from)
			first := map[string]string{}
			for _, name := range chain[1:] {
				to := open(t, servers[name](t))
				tables(t, to)
				exec(t, to, "INSERT INTO people (id, name) VALUES (5, 'from a migration')")
				result, err := transfer.Copy(t.Context(), from, to, nil)
				if err != nil {
					t.Fatalf("to %s: %v", name, err)
				}
				sums := map[string]string{}
				for _, table := range result.Tables {
					sums[table.Name] = fmt.Sprint(table.Rows, " ", table.Checksum)
				}
				if len(first) == 0 {
					first = sums
				}
				if from.Dialect() == database.MySQL && to.Dialect() == database.MySQL {
					sums["everything"] = first["everything"] // MariaDB does not know that its JSON is JSON
				}
				if diff := cmp.Diff(first, sums); diff != "" || result.Rows != 2505 || result.Written {
					t.Errorf("to %s: %d rows %s", name, result.Rows, diff)
				}
				least := int64(9000000009)
				if chain[0] == "postgres" { // whose sequence knows nothing of IDs that were given
					least = 9000000000
				}
				same(t, to, least)
				from = to
			}
		})
	}
}

// same looks at some values with the eyes of an application.
func same(t *testing.T, db *database.DB, last int64) {
	t.Helper()
	var text, price string
	var yes bool
	err := db.QueryRowContext(t.Context(), "SELECT text, a_bool, price FROM everything WHERE id = '0198c1e0-0000-7000-8000-000000000002'").Scan(&text, &yes, &price)
	if err != nil || text != hostile+"2" || !yes || !strings.HasPrefix(price, "2.125") {
		t.Errorf("%s: %q, %t, %s, %v", db.Dialect(), text, yes, price, err)
	}
	var n int
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM everything WHERE at >= ? AND a_bool = ?", "2026-03-29 01:30:00", true).Scan(&n); err != nil || n != 620 {
		t.Errorf("%s: %d rows are as late, %v", db.Dialect(), n, err)
	}
	// IDs go on after the last one that was given out, also if its row is gone.
	exec(t, db, "INSERT INTO people (name) VALUES ('New')")
	var id int64
	if err := db.QueryRowContext(t.Context(), "SELECT max(id) FROM people").Scan(&id); err != nil || id <= last {
		t.Errorf("%s: the next id is %d, %v", db.Dialect(), id, err)
	}
	exec(t, db, "DELETE FROM people WHERE name = 'New'")
	if _, err := db.ExecContext(t.Context(), "INSERT INTO teams (name, lead_id) VALUES ('x', 12345)"); err == nil {
		t.Errorf("%s: foreign keys are not enforced any more", db.Dialect())
	}
}

// What does not fit is named with its table, column and row, and nothing is written.
func TestWhatCannotBeCopied(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change string // of the source, which is SQLite
		to     string
		want   string
	}{
		"a text in a number":           {"UPDATE people SET boss_id = 'x' WHERE id = 2", "postgres", `table people, column boss_id, row id=2: "x" is no number`},
		"a number that is too large":   {"INSERT INTO everything SELECT '0198c1e0-0000-7000-8000-00000000ffff', 1, 70000, whole, big, price, ratio, text, country, mood, at, local, day, clock, document, bytes, missing FROM everything LIMIT 1", "postgres", "table everything, column small, row id=0198c1e0-0000-7000-8000-00000000ffff: value \"70000\" is out of range"},
		"the same in MariaDB":          {"UPDATE everything SET small = 70000 WHERE whole = 7000", "mariadb", "table everything, column small, row id=0198c1e0-0000-7000-8000-000000000007: "},
		"a text that is too long":      {"UPDATE people SET name = printf('%.300c', 'x') WHERE id = 2", "postgres", "table people, column name, row id=2: value too long"},
		"the same as text in MariaDB":  {"UPDATE people SET name = printf('%.300c', 'x') WHERE id = 2", "mariadb", "table people, column name, row id=2: "},
		"digits that get lost":         {"UPDATE everything SET price = 1.23456 WHERE whole = 7000", "postgres", `table everything, column price, row id=0198c1e0-0000-7000-8000-000000000007: "1.23456" became "1.2346" in the type numeric(20,4)`},
		"no boolean":                   {"UPDATE everything SET a_bool = 2 WHERE whole = 7000", "postgres", `column a_bool, row id=0198c1e0-0000-7000-8000-000000000007: "2" is neither true nor false`},
		"no time":                      {"UPDATE everything SET at = 'now' WHERE whole = 7000", "postgres", `column at, row id=0198c1e0-0000-7000-8000-000000000007: "now" is no time`},
		"no JSON":                      {"UPDATE everything SET document = '{' WHERE whole = 7000", "mariadb", "column document, row id=0198c1e0-0000-7000-8000-000000000007: "},
		"a zero byte":                  {"UPDATE people SET name = 'a' || char(0) || 'b' WHERE id = 2", "postgres", "table people, row id=2: invalid byte sequence"},
		"a row that refers to nothing": {"UPDATE people SET boss_id = 77 WHERE id = 2", "postgres", "boss_id"},
		"the same for MariaDB":         {"UPDATE people SET boss_id = 77 WHERE id = 2", "mariadb", "table people, column boss_id: 1 rows refer to a row of table people that is not there"},
		"the same for SQLite":          {"UPDATE people SET boss_id = 77 WHERE id = 2", "sqlite", "table people, column boss_id: 1 rows refer to a row of table people that is not there"},
		"a table of its own":           {"CREATE TABLE odd (a)", "postgres", "the target has no table odd"},
		"a column of its own":          {"ALTER TABLE people ADD odd text", "postgres", "the target's table people has no column odd"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := dbtest.SQLite(t)
			from := open(t, url)
			tables(t, from)
			fillSome(t, from)
			loose(t, from, tt.change)
			to := open(t, servers[tt.to](t))
			tables(t, to)
			exec(t, to, "INSERT INTO people (id, name) VALUES (5, 'here before')")
			_, err := transfer.Copy(t.Context(), from, to, nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %s", err, tt.want)
			}
			var before int
			if err := to.QueryRowContext(t.Context(), "SELECT count(*) FROM people WHERE name = 'here before'").Scan(&before); err != nil || before != 1 {
				t.Errorf("%d rows of before, %v", before, err)
			}
			if _, err := to.ExecContext(t.Context(), "INSERT INTO teams (name, lead_id) VALUES ('x', 12345)"); err == nil {
				t.Error("foreign keys are not enforced any more")
			}
		})
	}
}

// fillSome makes a few rows in SQLite.
func fillSome(t *testing.T, db *database.DB) {
	t.Helper()
	exec(t, db, "INSERT INTO people (id, name) VALUES (1, 'Ann'), (2, 'Bob')")
	for i := range 20 {
		exec(t, db, `INSERT INTO everything SELECT ?, 1, 1, ?, 1, 1.5, 0.1, 'x', 'de', 'good', '2026-01-01 00:00:00', '2026-01-01 00:00:00', '2026-01-01', '10:00:00', '[1]', x'00', NULL`,
			fmt.Sprintf("0198c1e0-0000-7000-8000-%012d", i), i*1000)
	}
}

// loose runs a statement that the foreign keys of SQLite do not let pass.
func loose(t *testing.T, db *database.DB, statement string) {
	t.Helper()
	s, err := db.Session(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = s.WithoutForeignKeys(t.Context(), func(ctx context.Context, tx *database.Transaction) error {
		_, err := tx.ExecContext(ctx, statement)
		return err
	})
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
}

// Triggers would change what is copied.
func TestTriggersDoNotRun(t *testing.T) {
	t.Parallel()
	for name, trigger := range map[string]string{
		"sqlite":   "CREATE TRIGGER shout AFTER INSERT ON people BEGIN UPDATE people SET name = upper(name) WHERE id = new.id; END",
		"postgres": "CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.name = upper(new.name); RETURN new; END $$; CREATE TRIGGER shout BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION shout()",
		"mariadb":  "CREATE TRIGGER shout BEFORE INSERT ON people FOR EACH ROW SET new.name = upper(new.name)",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			from, to := open(t, dbtest.SQLite(t)), open(t, servers[name](t))
			tables(t, from)
			tables(t, to)
			fillSome(t, from)
			for _, s := range strings.SplitAfter(trigger, "$$; ") {
				exec(t, to, strings.TrimSuffix(s, "; "))
			}
			_, err := transfer.Copy(t.Context(), from, to, nil)
			if name == "mariadb" { // where a trigger cannot be switched off within a transaction
				if err == nil || !strings.Contains(err.Error(), "has the trigger shout") {
					t.Errorf("error %v, want that there is a trigger", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			exec(t, to, "INSERT INTO people (id, name) VALUES (50, 'new')")
			var names int
			if err := to.QueryRowContext(t.Context(), "SELECT count(*) FROM people WHERE name IN ('Ann', 'Bob', 'NEW')").Scan(&names); err != nil || names != 3 {
				t.Errorf("%d of 3 names are right, %v", names, err)
			}
		})
	}
}
