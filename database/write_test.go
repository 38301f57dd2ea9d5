package database_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/schema"
	"github.com/uptrace/bun"
)

func TestWriting(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := blog(t, url)
		ctx := t.Context()
		before := time.Now().Add(-time.Second)
		a := Author{Name: "Dee", Rank: 9}
		if err := database.Insert(ctx, db, &a); err != nil {
			t.Fatal(err)
		}
		if a.CreatedAt.Before(before) || !a.CreatedAt.Equal(a.UpdatedAt) || a.ID != 4 {
			t.Errorf("Insert gives %+v", a)
		}
		stored, err := database.Find[Author](ctx, db, a.ID)
		equal(t, "the row", stored, err, a)

		created := a.CreatedAt
		a.Name, a.Rank, a.CreatedAt = "Eve", 10, time.Time{}
		if err := database.Update(ctx, db, &a, "rank"); err != nil {
			t.Error(err)
		}
		stored, err = database.Find[Author](ctx, db, a.ID)
		if err != nil || stored.Name != "Dee" || stored.Rank != 10 || !stored.CreatedAt.Equal(created) || !stored.UpdatedAt.After(created) {
			t.Errorf("Update of one column: %+v, %v", stored, err)
		}
		a.Name = "Fay"
		if err := database.Save(ctx, db, &a); err != nil {
			t.Error(err)
		}
		stored, err = database.Find[Author](ctx, db, a.ID)
		if err != nil || stored.Name != "Fay" || !stored.CreatedAt.Equal(created) {
			t.Errorf("Save: %+v, %v", stored, err)
		}
		fresh := Author{Name: "Gus"}
		if err := database.Save(ctx, db, &fresh); err != nil || fresh.ID != 5 {
			t.Errorf("Save of a new row: %+v, %v", fresh, err)
		}
		n, err := database.From[Author](db).Where("rank < ?", 3).Update(ctx, map[string]any{
			"rank": database.Expr("rank * ?", 10), "settings": Settings{Theme: "dark"},
		})
		equal(t, "Update by a query", n, err, int64(3))
		ranks, err := database.Pluck[int](ctx, database.From[Author](db).WhereJSON("settings", []string{"theme"}, "dark").OrderBy("rank"), "rank")
		equal(t, "what it did", ranks, err, []int{0, 10, 20})

		rows := []Author{{Name: "Ann", Rank: 50}, {Name: "New", Rank: 60}}
		if err := database.Upsert(ctx, db, rows, []string{"name"}, "rank"); err != nil {
			t.Error(err)
		}
		ann, err := database.From[Author](db).Where("name = ?", "Ann").Sole(ctx)
		if err != nil || ann.Rank != 50 || ann.ID != 1 || !ann.UpdatedAt.After(ann.CreatedAt) {
			t.Errorf("Upsert: %+v, %v", ann, err)
		}
		if err := database.Upsert(ctx, db, []Author{{Name: "Ann", Rank: 70}}, []string{"name"}); err != nil {
			t.Error(err)
		}
		total, err := database.Sum[int](ctx, database.From[Author](db).WhereIn("name", []string{"Ann", "New"}), "rank")
		equal(t, "Upsert that keeps what is there", total, err, 110)

		for what, err := range map[string]error{
			"no Where":          second(database.From[Author](db).Update(ctx, map[string]any{"rank": 1})),
			"no values":         second(database.From[Author](db).Where("true").Update(ctx, nil)),
			"a Limit":           second(database.From[Author](db).Where("true").Limit(1).Delete(ctx)),
			"an unknown column": second(database.From[Author](db).Where("true").Update(ctx, map[string]any{"rank = 1 --": 1})),
			"nil":               database.Update[Author](ctx, db, nil),
			"no unique columns": database.Upsert(ctx, db, rows, nil, "rank"),
			"an unknown one":    database.Upsert(ctx, db, rows, []string{"nmae"}, "rank"),
			"nothing there":     database.Delete(ctx, db, &Author{ID: 99}),
			"no such column":    database.Update(ctx, db, &a, "nmae"),
		} {
			if err == nil {
				t.Errorf("%s is no error", what)
			}
		}
	})
}

func second[T any](_ T, err error) error { return err }

type Gadget struct {
	ID    int64    `bun:"id,pk,autoincrement"`
	Code  string   `bun:"code,default:'none'"`
	Stock int      `bun:"stock,default:7"`
	Price *float64 `bun:"price"`
}

// Rows of which some leave a column to the database, in one call.
func TestInsertManyWithDefaults(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := open(t, url, nil)
		ctx := t.Context()
		err := schema.New(db).Create(ctx, "gadgets", func(t *schema.Table) {
			t.ID()
			t.String("code", 20).Default("none")
			t.Integer("stock").Default(7)
			t.Float("price").Nullable()
		})
		if err != nil {
			t.Fatal(err)
		}
		rows := []Gadget{{Code: "a"}, {Stock: 3}, {}, {}, {ID: 100, Code: "b", Stock: 1, Price: new(2.5)}, {Code: "c"}}
		if err := database.InsertMany(ctx, db, rows); err != nil {
			t.Fatal(err)
		}
		want := []Gadget{{1, "a", 7, nil}, {2, "none", 3, nil}, {3, "none", 7, nil}, {4, "none", 7, nil}, {100, "b", 1, new(2.5)}, {101, "c", 7, nil}}
		stored, err := database.From[Gadget](db).OrderBy("id").All(ctx)
		if db.Dialect() == database.Postgres { // its sequence does not know of the 100
			want[5].ID = 5
			stored = append(append(stored[:4:4], stored[5]), stored[4])
		}
		equal(t, "what the rows are told", rows, nil, want)
		equal(t, "what is stored", stored, err, want)
		if err := database.InsertMany(ctx, db, []Gadget{}); err != nil {
			t.Errorf("no rows: %v", err)
		}
	})
}

type Secret struct {
	ID    int64             `bun:"id,pk,autoincrement"`
	Token string            `bun:"token" kit:"encrypted"`
	Extra map[string]string `bun:"extra" kit:"encrypted"`
	Hint  *string           `bun:"hint" kit:"encrypted"`
}

func TestEncryptedColumns(t *testing.T) {
	t.Parallel()
	first, second := database.Key(strings.Repeat("a", 32)), database.Key(strings.Repeat("b", 32))
	each(t, func(t *testing.T, url string) {
		if strings.Contains(url, ":memory:") {
			return // it is gone when it is opened again
		}
		ctx := t.Context()
		db := open(t, url, &database.Options{Key: first})
		err := schema.New(db).Create(ctx, "secrets", func(t *schema.Table) {
			t.ID()
			t.Text("token")
			t.Text("extra")
			t.Text("hint").Nullable()
		})
		if err != nil {
			t.Fatal(err)
		}
		want := Secret{ID: 1, Token: "s3cret", Extra: map[string]string{"k": "v"}}
		row := Secret{Token: want.Token, Extra: want.Extra}
		if err := database.Insert(ctx, db, &row); err != nil {
			t.Fatal(err)
		}
		var stored string
		if err := db.QueryRowContext(ctx, "SELECT token FROM secrets").Scan(&stored); err != nil || !strings.HasPrefix(stored, "kit1:") || strings.Contains(stored, "s3cret") {
			t.Errorf("stored is %q, %v", stored, err)
		}
		got, err := database.Find[Secret](ctx, db, 1)
		equal(t, "read back", got, err, want)
		got, err = database.Find[Secret](ctx, open(t, url, &database.Options{Key: second, PreviousKeys: []database.Key{first}}), 1)
		equal(t, "with a new key in front", got, err, want)
		for what, key := range map[string]database.Key{"another key": second, "no key": nil, "a short key": database.Key("x")} {
			if got, err := database.Find[Secret](ctx, open(t, url, &database.Options{Key: key}), 1); err == nil {
				t.Errorf("%s reads %+v", what, got)
			}
		}
		exec(t, db, "UPDATE secrets SET extra = token")
		if got, err := database.Find[Secret](ctx, db, 1); err == nil {
			t.Errorf("a value that was moved to another column is read: %+v", got)
		}
	})
}

func TestModelsThatAreNone(t *testing.T) {
	t.Parallel()
	type hidden struct {
		ID   int64  `bun:"id,pk"`
		name string `bun:"name"` //nolint:unused // that is the point
	}
	type odd struct {
		ID int64    `bun:"id,pk"`
		C  chan int `bun:"c"`
	}
	type keyless struct {
		Name string `bun:"name"`
	}
	each(t, func(t *testing.T, url string) {
		db := open(t, url, nil)
		ctx := t.Context()
		exec(t, db, "CREATE TABLE tags (id integer, name text)")
		exec(t, db, "INSERT INTO tags VALUES (1, NULL)")
		type Wrong struct {
			Name int `bun:"name"`
		}
		_, null := database.From[Tag](db).All(ctx)
		exec(t, db, "UPDATE tags SET name = 'x'")
		_, unfit := database.Into[Wrong](database.From[Tag](db)).All(ctx)
		for want, err := range map[string]error{
			"hidden.name: a column needs an exported field":             second(database.From[hidden](db).All(ctx)),
			"odd.C: a column cannot be a chan int":                      second(database.From[odd](db).All(ctx)),
			"keyless has 0 primary keys":                                second(database.Find[keyless](ctx, db, 1)),
			"is not a struct":                                           second(database.From[int](db).All(ctx)),
			`Tag has no column "nmae"`:                                  second(database.From[Tag](db).OrderBy("nmae").All(ctx)),
			"Tag.Name: the column name is NULL; make the field a point": null,
			"Wrong.Name: the column name does not fit":                  unfit,
			"the row is nil":                                            database.Insert[Tag](ctx, db, nil),
			"keyless has no primary key":                                database.Update(ctx, db, &keyless{}),
			"ASC or DESC":                                               second(database.From[Tag](db).OrderBy("name, id; DROP TABLE tags").All(ctx)),
		} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %q", err, want)
			}
		}
		type Tagged struct {
			bun.BaseModel `bun:"table:tags"`

			ID   int64  `bun:"id,pk"`
			Nick string `bun:"nick"`
		}
		_, find := database.Find[Tagged](ctx, db, 1)
		_, updated := database.From[Tagged](db).Where("id = 1").Update(ctx, map[string]any{"nick": "x"})
		for what, err := range map[string]error{
			"Find": find, "Update(map)": updated, "Insert": database.Insert(ctx, db, &Tagged{ID: 2}), "Update": database.Update(ctx, db, &Tagged{ID: 1}),
			"InsertMany": database.InsertMany(ctx, db, []Tagged{{ID: 2}, {ID: 3}}),
		} {
			if want := "Tagged.Nick: the table tags has no column nick; add it in a migration, or tag the field bun:\"-\""; err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", what, err, want)
			}
		}
		if _, err := database.From[Tag](db).Where("nick = 1").All(ctx); err == nil || strings.Contains(err.Error(), "in a migration") {
			t.Errorf("a column that is no field's: %v", err)
		}
		if errors.Is(null, database.ErrNotFound) {
			t.Error("NULL is reported as not found")
		}
	})
}
