package schema

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/kitgo/kit/database"
)

// The table of column types in docs/schema.md is what the builder makes.
func TestGuideToTypes(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/schema.md")
	if err != nil {
		t.Fatal(err)
	}
	table := &Table{name: "things", create: true}
	columns := map[string]*Column{
		"UUID": table.UUID("c"), "ForeignUUID": table.ForeignUUID("c"), "ULID": table.ULID("c"), "ForeignULID": table.ForeignULID("c"),
		"Char": table.Char("c", 7), "String": table.String("c", 7), "Text": table.Text("c"), "SmallInteger": table.SmallInteger("c"),
		"Integer": table.Integer("c"), "BigInteger": table.BigInteger("c"), "ForeignID": table.ForeignID("c"), "Bool": table.Bool("c"),
		"Float": table.Float("c"), "Decimal": table.Decimal("c", 10, 2), "Timestamp": table.Timestamp("c"), "DateTime": table.DateTime("c"),
		"Date": table.Date("c"), "Time": table.Time("c"), "JSON": table.JSON("c"), "Binary": table.Binary("c"),
	}
	row := regexp.MustCompile("^\\| (`[A-Z].*?) \\| `(.+?)`.* \\| `(.+?)`.* \\| `(.+?)`.* \\|$")
	method := regexp.MustCompile("`([A-Za-z]+)")
	seen := 0
	for line := range strings.Lines(string(text)) {
		m := row.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			continue
		}
		for _, name := range method.FindAllStringSubmatch(m[1], -1) {
			c := columns[name[1]]
			if c == nil {
				continue // ID and Enum are told in words
			}
			seen++
			for i, d := range []database.Dialect{database.Postgres, database.MySQL, database.SQLite} {
				if want := strings.ReplaceAll(m[i+2], "(n)", "(7)"); c.typeName(d) != want {
					t.Errorf("%s is %s in %s, but the page says %s", name[1], c.typeName(d), d, want)
				}
			}
		}
	}
	if seen != len(columns) {
		t.Errorf("the page has %d of %d types", seen, len(columns))
	}
}
