package database

import (
	"context"
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
	if s.dialect != Postgres {
		return false, nil
	}
	var told uint32
	err := s.conn.Raw(func(c any) error {
		t, ok := c.(*tappedConn)
		if !ok {
			return errors.New("not a connection of this package")
		}
		p, ok := t.Conn.(*stdlib.Conn)
		if !ok {
			return errors.New("not a connection of pgx")
		}
		told = p.Conn().PgConn().PID()
		return nil
	})
	var answers uint32
	if err == nil {
		err = s.QueryRowContext(ctx, "SELECT pg_backend_pid()").Scan(&answers)
	}
	if err != nil {
		return false, fmt.Errorf("ask whether a pooler stands before the database: %w", err)
	}
	return told != answers, nil
}
