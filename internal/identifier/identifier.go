// Package identifier says what names people may give to applications, models, migrations
// and columns: such as become names in Go, SQL and TypeScript.
package identifier

import (
	"fmt"
	"strings"
)

// Problem says why name cannot be used, as what follows "it", or "" if it can be: it
// has 1 to longest ASCII letters, digits, and characters of also, and begins with a
// letter.
func Problem(name string, longest int, also string) string {
	switch {
	case name == "":
		return "is empty"
	case len(name) > longest:
		return fmt.Sprintf("is longer than %d characters", longest)
	}
	for _, r := range name {
		if !Letter(r) && !Digit(r) && !strings.ContainsRune(also, r) {
			return fmt.Sprintf("has the character %q", r)
		}
	}
	if !Letter(rune(name[0])) {
		return "does not begin with a letter"
	}
	return ""
}

// TableProblem says why a table cannot have a name that is an identifier, as what follows
// "it": its beginning is that of the tables of Kit or of a database. It is "" if it can.
func TableProblem(table string) string {
	for _, prefix := range [][2]string{{"kit_", "Kit"}, {"sqlite_", "SQLite"}, {"pg_", "PostgreSQL"}} {
		if strings.HasPrefix(strings.ToLower(table), prefix[0]) {
			return "begins with " + prefix[0] + ", as the tables of " + prefix[1] + " itself do"
		}
	}
	return ""
}

// Letter says whether r is an ASCII letter.
func Letter(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }

// Digit says whether r is an ASCII digit.
func Digit(r rune) bool { return '0' <= r && r <= '9' }
