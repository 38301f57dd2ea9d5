package kittest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/kitgo/kit/database"
)

// The errors of MySQL and MariaDB that matter here.
const (
	mysqlNoRight       = 1044
	mysqlUnknownThread = 1094
	mysqlNoTable       = 1146
)

// postgresNoRight is PostgreSQL's insufficient_privilege.
const postgresNoRight = "42501"

// number returns the number of an error of MySQL, or 0.
func number(err error) uint16 {
	if e, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return e.Number
	}
	return 0
}

// explain says why there is no database, and what to do. What package database says is
// about DATABASE_URL.
func explain(err error) string {
	const otherwise = "or unset " + variable + " to test on SQLite"
	if e, ok := errors.AsType[*database.ConnectError](err); ok {
		advice := strings.ReplaceAll(e.Advice, "DATABASE_URL", variable)
		return fmt.Sprintf("%s=%q: %s\n%s, %s", variable, e.URL, e.Reason, advice, otherwise)
	}
	if e, ok := errors.AsType[*database.URLError](err); ok {
		return fmt.Sprintf("%s=%q: %s\nuse postgres://user:password@host:5432/name or mysql://user:password@host:3306/name, %s", variable, e.URL, e.Problem, otherwise)
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && e.Code == postgresNoRight {
		return fmt.Sprintf("%s: %v\nlet its user make databases (ALTER ROLE name CREATEDB), %s", variable, err, otherwise)
	}
	if number(err) == mysqlNoRight {
		return fmt.Sprintf("%s: %v\nlet its user make the databases of tests (GRANT ALL PRIVILEGES ON `kit\\_test\\_%%`.* TO 'name'@'host'), %s", variable, err, otherwise)
	}
	return err.Error()
}
