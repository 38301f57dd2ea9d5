package migrate_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/database/schema"
)

func files(pairs ...string) fstest.MapFS {
	fs := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		fs[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return fs
}

func newSet(t *testing.T, url string, set migrate.Set, o migrate.Options) *migrate.Migrator {
	t.Helper()
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	m, err := migrate.New(open(t, url), set, &o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAChangeAfterItWasAppliedIsNoticed(t *testing.T) {
	t.Parallel()
	shared(t, func(t *testing.T, url string) {
		inGo := creating(1, "a")
		const source = "package migrations\n\nvar createA = migrate.Migration{Name: \"a\"}\n"
		set := func(goSource, sql string) migrate.Set {
			return migrate.Set{List: []migrate.Migration{inGo}, Files: files(inGo.Name+".go", goSource, "m20260102_000000_b.up.sql", sql)}
		}
		up(t, newSet(t, url, set(source, "CREATE TABLE b (id integer);\n"), migrate.Options{}))

		for what, tt := range map[string]struct {
			source, sql string
			want        []string
		}{
			"nothing":           {source, "CREATE TABLE b (id integer);\n", []string{"create_a_table applied 1", "b applied 1"}},
			"a comment in Go":   {strings.Replace(source, "var", "// A comment.\nvar", 1), "CREATE TABLE b (id integer);\n", []string{"create_a_table applied 1", "b applied 1"}},
			"the format of Go":  {strings.ReplaceAll(source, "{Name", "{\n\tName"), "CREATE TABLE b (id integer);\n", []string{"create_a_table applied 1", "b applied 1"}},
			"the ends of lines": {source, "CREATE TABLE b (id integer);\r\n", []string{"create_a_table applied 1", "b applied 1"}},
			"the code":          {strings.Replace(source, `"a"`, `"x"`, 1), "CREATE TABLE b (id integer);\n", []string{"create_a_table changed 1", "b applied 1"}},
			"the SQL":           {source, "CREATE TABLE b (id bigint);\n", []string{"create_a_table applied 1", "b changed 1"}},
		} {
			var log bytes.Buffer
			m := newSet(t, url, set(tt.source, tt.sql), migrate.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
			equal(t, what, states(t, m), tt.want)
			up(t, m)
			if changed := strings.Contains(strings.Join(tt.want, " "), "changed"); changed != strings.Contains(log.String(), "have been changed") {
				t.Errorf("%s: log at the start: %q", what, log.String())
			}
		}
		m := newSet(t, url, set(source, "CREATE TABLE b (id bigint);\n"), migrate.Options{})
		if err := m.Resolve(t.Context(), "m20260102_000000_b", true); err != nil {
			t.Fatal(err)
		}
		equal(t, "accepted", states(t, m), []string{"create_a_table applied 1", "b applied 1"})
		// Without the sources nothing is known about them.
		equal(t, "no sources", states(t, newSet(t, url, migrate.Set{List: []migrate.Migration{inGo, creating(2, "x")}}, migrate.Options{})),
			[]string{"create_a_table applied 1", "b missing 1", "create_x_table pending 0"})
	})
}

func TestAMigrationOlderThanTheNewestAppliedOneIsNoticed(t *testing.T) {
	t.Parallel()
	db := open(t, "sqlite://:memory:")
	up(t, newMigrator(t, db, []migrate.Migration{creating(1, "a"), creating(3, "c")}, migrate.Options{}))
	var log bytes.Buffer
	m := newMigrator(t, db, []migrate.Migration{creating(1, "a"), creating(2, "b"), creating(3, "c"), creating(4, "d")}, migrate.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	list, err := m.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		if s.Late != (s.Name == "m20260102_000000_create_b_table") {
			t.Errorf("%s: late is %v", s.Name, s.Late)
		}
	}
	up(t, m)
	if !strings.Contains(log.String(), "older than the newest applied") || !strings.Contains(log.String(), "names=m20260102_000000_create_b_table\n") {
		t.Errorf("log: %s", log.String())
	}
}

func TestADatabaseThatIsAheadOfTheProgram(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := open(t, url)
		up(t, newMigrator(t, db, []migrate.Migration{creating(1, "a"), creating(2, "b")}, migrate.Options{}))
		var log bytes.Buffer
		logger := slog.New(slog.NewTextHandler(&log, nil))
		old := []migrate.Migration{creating(1, "a")}
		up(t, newMigrator(t, db, old, migrate.Options{Logger: logger}))
		if !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), "m20260102_000000_create_b_table") {
			t.Errorf("served without a warning: %s", log.String())
		}
		_, err := newMigrator(t, db, old, migrate.Options{RefuseAhead: true}).Up(t.Context(), migrate.UpOptions{})
		e, ok := errors.AsType[*migrate.AheadError](err)
		if !ok || e.ExitCode() != 1 || !strings.Contains(e.Error(), "m20260102_000000_create_b_table") || !strings.Contains(e.Hint(), "MIGRATE_AHEAD") {
			t.Errorf("%v, want an *AheadError", err)
		}
	})
}

func TestAnOldProgramRollsBackWhatOnlyTheNewOneHas(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := open(t, url)
		old := []migrate.Migration{creating(1, "a")}
		added := migrate.Migration{
			Name: "m20260102_000000_add",
			Up: func(ctx context.Context, s *schema.Builder) error {
				if err := s.Create(ctx, "b", func(t *schema.Table) { t.ID(); t.String("text", 50) }); err != nil {
					return err
				}
				return s.Table(ctx, "a", func(t *schema.Table) { t.String("extra", 20).Nullable(); t.Index("extra") })
			},
			Down: func(ctx context.Context, s *schema.Builder) error {
				if _, err := s.Conn().ExecContext(ctx, "INSERT INTO b (text) VALUES (?)", `it's a ? \ "x"`); err != nil {
					return err
				}
				if err := s.Table(ctx, "a", func(t *schema.Table) { t.DropColumn("extra") }); err != nil {
					return err
				}
				if found, err := s.HasTable(ctx, "b"); err != nil || !found {
					return errors.Join(err, errors.New("b is not there"))
				}
				return s.Drop(ctx, "b")
			},
		}
		files := migrate.Set{List: append(old, added), Files: files(
			"m20260103_000000_c.up.sql", "CREATE TABLE c (id integer);\nINSERT INTO c VALUES (1);\n",
			"m20260103_000000_c.down.sql", "-- all of it\nDELETE FROM c;\nDROP TABLE c;\n",
		)}
		m, err := migrate.New(db, files, &migrate.Options{Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		up(t, m)
		if n := count(t, db, "b"); n != 0 {
			t.Errorf("storing the way back has inserted %d rows", n)
		}
		program := newMigrator(t, db, old, migrate.Options{})
		r, err := program.Rollback(t.Context(), migrate.RollbackOptions{Steps: 2})
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "rolled back", brief(r), []string{"c 1", "add 1"})
		if hasTable(t, db, "b") || hasTable(t, db, "c") || !hasTable(t, db, "a") {
			t.Error("the tables are not what they were")
		}
		if found, err := schema.New(db).HasColumn(t.Context(), "a", "extra"); err != nil || found {
			t.Errorf("the column is still there (%v)", err)
		}
		equal(t, "status", states(t, program), []string{"create_a_table applied 1"})
	})
}

func TestAWayBackThatCannotBeStoredSaysSo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := open(t, url)
		reads := creating(1, "a")
		reads.Down = func(ctx context.Context, s *schema.Builder) error {
			if err := s.Exec(ctx, "ALTER TABLE a ADD COLUMN extra integer"); err != nil {
				return err
			}
			var n int
			if err := s.Conn().QueryRowContext(ctx, "SELECT count(extra) FROM a").Scan(&n); err != nil {
				return err
			}
			return s.Drop(ctx, "a")
		}
		m := newMigrator(t, db, []migrate.Migration{reads}, migrate.Options{})
		up(t, m)
		_, err := newMigrator(t, db, nil, migrate.Options{}).Rollback(t.Context(), migrate.RollbackOptions{})
		if err == nil || !strings.Contains(err.Error(), "could not be stored") || !strings.Contains(err.Error(), "extra") || !hasTable(t, db, "a") {
			t.Errorf("%v, want an error that says why", err)
		}
		if _, err := m.Rollback(t.Context(), migrate.RollbackOptions{}); err != nil {
			t.Errorf("the program that has it: %v", err)
		}
	})
}
