package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// ErrNotFound is returned when a row was expected and there is none. Its HTTP
// status is 404.
var ErrNotFound error = notFound{}

type notFound struct{}

func (notFound) Error() string   { return "not found" }
func (notFound) StatusCode() int { return http.StatusNotFound }

// ErrSeveral is returned by [Query.Sole] when there is more than one row.
var ErrSeveral = errors.New("more than one row")

// UniqueError says that a row was refused because one with the same values in the
// columns of a unique index exists.
type UniqueError struct {
	// Table and Columns are what the index is about. They are empty when the
	// database does not say. PostgreSQL and SQLite always do. MySQL and MariaDB only
	// name the index, and MySQL the table; [Insert] and [Update] look up the rest, so
	// that only the error of a statement of one's own may lack them.
	Table   string
	Columns []string
	// Err is the driver's error.
	Err error
}

// Error says which columns must be unique, without their values.
func (e *UniqueError) Error() string {
	switch {
	case e.Table == "":
		return "a row with the same unique value exists"
	case len(e.Columns) == 0:
		return "a row with the same unique value exists in " + e.Table
	}
	return "a row with the same " + strings.Join(e.Columns, ", ") + " exists in " + e.Table
}

// Unwrap returns the driver's error.
func (e *UniqueError) Unwrap() error { return e.Err }

// StatusCode returns 409: the request is well-formed and conflicts with what is
// stored. A form that knows which field is meant answers 422 itself.
func (*UniqueError) StatusCode() int { return http.StatusConflict }

// Fields returns a message for each column of the index, as a form shows them.
func (e *UniqueError) Fields() map[string]string {
	fields := map[string]string{}
	for _, c := range e.Columns {
		fields[c] = "has already been taken"
	}
	return fields
}

// ForeignKeyError says that a row refers to one that does not exist, or that a row
// cannot go because others refer to it.
type ForeignKeyError struct {
	// Table and Constraint are the foreign key. SQLite does not say.
	Table, Constraint string
	// Referenced says that others refer to the row. SQLite does not say, either; then
	// it is false.
	Referenced bool
	// Err is the driver's error.
	Err error
}

// Error names the foreign key.
func (e *ForeignKeyError) Error() string {
	text := "a row refers to one that does not exist"
	if e.Referenced {
		text = "other rows refer to this one"
	}
	if e.Constraint != "" {
		text += fmt.Sprintf(" (%s of %s)", e.Constraint, e.Table)
	}
	return text
}

// Unwrap returns the driver's error.
func (e *ForeignKeyError) Unwrap() error { return e.Err }

// StatusCode returns 409 when others refer to the row, else 422.
func (e *ForeignKeyError) StatusCode() int {
	if e.Referenced {
		return http.StatusConflict
	}
	return http.StatusUnprocessableEntity
}

// NotNullError says that a column must have a value. MySQL does not name the table.
type NotNullError struct {
	Table, Column string
	// Err is the driver's error.
	Err error
}

// Error names the column.
func (e *NotNullError) Error() string {
	if e.Table == "" {
		return fmt.Sprintf("column %s must have a value", e.Column)
	}
	return fmt.Sprintf("column %s of %s must have a value", e.Column, e.Table)
}

// Unwrap returns the driver's error.
func (e *NotNullError) Unwrap() error { return e.Err }

// StatusCode returns 422.
func (*NotNullError) StatusCode() int { return http.StatusUnprocessableEntity }

// CheckError says that a row does not satisfy a check constraint. Only PostgreSQL
// names the table.
type CheckError struct {
	Table, Constraint string
	// Err is the driver's error.
	Err error
}

// Error names the constraint.
func (e *CheckError) Error() string { return "the row violates the check " + e.Constraint }

// Unwrap returns the driver's error.
func (e *CheckError) Unwrap() error { return e.Err }

// StatusCode returns 422.
func (*CheckError) StatusCode() int { return http.StatusUnprocessableEntity }

// ConflictError says that the database ended a transaction because of another one: a
// deadlock, or one that cannot be serialized. The same again may succeed: see
// [TxOptions].
type ConflictError struct {
	Deadlock bool
	// Err is the driver's error.
	Err error
}

// Error says which of the two it is.
func (e *ConflictError) Error() string {
	if e.Deadlock {
		return "deadlock with another transaction"
	}
	return "conflict with another transaction"
}

// Unwrap returns the driver's error.
func (e *ConflictError) Unwrap() error { return e.Err }

// StatusCode returns 503.
func (*ConflictError) StatusCode() int { return http.StatusServiceUnavailable }

// TimeoutError says that a statement took longer than a limit of the database, of the
// context, or of waiting for a lock or a connection.
type TimeoutError struct {
	// Reason says what was waited for.
	Reason string
	// Err is the driver's error, or the context's.
	Err error
}

// Error returns the reason.
func (e *TimeoutError) Error() string { return e.Reason }

// Unwrap returns the error below.
func (e *TimeoutError) Unwrap() error { return e.Err }

// StatusCode returns 503.
func (*TimeoutError) StatusCode() int { return http.StatusServiceUnavailable }

// typed gives an error of a driver its type, if this package has one for it.
func typed(err error) error {
	switch {
	case err == nil || isTyped(err):
		return err
	case errors.Is(err, sql.ErrNoRows):
		return err
	}
	for _, translate := range []func(error) error{postgresError, mysqlError, sqliteError} {
		if t := translate(err); t != nil {
			return t
		}
	}
	return err
}

func isTyped(err error) bool {
	return isA[*UniqueError](err) || isA[*ForeignKeyError](err) || isA[*NotNullError](err) ||
		isA[*CheckError](err) || isA[*ConflictError](err) || isA[*TimeoutError](err)
}

// explain is typed for an error of the pool, too: when the time of ctx ran out while
// all connections were in use, it says so.
func (db *DB) explain(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if t := typed(err); t != err { //nolint:errorlint // is it another one
		return t
	}
	if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return err
	}
	reason := db.full()
	if reason == "" {
		reason = "the query took longer than its context allows"
	}
	return &TimeoutError{reason, err}
}

// full says which connections are all in use; "" when one is free.
func (db *DB) full() string {
	const none = "no connection was free in time: "
	used := func(p *sql.DB) bool {
		s := p.Stats()
		return s.InUse >= s.MaxOpenConnections
	}
	switch {
	case db.inMemory() && used(db.sql):
		return none + "a database in memory has one, which is in use"
	case used(db.reads):
		return fmt.Sprintf("%sall %d are in use (DB_MAX_CONNECTIONS)", none, db.options.MaxConnections)
	case used(db.sql):
		return none + "another transaction is writing to the file"
	}
	return ""
}
