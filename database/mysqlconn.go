package database

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/go-sql-driver/mysql"
)

// mysqlDriverConn is a connection with the optional methods that database/sql looks for.
type mysqlDriverConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.NamedValueChecker
	driver.Pinger
	driver.QueryerContext
	driver.SessionResetter
	driver.Validator
}

// Connect connects, within attemptTimeout: the driver's own time-out ends when a
// connection is there, and a server may say nothing on it.
func (m *mysqlServer) Connect(ctx context.Context) (driver.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	c, err := m.connect(ctx)
	if err != nil {
		return nil, err
	}
	session, err := askMySQLSession(ctx, c)
	if err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return &mysqlConn{mysqlDriverConn: c, session: session, stops: &m.stops}, nil
}

func (m *mysqlServer) connect(ctx context.Context) (mysqlDriverConn, error) {
	c, err := m.driver.Connect(ctx)
	if err != nil {
		return nil, err
	}
	full, ok := c.(mysqlDriverConn)
	if !ok {
		return nil, errors.Join(errors.New("the MySQL driver lacks a method"), c.Close())
	}
	return full, nil
}

// mysqlConn is a connection that leaves the pool when its server has become read-only,
// as the old primary does in a failover: the next connection finds the new one. It
// stops in the server what was cancelled here.
type mysqlConn struct {
	mysqlDriverConn
	session  mysqlSession
	stops    *mysqlStops
	last     context.Context // of the statement that runs, or ran last
	readOnly bool
}

func (c *mysqlConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.last = ctx
	r, err := c.mysqlDriverConn.ExecContext(ctx, query, args)
	return r, c.noted(err)
}

func (c *mysqlConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.last = ctx
	r, err := c.mysqlDriverConn.QueryContext(ctx, query, args)
	return r, c.noted(err)
}

func (c *mysqlConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	c.last = ctx // MariaDB computes what is constant here
	s, err := c.mysqlDriverConn.PrepareContext(ctx, query)
	if err != nil {
		return nil, c.noted(err)
	}
	full, ok := s.(mysqlDriverStmt)
	if !ok {
		return nil, errors.Join(errors.New("the MySQL driver's statement lacks a method"), s.Close())
	}
	return &mysqlStmt{full, c}, nil
}

func (c *mysqlConn) noted(err error) error {
	if n := mysqlNumber(err); n == mysqlOption || n == mysqlReadOnly {
		c.readOnly = true
	}
	if errors.Is(err, mysql.ErrPktTooLarge) {
		return errors.New("the statement is larger than max_allowed_packet of the server")
	}
	return err
}

// IsValid reports whether the pool should keep the connection.
func (c *mysqlConn) IsValid() bool {
	if c.readOnly || !c.mysqlDriverConn.IsValid() {
		return false
	}
	c.last = nil
	return true
}

// Close ends the connection. When a context ended a statement, the socket is closed and
// the server goes on with it: it is told to stop.
func (c *mysqlConn) Close() error {
	cancelled := c.last != nil && c.last.Err() != nil && !c.mysqlDriverConn.IsValid()
	c.last = nil
	err := c.mysqlDriverConn.Close()
	if cancelled {
		c.stops.stop(c.session)
	}
	return err
}

// mysqlDriverStmt is a prepared statement with the optional methods that database/sql
// looks for.
type mysqlDriverStmt interface {
	driver.Stmt
	driver.NamedValueChecker
	driver.StmtExecContext
	driver.StmtQueryContext
}

// mysqlStmt tells its connection what runs.
type mysqlStmt struct {
	mysqlDriverStmt
	conn *mysqlConn
}

func (s *mysqlStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	s.conn.last = ctx
	r, err := s.mysqlDriverStmt.ExecContext(ctx, args)
	return r, s.conn.noted(err)
}

func (s *mysqlStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	s.conn.last = ctx
	r, err := s.mysqlDriverStmt.QueryContext(ctx, args)
	return r, s.conn.noted(err)
}
