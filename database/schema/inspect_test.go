package schema_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/schema"
	"github.com/kitgo/kit/internal/dbtest"
)

// What was made is found, on every database.
func TestInspection(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB, s *schema.Builder) {
		ctx := t.Context()
		must(t, s.Create(ctx, "authors", func(t *schema.Table) {
			t.ID()
			t.String("name", 50)
		}))
		must(t, s.Create(ctx, "shelves", func(t *schema.Table) {
			t.Integer("room")
			t.Integer("number")
			t.PrimaryKey("room", "number")
		}))
		must(t, s.Create(ctx, "books", func(t *schema.Table) {
			t.ID()
			t.ForeignID("author_id").References("authors").OnDelete(schema.Cascade).OnUpdate(schema.Restrict)
			t.Integer("shelf_room").Nullable()
			t.Integer("shelf_number").Nullable()
			t.String("title", 200).Comment("as on the cover").Unique()
			t.Integer("pages").Default(100)
			t.Integer("twice").StoredAs("pages * 2")
			t.Index("author_id", "pages")
			t.Foreign("shelf_room", "shelf_number").References("shelves", "room", "number").OnDelete(schema.SetNull)
		}))
		must(t, s.Exec(ctx, "CREATE VIEW titles AS SELECT title FROM books"))

		tables, err := s.Tables(ctx)
		must(t, err)
		views, err := s.Views(ctx)
		must(t, err)
		if diff := cmp.Diff([][]string{{"authors", "books", "shelves"}, {"titles"}}, [][]string{tables, views}); diff != "" {
			t.Errorf("tables and views (-want +got):\n%s", diff)
		}

		columns, err := s.Columns(ctx, "books")
		must(t, err)
		var got []string
		for _, c := range columns {
			text := c.Name
			if c.Nullable {
				text += " nullable"
			}
			if c.Default != nil && c.Name != "id" {
				text += " default " + *c.Default
			}
			if c.Generated {
				text += " generated"
			}
			if c.Comment != "" {
				text += " -- " + c.Comment
			}
			if c.Type == "" {
				t.Errorf("column %s has no type", c.Name)
			}
			got = append(got, text)
		}
		title := "title -- as on the cover"
		if s.Dialect() == database.SQLite {
			title = "title"
		}
		want := []string{"id", "author_id", "shelf_room nullable", "shelf_number nullable", title, "pages default 100"}
		generated := "twice generated"
		if s.Dialect() != database.Postgres || !columns[6].Nullable {
			generated = "twice" + map[bool]string{true: " nullable"}[columns[6].Nullable] + " generated"
		}
		if diff := cmp.Diff(append(want, generated), got); diff != "" {
			t.Errorf("columns (-want +got):\n%s", diff)
		}
		if view, err := s.Columns(ctx, "titles"); err != nil || len(view) != 1 || view[0].Name != "title" {
			t.Errorf("columns of a view: %v, %v", view, err)
		}

		indexes, err := s.Indexes(ctx, "books")
		must(t, err)
		byColumns := map[string]schema.IndexInfo{}
		for _, i := range indexes {
			byColumns[strings.Join(i.Columns, ",")] = i
		}
		if i := byColumns["id"]; !indexes[0].Primary || !i.Primary || !i.Unique {
			t.Errorf("the primary key: %+v", indexes)
		}
		if i := byColumns["title"]; !i.Unique || i.Primary || i.Name == "" {
			t.Errorf("the unique index: %+v", i)
		}
		if i, ok := byColumns["author_id,pages"]; !ok || i.Unique || i.Partial {
			t.Errorf("the composite index: %+v", indexes)
		}
		if of, err := s.Indexes(ctx, "shelves"); err != nil || len(of) != 1 || !of[0].Primary || strings.Join(of[0].Columns, ",") != "room,number" {
			t.Errorf("a composite primary key: %+v, %v", of, err)
		}

		keys, err := s.ForeignKeys(ctx, "books")
		must(t, err)
		for i := range keys {
			if (keys[i].Name == "") != (s.Dialect() == database.SQLite) {
				t.Errorf("the name of a foreign key is %q", keys[i].Name)
			}
			keys[i].Name = ""
			if keys[i].OnUpdate == schema.Restrict && s.Dialect() == database.MySQL && i == 1 {
				keys[i].OnUpdate = schema.NoAction // MariaDB's default is the same under another name
			}
		}
		if diff := cmp.Diff([]schema.ForeignKeyInfo{
			{Columns: []string{"author_id"}, Table: "authors", References: []string{"id"}, OnDelete: schema.Cascade, OnUpdate: schema.Restrict},
			{Columns: []string{"shelf_room", "shelf_number"}, Table: "shelves", References: []string{"room", "number"}, OnDelete: schema.SetNull, OnUpdate: schema.NoAction},
		}, keys); diff != "" {
			t.Errorf("foreign keys (-want +got):\n%s", diff)
		}

		for column, want := range map[string]bool{"title": true, "twice": true, "nothing": false} {
			if found, err := s.HasColumn(ctx, "books", column); err != nil || found != want {
				t.Errorf("HasColumn of %s: %t, %v", column, found, err)
			}
		}
		if _, err := s.Columns(ctx, "bo'oks"); err == nil || !strings.Contains(err.Error(), "table bo'oks: there is no such table") {
			t.Errorf("columns of no table: %v", err)
		}
		if list, err := s.Indexes(ctx, "nothing"); err != nil || len(list) != 0 {
			t.Errorf("indexes of no table: %v, %v", list, err)
		}
	})
}

// Expressions and conditions, where databases have them.
func TestInspectionOfSpecialIndexes(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB, s *schema.Builder) {
		if s.Dialect() == database.MySQL {
			return // MariaDB has neither
		}
		ctx := t.Context()
		must(t, s.Exec(ctx, "CREATE TABLE words (word VARCHAR(20) PRIMARY KEY, used INTEGER)"))
		must(t, s.Exec(ctx, "CREATE INDEX lower_words ON words (used, lower(word)) WHERE used > 1"))
		indexes, err := s.Indexes(ctx, "words")
		must(t, err)
		if len(indexes) != 2 || !indexes[0].Primary || !indexes[1].Partial || len(indexes[1].Columns) != 2 || indexes[1].Columns[0] != "used" || indexes[1].Columns[1] != "" {
			t.Errorf("%+v", indexes)
		}
	})
}

func TestInspectionOfChecks(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _ *database.DB, s *schema.Builder) {
		ctx := t.Context()
		must(t, s.Create(ctx, "parcels", func(t *schema.Table) {
			t.ID()
			t.Integer("weight").Check("weight > 0").Comment("CHECK (nothing)")
			t.String("note", 80).Default("a 'CHECK (x)'")
			t.Check("parcels_not_too_much", "weight < 100 OR note = ')'")
		}))
		must(t, s.Exec(ctx, "CREATE TABLE plain (size INTEGER CHECK (size > (1)), id INTEGER)"))
		list, err := s.Checks(ctx, "parcels")
		must(t, err)
		if len(list) != 2 || list[0].Name != "parcels_not_too_much" || list[1].Name != "parcels_weight_check" ||
			!strings.Contains(list[0].Expression, "100") || !strings.Contains(list[0].Expression, "')'") || !strings.Contains(list[1].Expression, "> 0") {
			t.Errorf("%+v", list)
		}
		if list, err := s.Checks(ctx, "plain"); err != nil || len(list) != 1 || !strings.Contains(list[0].Expression, "size") {
			t.Errorf("a column's own check: %+v, %v", list, err)
		}
		if _, err := s.Checks(ctx, "nothing"); err == nil || !strings.Contains(err.Error(), "no such table") {
			t.Errorf("the checks of no table: %v", err)
		}
	})
}

// A foreign key without columns refers to the primary key.
func TestForeignKeysWithoutColumns(t *testing.T) {
	t.Parallel()
	_, s := library(t, dbtest.SQLite(t))
	must(t, s.Exec(t.Context(), "CREATE TABLE notes (book_id INTEGER REFERENCES books)"))
	keys, err := s.ForeignKeys(t.Context(), "notes")
	must(t, err)
	if len(keys) != 1 || keys[0].Table != "books" || strings.Join(keys[0].References, ",") != "id" {
		t.Errorf("%+v", keys)
	}
}

func TestExecOn(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB, s *schema.Builder) {
		for _, d := range []database.Dialect{database.SQLite, database.Postgres, database.MySQL} {
			must(t, s.ExecOn(t.Context(), d, "CREATE TABLE only_"+string(d)+" (id INTEGER)"))
		}
		tables, err := s.Tables(t.Context())
		must(t, err)
		if diff := cmp.Diff([]string{"only_" + string(s.Dialect())}, tables); diff != "" {
			t.Errorf("tables (-want +got):\n%s", diff)
		}
	})
}
