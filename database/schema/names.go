package schema

import (
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/kitgo/kit/database"
)

// conventional returns the name of what is made of columns of a table.
func conventional(table string, columns []string, end string) string {
	return limit(table + "_" + strings.Join(columns, "_") + "_" + end)
}

// limit shortens a name to the 63 bytes that PostgreSQL allows, in a way that two
// long names stay different.
func limit(name string) string {
	if len(name) <= 63 {
		return name
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	return fmt.Sprintf("%s_%08x", strings.ToValidUTF8(name[:54], ""), h.Sum32())
}

// quote returns a name as SQL.
func quote(d database.Dialect, name string) string {
	if d == database.MySQL {
		return "`" + strings.ReplaceAll(name, "`", "``") + "`"
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

func quoteAll(d database.Dialect, names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = quote(d, n)
	}
	return strings.Join(quoted, ", ")
}

// quoteString returns a text as SQL. In MySQL a backslash begins an escape, unless
// sql_mode says otherwise, which the connections of package database do not.
func quoteString(d database.Dialect, s string) string {
	if d == database.MySQL {
		s = strings.ReplaceAll(s, `\`, `\\`)
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}

func quoteStrings(d database.Dialect, texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = quoteString(d, text)
	}
	return strings.Join(quoted, ", ")
}
