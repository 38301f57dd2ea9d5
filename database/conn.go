package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"
)

// Conn is what queries need. [*DB], [*Tx] and [*Session] are Conns, so that a
// function can serve inside and outside of a transaction.
type Conn interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	// Dialect returns the SQL that the database speaks.
	Dialect() Dialect
	// IDB returns bun's query builder.
	IDB() bun.IDB
}

var (
	_ Conn = (*DB)(nil)
	_ Conn = (*Tx)(nil)
	_ Conn = (*Session)(nil)
)

// Tx is a transaction. [DB.Transaction] and [Session.Transaction] make it.
type Tx struct {
	bun     bun.Tx
	dialect Dialect
}

// Dialect returns the SQL that the database speaks.
func (tx *Tx) Dialect() Dialect { return tx.dialect }

// IDB returns bun's query builder within the transaction.
func (tx *Tx) IDB() bun.IDB { return tx.bun }

// ExecContext runs a statement that returns no rows. A violated unique index is a
// [*UniqueError].
func (tx *Tx) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	r, err := tx.bun.ExecContext(ctx, query, args...)
	return r, typed(err)
}

// QueryContext runs a query.
func (tx *Tx) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return tx.bun.QueryContext(ctx, query, args...)
}

// QueryRowContext runs a query for one row. When there is none, Scan returns
// [sql.ErrNoRows].
func (tx *Tx) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return tx.bun.QueryRowContext(ctx, query, args...)
}

// beginner is what can begin a transaction: bun's pool and bun's connection.
type beginner interface {
	BeginTx(ctx context.Context, opts *sql.TxOptions) (bun.Tx, error)
}

func transaction(ctx context.Context, b beginner, d Dialect, f func(context.Context, *Tx) error) (err error) {
	tx, err := b.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin a transaction: %w", err)
	}
	done := false
	defer func() {
		if done {
			return
		}
		// Also on the way of a panic. When ctx has ended, database/sql rolls back by
		// itself, or gives up the connection, with the same effect.
		if e := tx.Rollback(); e != nil && ctx.Err() == nil && err != nil {
			err = fmt.Errorf("%w (and rolling back failed: %w)", err, e)
		}
	}()
	if err := f(ctx, &Tx{tx, d}); err != nil {
		return err
	}
	done = true
	if err := tx.Commit(); err != nil {
		if ctx.Err() != nil {
			err = errors.Join(ctx.Err(), err)
		}
		return fmt.Errorf("commit the transaction: %w", typed(err))
	}
	return nil
}

// Session is one connection, for work that needs the state of a connection, such
// as its locks and settings. It is outside of the pool, so that what is set on it
// never reaches another query; only for sqlite://:memory:, where another connection
// would be another database, it is the pool's one connection.
type Session struct {
	conn    bun.Conn
	pool    *sql.DB // of this session alone; nil in memory
	dialect Dialect
}

// Session connects. The caller must Close the session.
func (db *DB) Session(ctx context.Context) (*Session, error) {
	s := &Session{dialect: db.Dialect()}
	b := db.bun
	if !db.inMemory() {
		s.pool = db.target.pool()
		s.pool.SetMaxOpenConns(1)
		b = db.wrap(s.pool)
	}
	conn, err := b.Conn(ctx)
	if err != nil {
		if s.pool != nil {
			err = errors.Join(err, s.pool.Close())
		}
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	s.conn = conn
	return s, nil
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
func (s *Session) Dialect() Dialect { return s.dialect }

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

// Transaction is [DB.Transaction] on this connection.
func (s *Session) Transaction(ctx context.Context, f func(ctx context.Context, tx *Tx) error) error {
	return transaction(ctx, s.conn, s.dialect, f)
}
