package database

import (
	"errors"
	"net/http"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	sqlite3 "modernc.org/sqlite/lib"
)

// ErrNotFound is returned when a row was expected and there is none. Its HTTP
// status is 404.
var ErrNotFound error = notFound{}

type notFound struct{}

func (notFound) Error() string   { return "not found" }
func (notFound) StatusCode() int { return http.StatusNotFound }

// UniqueError says that a row was refused because one with the same values in the
// columns of a unique index exists.
type UniqueError struct {
	// Table and Columns are what the index is about. They are empty when the
	// database does not say.
	Table   string
	Columns []string
	// Err is the driver's error.
	Err error
}

// Error says which columns must be unique, without their values.
func (e *UniqueError) Error() string {
	if e.Table == "" {
		return "a row with the same unique value exists"
	}
	return "a row with the same " + strings.Join(e.Columns, ", ") + " exists in " + e.Table
}

// Unwrap returns the driver's error.
func (e *UniqueError) Unwrap() error { return e.Err }

// StatusCode returns 409: the request is well-formed and conflicts with what is
// stored. A form that knows which field is meant answers 422 itself.
func (*UniqueError) StatusCode() int { return http.StatusConflict }

// typed gives an error of a driver its type, if this package has one for it.
func typed(err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && e.Code == "23505" {
		u := &UniqueError{Table: e.TableName, Err: err}
		// The detail is: Key (email, team_id)=(a@example.com, 1) already exists.
		if _, list, ok := strings.Cut(e.Detail, "("); ok {
			list, _, _ = strings.Cut(list, ")=")
			u.Columns = strings.Split(strings.ReplaceAll(list, `"`, ""), ", ")
		}
		return u
	}
	if isExactly(err, sqlite3.SQLITE_CONSTRAINT_UNIQUE) || isExactly(err, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY) || isExactly(err, sqlite3.SQLITE_CONSTRAINT_ROWID) {
		u := &UniqueError{Err: err}
		// The text is: ...: UNIQUE constraint failed: users.email, users.team_id (2067)
		_, list, _ := strings.Cut(err.Error(), "UNIQUE constraint failed: ")
		if i := strings.LastIndex(list, " ("); i >= 0 {
			list = list[:i]
		}
		for column := range strings.SplitSeq(list, ", ") {
			if table, name, ok := strings.Cut(column, "."); ok {
				u.Table = table
				u.Columns = append(u.Columns, name)
			}
		}
		return u
	}
	return err
}
