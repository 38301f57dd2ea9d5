package database_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/database"
)

type Member struct {
	ID       int64     `bun:"id,pk,autoincrement"`
	Team     string    `bun:"team"`
	Name     string    `bun:"name"`
	Active   bool      `bun:"active"`
	JoinedAt time.Time `bun:"joined_at"`
}

func members(t *testing.T, url string) *database.DB {
	t.Helper()
	db := open(t, url, nil)
	exec(t, db, map[database.Dialect]string{
		database.Postgres: "CREATE TABLE members (id bigserial PRIMARY KEY, team text, name text, active boolean, joined_at timestamptz)",
		database.MySQL:    "CREATE TABLE members (id bigint AUTO_INCREMENT PRIMARY KEY, team varchar(80), name varchar(80), active boolean, joined_at datetime(6))",
		database.SQLite:   "CREATE TABLE members (id INTEGER PRIMARY KEY AUTOINCREMENT, team text, name text, active boolean, joined_at timestamp)",
	}[db.Dialect()])
	exec(t, db, "CREATE UNIQUE INDEX members_unique ON members (team, name)")
	return db
}

func TestQueries(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		ctx := t.Context()
		db := members(t, url)
		all, err := database.From[Member](db).All(ctx)
		if err != nil || all == nil || len(all) != 0 {
			t.Errorf("All on an empty table = %v, %v, want an empty slice", all, err)
		}
		joined := time.Date(2026, 1, 2, 3, 4, 5, 600000, time.UTC)
		want := []Member{{Team: "a", Name: "Ann", Active: true, JoinedAt: joined}, {Team: "a", Name: "Bob", JoinedAt: joined}, {Team: "b", Name: "Ann", JoinedAt: joined}}
		for i := range want {
			if err := database.Insert(ctx, db, &want[i]); err != nil {
				t.Fatal(err)
			}
			if want[i].ID != int64(i+1) {
				t.Errorf("Insert gives id %d, want %d", want[i].ID, i+1)
			}
		}
		check := func(what string, got any, err error, want any) {
			t.Helper()
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("%s: %v (-want +got):\n%s", what, err, diff)
			}
		}
		team := func(name string) *database.Query[Member] { return database.From[Member](db).Where("team = ?", name) }
		got, err := database.From[Member](db).OrderBy("id").All(ctx)
		check("All", got, err, want)
		got, err = team("a").Where("active = ?", true).All(ctx)
		check("two conditions", got, err, want[:1])
		got, err = team("a").Where("name = 'x' OR name = 'Bob'").All(ctx)
		check("a condition with OR", got, err, want[1:2])
		got, err = database.From[Member](db).OrderBy("name, id DESC").Limit(2).All(ctx)
		check("OrderBy and Limit", got, err, []Member{want[2], want[0]})
		got, err = database.From[Member](db).OrderBy("id").Offset(1).All(ctx)
		check("Offset", got, err, want[1:])
		n, err := team("a").Limit(1).Count(ctx)
		check("Count", n, err, 2)
		found, err := team("c").Exists(ctx)
		check("Exists", found, err, false)
		found, err = team("b").Exists(ctx)
		check("Exists", found, err, true)
		one, err := database.From[Member](db).OrderBy("id DESC").First(ctx)
		check("First", one, err, want[2])
		one, err = database.Find[Member](ctx, db, 2)
		check("Find", one, err, want[1])

		want[1].Name = "Rob"
		if err := database.Update(ctx, db, &want[1]); err != nil {
			t.Error(err)
		}
		one, err = database.Find[Member](ctx, db, 2)
		check("Find after Update", one, err, want[1])
		deleted, err := team("a").Delete(ctx)
		check("Delete", deleted, err, int64(2))
		n, err = database.From[Member](db).Count(ctx)
		check("Count after Delete", n, err, 1)
	})
}

func TestQueryErrors(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		ctx := t.Context()
		db := members(t, url)
		ann := Member{Team: "a", Name: "Ann"}
		if err := database.Insert(ctx, db, &ann); err != nil {
			t.Fatal(err)
		}
		_, first := database.From[Member](db).Where("id = 99").First(ctx)
		_, find := database.Find[Member](ctx, db, 99)
		for what, err := range map[string]error{"First": first, "Find": find, "Update": database.Update(ctx, db, &Member{ID: 99})} {
			status, ok := errors.AsType[interface {
				error
				StatusCode() int
			}](err)
			if !errors.Is(err, database.ErrNotFound) || !ok || status.StatusCode() != 404 {
				t.Errorf("%s of nothing: %v, want ErrNotFound with status 404", what, err)
			}
		}

		bob := Member{Team: "a", Name: "Bob"}
		if err := database.Insert(ctx, db, &bob); err != nil {
			t.Fatal(err)
		}
		bob.Name = "Ann"
		_, raw := db.ExecContext(ctx, "INSERT INTO members (team, name) VALUES ('a', 'Ann')")
		for what, err := range map[string]error{"Insert": database.Insert(ctx, db, &Member{Team: "a", Name: "Ann"}), "Update": database.Update(ctx, db, &bob), "ExecContext": raw} {
			e, ok := errors.AsType[*database.UniqueError](err)
			if !ok || e.StatusCode() != 409 {
				t.Errorf("%s of a double: %v, want a *UniqueError", what, err)
				continue
			}
			want := []string{"members", "team", "name"}
			if what == "ExecContext" && db.Dialect() == database.MySQL {
				want = []string{e.Table} // MariaDB says only the name of the index, MySQL the table, too
			}
			if diff := cmp.Diff(want, append([]string{e.Table}, e.Columns...)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", what, diff)
			}
		}

		_, noWhere := database.From[Member](db).Delete(ctx)
		_, limited := database.From[Member](db).Where("true").Limit(1).Delete(ctx)
		_, negative := database.From[Member](db).Limit(-1).All(ctx)
		for what, err := range map[string]error{"Delete without Where": noWhere, "Delete with Limit": limited, "a negative Limit": negative} {
			if err == nil {
				t.Errorf("%s is accepted", what)
			}
		}
		if n := count(t, db, "members"); n != 2 {
			t.Errorf("%d rows, want 2", n)
		}
	})
}

type Visit struct {
	ID    int64     `bun:"id,pk,autoincrement"`
	Page  string    `bun:"page"`
	Count int       `bun:"count,nullzero,default:7"`
	At    time.Time `bun:"at,nullzero,default:current_timestamp"`
}

func TestInsertFillsInWhatTheDatabaseChose(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := open(t, url, nil)
		exec(t, db, map[database.Dialect]string{
			database.Postgres: "CREATE TABLE visits (id bigserial PRIMARY KEY, page text, count integer DEFAULT 7, at timestamptz DEFAULT current_timestamp)",
			database.MySQL:    "CREATE TABLE visits (id bigint AUTO_INCREMENT PRIMARY KEY, page text, count integer DEFAULT 7, at datetime(6) DEFAULT current_timestamp(6))",
			database.SQLite:   "CREATE TABLE visits (id INTEGER PRIMARY KEY AUTOINCREMENT, page text, count integer DEFAULT 7, at timestamp DEFAULT current_timestamp)",
		}[db.Dialect()])
		at := time.Date(2026, 1, 2, 3, 4, 5, 600000, time.UTC)
		for i, row := range []Visit{{Page: "a"}, {Page: "b", Count: 1}, {Page: "c", At: at}} {
			in := row
			if err := database.Insert(t.Context(), db, &row); err != nil {
				t.Fatal(err)
			}
			if in.Count == 0 {
				in.Count = 7
			}
			if in.At.IsZero() {
				if age := time.Since(row.At); age < -time.Second || age > 10*time.Second {
					t.Errorf("the default time is %v, want now", row.At)
				}
				in.At = row.At
			}
			in.ID = int64(i + 1)
			stored, err := database.Find[Visit](t.Context(), db, row.ID)
			if diff := cmp.Diff([]Visit{in, in}, []Visit{row, stored}); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		}
	})
}
