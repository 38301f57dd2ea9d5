package modelgen_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/schema"
	"github.com/kitgo/kit/internal/modelgen"
)

// Types that the builder does not make, in each database.
func TestTypesOfOtherTools(t *testing.T) {
	t.Parallel()
	const (
		text, integer, unsigned, boolean = modelgen.Text, modelgen.Int, modelgen.Uint, modelgen.Bool
		float, decimal, instant, bytes   = modelgen.Float, modelgen.Decimal, modelgen.Time, modelgen.Bytes
	)
	for name, kinds := range map[string]map[string]modelgen.Kind{
		"PostgreSQL": {
			"smallint": integer, "int4": integer, "serial": integer, "real": float, "money": text, "char(3)": text, "citext_like": text,
			"inet": text, "interval": text, "time": text, "timetz": text, "timestamp": instant, "timestamptz(3)": instant, "uuid": text,
			"numeric": decimal, "point": text, "tsvector": text, "bit(8)": text, "xml": text, "bytea": bytes, "json": modelgen.JSON,
		},
		"MariaDB": {
			"tinyint(1)": boolean, "tinyint(4)": integer, "tinyint unsigned": integer, "int unsigned": integer, "mediumint": integer,
			"bigint unsigned": unsigned, "bigint(20) unsigned zerofill": unsigned, "year": integer, "bit(8)": bytes, "binary(16)": bytes,
			"varbinary(10)": bytes, "tinytext": text, "char(3)": text, "set('a','b')": text, "float": float, "decimal(5,1) unsigned": decimal,
			"time": text, "timestamp NULL": instant, "date": instant, "inet6": text, "mediumblob": bytes,
		},
		"SQLite": {
			"INT": integer, "BIGINT": integer, "UNSIGNED BIG INT": integer, "INT2": integer, "TINYINT(1)": integer, "BOOL": boolean, "DOUBLE": float,
			"double  precision": float, "DECIMAL(10,5)": decimal, "NVARCHAR(100)": text, "CLOB": text, "DATETIME": instant, "TIME": text, "POINT": text,
			"STRING": text, "PRINT": text, "JSON": modelgen.JSON, "JSON TEXT": modelgen.JSON, "": bytes, "varchar (20)": text,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := open(t, urlOf(t, name))
			if name == "PostgreSQL" {
				execute(t, db, "CREATE DOMAIN citext_like AS text")
			}
			for typ, want := range kinds {
				execute(t, db, "CREATE TABLE things (it "+typ+")")
				tables := inspect(t, db)
				if len(tables) != 1 || tables[0].Columns[0].Kind != want {
					t.Errorf("%q is %+v, want the kind %d", typ, tables, want)
				}
				execute(t, db, "DROP TABLE things")
			}
		})
	}
}

func urlOf(t *testing.T, name string) string {
	t.Helper()
	for _, d := range databases {
		if d.name == name {
			return d.url(t)
		}
	}
	t.Fatalf("there is no database %s", name)
	return ""
}

func execute(t *testing.T, db *database.DB, statements ...string) {
	t.Helper()
	for _, sql := range statements {
		if _, err := db.ExecContext(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

func inspect(t *testing.T, db *database.DB) []modelgen.Table {
	t.Helper()
	tables, err := modelgen.Inspect(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	return tables
}

func tableNames(tables []modelgen.Table) []string {
	var list []string
	for _, t := range tables {
		list = append(list, t.Name)
	}
	return list
}

func TestTablesThatAreNotOfTheApplicationAreLeftOut(t *testing.T) {
	t.Parallel()
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		db := open(t, urlOf(t, "PostgreSQL"))
		execute(t, db, "CREATE TABLE parts (id bigint) PARTITION BY RANGE (id)", "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (1) TO (2)",
			"CREATE SCHEMA other", "CREATE TABLE other.things (id bigint PRIMARY KEY)", "CREATE VIEW four AS SELECT 4 AS n",
			"CREATE TABLE kit_migrations (id bigint)", "CREATE TABLE kitchens (id bigint REFERENCES other.things)")
		tables := inspect(t, db)
		if diff := cmp.Diff([]string{"kitchens", "parts"}, tableNames(tables)); diff != "" {
			t.Errorf("tables (-want +got):\n%s", diff)
		}
		if len(tables[0].ForeignKeys) > 0 {
			t.Errorf("a foreign key leads to another schema: %v", tables[0].ForeignKeys)
		}
	})
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		db := open(t, urlOf(t, "SQLite"))
		execute(t, db, "CREATE VIRTUAL TABLE words USING fts5(word)", "CREATE TABLE things (id INTEGER PRIMARY KEY AUTOINCREMENT)", "CREATE VIEW four AS SELECT 4 AS n")
		if diff := cmp.Diff([]string{"things"}, tableNames(inspect(t, db))); diff != "" {
			t.Errorf("tables (-want +got):\n%s", diff)
		}
	})
	t.Run("MariaDB", func(t *testing.T) {
		t.Parallel()
		db := open(t, urlOf(t, "MariaDB"))
		execute(t, db, "CREATE TABLE things (id bigint PRIMARY KEY)", "CREATE VIEW four AS SELECT 4 AS n", "CREATE SEQUENCE numbers")
		if diff := cmp.Diff([]string{"things"}, tableNames(inspect(t, db))); diff != "" {
			t.Errorf("tables (-want +got):\n%s", diff)
		}
	})
}

func TestArraysOfPostgreSQL(t *testing.T) {
	t.Parallel()
	db := open(t, urlOf(t, "PostgreSQL"))
	execute(t, db, "CREATE TABLE things (a text[] NOT NULL, b bigint[], c varchar(20)[], d inet[], e timestamptz[])")
	for i, want := range []bool{true, true, true, false, false} {
		if c := inspect(t, db)[0].Columns[i]; c.Array != want {
			t.Errorf("%+v: an array, want %v", c, want)
		}
	}
	dir := models(t, nil)
	sync(t, db, dir)
	text := folder(t, dir)["things_gen.go"]
	// The same tags on a struct of the test, as the model is not part of it.
	type Thing struct {
		A []string `bun:"a,array" json:"a"`
		B []int64  `bun:"b,array" json:"b"`
		C []string `bun:"c,array" json:"c"`
		D *string  `bun:"d" json:"d"`
		E *string  `bun:"e" json:"e"`
	}
	for f := range reflect.TypeFor[Thing]().Fields() {
		want := strings.Join([]string{f.Name, f.Type.String(), "`" + string(f.Tag) + "`"}, " ")
		if !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
			t.Errorf("there is no %s in:\n%s", want, text)
		}
	}
	addresses := "{10.0.0.1,10.0.0.2}"
	in := Thing{A: []string{"a,b", "c"}, B: []int64{1, 2}, D: &addresses}
	if err := database.Insert(t.Context(), db, &in); err != nil {
		t.Fatal(err)
	}
	out, err := database.From[Thing](db).First(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(in, out); diff != "" {
		t.Errorf("the row (-want +got):\n%s", diff)
	}
}

// A key that the program chooses is not one that the database numbers.
func TestOnlyNumberedKeysAreAutoincrement(t *testing.T) {
	t.Parallel()
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			db := open(t, d.url(t))
			define(t, db, func(ctx context.Context, s *schema.Builder) error {
				return errors.Join(
					s.Create(ctx, "a", func(t *schema.Table) { t.ID() }),
					s.Create(ctx, "b", func(t *schema.Table) { t.BigInteger("id"); t.PrimaryKey("id") }),
					s.Create(ctx, "c", func(t *schema.Table) { t.String("id", 20); t.PrimaryKey("id") }),
				)
			})
			for i, want := range []bool{true, false, false} {
				if c := inspect(t, db)[i].Columns[0]; c.Auto != want || c.Nullable {
					t.Errorf("%+v: numbered, want %v", c, want)
				}
			}
		})
	}
}
