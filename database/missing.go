package database

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
)

// explainMissing names the field whose column the table does not have. Errors about other
// columns stay as they are.
func (m *model) explainMissing(err error) error {
	name := missingColumn(err)
	c := m.byName[strings.TrimPrefix(name, m.table+".")]
	if c == nil {
		return err
	}
	return fmt.Errorf("%s.%s: the table %s has no column %s; add it in a migration, or tag the field bun:\"-\": %w", m.typ, c.field, m.table, c.name, err)
}

// missing finds the name in: column posts.title does not exist, column "title" of
// relation "posts" does not exist (PostgreSQL), no such column: posts.title, table posts
// has no column named title (SQLite), Unknown column 'posts.title' in 'field list'.
var missing = regexp.MustCompile(`(?:no such column: |has no column named |Unknown column '|column "?)([^\s"']+)`)

// missingColumn returns the column that an error says is not there, which may have a
// table's name in front; "" when it says something else.
func missingColumn(err error) string {
	if err == nil {
		return ""
	}
	text := err.Error()
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		if e.Code != "42703" {
			return ""
		}
		text = e.Message
	} else if e, ok := errors.AsType[*mysql.MySQLError](err); ok {
		if e.Number != 1054 {
			return ""
		}
		text = e.Message
	} else if _, ok := errors.AsType[*sqlite.Error](err); !ok {
		return ""
	}
	if found := missing.FindStringSubmatch(text); found != nil {
		return found[1]
	}
	return ""
}
