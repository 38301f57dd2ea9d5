package backup

import (
	"errors"
	"fmt"
	"path/filepath"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Error is an error with advice.
type Error struct {
	Problem string
	Advice  string // what to do; may be empty
	Err     error  // the cause; may be nil
}

// Error returns the problem.
func (e *Error) Error() string { return e.Problem }

// Hint returns the advice.
func (e *Error) Hint() string { return e.Advice }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// DamagedError says that a file is no healthy SQLite database.
type DamagedError struct {
	File    string
	Problem string
}

// Error names the file.
func (e *DamagedError) Error() string { return e.File + " " + e.Problem }

// InUseError says that a process has a database open.
type InUseError struct {
	File string
	PID  int // 0 when it is not known
}

// Error names the file, and the process if it is known.
func (e *InUseError) Error() string {
	if e.PID > 0 {
		return fmt.Sprintf("the database %s is in use by process %d", e.File, e.PID)
	}
	return fmt.Sprintf("the database %s is in use by another process", e.File)
}

// Hint says what to do.
func (*InUseError) Hint() string {
	return "stop the application first: the server, its scheduler, and whatever else has the database open"
}

// explain says what SQLite's error means for the file that was written.
func explain(err error, doing, file string) error {
	switch {
	case isSQLite(err, sqlite3.SQLITE_FULL):
		return &Error{Problem: fmt.Sprintf("%s: the disk of %s is full", doing, filepath.Dir(file)), Advice: "make room on it: a copy needs as much as the database has", Err: err}
	case isSQLite(err, sqlite3.SQLITE_BUSY):
		return &Error{Problem: doing + ": the database is locked by another process", Advice: "try again later", Err: err}
	case isSQLite(err, sqlite3.SQLITE_NOTADB), isSQLite(err, sqlite3.SQLITE_CORRUPT):
		return &Error{Problem: doing + ": it is damaged", Advice: "restore it from an older backup; what can be read of it, `sqlite3 FILE .recover` saves", Err: err}
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// checked says that it is the database that is damaged when its copy is.
func checked(err error, what string) error {
	if d, ok := errors.AsType[*DamagedError](err); ok {
		return &Error{Problem: what + " " + d.Problem, Advice: "no backup was made: restore an older one; what can be read of the database, `sqlite3 FILE .recover` saves", Err: err}
	}
	return err
}

// isSQLite reports whether err is SQLite's error of this code, or of one of the extended
// codes below it.
func isSQLite(err error, code int) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code()&0xff == code
}
