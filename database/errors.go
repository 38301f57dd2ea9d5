package database

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/go-sql-driver/mysql"
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

// typed gives an error of a driver its type, if this package has one for it.
func typed(err error) error {
	if err == nil || isA[*UniqueError](err) {
		return err
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
	if u := mysqlUnique(err); u != nil {
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

// mysqlUnique returns the error of a duplicate.
func mysqlUnique(err error) *UniqueError {
	e, ok := errors.AsType[*mysql.MySQLError](err)
	if !ok || e.Number != mysqlDuplicate && e.Number != mysqlDuplicateNamed {
		return nil
	}
	table, _ := mysqlKey(e.Message)
	return &UniqueError{Table: table, Err: err}
}

// mysqlKey returns what the message of a duplicate says about the index: in MySQL 8
// Duplicate entry 'x' for key 'users.users_email_unique', in MariaDB without the table.
func mysqlKey(message string) (table, index string) {
	_, key, _ := cutLast(message, " for key '")
	key = strings.TrimSuffix(key, "'")
	if table, index, ok := strings.Cut(key, "."); ok {
		return table, index
	}
	return "", key
}

// cutLast is strings.Cut at the last separator.
func cutLast(s, separator string) (before, after string, found bool) {
	if i := strings.LastIndex(s, separator); i >= 0 {
		return s[:i], s[i+len(separator):], true
	}
	return s, "", false
}

// located fills in which columns of the table of T a broken unique index is over,
// where the server's message has only its name.
func located[T any](ctx context.Context, c Conn, err error) error {
	err = typed(err)
	u, ok := errors.AsType[*UniqueError](err)
	if !ok || c.Dialect() != MySQL || len(u.Columns) > 0 {
		return err
	}
	server, ok := errors.AsType[*mysql.MySQLError](u.Err)
	if !ok {
		return err
	}
	table, index := mysqlKey(server.Message)
	if own := c.IDB().Dialect().Tables().Get(reflect.TypeFor[T]()).Name; table == "" {
		table = own
	} else if table != own {
		return err // of another table, which a trigger wrote to
	}
	var columns []string // an expression has no name
	q := c.IDB().NewRaw(`SELECT COALESCE(column_name, '') FROM information_schema.statistics
		WHERE table_schema = database() AND table_name = ? AND index_name = ? AND non_unique = 0 ORDER BY seq_in_index`, table, index)
	if q.Scan(ctx, &columns) == nil && len(columns) > 0 && !slices.Contains(columns, "") {
		u.Table, u.Columns = table, columns
	}
	return err
}
