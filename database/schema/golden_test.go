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
	create   bool
	define   func(*Table)
	dialects []database.Dialect // nil for all
}{
	"create_all_types": {create: true, define: func(t *Table) {
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
	"create_defaults": {create: true, define: func(t *Table) {
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
	"create_foreign_keys": {create: true, define: func(t *Table) {
		t.ID()
		t.ForeignID("author_id").References("authors").OnDelete(Cascade).OnUpdate(NoAction)
		t.ForeignID("editor_id").OnDelete(SetNull).References("authors").Nullable()
		t.BigInteger("shelf_id")
		t.Foreign("shelf_id").References("shelves").OnDelete(Restrict)
		t.Index("author_id")
	}},
	"create_primary_key": {create: true, define: func(t *Table) {
		t.ForeignID("book_id")
		t.ForeignID("tag_id")
		t.PrimaryKey("book_id", "tag_id")
		t.UniqueIndex("tag_id", "book_id")
	}},
	"create_long_names": {create: true, define: func(t *Table) {
		t.ID()
		t.String("a_column_whose_name_is_long_enough_to_be_cut_by_postgres", 10).Unique()
		t.String(`quote"d`, 10)
		t.String("quote`d", 10)
	}},
	"create_more_types": {create: true, define: func(t *Table) {
		t.ULID("id").Primary()
		t.Char("country", 2).Default("it")
		t.Enum("status", "new", "paid", "it's").Default("new").Index()
		t.SmallInteger("rank")
		t.DateTime("begins_at").Default(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
		t.Time("opens_at").Default("08:00:00")
		t.Time("closes_at").Default(time.Date(2026, 1, 2, 18, 0, 0, 0, time.UTC))
		t.ForeignUUID("owner_id").References("owners").OnDelete(Cascade)
		t.ForeignULID("parent_id").Nullable().References("books", "id")
		t.Morphs("tagged")
		t.NullableMorphs("seen")
		t.UUIDMorphs("read")
		t.ULIDMorphs("kept")
		t.SoftDeletes()
	}},
	"create_current_times": {create: true, define: func(t *Table) {
		t.Timestamp("a").UseCurrent()
		t.DateTime("b").UseCurrent()
		t.Date("c").UseCurrent()
		t.Time("d").UseCurrent()
	}},
	"create_checks_and_comments": {create: true, define: func(t *Table) {
		t.Comment("what's in print")
		t.BigIncrements("number").Comment("of the catalogue")
		t.Integer("price").Check("price > 0").Comment("in cents; it's with tax")
		t.Integer("sale").Nullable()
		t.Check("books_sale_below_price", "sale < price")
	}},
	"create_indexes": {create: true, define: func(t *Table) {
		t.ID()
		t.String("email", 80).Index()
		t.String("country", 2)
		t.Index("email", "country").Name("by_country")
		t.UniqueIndex("country", "email")
	}},
	"create_composite_keys": {create: true, define: func(t *Table) {
		t.String("country", 2)
		t.String("zip", 10)
		t.PrimaryKey("country", "zip")
		t.Foreign("country", "zip").References("cities", "country", "zip").OnDelete(Restrict).Name("books_city")
	}},
	"change_add": {define: func(t *Table) {
		t.String("isbn", 13).Nullable().Unique()
		t.ForeignID("publisher_id").Nullable().References("publishers").OnDelete(SetNull)
		t.Integer("pages").Default(0)
		t.Index("publisher_id", "pages")
	}},
	"change_drop_and_rename": {define: func(t *Table) {
		t.DropColumn("old", "older")
		t.DropIndex("title")
		t.DropUniqueIndex("isbn")
		t.RenameColumn("name", "title")
	}},
	"create_generated": {create: true, define: func(t *Table) {
		t.String("first", 80)
		t.String("last", 80)
		t.String("full", 161).StoredAs("first || ' ' || last")
		t.Integer("size").StoredAs("length(first)").Nullable().Comment("of the first name")
	}},
	"create_virtual": {create: true, define: func(t *Table) {
		t.String("first", 80)
		t.Integer("size").VirtualAs("length(first)").Index()
	}, dialects: []database.Dialect{database.MySQL, database.SQLite}},
	"create_index_variants": {create: true, define: func(t *Table) {
		t.ID()
		t.String("email", 80)
		t.SoftDeletes()
		t.UniqueIndex("email").Where("deleted_at IS NULL")
		t.IndexExpr("books_email_lower", "lower(email)", "length(email)")
		t.UniqueIndexExpr("books_email_one", "lower(email)").Where("email <> ''")
	}, dialects: []database.Dialect{database.Postgres, database.SQLite}},
	"change_indexes": {define: func(t *Table) {
		t.DropIndex("title").Concurrently()
		t.DropIndex().Name("books_by_year")
		t.Index("author").Concurrently()
		t.UniqueIndex("isbn").Concurrently().Name("books_number")
	}},
	"change_keys": {define: func(t *Table) {
		t.DropForeign("author_id")
		t.DropForeign().Name("books_city")
		t.DropCheck("books_price_check", "books_sale")
		t.DropPrimary()
		t.RenameIndex("a", "b")
		t.PrimaryKey("isbn")
		t.Foreign("publisher_id").References("publishers").OnDelete(Cascade)
		t.Check("books_price_check", "price >= 0")
		t.Integer("pages").Nullable().Check("pages > 0")
		t.Comment("books")
	}, dialects: []database.Dialect{database.Postgres, database.MySQL}},
	"change_columns": {define: func(t *Table) {
		t.RenameColumn("name", "title")
		t.String("title", 300).Change()
		t.Text("note").Nullable().Comment("for us").Change()
		t.Enum("status", "a", "b").Default("a").Change()
		t.BigInteger("pages").Default(0).Change()
	}, dialects: []database.Dialect{database.Postgres, database.MySQL}},
}

func TestSQL(t *testing.T) {
	t.Parallel()
	for name, tt := range goldens {
		dialects := tt.dialects
		if dialects == nil {
			dialects = []database.Dialect{database.Postgres, database.MySQL, database.SQLite}
		}
		for _, d := range dialects {
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
