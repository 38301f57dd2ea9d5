package schema_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/schema"
)

// hostile are names that have broken somebody's SQL.
var hostile = []string{
	`'`, `''`, `"`, "`", `\`, `\'`, `x'; DROP TABLE victims; --`, `x"; DROP TABLE victims; --`, "x`; DROP TABLE victims; #", `"); DROP TABLE victims; --`, `?`, `a?b`, `$1`, `:name`, `%s`,
	`/*`, `*/`, `--`, "a\nb", `a"]`, `[x]`, "select", "Table", "ÿ", "(SELECT 1)", "NULL", "a, b", "a -- b", "{}", "@@x", "0",
}

// refused are those of them that a database does not take for a name or a comment.
var refused = map[database.Dialect][]string{
	database.SQLite: {`*/`}, // as a comment, which it keeps between /* and */
}

// A name is the name of a table, a column and an index, and a text is a default, a value
// of an enum and a comment. What is made with it is called so, and the table beside it is
// as it was.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *database.DB, s *schema.Builder) {
		ctx := t.Context()
		must(t, s.Create(ctx, "victims", func(t *schema.Table) { t.ID(); t.Text("name") }))
		must(t, s.Exec(ctx, "INSERT INTO victims (name) VALUES ('Ann')"))
		for _, name := range hostile {
			err := s.Create(ctx, name, func(t *schema.Table) {
				t.ID()
				t.String(name, 80).Default(name).Comment(name)
				t.Enum("kind", name, "x").Default(name)
				t.Index(name).Name(name + " index")
			})
			if slices.Contains(refused[db.Dialect()], name) {
				if err == nil {
					t.Errorf("%q is accepted", name)
				}
				continue
			}
			if err != nil {
				t.Errorf("%q: create: %v", name, err)
				continue
			}
			columns, err := s.Columns(ctx, name)
			if err != nil || len(columns) != 3 || columns[1].Name != name {
				t.Errorf("%q: the columns are %+v, %v", name, columns, err)
			}
			indexes, err := s.Indexes(ctx, name)
			if err != nil || len(indexes) != 2 || indexes[1].Name != name+" index" || indexes[1].Columns[0] != name {
				t.Errorf("%q: the indexes are %+v, %v", name, indexes, err)
			}
			table := quoted(db, name)
			must(t, s.Exec(ctx, "INSERT INTO "+table+" (id) VALUES (1)"))
			var value, kind string
			if err := db.QueryRowContext(ctx, "SELECT "+table+", kind FROM "+table).Scan(&value, &kind); err != nil || value != name || kind != name {
				t.Errorf("%q: the defaults are %q and %q, %v", name, value, kind, err)
			}
			for _, step := range []struct {
				what string
				err  error
			}{
				{"change", s.Table(ctx, name, func(t *schema.Table) { t.String(name, 90).Nullable().Change() })},
				{"rename a column", s.Table(ctx, name, func(t *schema.Table) { t.RenameColumn(name, name+"2"); t.RenameIndex(name+" index", name+" other") })},
				{"drop", s.Table(ctx, name, func(t *schema.Table) { t.DropIndex().Name(name + " other"); t.DropColumn(name + "2") })},
				{"rename", s.Rename(ctx, name, name+"2")},
				{"drop the table", s.Drop(ctx, name+"2")},
			} {
				if step.err != nil {
					t.Errorf("%q: %s: %v", name, step.what, step.err)
				}
			}
		}
		tables, err := s.Tables(ctx)
		if err != nil || !slices.Equal(tables, []string{"victims"}) {
			t.Errorf("the tables are %q, %v", tables, err)
		}
		var n int
		if err := db.QueryRowContext(ctx, "SELECT count(*) FROM victims WHERE name = 'Ann'").Scan(&n); err != nil || n != 1 {
			t.Errorf("of the table beside them %d rows are left, %v", n, err)
		}
	})
}

// quoted is a name in SQL, as each manual says.
func quoted(db *database.DB, name string) string {
	q := `"`
	if db.Dialect() == database.MySQL {
		q = "`"
	}
	return q + strings.ReplaceAll(name, q, q+q) + q
}
