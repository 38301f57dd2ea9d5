package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

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
		// SQLite does so itself after some errors, such as a full disk.
		if e := tx.Rollback(); e != nil && ctx.Err() == nil && err != nil && !strings.Contains(e.Error(), "no transaction is active") {
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
