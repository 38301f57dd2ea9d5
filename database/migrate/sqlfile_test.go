package migrate_test

import (
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/migrate"
)

func TestSQLFilesBesideGo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := open(t, url)
		trigger := map[database.Dialect]string{
			database.SQLite:   "CREATE TRIGGER notes_log AFTER INSERT ON notes BEGIN\n  INSERT INTO log VALUES (NEW.text);\nEND;",
			database.MySQL:    "CREATE TRIGGER notes_log AFTER INSERT ON notes FOR EACH ROW BEGIN\n  INSERT INTO log VALUES (NEW.text);\nEND;",
			database.Postgres: "CREATE FUNCTION notes_log() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN\n  INSERT INTO log VALUES (NEW.text); RETURN NEW;\nEND $$;\nCREATE TRIGGER notes_log AFTER INSERT ON notes FOR EACH ROW EXECUTE FUNCTION notes_log();",
		}[db.Dialect()]
		set := migrate.Set{
			List: []migrate.Migration{creating(2, "b")},
			Files: files(
				"README.md", "not a migration",
				"m20260101_000000_notes.up.sql", "-- notes; and a log\nCREATE TABLE notes (text varchar(50));\nCREATE TABLE log (text varchar(50));\n"+trigger+"\n-- the first one\nINSERT INTO notes VALUES ('it''s; a note');\n",
				"m20260101_000000_notes.down.sql", "DROP TABLE notes;\nDROP TABLE log;",
				"m20260103_000000_one_way.up.sql", "INSERT INTO notes VALUES ('two')",
			),
		}
		m, err := migrate.New(db, set, &migrate.Options{Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "applied", brief(up(t, m)), []string{"notes 1", "create_b_table 1", "one_way 1"})
		if n := count(t, db, "log"); n != 2 {
			t.Errorf("%d rows in the log, want 2", n)
		}
		if _, err := m.Rollback(t.Context(), migrate.RollbackOptions{}); err == nil || !strings.Contains(err.Error(), "has no Down") {
			t.Errorf("a file without a way back: %v", err)
		}
	})
}

func TestAMistakeInAnSQLFileIsFoundByItsLine(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ text, want string }{
		"a statement":     {"-- a table\nCREATE TABLE a (id int);\n\nINSERT INTO nowhere\nVALUES (1);", "m20260101_000000_x.up.sql:4: "},
		"no end":          {"CREATE TABLE a (id int);\nINSERT INTO a VALUES ('1);", "m20260101_000000_x.up.sql:2: this string has no end"},
		"nothing was run": {"CREATE TABLE a (id int);\n/* open", "m20260101_000000_x.up.sql:2: this comment has no end"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := open(t, "sqlite://:memory:")
			m, err := migrate.New(db, migrate.Set{Files: files("m20260101_000000_x.up.sql", tt.text)}, &migrate.Options{Logger: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := m.Up(t.Context(), migrate.UpOptions{}); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want an error with %q", err, tt.want)
			}
			if hasTable(t, db, "a") {
				t.Error("a statement before the mistake was kept")
			}
		})
	}
}

func TestFilesWithWrongNamesAreRefused(t *testing.T) {
	t.Parallel()
	db := open(t, "sqlite://:memory:")
	for name, tt := range map[string]struct {
		files fstest.MapFS
		want  string
	}{
		"no direction":   {files("m20260101_000000_x.sql", ""), "m20260101_000000_x.sql: a name ends in .up.sql or .down.sql"},
		"a way back":     {files("m20260101_000000_x.down.sql", ""), "has no m20260101_000000_x.up.sql beside it"},
		"a name":         {files("create.up.sql", ""), `migration "create" (create.up.sql): a name is`},
		"twice the name": {files("m20260101_000000_create_a_table.up.sql", ""), "two migrations have the name m20260101_000000_create_a_table"},
	} {
		_, err := migrate.New(db, migrate.Set{List: []migrate.Migration{creating(1, "a")}, Files: tt.files}, nil)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}
