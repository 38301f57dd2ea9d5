package database_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/schema"
	"github.com/kitgo/kit/internal/dbtest"
)

// hostile are texts that have broken somebody's SQL.
var hostile = []string{
	`'`, `''`, `"`, "`", `\`, `\'`, `'; DROP TABLE notes; --`, `" OR 1=1 --`, "` OR 1=1 #", `?`, `$1`, `:name`, `%`, `_`, `!`, `!%`,
	`/*`, `*/`, `--`, "--\n", "a\nb", `{}`, `{"a": 1}`, `$.a`, `$**`, `a.b`, `[0]`, `a"]`, "\x1a", "\u2028", `𝒳`, `ÿ`, "1) UNION SELECT 1 --", "NULL", `name) VALUES ('x') --`,
	`id; DELETE FROM notes`, `id DESC; --`, `(SELECT 1)`, `notes.name`, `other.name`, "0", "-1", "''||(SELECT 1)||''",
}

type Note struct {
	ID   int64          `bun:"id,pk,autoincrement"`
	Name string         `bun:"name"`
	Meta map[string]any `bun:"meta"`

	Same []Note `bun:"-" kit:"has-many,join:id=id"`
}

func notes(t testing.TB, url string) *database.DB {
	t.Helper()
	db, err := database.Open(url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	err = schema.New(db).Create(t.Context(), "notes", func(t *schema.Table) {
		t.ID()
		t.String("name", 500)
		t.JSON("meta").Nullable()
	})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// survives puts a text into every argument that takes one. What is a value comes back
// as it was; what is the name of something that does not exist is refused.
func survives(t *testing.T, db *database.DB, text string) {
	t.Helper()
	ctx := t.Context()
	row := Note{Name: text, Meta: map[string]any{"k": text}}
	if err := database.Insert(ctx, db, &row); err != nil {
		t.Fatalf("%q: insert: %v", text, err)
	}
	of := func() *database.Query[Note] { return database.From[Note](db).WhereKey(row.ID) }
	alike := func(r *database.Related) {
		r.Where("name = ?", text).OrderBy("CASE WHEN name = ? THEN 0 ELSE 1 END", text)
	}
	for what, q := range map[string]*database.Query[Note]{
		"Where": of().Where("name = ?", text), "WhereIn": of().WhereIn("name", []string{text, "x"}), "WhereMap": of().WhereMap(map[string]any{"name": text}),
		"WhereStruct": of().WhereStruct(Note{Name: text}), "WhereNamed": of().WhereNamed("name = :name", map[string]any{"name": text}),
		"WhereContains": of().WhereContains("name", text), "WherePrefix": of().WherePrefix("name", text),
		"WhereJSON": of().WhereJSON("meta", []string{"k"}, text), "WhereBetween": of().WhereBetween("name", text, text),
		"OrWhere": of().Where("name = ?", text+"x").OrWhere("name = ? AND id = ?", text, row.ID), "WhereGroup": of().WhereGroup(func(g *database.Query[Note]) { g.Where("name = ?", text) }),
		"WhereExists": of().WhereExists(database.From[Note](db).WhereMap(map[string]any{"id": row.ID, "name": text})),
		"Join":        of().Join("JOIN notes AS other ON other.id = notes.id AND other.name = ?", text),
		"OrderByExpr": of().OrderByExpr("CASE WHEN name = ? THEN 0 ELSE 1 END", text),
		"GroupByExpr": database.Into[Note](of().GroupBy("id", "name", "meta").GroupByExpr("CASE WHEN name = ? THEN 0 ELSE 1 END", text)),
		"Having":      database.Into[Note](of().GroupBy("id", "name", "meta").Having("max(name) = ?", text), "id", "max(name) AS name", "meta"),
		"WhereHas":    of().WhereHas("Same", alike), "With": of().With("Same", alike),
		"WhereNamed of a struct": of().WhereNamed("name = :name AND ':x' <> ':y'", Note{Name: text}),
	} {
		got, err := q.Sole(ctx)
		if err != nil || got.Name != text || got.Meta["k"] != text || len(got.Same) > 1 || what == "With" && got.Same[0].Name != text {
			t.Errorf("%q in %s: %+v, %v", text, what, got, err)
		}
	}
	pair := []Note{{Name: text}, {Name: text + text, Meta: map[string]any{text: text}}}
	if err := database.InsertMany(ctx, db, pair); err != nil {
		t.Errorf("%q in InsertMany: %v", text, err)
	}
	if got, err := database.Find[Note](ctx, db, pair[1].ID); err != nil || got.Name != text+text || got.Meta[text] != text {
		t.Errorf("%q after InsertMany: %+v, %v", text, got, err)
	}
	if n, err := of().WhereJSON("meta", []string{text + "?"}, "x").Count(ctx); err != nil || n != 0 {
		t.Errorf("%q in a path of JSON: %d, %v", text, n, err)
	}
	if n, err := of().Update(ctx, map[string]any{"name": database.Expr("CASE WHEN name = ? THEN ? ELSE '' END", text, text+"?")}); err != nil || n != 1 {
		t.Errorf("%q in Expr: %d, %v", text, n, err)
	}
	if n, err := of().Where("name = ?", text+"?").Update(ctx, map[string]any{"name": text + "!"}); err != nil || n != 1 {
		t.Errorf("%q in Update: %d, %v", text, n, err)
	}
	if text != "name" && text != "id" && text != "meta" && text != "notes.name" && text != "notes.id" && text != "notes.meta" {
		for what, err := range map[string]error{
			"OrderBy":      second(of().OrderBy(text).All(ctx)),
			"Latest":       second(of().Latest(text).All(ctx)),
			"GroupBy":      second(database.Into[Note](of().GroupBy(text), "id").All(ctx)),
			"Pluck":        second(database.Pluck[string](ctx, of(), text)),
			"Sum":          second(database.Sum[float64](ctx, of(), text)),
			"WhereNull":    second(of().WhereNull(text).All(ctx)),
			"WhereMap":     second(of().WhereMap(map[string]any{text: 1}).All(ctx)),
			"WhereIn":      second(of().WhereIn(text, []int{1}).All(ctx)),
			"WhereBetween": second(of().WhereBetween(text, 1, 2).All(ctx)),
			"Update":       second(of().Update(ctx, map[string]any{text: 1})),
			"Increment":    second(of().Increment(ctx, text, 1)),
			"Into":         second(database.Into[Note](of(), text).All(ctx)),
			"Into, AS":     second(database.Into[Note](of(), "1 AS "+text).All(ctx)),
			"With":         second(of().With(text).All(ctx)),
			"WhereHas":     second(of().WhereHas(text).All(ctx)),
			"WithCount":    second(of().WithCount(text).All(ctx)),
			"WhereJSON":    second(of().WhereJSON(text, []string{"k"}, "x").All(ctx)),
			"WhereNamed":   second(of().WhereNamed("name = :nobody", map[string]any{text: 1}).All(ctx)),
			"Load":         database.Load(ctx, db, []Note{row}, text),
			"Avg":          second(database.Avg(ctx, of(), text)),
			"Max":          second(database.Max[string](ctx, of(), text)),
			"Upsert":       database.Upsert(ctx, db, []Note{row}, []string{text}, "name"),
			"Update(row)":  database.Update(ctx, db, &row, text),
			"a cursor":     second(of().CursorPaginate(ctx, text+"x", 10)),
		} {
			if err == nil {
				t.Errorf("%q is taken for a name by %s", text, what)
			}
		}
	}
	if n, err := database.From[Note](db).WhereKey(row.ID).Count(ctx); err != nil || n != 1 {
		t.Errorf("after %q there are %d rows, %v", text, n, err)
	}
}

func TestAZeroByteIsRefused(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := notes(t, url)
		for what, err := range map[string]error{
			"Insert":     database.Insert(t.Context(), db, &Note{Name: "a\x00b"}),
			"InsertMany": database.InsertMany(t.Context(), db, []Note{{Name: "a"}, {Name: "a\x00b"}}),
			"Where":      second(database.From[Note](db).Where("name = ?", "a\x00b").All(t.Context())),
		} {
			if err == nil || !strings.Contains(err.Error(), "zero byte") {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
}

// FuzzHostileTexts also is the test of the texts that have broken something before.
func FuzzHostileTexts(f *testing.F) {
	for _, text := range hostile {
		f.Add(text)
	}
	databases := []*database.DB{notes(f, dbtest.SQLite(f)), notes(f, dbtest.Postgres(f)), notes(f, dbtest.MariaDB(f))}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) || len(text) > 400 || strings.TrimRight(text, " ") != text {
			return // PostgreSQL refuses it, or MariaDB compares without the spaces
		}
		for _, db := range databases {
			survives(t, db, text)
		}
	})
}
