package kittest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/kitgo/kit/database"
)

// mysqlServer copies databases table by table: MySQL has no copy of a whole one.
type mysqlServer struct {
	db     *database.DB
	server *server
}

// mark is a table that is in complete templates, with the day of their last use.
const mark = "kit_test_used"

func quote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// create gives the database the character set and the collation of the one in the URL.
func (m *mysqlServer) create(ctx context.Context, name string) error {
	var charset, collation string
	err := m.db.QueryRowContext(ctx, "SELECT @@character_set_database, @@collation_database").Scan(&charset, &collation)
	if err != nil {
		return err
	}
	_, err = m.db.ExecContext(ctx, fmt.Sprintf("CREATE DATABASE %s CHARACTER SET %s COLLATE %s", quote(name), charset, collation))
	return err
}

// drop ends the connections of the test first, for whose transactions DROP would wait.
func (m *mysqlServer) drop(ctx context.Context, name string) error {
	rows, err := m.db.QueryContext(ctx, "SELECT id FROM information_schema.processlist WHERE db = ?", name)
	if err != nil {
		return err
	}
	defer rows.Close()
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return err
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, id := range ids {
		_, err := m.db.ExecContext(ctx, fmt.Sprintf("KILL CONNECTION %d", id))
		if number(err) != mysqlUnknownThread && err != nil {
			return err
		}
	}
	_, err = m.db.ExecContext(ctx, "DROP DATABASE IF EXISTS "+quote(name))
	return err
}

func (m *mysqlServer) locked(ctx context.Context, f func() error) (err error) {
	s, err := m.db.Session(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }() // which frees the lock
	var free bool
	if err := s.QueryRowContext(ctx, "SELECT GET_LOCK(?, ?)", strings.TrimSuffix(prefix, "_"), patience.Seconds()).Scan(&free); err != nil {
		return fmt.Errorf("wait for other tests that migrate: %w", err)
	}
	if !free {
		return fmt.Errorf("other tests migrate for more than %s", patience)
	}
	return f()
}

func (m *mysqlServer) ready(ctx context.Context, name string) (bool, error) {
	var n int
	err := m.db.QueryRowContext(ctx, "SELECT count(*) FROM information_schema.tables WHERE table_schema = ? AND table_name = ?", name, mark).Scan(&n)
	if err != nil || n == 0 {
		return false, err
	}
	_, err = m.db.ExecContext(ctx, fmt.Sprintf("UPDATE %s.%s SET day = ?", quote(name), mark), time.Now().UTC().Format(time.DateOnly))
	return true, err
}

func (m *mysqlServer) build(ctx context.Context, name, _ string, migrate filler) error {
	if err := m.drop(ctx, name); err != nil { // one that is not complete
		return err
	}
	if err := m.create(ctx, name); err != nil {
		return err
	}
	if err := migrate(ctx, name); err != nil {
		return errors.Join(err, m.drop(ctx, name))
	}
	table := quote(name) + "." + mark
	_, err := m.db.ExecContext(ctx, fmt.Sprintf("CREATE TABLE %s AS SELECT '%s' AS day", table, time.Now().UTC().Format(time.DateOnly)))
	return err
}

// leftovers asks each template for itself when it was used.
func (m *mysqlServer) leftovers(ctx context.Context) ([]leftover, error) {
	names, err := texts(ctx, m.db.SQL(), "SELECT schema_name FROM information_schema.schemata s WHERE left(schema_name, ?) = ? AND NOT EXISTS (SELECT 1 FROM information_schema.processlist p WHERE p.db = s.schema_name)", len(prefix), prefix)
	if err != nil {
		return nil, err
	}
	list := make([]leftover, len(names))
	for i, name := range names {
		list[i].name = name
		if !strings.HasPrefix(name, templatePrefix) {
			continue
		}
		days, err := texts(ctx, m.db.SQL(), fmt.Sprintf("SELECT day FROM %s.%s", quote(name), mark))
		if number(err) == mysqlNoTable { // it is not complete
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, day := range days {
			list[i].used, _ = time.Parse(time.DateOnly, day)
		}
	}
	return list, nil
}
