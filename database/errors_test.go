package database_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/schema"
	"github.com/kitgo/kit/internal/dbtest"
)

// status returns the HTTP status of an error; 0 when it has none.
func status(err error) int {
	s, ok := errors.AsType[interface {
		error
		StatusCode() int
	}](err)
	if !ok {
		return 0
	}
	return s.StatusCode()
}

func TestRefusedRows(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := blog(t, url)
		ctx := t.Context()
		exec(t, db, "CREATE TABLE prices (id integer PRIMARY KEY, amount integer NOT NULL, CONSTRAINT positive CHECK (amount > 0))")

		err := database.Insert(ctx, db, &Author{Name: "Ann"})
		u, ok := errors.AsType[*database.UniqueError](err)
		if !ok || u.Table != "authors" || fmt.Sprint(u.Columns) != "[name]" || status(err) != http.StatusConflict || u.Fields()["name"] == "" {
			t.Errorf("unique: %#v, %v", u, err)
		}
		err = database.Insert(ctx, db, &Profile{AuthorID: 99})
		f, ok := errors.AsType[*database.ForeignKeyError](err)
		named := db.Dialect() == database.SQLite || f != nil && f.Table == "profiles" && f.Constraint == "profiles_author_id_foreign"
		if !ok || f.Referenced || !named || status(err) != http.StatusUnprocessableEntity {
			t.Errorf("a foreign key to nothing: %#v, %v", f, err)
		}
		err = database.Delete(ctx, db, &Author{ID: 1})
		f, ok = errors.AsType[*database.ForeignKeyError](err)
		if !ok || db.Dialect() != database.SQLite && (!f.Referenced || status(err) != http.StatusConflict) {
			t.Errorf("deleting what others refer to: %#v, %v", f, err)
		}
		_, err = db.ExecContext(ctx, "INSERT INTO prices (id, amount) VALUES (1, NULL)")
		n, ok := errors.AsType[*database.NotNullError](err)
		if !ok || n.Column != "amount" || db.Dialect() != database.MySQL && n.Table != "prices" || status(err) != http.StatusUnprocessableEntity {
			t.Errorf("NULL: %#v, %v", n, err)
		}
		_, err = db.ExecContext(ctx, "INSERT INTO prices (id, amount) VALUES (1, -5)")
		c, ok := errors.AsType[*database.CheckError](err)
		if !ok || c.Constraint != "positive" || status(err) != http.StatusUnprocessableEntity {
			t.Errorf("check: %#v, %v", c, err)
		}
		for what, e := range map[string]error{"unique": u, "foreign key": f, "not null": n, "check": c} {
			if text := e.Error(); strings.Contains(text, "INSERT") || strings.Contains(text, "Ann") || strings.Contains(text, "-5") {
				t.Errorf("%s: the message has SQL or values: %s", what, text)
			}
		}
	})
}

func TestDeadlocks(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{"postgres": dbtest.Postgres(t), "mariadb": dbtest.MariaDB(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := blog(t, url)
			// Two transactions lock two rows in opposite order, and meet in the middle.
			meet := make(chan struct{})
			lock := func(retries int, ids ...int64) error {
				attempt := 0
				return database.TxWith(t.Context(), db, database.TxOptions{Retries: retries}, func(ctx context.Context) error {
					attempt++
					for i, id := range ids {
						if _, err := database.From[Author](db).ForUpdate().Find(ctx, id); err != nil {
							return err
						}
						if i == 0 && attempt == 1 {
							select {
							case meet <- struct{}{}:
							case <-meet:
							}
						}
					}
					return nil
				})
			}
			done := make(chan error)
			go func() { done <- lock(0, 1, 2) }()
			a, b := lock(0, 2, 1), <-done
			err := errors.Join(a, b)
			if c, ok := errors.AsType[*database.ConflictError](err); a != nil && b != nil || !ok || !c.Deadlock || status(err) != 503 {
				t.Errorf("a deadlock: %v and %v", a, b)
			}
			go func() { done <- lock(3, 1, 2) }()
			if a, b := lock(3, 2, 1), <-done; a != nil || b != nil {
				t.Errorf("with retries: %v and %v", a, b)
			}
		})
	}
}

func TestLocksOfOthers(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{"postgres": dbtest.Postgres(t), "mariadb": dbtest.MariaDB(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := blog(t, url)
			err := database.Tx(t.Context(), db, func(ctx context.Context) error {
				if _, err := database.From[Author](db).ForUpdate().Find(ctx, 1); err != nil {
					return err
				}
				outside := func(q *database.Query[Author]) ([]Author, error) {
					var rows []Author
					err := database.Tx(t.Context(), db, func(ctx context.Context) (err error) {
						rows, err = q.OrderBy("id").All(ctx)
						return err
					})
					return rows, err
				}
				rows, err := outside(database.From[Author](db).ForUpdate().SkipLocked())
				if err != nil || len(rows) != 2 || rows[0].ID != 2 {
					t.Errorf("SkipLocked: %+v, %v", rows, err)
				}
				_, err = outside(database.From[Author](db).ForUpdate().NoWait())
				if _, ok := errors.AsType[*database.TimeoutError](err); !ok || status(err) != 503 {
					t.Errorf("NoWait: %v", err)
				}
				_, err = outside(database.From[Author](db).ForShare().NoWait())
				if err == nil && name == "postgres" {
					t.Error("ForShare passes a lock")
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
			if _, err := database.From[Author](db).SkipLocked().All(t.Context()); err == nil {
				t.Error("SkipLocked without a lock is no error")
			}
		})
	}
}

// Who waits for a connection does so as long as the context lasts, and is told why.
func TestAFullPoolSaysSo(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := open(t, url, &database.Options{MaxConnections: 1})
		tables(t, db)
		attempt := func(what, want string, query func(ctx context.Context) error) {
			t.Helper()
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			err := query(ctx)
			if e, ok := errors.AsType[*database.TimeoutError](err); !ok || e.Reason != "no connection was free in time: "+want || status(err) != 503 || ctx.Err() == nil {
				t.Errorf("%s: %v, want %q", what, err, want)
			}
		}
		all := "all 1 are in use (DB_MAX_CONNECTIONS)"
		reading, writing := all, all
		if db.Dialect() == database.SQLite {
			writing = "another transaction is writing to the file"
		}
		if url == "sqlite://:memory:" {
			reading = "a database in memory has one, which is in use"
			writing = reading
		}
		err := database.Tx(t.Context(), db, func(context.Context) error {
			attempt("a write", writing, func(ctx context.Context) error { return database.Insert(ctx, db, &Tag{Name: "x"}) })
			attempt("SQL", writing, func(ctx context.Context) error { return second(db.ExecContext(ctx, "DELETE FROM tags")) })
			attempt("a transaction", writing, func(ctx context.Context) error {
				return database.Tx(ctx, db, func(context.Context) error { return nil })
			})
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(database.InsertMany(t.Context(), db, []Tag{{Name: "a"}, {Name: "b"}}))
		for _, err := range database.From[Tag](db).Rows(t.Context()) {
			must(err)
			attempt("a read", reading, func(ctx context.Context) error { return second(database.From[Tag](db).Count(ctx)) })
		}
	})
}

// The type of a column changes while the statement is prepared.
func TestAPreparedStatementOutlivesAMigration(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := open(t, url, nil)
		ctx := t.Context()
		s := schema.New(db)
		if err := s.Create(ctx, "tags", func(t *schema.Table) { t.ID(); t.String("name", 20) }); err != nil {
			t.Fatal(err)
		}
		if err := database.Insert(ctx, db, &Tag{Name: "a"}); err != nil {
			t.Fatal(err)
		}
		for _, change := range []string{"", "ALTER TABLE tags ADD COLUMN more integer", map[database.Dialect]string{
			database.Postgres: "ALTER TABLE tags ALTER COLUMN name TYPE text",
			database.MySQL:    "ALTER TABLE tags MODIFY name text",
			database.SQLite:   "ALTER TABLE tags RENAME COLUMN more TO less",
		}[db.Dialect()]} {
			if change != "" {
				exec(t, db, change)
			}
			for range 3 {
				if tag, err := database.Find[Tag](ctx, db, 1); err != nil || tag.Name != "a" {
					t.Fatalf("after %q: %+v, %v", change, tag, err)
				}
			}
		}
	})
}

// Behind a pooler that hands connections round, prepared statements do not stay.
func TestQueriesThroughAPooler(t *testing.T) {
	t.Parallel()
	db := blog(t, dbtest.PgBouncer(t, dbtest.Postgres(t)))
	done := make(chan error)
	for range 20 {
		go func() {
			for range 20 {
				a, err := database.From[Author](db).With("Posts").Find(t.Context(), 1)
				if err == nil && (a.Name != "Ann" || len(a.Posts) != 2) {
					err = fmt.Errorf("read %+v", a)
				}
				if err == nil {
					err = database.Tx(t.Context(), db, func(ctx context.Context) error {
						return database.Insert(ctx, db, &Tag{Name: "x"})
					})
				}
				if err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range 20 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
