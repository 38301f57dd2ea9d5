package schema_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/postgres"
	atlas "ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/schema"
	"github.com/kitgo/kit/internal/dbtest"
)

// changes are a table, how it is changed, and the table that it then has to be.
var changes = map[string]struct {
	before, change, after func(*schema.Table)
	dialects              []database.Dialect // nil for all
	rename                string             // what the table is called afterwards
}{
	"columns are added": {
		before: func(t *schema.Table) { t.ID() },
		change: func(t *schema.Table) {
			t.String("name", 80).Default("x")
			t.Text("note").Nullable()
			t.Decimal("price", 10, 2).Default("1.50")
			t.Timestamp("seen_at").Nullable()
		},
		after: func(t *schema.Table) {
			t.ID()
			t.String("name", 80).Default("x")
			t.Text("note").Nullable()
			t.Decimal("price", 10, 2).Default("1.50")
			t.Timestamp("seen_at").Nullable()
		},
	},
	"columns are dropped": {
		before: func(t *schema.Table) { t.ID(); t.String("name", 80).Index(); t.Integer("size"); t.Text("note") },
		change: func(t *schema.Table) { t.DropColumn("name", "size") },
		after:  func(t *schema.Table) { t.ID(); t.Text("note") },
	},
	"a column is renamed": {
		before: func(t *schema.Table) { t.ID(); t.String("name", 80) },
		change: func(t *schema.Table) { t.RenameColumn("name", "title") },
		after:  func(t *schema.Table) { t.ID(); t.String("title", 80) },
	},
	"columns are changed": {
		before: func(t *schema.Table) {
			t.ID()
			t.String("name", 80)
			t.Integer("size").Nullable()
			t.Integer("count").Default(1)
		},
		change: func(t *schema.Table) {
			t.String("name", 300).Nullable().Change()
			t.BigInteger("size").Default(7).Change()
			t.Integer("count").Change()
		},
		after: func(t *schema.Table) {
			t.ID()
			t.String("name", 300).Nullable()
			t.BigInteger("size").Default(7)
			t.Integer("count")
		},
	},
	"indexes come and go": {
		before: func(t *schema.Table) { t.ID(); t.String("name", 80).Unique(); t.Integer("size").Index() },
		change: func(t *schema.Table) {
			t.DropIndex("size")
			t.DropUniqueIndex("name")
			t.Index("name", "size")
			t.UniqueIndex("size")
		},
		after: func(t *schema.Table) {
			t.ID()
			t.String("name", 80)
			t.Integer("size")
			t.Index("name", "size")
			t.UniqueIndex("size")
		},
	},
	"a foreign key is added": {
		before: func(t *schema.Table) { t.ID(); t.ForeignID("user_id") },
		change: func(t *schema.Table) { t.Foreign("user_id").References("users").OnDelete(schema.Cascade) },
		after:  func(t *schema.Table) { t.ID(); t.ForeignID("user_id").References("users").OnDelete(schema.Cascade) },
	},
	"a column with a foreign key is added": {
		before: func(t *schema.Table) { t.ID() },
		change: func(t *schema.Table) {
			t.ForeignID("user_id").Nullable().References("users").OnDelete(schema.SetNull)
		},
		after: func(t *schema.Table) {
			t.ID()
			t.ForeignID("user_id").Nullable().References("users").OnDelete(schema.SetNull)
		},
	},
	"a foreign key is dropped": {
		before: func(t *schema.Table) {
			t.ID()
			t.ForeignID("user_id").References("users")
			t.ForeignID("friend_id").References("users")
			t.Index("user_id")
		},
		change: func(t *schema.Table) { t.DropForeign("user_id") },
		after: func(t *schema.Table) {
			t.ID()
			t.ForeignID("user_id")
			t.ForeignID("friend_id").References("users")
			t.Index("user_id")
		},
	},
	"checks come and go": {
		before: func(t *schema.Table) { t.ID(); t.Integer("size"); t.Check("small", "size < 10") },
		change: func(t *schema.Table) { t.DropCheck("small"); t.Check("large", "size > 10") },
		after:  func(t *schema.Table) { t.ID(); t.Integer("size"); t.Check("large", "size > 10") },
	},
	"the primary key becomes another": {
		before: func(t *schema.Table) { t.Integer("room"); t.Integer("number"); t.PrimaryKey("room") },
		change: func(t *schema.Table) { t.DropPrimary(); t.PrimaryKey("room", "number") },
		after:  func(t *schema.Table) { t.Integer("room"); t.Integer("number"); t.PrimaryKey("room", "number") },
	},
	"everything at once": {
		before: func(t *schema.Table) {
			t.ID()
			t.String("name", 80).Index()
			t.Integer("size")
			t.ForeignID("user_id").References("users")
			t.Check("sized", "size > 0")
		},
		change: func(t *schema.Table) {
			t.RenameColumn("name", "title")
			t.BigInteger("size").Nullable().Change()
			t.DropCheck("sized")
			t.DropForeign("user_id")
			t.DropColumn("user_id")
			t.Bool("done").Default(false)
			t.Index("done")
		},
		after: func(t *schema.Table) {
			t.ID()
			t.String("title", 80)
			t.BigInteger("size").Nullable()
			t.Bool("done").Default(false)
			t.Index("done")
			t.Index("title").Name("things_name_index") // an index keeps its name
		},
	},
	"a table is renamed": {
		before: func(t *schema.Table) {
			t.ID()
			t.String("name", 80).Index()
			t.ForeignID("user_id").References("users")
		},
		rename: "items",
		after: func(t *schema.Table) {
			t.ID()
			t.String("name", 80)
			t.ForeignID("user_id")
			t.Index("name").Name("things_name_index") // indexes and keys keep their names
			t.Foreign("user_id").References("users").Name("things_user_id_foreign")
		},
	},
	"an index is renamed": {
		before: func(t *schema.Table) { t.ID(); t.String("name", 80).Unique() },
		change: func(t *schema.Table) { t.RenameIndex("things_name_unique", "by_name") },
		after:  func(t *schema.Table) { t.ID(); t.String("name", 80); t.UniqueIndex("name").Name("by_name") },
	},
	"other types": {
		before: func(t *schema.Table) {
			t.ID()
			t.SmallInteger("a")
			t.Text("b")
			t.Decimal("c", 6, 1)
			t.Enum("d", "x", "y").Default("x")
			t.Date("e").Nullable()
			t.String("f", 36)
			t.Binary("g").Nullable()
		},
		change: func(t *schema.Table) {
			t.BigInteger("a").Change()
			t.String("b", 200).Change()
			t.Decimal("c", 12, 3).Nullable().Change()
			t.Enum("d", "x", "y", "z").Default("z").Change()
			t.Timestamp("e").Nullable().UseCurrent().Change()
			t.Text("f").Change()
			t.JSON("h").Nullable()
			t.UUID("i").Nullable()
		},
		after: func(t *schema.Table) {
			t.ID()
			t.BigInteger("a")
			t.String("b", 200)
			t.Decimal("c", 12, 3).Nullable()
			t.Enum("d", "x", "y", "z").Default("z")
			t.Timestamp("e").Nullable().UseCurrent()
			t.Text("f")
			t.Binary("g").Nullable()
			t.JSON("h").Nullable()
			t.UUID("i").Nullable()
		},
	},
	"comments": {
		before: func(t *schema.Table) { t.ID(); t.Integer("size").Comment("in cm"); t.Integer("weight") },
		change: func(t *schema.Table) {
			t.Comment("what there is")
			t.Integer("size").Change()
			t.Integer("weight").Comment("in kg").Change()
			t.Integer("price").Nullable().Comment("it's in cents")
		},
		after: func(t *schema.Table) {
			t.Comment("what there is")
			t.ID()
			t.Integer("size")
			t.Integer("weight").Comment("in kg")
			t.Integer("price").Nullable().Comment("it's in cents")
		},
		dialects: []database.Dialect{database.Postgres, database.MySQL},
	},
	"computed columns": {
		before: func(t *schema.Table) { t.ID(); t.Integer("size"); t.Integer("area").StoredAs("size * size") },
		change: func(t *schema.Table) { t.DropColumn("area"); t.Integer("twice").StoredAs("size + size") },
		after:  func(t *schema.Table) { t.ID(); t.Integer("size"); t.Integer("twice").StoredAs("size + size") },
	},
	"indexes of a part and of expressions": {
		before: func(t *schema.Table) {
			t.ID()
			t.String("name", 80)
			t.UniqueIndex("name").Where("id > 10").Name("late")
			t.IndexExpr("lower_name", "lower(name)")
		},
		change: func(t *schema.Table) {
			t.DropIndex().Name("late")
			t.DropIndex().Name("lower_name")
			t.Index("name").Where("id < 10").Name("early")
			t.UniqueIndexExpr("upper_name", "upper(name)")
		},
		after: func(t *schema.Table) {
			t.ID()
			t.String("name", 80)
			t.Index("name").Where("id < 10").Name("early")
			t.UniqueIndexExpr("upper_name", "upper(name)")
		},
		dialects: []database.Dialect{database.Postgres, database.SQLite},
	},
	"a composite key of others, and one to itself": {
		before: func(t *schema.Table) {
			t.Integer("room")
			t.Integer("number")
			t.PrimaryKey("room", "number")
			t.Integer("next_room").Nullable()
			t.Integer("next_number").Nullable()
		},
		change: func(t *schema.Table) {
			t.Foreign("next_room", "next_number").References("things", "room", "number").OnDelete(schema.SetNull).OnUpdate(schema.Cascade)
		},
		after: func(t *schema.Table) {
			t.Integer("room")
			t.Integer("number")
			t.PrimaryKey("room", "number")
			t.Integer("next_room").Nullable()
			t.Integer("next_number").Nullable()
			t.Foreign("next_room", "next_number").References("things", "room", "number").OnDelete(schema.SetNull).OnUpdate(schema.Cascade)
		},
	},
	"soft deletes and morphs go": {
		before: func(t *schema.Table) { t.ID(); t.SoftDeletes(); t.UUIDMorphs("tagged"); t.NullableMorphs("seen") },
		change: func(t *schema.Table) { t.DropSoftDeletes(); t.DropMorphs("tagged"); t.Timestamps() },
		after:  func(t *schema.Table) { t.ID(); t.NullableMorphs("seen"); t.Timestamps() },
	},
	"soft deletes and morphs": {
		before: func(t *schema.Table) { t.ID(); t.Timestamps() },
		change: func(t *schema.Table) { t.DropTimestamps(); t.SoftDeletes(); t.NullableMorphs("tagged") },
		after:  func(t *schema.Table) { t.ID(); t.SoftDeletes(); t.NullableMorphs("tagged") },
	},
}

// After each change, Atlas finds the table that was wanted: the same as when it is made
// like that to begin with.
func TestChangesByAnOracle(t *testing.T) {
	t.Parallel()
	for kind, url := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres, "mariadb": dbtest.MariaDB} {
		for name, c := range changes {
			if d := map[string]database.Dialect{"sqlite": database.SQLite, "postgres": database.Postgres, "mariadb": database.MySQL}[kind]; c.dialects != nil && !slices.Contains(c.dialects, d) {
				continue
			}
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				changed, wanted := opened(t, url(t)), opened(t, url(t))
				ctx := t.Context()
				create := func(db *database.DB, name string, define func(*schema.Table)) {
					must(t, schema.New(db).Create(ctx, "users", func(t *schema.Table) { t.ID() }))
					must(t, schema.New(db).Create(ctx, name, define))
				}
				create(changed, "things", c.before)
				create(wanted, cmp.Or(c.rename, "things"), c.after)
				if c.change != nil {
					must(t, schema.New(changed).Table(ctx, "things", c.change))
				}
				if c.rename != "" {
					must(t, schema.New(changed).Rename(ctx, "things", c.rename))
				}
				driver, err := atlasOf(wanted)
				must(t, err)
				want, err := driver.InspectSchema(ctx, "", nil)
				must(t, err)
				other, err := atlasOf(changed)
				must(t, err)
				got, err := other.InspectSchema(ctx, "", nil)
				must(t, err)
				got.Name = want.Name
				diff, err := driver.SchemaDiff(got, want)
				must(t, err)
				for _, d := range diff {
					if m, ok := d.(*atlas.ModifyTable); ok {
						for _, change := range m.Changes {
							t.Errorf("table %s lacks %T %+v", m.T.Name, change, change)
						}
						continue
					}
					t.Errorf("the schema lacks %T %+v", d, d)
				}
			})
		}
	}
}

func opened(t *testing.T, url string) *database.DB {
	t.Helper()
	db, err := database.Open(url, nil)
	must(t, err)
	t.Cleanup(func() { db.Close() })
	return db
}

func atlasOf(db *database.DB) (migrate.Driver, error) {
	switch db.Dialect() {
	case database.SQLite:
		return sqlite.Open(db.SQL())
	case database.Postgres:
		return postgres.Open(db.SQL())
	case database.MySQL:
		return mysql.Open(db.SQL())
	}
	return nil, fmt.Errorf("no driver for %s", db.Dialect())
}
