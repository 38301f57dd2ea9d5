package schema

import (
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// StatementError is a statement that the database refused.
type StatementError struct {
	SQL string
	Err error // the database's
}

// Error has the database's message, the position where it gives one, and the start of
// the statement, on one line.
func (e *StatementError) Error() string {
	text := e.Err.Error()
	if line, column := e.Position(); line > 0 {
		text += fmt.Sprintf(" at line %d, column %d", line, column)
	}
	return text + ", in: " + shorten(e.SQL)
}

// Unwrap returns the database's error.
func (e *StatementError) Unwrap() error { return e.Err }

// Position returns where in the statement PostgreSQL found the mistake, from 1 in
// lines and characters; 0 when it does not say. MySQL has a line in its message,
// SQLite says nothing.
func (e *StatementError) Position() (line, column int) {
	server, ok := errors.AsType[*pgconn.PgError](e.Err)
	if !ok || server.Position < 1 {
		return 0, 0
	}
	text := []rune(e.SQL)
	before := string(text[:min(int(server.Position)-1, len(text))])
	line = strings.Count(before, "\n") + 1
	return line, len([]rune(before[strings.LastIndexByte(before, '\n')+1:])) + 1
}

// shorten returns the start of a statement on one line.
func shorten(sql string) string {
	text := []rune(strings.Join(strings.Fields(sql), " "))
	if len(text) > 200 {
		return string(text[:199]) + "…"
	}
	return string(text)
}
