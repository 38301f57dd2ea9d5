package identifier_test

import (
	"strings"
	"testing"

	"github.com/kitgo/kit/internal/identifier"
)

func TestProblem(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"a": "", "Post2_x": "", "a_": "",
		"":                      "is empty",
		strings.Repeat("a", 40): "",
		strings.Repeat("a", 41): "is longer than 40 characters",
		"2fa":                   "does not begin with a letter",
		"_a":                    "does not begin with a letter",
		"Über":                  "has the character 'Ü'",
		"my post":               "has the character ' '",
		"../x":                  "has the character '.'",
		"a-b":                   "has the character '-'",
		"a\x00":                 `has the character '\x00'`,
		"a\xff":                 "has the character '�'",
	} {
		if got := identifier.Problem(name, 40, "_"); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestTableProblem(t *testing.T) {
	t.Parallel()
	for table, want := range map[string]string{
		"posts": "", "kits": "", "kit": "", "kitchens": "", "pages": "", "my_kit_items": "",
		"kit_migrations": "begins with kit_, as the tables of Kit itself do",
		"Sqlite_master":  "begins with sqlite_, as the tables of SQLite itself do",
		"pg_class":       "begins with pg_, as the tables of PostgreSQL itself do",
	} {
		if got := identifier.TableProblem(table); got != want {
			t.Errorf("%q: %q, want %q", table, got, want)
		}
	}
}
