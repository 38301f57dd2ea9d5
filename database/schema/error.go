package schema

import (
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/kitgo/kit/internal/place"
)

// DefinitionError is a mistake in a definition, or something that the database cannot
// do. Nothing of the call that returns it has run.
type DefinitionError struct {
	at      place.Place
	Table   string
	Problem string
}

// Error begins with the line of the migration.
func (e *DefinitionError) Error() string {
	return located(e.at, fmt.Sprintf("table %q: %s", e.Table, e.Problem))
}

// StatementError is a statement that the database refused.
type StatementError struct {
	SQL string
	Err error // the database's

	at place.Place
}

// Error has the line of the migration, the database's message, the position where it
// gives one, and the start of the statement, on one line.
func (e *StatementError) Error() string {
	text := e.Err.Error()
	if line, column := e.Position(); line > 0 {
		text += fmt.Sprintf(" at line %d, column %d", line, column)
	}
	return located(e.at, text+", in: "+shorten(e.SQL))
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

// packages are those whose lines are not a migration's: this one, and the one that
// runs SQL files and stored statements, which says where they are from.
const (
	ownPackage     = "github.com/kitgo/kit/database/schema"
	migratePackage = "github.com/kitgo/kit/database/migrate"
)

// here returns the line that called this package; unknown when a migration is not
// written in Go.
func here() place.Place {
	at := place.Outside(ownPackage)
	if at.In(migratePackage) {
		return place.Place{}
	}
	return at
}

// located puts a known place before a message.
func located(at place.Place, message string) string {
	if at == (place.Place{}) {
		return message
	}
	return at.String() + ": " + message
}

// shorten returns the start of a statement on one line.
func shorten(sql string) string {
	text := []rune(strings.Join(strings.Fields(sql), " "))
	if len(text) > 200 {
		return string(text[:199]) + "…"
	}
	return string(text)
}
