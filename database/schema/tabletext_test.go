package schema

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kitgo/kit/internal/sqltext"
)

// SQLite keeps the text of CREATE TABLE as people wrote it, and so do changes.
func TestReadingTheTextOfATable(t *testing.T) {
	t.Parallel()
	sql := `CREATE TABLE IF NOT EXISTS "a ""b" /* it's (all) */ (
	id INTEGER PRIMARY KEY AUTOINCREMENT, -- first, of course
	[odd name] /* so, (so) */ VARCHAR(10, 2) COLLATE NOCASE DEFAULT 'a,b)' NOT NULL ON CONFLICT ABORT,
	` + "`tick`" + ` DEFAULT NULL,
	'text' TEXT CONSTRAINT "a_enum" CHECK ('text' IN ('x', ')')) CHECK (id > 0),
	r INTEGER REFERENCES c (d) ON DELETE SET NULL ON UPDATE SET DEFAULT NOT DEFERRABLE UNIQUE,
	g INT GENERATED ALWAYS AS (id * (2)) STORED NOT NULL,
	h AS (id) VIRTUAL,
	CONSTRAINT n UNIQUE (r, "odd name" COLLATE NOCASE),
	FOREIGN KEY (r, "text") REFERENCES c (a, b),
	CHECK (r <> g) -- last
) STRICT, WITHOUT ROWID`
	table, err := newTableText(sqltext.SQLite, sql)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range table.parts {
		line := p.column + " | " + p.typing + " | " + p.comment
		for _, c := range p.clauses {
			line += " | " + c.name + ":" + c.kind + ":" + strings.Join(c.names(), "+")
		}
		got = append(got, line)
	}
	want := []string{
		"id | INTEGER |  | :PRIMARY:",
		"odd name | VARCHAR(10, 2) | so, (so) | :COLLATE: | :DEFAULT: | :NOT:",
		"tick |  |  | :DEFAULT:",
		"text | TEXT |  | a_enum:CHECK:text | :CHECK:id",
		"r | INTEGER |  | :REFERENCES:d | :UNIQUE:",
		"g | INT |  | :GENERATED:id | :NOT:",
		"h |  |  | :AS:id",
		" |  |  | n:UNIQUE:r+odd name",
		" |  |  | :FOREIGN:r+text",
		" |  |  | :CHECK:r",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if table.comment != "it's (all)" || table.end != "STRICT, WITHOUT ROWID" || table.parts[9].clauses[0].body(sql) != "r <> g" {
		t.Errorf("comment %q, end %q", table.comment, table.end)
	}
	again := table.statement(`"z"`)
	second, err := newTableText(sqltext.SQLite, again)
	if err != nil || second.statement(`"z"`) != again || len(second.parts) != len(table.parts) {
		t.Errorf("%v; a second time it is\n%s", err, again)
	}
	for _, sql := range []string{"CREATE VIRTUAL TABLE x USING fts5(a)", "CREATE TABLE x (a", "CREATE TABLE 'x"} {
		if _, err := newTableText(sqltext.SQLite, sql); err == nil {
			t.Errorf("%s is a table", sql)
		}
	}
}
