package database

import (
	"errors"
	"strings"

	sqlite "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// sqliteError translates an error by its extended code:
// https://www.sqlite.org/rescode.html
func sqliteError(err error) error {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return nil
	}
	switch e.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_ROWID:
		// UNIQUE constraint failed: users.email, users.team_id
		u := &UniqueError{Err: err}
		for column := range strings.SplitSeq(failed(err), ", ") {
			if table, name, ok := strings.Cut(column, "."); ok {
				u.Table = table
				u.Columns = append(u.Columns, name)
			}
		}
		return u
	case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return &ForeignKeyError{Err: err}
	case sqlite3.SQLITE_CONSTRAINT_NOTNULL:
		table, column, _ := strings.Cut(failed(err), ".")
		return &NotNullError{table, column, err}
	case sqlite3.SQLITE_CONSTRAINT_CHECK:
		return &CheckError{"", failed(err), err}
	case sqlite3.SQLITE_BUSY_SNAPSHOT:
		return &ConflictError{false, err}
	}
	if e.Code()&0xff == sqlite3.SQLITE_BUSY || e.Code()&0xff == sqlite3.SQLITE_LOCKED {
		return &TimeoutError{"the database was locked by another process for too long", err}
	}
	return nil
}

// failed returns what a message names, as in: CHECK constraint failed: positive (275).
func failed(err error) string {
	_, what, _ := strings.Cut(err.Error(), "constraint failed: ")
	if _, last, ok := strings.Cut(what, "constraint failed: "); ok {
		what = last
	}
	if i := strings.LastIndex(what, " ("); i >= 0 {
		what = what[:i]
	}
	return what
}
