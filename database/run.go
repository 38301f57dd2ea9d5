package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// results are the rows of a statement, which is logged when they are closed: only then
// is it known how long it took.
type results struct {
	*sql.Rows
	ctx   context.Context //nolint:containedctx // of the query, for its log
	link  link
	sql   *statement
	start time.Time
}

// Close ends the query. It returns the error of the rows, too.
func (r *results) Close() error {
	err := r.link.db.explain(r.ctx, errors.Join(r.Err(), r.Rows.Close()))
	r.link.observe(r.ctx, r.sql, r.start, err)
	return err
}

// done closes the rows for a function that returns err.
func (r *results) done(err *error) {
	if e := r.Close(); *err == nil {
		*err = e
	}
}

// query runs a statement that returns rows.
func (l link) query(ctx context.Context, s *statement) (*results, error) {
	if s.err != nil {
		return nil, s.err
	}
	l.db.repeated(ctx, s.buf)
	start := time.Now()
	rows, err := attempt(ctx, l, s, l.run.QueryContext, (*sql.Stmt).QueryContext) //nolint:rowserrcheck // results.Close does
	if err != nil {
		err = l.db.explain(ctx, err)
		l.observe(ctx, s, start, err)
		return nil, err
	}
	return &results{rows, ctx, l, s, start}, nil
}

// exec runs a statement that returns no rows.
func (l link) exec(ctx context.Context, s *statement) (sql.Result, error) {
	if s.err != nil {
		return nil, s.err
	}
	start := time.Now()
	result, err := attempt(ctx, l, s, l.run.ExecContext, (*sql.Stmt).ExecContext)
	err = l.db.explain(ctx, err)
	l.observe(ctx, s, start, err)
	return result, err
}

// attempt sends a statement in the way that is fastest here.
func attempt[R any](ctx context.Context, l link, s *statement,
	send func(context.Context, string, ...any) (R, error), prepared func(*sql.Stmt, context.Context, ...any) (R, error),
) (R, error) {
	text, args := string(s.buf), s.args[1:]
	switch {
	case l.inline || s.loose:
		return send(ctx, text, args...)
	case s.dialect == SQLite && !l.tx:
		if stmt := l.db.plans.get(ctx, l.run, text); stmt != nil {
			r, err := prepared(stmt, ctx, args...)
			if err == nil || !strings.Contains(err.Error(), "statement is closed") {
				return r, err
			}
		}
		return send(ctx, text, args...)
	case s.dialect == Postgres:
		s.args[0] = l.db.plans.mode(ctx, l)
		r, err := send(ctx, text, s.args...)
		if isStale(err) && !l.tx {
			return send(ctx, text, args...)
		}
		return r, err
	}
	return send(ctx, text, args...)
}

// isStale reports whether the database refused a prepared statement: the schema has
// changed under it, or a pooler has given the connection to others.
func isStale(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (e.Code == "26000" || e.Code == "42P05" || e.Code == "0A000" && strings.Contains(e.Message, "cached plan"))
}

// observe logs a statement.
func (l link) observe(ctx context.Context, s *statement, start time.Time, err error) {
	if l.silent || !l.db.watches() {
		return
	}
	l.db.log(ctx, s.String, time.Since(start), err)
}

// pgx modes: https://pkg.go.dev/github.com/jackc/pgx/v5#QueryExecMode
const (
	modeUnknown = iota
	modePrepared
	modeDescribed
)

// decide finds out whether the connections of a pool keep prepared statements: behind
// a pooler in transaction mode they do not. There pgx asks only once for the types of
// a text, which saves the decoding of values from text.
func decide(ctx context.Context, pool *sql.DB) (int, error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return modeUnknown, err
	}
	defer conn.Close()
	pooled, err := isPooled(ctx, conn)
	switch {
	case err != nil:
		return modeUnknown, fmt.Errorf("ask whether a pooler stands before the database: %w", err)
	case pooled:
		return modeDescribed, nil
	}
	return modePrepared, nil
}

func pgxMode(m int) pgx.QueryExecMode {
	if m == modePrepared {
		return pgx.QueryExecModeCacheStatement
	}
	return pgx.QueryExecModeCacheDescribe
}
