package database

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// mysqlError translates an error by its number:
// https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html
func mysqlError(err error) error {
	e, ok := errors.AsType[*mysql.MySQLError](err)
	if !ok {
		return nil
	}
	switch e.Number {
	case mysqlDuplicate, mysqlDuplicateNamed:
		table, _ := mysqlKey(e.Message)
		return &UniqueError{Table: table, Err: err}
	case 1451, 1452: // a parent row, a child row
		f := &ForeignKeyError{Referenced: e.Number == 1451, Err: err}
		if m := mysqlForeignKey.FindStringSubmatch(e.Message); m != nil {
			f.Table, f.Constraint = m[1], m[2]
		}
		return f
	case 1048, 1364: // NULL, and no value without a default
		return &NotNullError{"", mysqlQuoted(e.Message), err}
	case 3819, 4025: // MySQL, MariaDB
		return &CheckError{"", mysqlConstraint(e.Message), err}
	case 1213:
		return &ConflictError{true, err}
	case 1020: // MariaDB: the row has changed since it was read
		return &ConflictError{false, err}
	case 1205:
		return &TimeoutError{"a lock was not free in time", err}
	case 1969, 3024: // MariaDB, MySQL
		return &TimeoutError{"the statement took longer than the database allows", err}
	}
	return nil
}

// mysqlForeignKey finds the table and the constraint in: ... foreign key constraint
// fails (`shop`.`posts`, CONSTRAINT `posts_user_id_foreign` FOREIGN KEY ...
var mysqlForeignKey = regexp.MustCompile("`\\.`([^`]+)`, CONSTRAINT `([^`]+)`")

// mysqlQuoted returns the first name in quotes: Column 'email' cannot be null, Field
// 'email' doesn't have a default value.
func mysqlQuoted(message string) string {
	_, name, _ := strings.Cut(message, "'")
	name, _, _ = strings.Cut(name, "'")
	return name
}

// mysqlConstraint returns the name of a check: Check constraint 'positive' is
// violated. in MySQL, CONSTRAINT `positive` failed for `shop`.`orders` in MariaDB.
// There the name of a column's own check is in front of it: `orders.total`.
func mysqlConstraint(message string) string {
	name := mysqlQuoted(strings.ReplaceAll(message, "`", "'"))
	return name[strings.LastIndexByte(name, '.')+1:]
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

// located fills in which columns of the table of m a broken unique index is over, where
// the server's message has only its name, and names the field of a column that is not
// there.
func located(ctx context.Context, c Conn, m *model, err error) error {
	if err == nil {
		return nil
	}
	u, ok := errors.AsType[*UniqueError](err)
	if !ok {
		return m.explainMissing(err)
	}
	if c.Dialect() != MySQL || len(u.Columns) > 0 {
		return err
	}
	server, ok := errors.AsType[*mysql.MySQLError](u.Err)
	if !ok {
		return err
	}
	table, index := mysqlKey(server.Message)
	if table == "" {
		table = m.table
	} else if table != m.table {
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
