package database

import (
	"context"
	"database/sql"

	"github.com/uptrace/bun"
)

// Conn is what queries need. [*DB], [*Transaction] and [*Session] are Conns, so that
// a function can serve inside and outside of a transaction.
type Conn interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	// Dialect returns the SQL that the database speaks.
	Dialect() Dialect
	// IDB returns bun's query builder.
	IDB() bun.IDB
	// link returns where a query of this package runs under ctx.
	link(ctx context.Context, write bool) link
}

var (
	_ Conn = (*DB)(nil)
	_ Conn = (*Transaction)(nil)
	_ Conn = (*Session)(nil)
)

// runner is a pool, a connection or a transaction of database/sql.
type runner interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// link is where a query runs.
type link struct {
	db  *DB
	run runner
	// inline puts the arguments into the text. Sessions want that: what is recorded
	// there must be complete.
	inline bool
	silent bool // nothing runs, as a session only records
	tx     bool // part of a transaction
}

// InTransaction reports whether statements on c with ctx are part of a transaction.
func InTransaction(ctx context.Context, c Conn) bool { return c.link(ctx, true).tx }

// Recorded reports whether statements on c are only recorded at the moment, as
// [Session.Record] does.
func Recorded(ctx context.Context, c Conn) bool { return c.link(ctx, true).silent }

// inTransaction is the key under which a context has the transaction of a database.
type inTransaction struct{ db *DB }

// current returns the transaction that ctx is in, or nil.
func (db *DB) current(ctx context.Context) *Transaction {
	tx, _ := ctx.Value(inTransaction{db}).(*Transaction)
	return tx
}

func (db *DB) link(ctx context.Context, write bool) link {
	if tx := db.current(ctx); tx != nil {
		return tx.link(ctx, write)
	}
	l := link{db: db, run: db.sql}
	if !write {
		l.run = db.reads
	}
	if db.tap != nil && db.tap.hook != nil { // a session works on the one connection
		l.inline, l.silent = true, db.tap.recording
	}
	return l
}

// route returns where a statement that people wrote runs.
func (db *DB) route(ctx context.Context, query string) bun.IConn {
	if tx := db.current(ctx); tx != nil {
		return tx.bun
	}
	if db.bunReads != db.bun && isRead(query) {
		return db.bunReads
	}
	return db.bun
}

// resolver sends bun's queries to the transaction of their context, and those that
// only read to the pool for that.
type resolver struct{ db *DB }

// ResolveConn returns nil for the pool that bun knows.
func (r resolver) ResolveConn(ctx context.Context, q bun.Query) bun.IConn {
	if tx := r.db.current(ctx); tx != nil {
		return tx.bun.Tx
	}
	if _, ok := q.(*bun.SelectQuery); ok && r.db.reads != r.db.sql {
		return r.db.reads
	}
	return nil
}

// Close has nothing to do: [DB.Close] closes the pools.
func (resolver) Close() error { return nil }
