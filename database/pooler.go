package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/stdlib"
)

// Pooled reports whether the session's statements may run on different connections
// of a PostgreSQL server, as behind PgBouncer in transaction mode: then locks and
// settings of the session do not hold. It compares the number of the server's process
// that the connection was told at its start, which a pooler makes up, with the one
// that answers.
func (s *Session) Pooled(ctx context.Context) (bool, error) {
	if s.Dialect() != Postgres {
		return false, nil
	}
	pooled, err := isPooled(ctx, s.conn.Conn)
	if err != nil {
		return false, fmt.Errorf("ask whether a pooler stands before the database: %w", err)
	}
	return pooled, nil
}

func isPooled(ctx context.Context, conn *sql.Conn) (bool, error) {
	var told, answers uint32
	err := conn.Raw(func(c any) error {
		if t, ok := c.(*tappedConn); ok {
			c = t.Conn
		}
		p, ok := c.(*stdlib.Conn)
		if !ok {
			return errors.New("not a connection of pgx")
		}
		told = p.Conn().PgConn().PID()
		return nil
	})
	if err == nil {
		err = conn.QueryRowContext(ctx, "SELECT pg_backend_pid()").Scan(&answers)
	}
	return told != answers, err
}
