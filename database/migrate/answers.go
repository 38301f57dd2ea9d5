package migrate

import (
	"errors"
	"slices"
	"strings"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/kitgo/kit/database"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// isMissingTable reports whether a query failed because a table does not exist.
// SQLite has no code for that, only the text.
func isMissingTable(err error, name string) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == "42P01" // undefined_table
	}
	if e, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return e.Number == 1146 // ER_NO_SUCH_TABLE
	}
	return err != nil && strings.Contains(err.Error(), "no such table: "+name)
}

// isLockedOut reports whether PostgreSQL rolled a transaction back because a lock was
// not free in time, or because of a deadlock.
func isLockedOut(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (e.Code == "55P03" || e.Code == "40P01") // lock_not_available, deadlock_detected
}

// explain adds the file and what to do to an error of SQLite's that says neither.
func (m *Migrator) explain(err error) error {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok || m.db.Path() == "" {
		return err
	}
	advice := map[int]string{
		sqlite3.SQLITE_READONLY: "let the user of the process write to the file and its folder, and leave mode=ro out of DATABASE_URL",
		sqlite3.SQLITE_CANTOPEN: "let the user of the process write to the file and its folder",
		sqlite3.SQLITE_FULL:     "make room on the disk and start again",
		sqlite3.SQLITE_IOERR:    "look at the disk and its limits, and start again",
	}[e.Code()&0xff]
	if advice == "" {
		return err
	}
	return &FileError{Path: m.db.Path(), Advice: advice, Err: err}
}

// refused reports whether the database answered a statement with an error, so that
// it had no effect. A statement that was cancelled may have had one.
func refused(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return !strings.HasPrefix(e.Code, "57") // operator intervention
	}
	if e, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return e.Number != 1317 && e.Number != 1927 // ER_QUERY_INTERRUPTED, ER_CONNECTION_KILLED
	}
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code() != sqlite3.SQLITE_INTERRUPT
}

// isConnectionLost reports whether a query on a server failed because the connection did, or the
// server is going away or coming up, so that the same may work on a new connection.
func isConnectionLost(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return strings.HasPrefix(e.Code, "57P") || strings.HasPrefix(e.Code, "08")
	}
	if e, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return slices.Contains([]uint16{1040, 1053, 1927}, e.Number) // too many connections, shutdown, connection killed
	}
	if _, ok := errors.AsType[*database.ConnectError](err); ok {
		return false // it has been tried for long enough
	}
	if _, ok := errors.AsType[*LockError](err); ok {
		return false
	}
	return true
}
