package lint_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/lint"
)

var update = flag.Bool("update", false, "rewrite the table of rules in the documentation")

// The documentation lists every rule.
func TestTheRulesAreDocumented(t *testing.T) {
	t.Parallel()
	const file, begin, end = "../../docs/zero-downtime.md", "<!-- rules -->\n", "<!-- end of rules -->\n"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), begin)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no %s and %s", file, begin, end)
	}
	names := map[database.Dialect]string{database.Postgres: "PostgreSQL", database.MySQL: "MySQL", database.SQLite: "SQLite"}
	var table strings.Builder
	table.WriteString("| rule | what it means | looked for on |\n|---|---|---|\n")
	for _, r := range lint.Rules() {
		var dialects []string
		for _, d := range r.Dialects() {
			dialects = append(dialects, names[d])
		}
		fmt.Fprintf(&table, "| `%s` | %s | %s |\n", r.Name, r.Finds, strings.Join(dialects, ", "))
	}
	want := before + begin + table.String() + end + after
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if string(text) != want {
		t.Errorf("the table of rules in %s is not that of the code; go test ./database/lint -update rewrites it", file)
	}
}
