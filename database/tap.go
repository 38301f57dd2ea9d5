package database

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
)

// Hook stands before each statement of a session that may change something; sql has
// its arguments in place. It decides whether the statement runs, by calling next, and
// returns the error that the caller of the statement gets.
type Hook func(ctx context.Context, sql string, next Exec) error

// Exec runs a statement on the session's connection, past the hook.
type Exec func(ctx context.Context, sql string) error

// tap is the hook that is on a connection at the moment; nil lets statements pass.
type tap struct {
	hook      Hook
	recording bool // the hook runs nothing
	// beforeRead is called once, before the next query that only reads; nil for nothing.
	beforeRead func(context.Context, Exec) error
}

// tapped makes connections that a tap listens to. It sits between database/sql and
// the driver, because everything passes there: queries of this package, of bun, and
// those that people write.
type tapped struct {
	driver.Connector
	tap *tap
}

// Connect returns a tapped connection.
func (t tapped) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := t.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &tappedConn{c, t.tap}, nil
}

// tappedConn hands everything to the driver's connection, with the optional methods
// that database/sql looks for.
type tappedConn struct {
	driver.Conn
	tap *tap
}

// Close waits until a statement that was cancelled has been cancelled in the server,
// too: pgx asks for that in the background, and a process that exits meanwhile leaves
// the statement running, and PgBouncer 1.18 with an error that ends it.
func (c *tappedConn) Close() error {
	err := c.Conn.Close()
	if p, ok := c.Conn.(*stdlib.Conn); ok {
		select {
		case <-p.Conn().PgConn().CleanupDone():
		case <-time.After(cleanupTimeout):
		}
	}
	return err
}

// cleanupTimeout is how long a connection may take to cancel what it was doing.
const cleanupTimeout = 2 * time.Second

func (c *tappedConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if c.tap.hook == nil {
		return c.exec(ctx, query, args)
	}
	var result driver.Result = driver.RowsAffected(0)
	err := c.tap.hook(ctx, query, func(ctx context.Context, sql string) error {
		if sql != query { // of the hook's own
			_, err := c.exec(ctx, sql, nil)
			return err
		}
		r, err := c.exec(ctx, sql, args)
		if err == nil {
			result = r
		}
		return err
	})
	return result, err
}

func (c *tappedConn) exec(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	execer, ok := c.Conn.(driver.ExecerContext)
	if !ok {
		return nil, driver.ErrSkip
	}
	return execer.ExecContext(ctx, query, args)
}

func (c *tappedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if before := c.tap.beforeRead; before != nil && isRead(query) {
		c.tap.beforeRead = nil
		err := before(ctx, func(ctx context.Context, sql string) error {
			_, err := c.exec(ctx, sql, nil)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if c.tap.hook == nil || isRead(query) {
		return c.query(ctx, query, args)
	}
	var rows driver.Rows = noRows{}
	err := c.tap.hook(ctx, query, func(ctx context.Context, sql string) error {
		if sql != query { // of the hook's own
			_, err := c.exec(ctx, sql, nil)
			return err
		}
		r, err := c.query(ctx, sql, args)
		if err == nil {
			rows = r
		}
		return err
	})
	return rows, err
}

func (c *tappedConn) query(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	queryer, ok := c.Conn.(driver.QueryerContext)
	if !ok {
		return nil, driver.ErrSkip
	}
	return queryer.QueryContext(ctx, query, args)
}

func (c *tappedConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if c.tap.hook != nil && !isRead(query) {
		return nil, errors.New("a prepared statement that changes something cannot be used here")
	}
	if p, ok := c.Conn.(driver.ConnPrepareContext); ok {
		return p.PrepareContext(ctx, query)
	}
	return c.Prepare(query)
}

func (c *tappedConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	b, ok := c.Conn.(driver.ConnBeginTx)
	if !ok {
		return nil, errors.New("the driver has no transactions with a context")
	}
	return b.BeginTx(ctx, o)
}

func (c *tappedConn) Ping(ctx context.Context) error {
	if p, ok := c.Conn.(driver.Pinger); ok {
		return p.Ping(ctx)
	}
	return nil
}

func (c *tappedConn) ResetSession(ctx context.Context) error {
	if r, ok := c.Conn.(driver.SessionResetter); ok {
		return r.ResetSession(ctx)
	}
	return nil
}

func (c *tappedConn) IsValid() bool {
	v, ok := c.Conn.(driver.Validator)
	return !ok || v.IsValid()
}

func (c *tappedConn) CheckNamedValue(v *driver.NamedValue) error {
	if n, ok := c.Conn.(driver.NamedValueChecker); ok {
		return n.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

// noRows is what a query returns that a hook did not run.
type noRows struct{}

func (noRows) Columns() []string         { return nil }
func (noRows) Close() error              { return nil }
func (noRows) Next([]driver.Value) error { return io.EOF }
