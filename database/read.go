package database

import "strings"

// isRead reports whether a query cannot change anything, by its words. When in doubt
// it says no. A function that a SELECT calls may still change something.
func isRead(query string) bool {
	word, rest := firstWord(query)
	switch word {
	case "SELECT", "VALUES", "TABLE", "SHOW", "DESCRIBE", "DESC":
		return !hasWord(rest, "INTO")
	case "PRAGMA":
		return !strings.ContainsRune(rest, '=')
	case "WITH":
		return !hasWord(rest, "INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "INTO")
	case "EXPLAIN":
		return !hasWord(rest, "ANALYZE")
	}
	return false
}

// firstWord returns the first word of a statement in upper case, and what follows.
func firstWord(sql string) (word, rest string) {
	for {
		sql = strings.TrimLeft(sql, " \t\r\n\f(;")
		switch {
		case strings.HasPrefix(sql, "--"), strings.HasPrefix(sql, "#"):
			_, sql, _ = strings.Cut(sql, "\n")
		case strings.HasPrefix(sql, "/*!"), strings.HasPrefix(sql, "/*M!"):
			return "", sql // MySQL and MariaDB run what is in such a comment
		case strings.HasPrefix(sql, "/*"):
			_, sql, _ = strings.Cut(sql, "*/")
		default:
			end := strings.IndexFunc(sql, func(r rune) bool { return !isLetter(r) })
			if end < 0 {
				end = len(sql)
			}
			return strings.ToUpper(sql[:end]), sql[end:]
		}
	}
}

// hasWord reports whether one of some words is in a text, also in a string or a name.
func hasWord(text string, words ...string) bool {
	for field := range strings.FieldsFuncSeq(text, func(r rune) bool { return !isLetter(r) }) {
		for _, w := range words {
			if strings.EqualFold(field, w) {
				return true
			}
		}
	}
	return false
}

func isLetter(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_'
}
