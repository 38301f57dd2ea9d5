package schema_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/schema"
	"github.com/kitgo/kit/internal/dbtest"
)

// library is an SQLite database with everything that a rebuild of books could lose.
func library(t *testing.T, url string) (*database.DB, *schema.Builder) {
	t.Helper()
	db, err := database.Open(url, nil)
	must(t, err)
	t.Cleanup(func() { db.Close() })
	s := schema.New(db)
	for _, sql := range []string{
		"CREATE TABLE authors (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT)",
		`CREATE TABLE books ( -- all of them
			id INTEGER PRIMARY KEY AUTOINCREMENT,
			title TEXT COLLATE NOCASE NOT NULL, -- as on the cover
			pages TEXT CHECK (pages <> ''),
			author_id INTEGER NOT NULL REFERENCES authors (id) ON DELETE CASCADE,
			parent_id INTEGER REFERENCES books (id) ON DELETE CASCADE,
			twice INTEGER GENERATED ALWAYS AS (pages * 2) STORED,
			half INTEGER AS (pages / 2) VIRTUAL,
			CONSTRAINT no_empty_title CHECK (title <> ''),
			UNIQUE (title, author_id)
		)`,
		"CREATE TABLE pages (id INTEGER PRIMARY KEY, book_id INTEGER NOT NULL REFERENCES books (id) ON DELETE CASCADE)",
		"CREATE TABLE log (line TEXT)",
		"CREATE INDEX books_pages ON books (pages DESC)",
		"CREATE INDEX books_long ON books (title) WHERE pages > 100",
		"CREATE UNIQUE INDEX books_lower ON books (lower(title), author_id)",
		"CREATE TRIGGER books_log AFTER UPDATE OF title ON books BEGIN INSERT INTO log VALUES (old.title || ' was renamed; now ' || new.title); END",
		"CREATE TRIGGER authors_log AFTER DELETE ON authors BEGIN INSERT INTO log SELECT count(*) FROM books; END",
		"CREATE VIEW titles AS SELECT b.title, a.name FROM books AS b JOIN authors AS a ON a.id = b.author_id",
		"CREATE VIEW names AS SELECT name FROM titles",
		"CREATE TRIGGER titles_insert INSTEAD OF INSERT ON titles BEGIN INSERT INTO log VALUES (new.title); END",
		"INSERT INTO authors (id, name) VALUES (1, 'Ann'), (2, 'Bob')",
		"INSERT INTO books (id, title, pages, author_id, parent_id) VALUES (1, 'One', '120', 1, NULL), (2, 'Two', '80', 2, 1), (9, 'Nine', NULL, 1, NULL)",
		"INSERT INTO pages (id, book_id) VALUES (1, 1), (2, 1), (3, 2)",
		"DELETE FROM books WHERE id = 9",
	} {
		must(t, s.Exec(t.Context(), sql))
	}
	return db, s
}

// query returns the values of a query as text.
func query(t *testing.T, c database.Conn, sql string) string {
	t.Helper()
	var list []string
	must(t, c.IDB().NewRaw(sql).Scan(t.Context(), &list))
	return strings.Join(list, ", ")
}

const everything = "SELECT type || ' ' || name || ' ' || ifnull(sql, '') FROM sqlite_master WHERE name <> 'books' ORDER BY type, name"

func TestARebuildKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	for _, url := range []string{dbtest.SQLite(t), "sqlite://:memory:"} {
		db, s := library(t, url)
		ctx := t.Context()
		before := query(t, db, everything)
		must(t, s.Table(ctx, "books", func(t *schema.Table) {
			t.Integer("pages").Nullable().Change()
			t.Foreign("parent_id").References("books").OnDelete(schema.SetNull).Name("again")
			t.Check("few_pages", "pages < 1000")
		}))
		if diff := cmp.Diff(before, query(t, db, everything)); diff != "" {
			t.Errorf("other objects (-before +after):\n%s", diff)
		}
		want := "CREATE TABLE \"books\" (\n\t-- all of them\n\t\t\tid INTEGER PRIMARY KEY AUTOINCREMENT,\n\ttitle TEXT COLLATE NOCASE NOT NULL,\n\t\"pages\" INTEGER CHECK (pages <> ''),\n"
		if got := query(t, db, "SELECT sql FROM sqlite_master WHERE name = 'books'"); !strings.HasPrefix(got, want) {
			t.Errorf("the table is\n%s\nwant\n%s", got, want)
		}
		for sql, want := range map[string]string{
			"SELECT id || title || ifnull(typeof(pages), '') || pages || twice || half || author_id || ifnull(parent_id, '') FROM books ORDER BY id": "1Oneinteger120240601, 2Twointeger801604021",
			"SELECT id || '-' || book_id FROM pages ORDER BY id":       "1-1, 2-1, 3-2",
			"SELECT title || name FROM titles ORDER BY title":          "OneAnn, TwoBob",
			"SELECT name FROM names ORDER BY name":                     "Ann, Bob",
			"SELECT seq FROM sqlite_sequence WHERE name LIKE 'books%'": "9",
			"SELECT count(*) FROM log":                                 "0",
			"PRAGMA foreign_keys":                                      "1",
			"PRAGMA legacy_alter_table":                                "0",
			"PRAGMA integrity_check":                                   "ok",
		} {
			if got := query(t, db, sql); got != want {
				t.Errorf("%s is %q, want %q", sql, got, want)
			}
		}
		for name, sql := range map[string]string{
			"the check of the column":     "UPDATE books SET pages = ''",
			"the check of the table":      "UPDATE books SET title = ''",
			"the new check":               "UPDATE books SET pages = 1000",
			"the unique constraint":       "INSERT INTO books (title, author_id) VALUES ('one', 1)",
			"the foreign key":             "UPDATE books SET author_id = 77",
			"the foreign key from pages":  "INSERT INTO pages (book_id) VALUES (77)",
			"the column that is not null": "UPDATE books SET title = NULL",
		} {
			if err := s.Exec(ctx, sql); err == nil {
				t.Errorf("%s does not hold", name)
			}
		}
		must(t, s.Exec(ctx, "UPDATE books SET title = 'Uno' WHERE id = 1"))
		must(t, s.Exec(ctx, "INSERT INTO titles (title) VALUES ('Tre')"))
		must(t, s.Exec(ctx, "INSERT INTO books (title, author_id) VALUES ('Ten', 2)"))
		must(t, s.Exec(ctx, "DELETE FROM authors WHERE id = 1"))
		if got := query(t, db, "SELECT line FROM log"); got != "One was renamed; now Uno, Tre, 2" {
			t.Errorf("the triggers wrote %q", got)
		}
		// Book 1 went with its author, and its pages with it; book 2 has lost its parent.
		if got := query(t, db, "SELECT id || ifnull(parent_id, '-') FROM books"); got != "10-, 2-" && got != "2-, 10-" {
			t.Errorf("the books are %q", got)
		}
		if got := query(t, db, "SELECT id FROM pages"); got != "3" {
			t.Errorf("the pages are %q", got)
		}
	}
}

// The trap of libraries.md, section 7: with foreign keys on, DROP TABLE deletes the rows
// that refer to the table, and within a transaction they cannot be switched off.
func TestARebuildInATransactionWithForeignKeysIsRefused(t *testing.T) {
	t.Parallel()
	db, s := library(t, dbtest.SQLite(t))
	change := func(t *schema.Table) { t.Integer("pages").Nullable().Change() }
	inside := map[string]error{
		"DB.Transaction": db.Transaction(t.Context(), func(ctx context.Context, tx *database.Transaction) error {
			return schema.New(tx).Table(ctx, "books", change)
		}),
		"Tx": database.Tx(t.Context(), db, func(ctx context.Context) error { return s.Table(ctx, "books", change) }),
	}
	for name, err := range inside {
		if e, ok := errors.AsType[*schema.DefinitionError](err); !ok || !strings.Contains(e.Error(), "delete the rows") {
			t.Errorf("%s: %v, want a *DefinitionError", name, err)
		}
	}
	if got := query(t, db, "SELECT count(*) FROM pages"); got != "3" {
		t.Errorf("%s pages are left of 3", got)
	}
	session, err := db.Session(t.Context())
	must(t, err)
	defer session.Close()
	must(t, schema.New(session).Table(t.Context(), "books", change))
	if got := query(t, session, "PRAGMA foreign_keys") + query(t, session, "SELECT count(*) FROM pages"); got != "13" {
		t.Errorf("foreign keys and pages are %q", got)
	}
}

func TestARebuildThatFailsChangesNothing(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		define func(*schema.Table)
		want   string
		ran    bool // something was tried
	}{
		"a row that is NULL":      {func(t *schema.Table) { t.Integer("parent_id").Change() }, "parent_id of books__new must have a value", true},
		"a row without a parent":  {func(t *schema.Table) { t.Foreign("pages").References("authors") }, "does not exist", true},
		"a row against the check": {func(t *schema.Table) { t.Check("x", "CAST(pages AS integer) > 100") }, "violates the check x", true},
		"a column without values": {func(t *schema.Table) { t.Integer("year") }, `column "year": the rows that exist`, false},
		"a check on no column":    {func(t *schema.Table) { t.Check("x", "pges > 100") }, "no such column: pges", false},
		"no column to change":     {func(t *schema.Table) { t.Integer("pges").Change() }, `no column "pges" to change`, false},
		"no column to drop":       {func(t *schema.Table) { t.DropColumn("author_id", "pges") }, `no column "pges" to drop`, false},
		"a generated column":      {func(t *schema.Table) { t.Integer("half").Change() }, "is generated", false},
		"the ID":                  {func(t *schema.Table) { t.Text("id").Change() }, "is the ID", false},
		"a part of the key":       {func(t *schema.Table) { t.DropColumn("id") }, "primary key", false},
		"a second key":            {func(t *schema.Table) { t.PrimaryKey("title") }, "has a primary key already, over id", false},
		"no foreign key":          {func(t *schema.Table) { t.DropForeign("title") }, `no foreign key "books_title_foreign"`, false},
		"no check":                {func(t *schema.Table) { t.DropCheck("x") }, `no check "x"`, false},
		"no index":                {func(t *schema.Table) { t.RenameIndex("x", "y") }, `no index "x"`, false},
		"what a view shows":       {func(t *schema.Table) { t.DropColumn("title") }, "does not work any more", false},
		"a column that is there":  {func(t *schema.Table) { t.Text("title").Nullable(); t.DropCheck("no_empty_title") }, `a column "title" already`, false},
		"what others refer to":    {func(t *schema.Table) { t.DropPrimary() }, "the foreign keys does not work", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, s := library(t, "sqlite://:memory:")
			const all = "SELECT type || name || ifnull(sql, '') FROM sqlite_master"
			before := query(t, db, all)
			err := s.Table(t.Context(), "books", tt.define)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want an error with %q", err, tt.want)
			}
			if _, ok := errors.AsType[*schema.DefinitionError](err); ok == tt.ran {
				t.Errorf("%T is a *DefinitionError: %v", err, ok)
			}
			if diff := cmp.Diff(before, query(t, db, all)); diff != "" {
				t.Errorf("(-before +after):\n%s", diff)
			}
			if got := query(t, db, "SELECT count(*) FROM pages") + query(t, db, "PRAGMA foreign_keys") + query(t, db, "PRAGMA legacy_alter_table"); got != "310" {
				t.Errorf("pages, foreign keys and the legacy mode are %q", got)
			}
		})
	}
}
