package schema_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/schema"
	"github.com/kitgo/kit/internal/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Run(m)) }

func each(t *testing.T, test func(t *testing.T, db *database.DB, s *schema.Builder)) {
	t.Helper()
	for name, url := range map[string]string{"sqlite": dbtest.SQLite(t), "postgres": dbtest.Postgres(t), "mariadb": dbtest.MariaDB(t)} {
		db, err := database.Open(url, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, db, schema.New(db))
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func has(t *testing.T, s *schema.Builder, table, column string) bool {
	t.Helper()
	found, err := s.HasColumn(t.Context(), table, column)
	must(t, err)
	return found
}

type thing struct {
	ID        int64          `bun:"id,pk,autoincrement"`
	Token     string         `bun:"token"`
	Name      string         `bun:"name"`
	Note      *string        `bun:"note"`
	Count     int            `bun:"count"`
	Bytes     int64          `bun:"bytes"`
	Done      bool           `bun:"done"`
	Score     float64        `bun:"score"`
	Price     string         `bun:"price"`
	SeenAt    *time.Time     `bun:"seen_at"`
	Day       time.Time      `bun:"day"`
	Settings  map[string]int `bun:"settings"`
	Picture   []byte         `bun:"picture"`
	CreatedAt time.Time      `bun:"created_at,nullzero,default:current_timestamp"`
	UpdatedAt time.Time      `bun:"updated_at,nullzero,default:current_timestamp"`
}

func TestEveryTypeKeepsItsValue(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB, s *schema.Builder) {
		ctx := t.Context()
		must(t, s.Create(ctx, "things", func(t *schema.Table) {
			t.ID()
			t.UUID("token").Unique()
			t.String("name", 80)
			t.Text("note").Nullable()
			t.Integer("count")
			t.BigInteger("bytes")
			t.Bool("done")
			t.Float("score")
			t.Decimal("price", 10, 2)
			t.Timestamp("seen_at").Nullable()
			t.Date("day")
			t.JSON("settings")
			t.Binary("picture")
			t.Timestamps()
		}))
		seen := time.Date(2026, 3, 29, 1, 30, 0, 0, time.UTC)
		in := thing{
			Token: "6ba7b810-9dad-11d1-80b4-00c04fd430c8", Name: "ñame", Count: -5, Bytes: 1 << 40, Done: true, Score: 0.25, Price: "12.5",
			SeenAt: &seen, Day: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), Settings: map[string]int{"a": 1}, Picture: []byte{0, 255, 1},
		}
		before := time.Now().Add(-2 * time.Second)
		_, err := db.Bun().NewInsert().Model(&in).ExcludeColumn("created_at", "updated_at").Exec(ctx)
		must(t, err)
		out, err := database.Find[thing](ctx, db, in.ID)
		must(t, err)
		if at := out.CreatedAt; at.Before(before) || at.After(time.Now().Add(2*time.Second)) || at.Location() != time.UTC {
			t.Errorf("created_at is %v, want now in UTC", at)
		}
		out.Price = strings.TrimSuffix(out.Price, "0") // PostgreSQL writes both digits
		out.CreatedAt, out.UpdatedAt, in.CreatedAt, in.UpdatedAt = time.Time{}, time.Time{}, time.Time{}, time.Time{}
		if diff := cmp.Diff(in, out); diff != "" {
			t.Errorf("(-in +out):\n%s", diff)
		}
		twin := in
		twin.ID = 0
		if _, ok := errors.AsType[*database.UniqueError](database.Insert(ctx, db, &twin)); !ok {
			t.Error("a Unique column takes the same value twice")
		}
		if err := s.Exec(ctx, "INSERT INTO things (name) VALUES ('x')"); err == nil {
			t.Error("columns are not NOT NULL")
		}
	})
}

func TestForeignKeysAndDefaults(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB, s *schema.Builder) {
		ctx := t.Context()
		must(t, s.Create(ctx, "authors", func(t *schema.Table) { t.ID() }))
		must(t, s.Create(ctx, "books", func(t *schema.Table) {
			t.ID()
			t.ForeignID("author_id").References("authors").OnDelete(schema.Cascade)
			t.ForeignID("editor_id").Nullable().References("authors").OnDelete(schema.SetNull)
			t.String("title", 80).Default(`it's "?" \`)
			t.Text("note").Default(`it's "?" \`)
			t.Date("day").Default(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
			t.Integer("answer").DefaultExpr("6 * 7")
		}))
		must(t, s.Exec(ctx, "INSERT INTO authors (id) VALUES (1), (2)"))
		must(t, s.Exec(ctx, "INSERT INTO books (author_id, editor_id) VALUES (?, ?), (2, NULL)", 1, 2))
		if err := s.Exec(ctx, "INSERT INTO books (author_id) VALUES (3)"); err == nil {
			t.Error("a book of no author is accepted")
		}
		must(t, s.Exec(ctx, "DELETE FROM authors WHERE id = 2"))
		var n, answer int
		var editor *int
		var title, note string
		var day time.Time
		must(t, db.QueryRowContext(ctx, "SELECT count(*) FROM books").Scan(&n))
		must(t, db.QueryRowContext(ctx, "SELECT title, note, day, answer, editor_id FROM books").Scan(&title, &note, &day, &answer, &editor))
		if n != 1 || title != `it's "?" \` || note != title || day != time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC) || answer != 42 || editor != nil {
			t.Errorf("%d books, the first is %q, %q of %v with %d and editor %v", n, title, note, day, answer, editor)
		}
	})
}

func TestChangingATable(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB, s *schema.Builder) {
		ctx := t.Context()
		must(t, s.Create(ctx, "publishers", func(t *schema.Table) { t.ID() }))
		must(t, s.Create(ctx, "books", func(t *schema.Table) {
			t.ID()
			t.String("name", 80)
			t.String("isbn", 13).Unique()
			t.Integer("old")
			t.Index("old", "name")
		}))
		must(t, s.Exec(ctx, "INSERT INTO books (name, isbn, old) VALUES ('a', '1', 1)"))
		must(t, s.Table(ctx, "books", func(t *schema.Table) {
			t.RenameColumn("name", "title")
			t.DropColumn("old")
			t.DropUniqueIndex("isbn")
			t.ForeignID("publisher_id").Nullable().References("publishers")
			t.Integer("pages").Default(7)
			t.Index("title")
		}))
		var title string
		var pages int
		must(t, db.QueryRowContext(ctx, "SELECT title, pages FROM books").Scan(&title, &pages))
		if title != "a" || pages != 7 || has(t, s, "books", "old") || has(t, s, "books", "name") {
			t.Errorf("title %q, pages %d, old %v", title, pages, has(t, s, "books", "old"))
		}
		must(t, s.Exec(ctx, "INSERT INTO books (title, isbn) VALUES ('b', '1')"))
		if err := s.Exec(ctx, "INSERT INTO books (title, isbn, publisher_id) VALUES ('c', '1', 99)"); err == nil {
			t.Error("the new foreign key does not hold")
		}
		must(t, s.Table(ctx, "books", func(t *schema.Table) { t.DropIndex("title") }))
		must(t, s.Rename(ctx, "books", "volumes"))
		for name, want := range map[string]bool{"books": false, "volumes": true} {
			if got, err := s.HasTable(ctx, name); got != want || err != nil {
				t.Errorf("HasTable(%q) = %v, %v, want %v", name, got, err, want)
			}
		}
		must(t, s.Drop(ctx, "volumes"))
		must(t, s.DropIfExists(ctx, "volumes"))
		err := s.Drop(ctx, "volumes")
		e, ok := errors.AsType[*schema.StatementError](err)
		want := `DROP TABLE "volumes"`
		if db.Dialect() == database.MySQL {
			want = "DROP TABLE `volumes`"
		}
		if !ok || e.SQL != want || !strings.Contains(e.Error(), e.SQL) {
			t.Errorf("Drop of no table: %v, want a *StatementError with the statement", err)
		}
	})
}

func TestNothingRunsWhenTheDefinitionHasAMistake(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _ *database.DB, s *schema.Builder) {
		ctx := t.Context()
		if err := s.Create(ctx, "books", func(t *schema.Table) { t.ID(); t.Index("nme") }); err == nil {
			t.Error("an index on no column is accepted")
		}
		if found, err := s.HasTable(ctx, "books"); found || err != nil {
			t.Errorf("HasTable = %v, %v, want no table", found, err)
		}
	})
}

func TestAForeignKeyOnAnExistingColumn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _ *database.DB, s *schema.Builder) {
		ctx := t.Context()
		must(t, s.Create(ctx, "authors", func(t *schema.Table) { t.ID() }))
		must(t, s.Create(ctx, "books", func(t *schema.Table) { t.BigInteger("author_id") }))
		err := s.Table(ctx, "books", func(t *schema.Table) {
			t.Foreign("author_id").References("authors")
			t.Text("added").Nullable()
		})
		must(t, err)
		if err := s.Exec(ctx, "INSERT INTO books (author_id) VALUES (1)"); err == nil {
			t.Error("the foreign key does not hold")
		}
	})
}

// What is made of a column goes with it, as in PostgreSQL.
func TestDroppingAColumnDropsItsIndexesAndKeys(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB, s *schema.Builder) {
		ctx := t.Context()
		must(t, s.Create(ctx, "authors", func(t *schema.Table) { t.ID() }))
		must(t, s.Create(ctx, "books", func(t *schema.Table) {
			t.ID()
			t.String("title", 50).Unique()
			t.Integer("year")
			t.Integer("edition")
			t.UniqueIndex("title", "year")
			t.Index("edition", "year")
		}))
		must(t, s.Table(ctx, "books", func(t *schema.Table) {
			t.ForeignID("author_id").Nullable().References("authors")
			t.Index("author_id", "edition")
		}))
		must(t, s.Table(ctx, "books", func(t *schema.Table) { t.DropColumn("author_id") }))
		must(t, s.Table(ctx, "books", func(t *schema.Table) { t.DropColumn("year") }))
		// With the index over title and year gone, only the one over title is left.
		must(t, s.Table(ctx, "books", func(t *schema.Table) { t.DropUniqueIndex("title") }))
		for range 2 {
			must(t, s.Exec(ctx, "INSERT INTO books (title, edition) VALUES ('x', 1)"))
		}
		must(t, s.Drop(ctx, "authors"))
	})
}

func TestAnErrorSaysWhere(t *testing.T) {
	t.Parallel()
	db, err := database.Open(dbtest.Postgres(t), nil)
	must(t, err)
	t.Cleanup(func() { db.Close() })
	err = schema.New(db).Exec(t.Context(), "CREATE TABLE ä (\n\tid integer,\n\tname nosuchtype\n)")
	e, ok := errors.AsType[*schema.StatementError](err)
	if !ok {
		t.Fatalf("%v, want a *StatementError", err)
	}
	if line, column := e.Position(); line != 3 || column != 7 || !strings.Contains(err.Error(), "at line 3, column 7") {
		t.Errorf("line %d, column %d in %q", line, column, err)
	}
}

// InnoDB wants an index behind each foreign key, the others do not.
func TestTheIndexOfAForeignKeyComesAndGoes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB, s *schema.Builder) {
		ctx := t.Context()
		must(t, s.Create(ctx, "authors", func(t *schema.Table) { t.ID() }))
		must(t, s.Exec(ctx, "INSERT INTO authors (id) VALUES (1)"))
		must(t, s.Create(ctx, "books", func(t *schema.Table) {
			t.ID()
			t.ForeignID("author_id").References("authors")
			t.String("title", 50).Nullable()
			t.Index("author_id")
		}))
		column := "author_id"
		change := func(define func(*schema.Table)) {
			t.Helper()
			must(t, s.Table(ctx, "books", define))
			must(t, s.Exec(ctx, "INSERT INTO books ("+column+") VALUES (1)"))
			if err := s.Exec(ctx, "INSERT INTO books ("+column+") VALUES (99)"); err == nil {
				t.Error("the foreign key does not hold any more")
			}
		}
		for range 2 {
			change(func(t *schema.Table) { t.DropIndex("author_id") })
			change(func(t *schema.Table) { t.Index("author_id") })
		}
		change(func(t *schema.Table) { t.DropIndex("author_id"); t.Index("author_id", "title") })
		column = "writer_id"
		change(func(t *schema.Table) { t.RenameColumn("author_id", "writer_id"); t.DropColumn("title") })
		change(func(t *schema.Table) { t.Index("writer_id") })
		change(func(t *schema.Table) { t.DropIndex("writer_id") })
	})
}

func TestMySQLChangesATableAsAWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	db, err := database.Open(dbtest.MariaDB(t), nil)
	must(t, err)
	t.Cleanup(func() { db.Close() })
	s := schema.New(db)
	must(t, s.Create(t.Context(), "books", func(t *schema.Table) { t.ID(); t.String("title", 50); t.Index("title") }))
	must(t, s.Exec(t.Context(), "INSERT INTO books (title) VALUES ('a'), ('a')"))
	err = s.Table(t.Context(), "books", func(t *schema.Table) {
		t.RenameColumn("title", "name")
		t.DropIndex("title")
		t.Integer("pages").Default(1)
		t.UniqueIndex("name") // of values that are not
	})
	if _, ok := errors.AsType[*database.UniqueError](err); !ok || has(t, s, "books", "pages") || has(t, s, "books", "name") {
		t.Errorf("error %v, want a *UniqueError and nothing else changed", err)
	}
	must(t, s.Table(t.Context(), "books", func(t *schema.Table) { t.DropIndex("title") }))
	must(t, s.Table(t.Context(), "books", func(*schema.Table) {}))
}

func TestMySQLTablesAreInUTF8(t *testing.T) {
	t.Parallel()
	for charset, want := range map[string]string{
		"latin1":                              "utf8mb4_general_ci",
		"utf8mb4 COLLATE utf8mb4_estonian_ci": "utf8mb4_estonian_ci",
	} {
		db, err := database.Open(dbtest.MariaDB(t), nil)
		must(t, err)
		t.Cleanup(func() { db.Close() })
		s := schema.New(db)
		must(t, s.Exec(t.Context(), "ALTER DATABASE CHARACTER SET "+charset))
		must(t, s.Create(t.Context(), "books", func(t *schema.Table) { t.ID(); t.String("title", 50) }))
		var collation, title string
		must(t, db.QueryRowContext(t.Context(), "SELECT table_collation FROM information_schema.tables WHERE table_schema = database()").Scan(&collation))
		must(t, s.Exec(t.Context(), "INSERT INTO books (title) VALUES ('🛠')"))
		must(t, db.QueryRowContext(t.Context(), "SELECT title FROM books").Scan(&title))
		if collation != want || title != "🛠" {
			t.Errorf("in a database in %s: the table is in %s, want %s; read back %q", charset, collation, want, title)
		}
	}
}
