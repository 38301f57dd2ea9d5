package migrationgen

import (
	"fmt"
	"go/token"
	"strings"

	"github.com/kitgo/kit/internal/gocode"
	"github.com/kitgo/kit/internal/identifier"
	"github.com/kitgo/kit/internal/modelgen"
)

// change is what a migration does.
type change int

const (
	blank change = iota
	create
	drop
	add
	remove
	rename
)

// title is what the name of a migration says.
type title struct {
	change   change
	table    string
	column   string // of remove and rename: the one in the name
	renameTo string
}

// The limits of names, in bytes: those of files have some more in front, and those of
// indexes have the table's.
const (
	longestName  = 100
	longestTable = 40
)

// NameError is a name that cannot be that of a migration, or of the table it is about.
type NameError struct{ Name, What, Problem, Advice string }

// Error says why.
func (e *NameError) Error() string {
	return fmt.Sprintf("%q cannot be the name of a %s: it %s", e.Name, e.What, e.Problem)
}

// Hint says which one to use.
func (e *NameError) Hint() string { return e.Advice }

func checkName(name string) error {
	if problem := identifier.Problem(name, longestName, "-_"); problem != "" {
		return &NameError{name, "migration", problem, "use letters, digits and _, beginning with a letter, such as add_slug_to_posts"}
	}
	return nil
}

// checkTable refuses what cannot be the table of a migration.
func checkTable(name, table string) error {
	if table == "" {
		return &NameError{name, "migration", "does not say which table", "say it, such as create_posts_table, or with --create or --table"}
	}
	if problem := identifier.Problem(table, longestTable, "-_"); problem != "" {
		return &NameError{table, "table", problem, "use letters, digits and _, beginning with a letter, such as posts"}
	}
	if problem := identifier.TableProblem(table); problem != "" {
		return &NameError{table, "table", problem, "choose another name"}
	}
	return nil
}

// readTitle understands names such as create_posts_table, add_slug_to_posts,
// remove_slug_from_posts, rename_slug_to_path_in_posts and drop_posts_table. The table is
// "" where there is only that word.
func readTitle(name string) title {
	table := func(s string) string {
		if s == "table" {
			return ""
		}
		return strings.TrimSuffix(s, "_table")
	}
	if rest, ok := strings.CutPrefix(name, "rename_"); ok {
		if columns, of, ok := cutLast(rest, "_in_"); ok {
			if from, to, ok := strings.Cut(columns, "_to_"); ok {
				return title{change: rename, table: table(of), column: from, renameTo: to}
			}
		}
	}
	for _, words := range []struct {
		begin, middle string
		change        change
	}{
		{"add_", "_to_", add}, {"remove_", "_from_", remove}, {"drop_", "_from_", remove}, {"delete_", "_from_", remove},
	} {
		if rest, ok := strings.CutPrefix(name, words.begin); ok {
			if column, of, ok := cutLast(rest, words.middle); ok {
				return title{change: words.change, table: table(of), column: column}
			}
		}
	}
	if rest, ok := strings.CutPrefix(name, "create_"); ok {
		return title{change: create, table: table(rest)}
	}
	if rest, ok := strings.CutPrefix(name, "drop_"); ok && (rest == "table" || strings.HasSuffix(rest, "_table")) {
		return title{change: drop, table: table(rest)}
	}
	return title{}
}

func cutLast(s, separator string) (before, after string, found bool) {
	i := strings.LastIndex(s, separator)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(separator):], true
}

// fileTitle returns the words of a name in lower case. Those that Go would leave out as the
// name of a file have a word more.
func fileTitle(name string) string {
	words := modelgen.Snake(name)
	if gocode.LeavesOut("m_" + words) {
		words += "_migration"
	}
	return words
}

// variable returns the Go name of a migration.
func variable(title string) string {
	first, rest, several := strings.Cut(title, "_")
	if !several || token.IsKeyword(first) {
		return first + "Migration" + tail(rest)
	}
	return first + tail(rest)
}

func tail(words string) string {
	if words == "" {
		return ""
	}
	// The X is for words that begin with a digit, which need none here.
	return strings.TrimPrefix(modelgen.Pascal("x_"+words), "X")
}
