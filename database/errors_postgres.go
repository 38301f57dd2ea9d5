package database

import (
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// postgresError translates an error by its code:
// https://www.postgresql.org/docs/current/errcodes-appendix.html
func postgresError(err error) error {
	e, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return nil
	}
	switch e.Code {
	case "23505":
		u := &UniqueError{Table: e.TableName, Err: err}
		// The detail is: Key (email, team_id)=(a@example.com, 1) already exists.
		if _, list, ok := strings.Cut(e.Detail, "("); ok {
			list, _, _ = strings.Cut(list, ")=")
			u.Columns = strings.Split(strings.ReplaceAll(list, `"`, ""), ", ")
		}
		return u
	case "23503", "23001":
		return &ForeignKeyError{e.TableName, e.ConstraintName, e.Code == "23001" || strings.Contains(e.Detail, "still referenced"), err}
	case "23502":
		return &NotNullError{e.TableName, e.ColumnName, err}
	case "23514":
		return &CheckError{e.TableName, e.ConstraintName, err}
	case "40001":
		return &ConflictError{false, err}
	case "40P01":
		return &ConflictError{true, err}
	case "55P03":
		return &TimeoutError{"a lock was not free in time", err}
	case "57014":
		if strings.Contains(e.Message, "timeout") {
			return &TimeoutError{"the statement took longer than the database allows", err}
		}
	}
	return nil
}
