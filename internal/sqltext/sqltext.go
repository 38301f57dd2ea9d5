// Package sqltext reads SQL without a grammar of it: it finds the words of a text and
// where one statement ends and the next begins, in the rules of PostgreSQL, MySQL (and
// MariaDB) and SQLite for quotes, comments and compound statements.
package sqltext

import (
	"fmt"
	"strings"
)

// Dialect says whose rules hold. The values are those of package database.
type Dialect string

// The dialects.
const (
	Postgres Dialect = "postgres"
	MySQL    Dialect = "mysql"
	SQLite   Dialect = "sqlite"
)

// Kind is what a token is.
type Kind int

// The kinds of tokens.
const (
	Word    Kind = iota // a keyword or a name without quotes
	Name                // a quoted name; the text is without the quotes
	String              // a string or a dollar-quoted text
	Number              // digits, and what follows them without a space
	Symbol              // one character of anything else
	Comment             // with its marks
	Hint                // a comment that MySQL runs, such as /*!50100 … */
)

// Token is a part of a text.
type Token struct {
	Kind Kind
	// Text is as written, but for a Name.
	Text string
	// Start and End are offsets in bytes, Line counts from 1.
	Start, End, Line int
}

// Is reports whether the token is one of some words, which are given in upper case.
func (t Token) Is(words ...string) bool {
	if t.Kind != Word {
		return false
	}
	for _, w := range words {
		if strings.EqualFold(t.Text, w) {
			return true
		}
	}
	return false
}

// symbol reports whether the token is this character.
func (t Token) symbol(text string) bool { return t.Kind == Symbol && t.Text == text }

// Error says where a text ends too early.
type Error struct {
	Line    int
	Problem string // such as "this string has no end"
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Problem) }

// Tokens returns the tokens of a text, comments included. The error is an [*Error].
func Tokens(d Dialect, text string) ([]Token, error) {
	s := scanner{dialect: d, text: text, line: 1}
	var list []Token
	for {
		t, ok, err := s.next()
		if err != nil || !ok {
			return list, err
		}
		list = append(list, t)
	}
}
