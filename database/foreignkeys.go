package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// WithoutForeignKeys runs f in a transaction of SQLite during which foreign keys are
// not enforced and do not cascade. The setting has no effect within a transaction, so it
// comes before; without it, DROP TABLE deletes the rows of other tables that refer to
// the table. See [Transaction.KeepForeignKeys].
func (s *Session) WithoutForeignKeys(ctx context.Context, f func(context.Context, *Transaction) error) (err error) {
	if _, err := s.ExecContext(ctx, "PRAGMA foreign_keys = OFF"); err != nil {
		return fmt.Errorf("switch foreign keys off: %w", err)
	}
	defer func() { err = errors.Join(err, enforceForeignKeys(context.WithoutCancel(ctx), s)) }()
	return s.Transaction(ctx, f)
}

// enforceForeignKeys switches foreign keys on again. A transaction whose context
// ended is rolled back in the background, and the setting has no effect before that
// is done, so it is read back.
func enforceForeignKeys(ctx context.Context, s *Session) error {
	for range 500 {
		if _, err := s.ExecContext(ctx, "PRAGMA foreign_keys = ON"); err != nil {
			return fmt.Errorf("switch foreign keys on: %w", err)
		}
		var on bool
		if err := s.QueryRowContext(ctx, "PRAGMA foreign_keys").Scan(&on); err != nil {
			return fmt.Errorf("switch foreign keys on: %w", err)
		}
		if on {
			return nil
		}
		time.Sleep(10 * time.Millisecond)
	}
	return errors.New("switch foreign keys on: SQLite does not do it")
}

// KeepForeignKeys runs f in a transaction of SQLite and fails when it leaves rows that
// refer to nothing, unless they were there before.
func (tx *Transaction) KeepForeignKeys(ctx context.Context, f func(context.Context, Conn) error) error {
	before, checkErr := violations(ctx, tx)
	if err := f(ctx, tx); err != nil {
		return err
	}
	if checkErr != nil {
		// The foreign keys themselves are wrong, for example to a column that is not
		// unique. This must not be in the way of the migration that corrects them.
		return nil //nolint:nilerr // see above
	}
	after, err := violations(ctx, tx)
	if err != nil {
		return err
	}
	for v, n := range after {
		if n > before[v] {
			return fmt.Errorf("it leaves a row of table %q that refers to a row of table %q that does not exist (rowid %d)", v.table, v.parent, v.row.Int64)
		}
	}
	return nil
}

// violation is a row that refers to nothing.
type violation struct {
	table, parent string
	row           sql.NullInt64
}

func violations(ctx context.Context, c Conn) (map[violation]int, error) {
	rows, err := c.QueryContext(ctx, "PRAGMA foreign_key_check")
	if err != nil {
		return nil, fmt.Errorf("check the foreign keys: %w", err)
	}
	defer rows.Close()
	found := map[violation]int{}
	for rows.Next() {
		var v violation
		var key int
		if err := rows.Scan(&v.table, &v.row, &v.parent, &key); err != nil {
			return nil, fmt.Errorf("check the foreign keys: %w", err)
		}
		found[v]++
	}
	return found, rows.Err()
}
