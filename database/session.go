package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/uptrace/bun"
)

// Session is one connection, for work that needs the state of a connection, such
// as its locks and settings. It is outside of the pool, so that what is set on it
// never reaches another query; only for sqlite://:memory:, where another connection
// would be another database, it is the pool's one connection.
type Session struct {
	db   *DB
	conn bun.Conn
	pool *sql.DB // of this session alone; nil in memory
	tap  *tap
}

// Session connects, and waits for a database that does not answer or has no free
// connection for at most the ConnectTimeout of the options. It closes the idle
// connections of the pool first, so that a process which only waits in its session
// holds one connection. The caller must Close the session.
func (db *DB) Session(ctx context.Context) (*Session, error) {
	s := &Session{db: db, tap: db.tap}
	if db.inMemory() {
		conn, err := db.bun.Conn(ctx)
		if err != nil {
			return nil, fmt.Errorf("connect to the database: %w", err)
		}
		s.conn = conn
		return s, nil
	}
	for _, p := range []*sql.DB{db.sql, db.reads} {
		p.SetMaxIdleConns(-1)
		p.SetMaxIdleConns(db.options.MaxConnections)
	}
	s.tap = new(tap)
	s.pool = sql.OpenDB(tapped{db.target.connector(), s.tap})
	s.pool.SetMaxOpenConns(1)
	pool := db.wrap(s.pool, s.tap)
	err := db.retry(ctx, db.options.ConnectTimeout, func(ctx context.Context) (err error) {
		s.conn, err = pool.Conn(ctx)
		return err
	})
	if err != nil {
		return nil, errors.Join(err, s.pool.Close())
	}
	return s, nil
}

// Hook lets h stand before each statement that may change something, until it is
// called with nil. Queries that only read pass. It is not for concurrent use with
// statements.
func (s *Session) Hook(h Hook) { s.tap.hook = h }

// Record calls f and returns the statements with which it would have changed
// something; they do not run, and are not logged. Queries that only read run. A query
// that changes something and returns rows returns none. It replaces a hook. When
// beforeRead is not nil it is called before the first query that runs.
func (s *Session) Record(f func() error, beforeRead func(context.Context, Exec) error) ([]string, error) {
	var list []string
	s.Hook(func(_ context.Context, sql string, _ Exec) error {
		if !isSavepoint(sql) { // of a nested transaction
			list = append(list, sql)
		}
		return nil
	})
	s.tap.recording, s.tap.beforeRead = true, beforeRead
	defer func() { s.tap.recording, s.tap.beforeRead, s.tap.hook = false, nil, nil }()
	err := f()
	return list, err
}

// Observe calls f and returns the statements with which it changed something, or tried
// to. It replaces a hook.
func (s *Session) Observe(f func() error) ([]string, error) {
	var list []string
	s.Hook(func(ctx context.Context, sql string, next Exec) error {
		if !isSavepoint(sql) {
			list = append(list, sql)
		}
		return next(ctx, sql)
	})
	defer s.Hook(nil)
	err := f()
	return list, err
}

func isSavepoint(sql string) bool {
	return strings.HasPrefix(sql, "SAVEPOINT ") || strings.HasPrefix(sql, "RELEASE SAVEPOINT ") || strings.HasPrefix(sql, "ROLLBACK TO SAVEPOINT ")
}

// Close ends the session. It waits for a transaction that is being rolled back.
func (s *Session) Close() error {
	err := s.conn.Close()
	if errors.Is(err, sql.ErrConnDone) {
		err = nil // the connection broke before
	}
	if s.pool != nil {
		err = errors.Join(err, s.pool.Close())
	}
	if err != nil {
		return fmt.Errorf("close the connection: %w", err)
	}
	return nil
}

// Dialect returns the SQL that the database speaks.
func (s *Session) Dialect() Dialect { return s.db.Dialect() }

// IDB returns bun's query builder on this connection.
func (s *Session) IDB() bun.IDB { return s.conn }

// ExecContext runs a statement that returns no rows. A violated unique index is a
// [*UniqueError].
func (s *Session) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	r, err := s.conn.ExecContext(ctx, query, args...)
	return r, typed(err)
}

// QueryContext runs a query.
func (s *Session) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return s.conn.QueryContext(ctx, query, args...)
}

// QueryRowContext runs a query for one row. When there is none, Scan returns
// [sql.ErrNoRows].
func (s *Session) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return s.conn.QueryRowContext(ctx, query, args...)
}

// Transaction runs f in a transaction on this connection, as [DB.Transaction] does. The
// context that f gets does not carry it: all queries of f must use tx.
func (s *Session) Transaction(ctx context.Context, f func(ctx context.Context, tx *Transaction) error) error {
	return transaction(ctx, s.conn, nil, &Transaction{db: s.db, session: s.tap}, f)
}

func (s *Session) link(context.Context, bool) link {
	return link{db: s.db, run: s.conn.Conn, inline: true, silent: s.tap.recording}
}
