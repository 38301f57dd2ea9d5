package transfer

import (
	"fmt"
	"strings"
)

// Error says what could not be copied.
type Error struct {
	Table  string
	Column string // "" when it is not known
	Row    string // such as "id=7"; "" when it is not known
	Err    error
}

// Error names the table, the column and the row.
func (e *Error) Error() string {
	where := "table " + e.Table
	if e.Column != "" {
		where += ", column " + e.Column
	}
	if e.Row != "" {
		where += ", row " + e.Row
	}
	return where + ": " + strings.ReplaceAll(e.Err.Error(), "\n", " ")
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// SchemaError says that the tables of two databases are not the same.
type SchemaError struct{ Problem string }

// Error returns the problem.
func (e *SchemaError) Error() string { return e.Problem }

// Hint says what to do.
func (*SchemaError) Hint() string {
	return "copy into an empty database, which gets its tables from the migrations; --except TABLE leaves out one that no migration makes"
}

func differs(format string, args ...any) error { return &SchemaError{fmt.Sprintf(format, args...)} }
