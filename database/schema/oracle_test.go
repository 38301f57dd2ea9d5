package schema_test

import (
	"fmt"
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
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				changed, wanted := opened(t, url(t)), opened(t, url(t))
				ctx := t.Context()
				for db, define := range map[*database.DB]func(*schema.Table){changed: c.before, wanted: c.after} {
					must(t, schema.New(db).Create(ctx, "users", func(t *schema.Table) { t.ID() }))
					must(t, schema.New(db).Create(ctx, "things", define))
				}
				must(t, schema.New(changed).Table(ctx, "things", c.change))
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
