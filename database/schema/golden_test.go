package schema

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/database"
)

var update = flag.Bool("update", false, "rewrite the expected SQL in testdata")

var goldens = map[string]struct {
	create bool
	define func(*Table)
}{
	"create_all_types": {true, func(t *Table) {
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
	}},
	"create_defaults": {true, func(t *Table) {
		t.ID()
		t.String("name", 80).Default(`it's "new"? \`)
		t.Text("note").Default("none")
		t.Integer("count").Default(-3)
		t.Float("score").Default(1.5)
		t.Bool("done").Default(false)
		t.Bool("open").Default(true)
		t.Timestamp("since").Default(time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600)))
		t.Date("day").Default(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
		t.Integer("answer").DefaultExpr("6 * 7")
	}},
	"create_foreign_keys": {true, func(t *Table) {
		t.ID()
		t.ForeignID("author_id").References("authors").OnDelete(Cascade).OnUpdate(NoAction)
		t.ForeignID("editor_id").OnDelete(SetNull).References("authors").Nullable()
		t.BigInteger("shelf_id")
		t.Foreign("shelf_id").References("shelves").OnDelete(Restrict)
		t.Index("author_id")
	}},
	"create_primary_key": {true, func(t *Table) {
		t.ForeignID("book_id")
		t.ForeignID("tag_id")
		t.PrimaryKey("book_id", "tag_id")
		t.UniqueIndex("tag_id", "book_id")
	}},
	"create_long_names": {true, func(t *Table) {
		t.ID()
		t.String("a_column_whose_name_is_long_enough_to_be_cut_by_postgres", 10).Unique()
		t.String(`quote"d`, 10)
		t.String("quote`d", 10)
	}},
	"change_add": {false, func(t *Table) {
		t.String("isbn", 13).Nullable().Unique()
		t.ForeignID("publisher_id").Nullable().References("publishers").OnDelete(SetNull)
		t.Integer("pages").Default(0)
		t.Index("publisher_id", "pages")
	}},
	"change_drop_and_rename": {false, func(t *Table) {
		t.DropColumn("old", "older")
		t.DropIndex("title")
		t.DropUniqueIndex("isbn")
		t.RenameColumn("name", "title")
	}},
}

func TestSQL(t *testing.T) {
	t.Parallel()
	for name, tt := range goldens {
		for _, d := range []database.Dialect{database.Postgres, database.MySQL, database.SQLite} {
			t.Run(name+"/"+string(d), func(t *testing.T) {
				t.Parallel()
				table := &Table{name: "books", create: tt.create}
				tt.define(table)
				statements, err := table.statements(d)
				if err != nil {
					t.Fatal(err)
				}
				got := strings.Join(statements, ";\n") + ";\n"
				file := filepath.Join("testdata", name+"."+string(d)+".sql")
				if *update {
					if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), got); diff != "" {
					t.Errorf("%s (-want +got; -update rewrites it):\n%s", file, diff)
				}
			})
		}
	}
}

func TestMistakesAreReportedBeforeAnySQL(t *testing.T) {
	t.Parallel()
	all := []database.Dialect{database.Postgres, database.MySQL, database.SQLite}
	for name, tt := range map[string]struct {
		create   bool
		dialects []database.Dialect
		define   func(*Table)
		want     string
	}{
		"no columns":              {true, all, func(*Table) {}, "has no columns"},
		"two columns of one name": {true, all, func(t *Table) { t.ID(); t.Text("id") }, `two columns "id"`},
		"a column without a name": {true, all, func(t *Table) { t.Text("") }, "no name"},
		"a length of 0":           {true, all, func(t *Table) { t.String("name", 0) }, "0 is not a length"},
		"a scale too large":       {true, all, func(t *Table) { t.Decimal("price", 2, 3) }, "Decimal(2, 3)"},
		"a default of no type":    {true, all, func(t *Table) { t.JSON("x").Default([]int{1}) }, "[]int"},
		"two defaults":            {true, all, func(t *Table) { t.Text("x").Default("").DefaultExpr("'a'") }, "two defaults"},
		"an empty expression":     {true, all, func(t *Table) { t.Text("x").DefaultExpr("") }, "empty"},
		"an action of no key":     {true, all, func(t *Table) { t.ForeignID("x").OnDelete(Cascade) }, "need References"},
		"no such action":          {true, all, func(t *Table) { t.ForeignID("x").References("y").OnDelete("EXPLODE") }, "EXPLODE"},
		"SetNull on NOT NULL":     {true, all, func(t *Table) { t.ForeignID("x").References("y").OnDelete(SetNull) }, "SetNull needs Nullable"},
		"a reference to nothing":  {true, all, func(t *Table) { t.ForeignID("x").References("") }, "without a table"},
		"Foreign of nothing":      {true, all, func(t *Table) { t.ID(); t.Foreign("id") }, "needs References"},
		"an index of nothing":     {true, all, func(t *Table) { t.ID(); t.Index() }, "without columns"},
		"an index on no column":   {true, all, func(t *Table) { t.ID(); t.Index("nme") }, `no column "nme"`},
		"ID and PrimaryKey":       {true, all, func(t *Table) { t.ID(); t.PrimaryKey("id") }, "both ID and PrimaryKey"},
		"two primary keys":        {true, all, func(t *Table) { t.Text("a"); t.PrimaryKey("a"); t.PrimaryKey("a") }, "two primary keys"},
		"DropColumn in Create":    {true, all, func(t *Table) { t.ID(); t.DropColumn("x") }, "belongs in Table"},
		"ID in Table":             {false, all, func(t *Table) { t.ID() }, "belongs in Create"},
		"PrimaryKey in Table":     {false, all, func(t *Table) { t.PrimaryKey("x") }, "belongs in Create"},
		"the first of two":        {true, all, func(t *Table) { t.String("a", 0); t.Text("") }, "0 is not a length"},
		"an index over text": {
			true, []database.Dialect{database.MySQL},
			func(t *Table) { t.Text("x"); t.Index("x") }, "MySQL cannot make a key or an index",
		},
		"a length that MySQL lacks": {
			true, []database.Dialect{database.MySQL},
			func(t *Table) { t.String("x", 16384) }, "use Text",
		},
		"an action that MySQL lacks": {
			true, []database.Dialect{database.MySQL},
			func(t *Table) { t.ForeignID("x").References("y").OnDelete(SetDefault) }, "MySQL has no SetDefault",
		},
		"a late foreign key": {
			false, []database.Dialect{database.SQLite},
			func(t *Table) { t.Foreign("x").References("y") }, "SQLite cannot add a foreign key",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, d := range tt.dialects {
				table := &Table{name: "books", create: tt.create}
				tt.define(table)
				statements, err := table.statements(d)
				if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), `"books"`) {
					t.Errorf("%s: %v, want an error with %q (SQL %q)", d, err, tt.want, statements)
				}
			}
		})
	}
}
