package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// Transaction is a transaction, or a part of one behind a savepoint. [Tx],
// [DB.Transaction] and [Session.Transaction] make it.
type Transaction struct {
	db      *DB
	bun     bun.Tx
	session *tap // of the session that began it; else nil
	parent  *Transaction
	depth   int // of savepoints
	after   []func(context.Context)
}

// Tx runs f in a transaction and commits it when f returns nil. When f returns an
// error or panics, or ctx ends, it is rolled back. The context that f gets carries the
// transaction: queries of db with it are part of it, also those in functions that know
// only db.
//
//	err := database.Tx(ctx, db, func(ctx context.Context) error {
//		if err := database.Insert(ctx, db, &order); err != nil {
//			return err
//		}
//		return stock.Reserve(ctx, order.Lines) // uses the same db
//	})
//
// Within a transaction it makes a savepoint: what f did is undone when it fails, and
// the transaction can go on.
func Tx(ctx context.Context, db *DB, f func(ctx context.Context) error) error {
	return TxWith(ctx, db, TxOptions{}, f)
}

// TxOptions sets up a transaction. Within a transaction only ReadOnly's and
// Isolation's zero values are possible, and Retries is not used.
type TxOptions struct {
	// Isolation is the level; the zero value is the database's default: read
	// committed in PostgreSQL, repeatable read in MySQL. SQLite has only serializable.
	Isolation sql.IsolationLevel
	// ReadOnly refuses changes. In SQLite such a transaction does not wait for writers.
	ReadOnly bool
	// Retries is how often f is called again when the database ended the transaction
	// because of another one: a [*ConflictError]. f must have no effects outside of the
	// transaction; [DB.AfterCommit] is for those.
	Retries int
}

// TxWith is [Tx] with options.
func TxWith(ctx context.Context, db *DB, o TxOptions, f func(ctx context.Context) error) error {
	call := func(ctx context.Context, _ *Transaction) error { return f(ctx) }
	if tx := db.current(ctx); tx != nil {
		if o.ReadOnly || o.Isolation != sql.LevelDefault {
			return errors.New("begin a transaction: a transaction within another one cannot have options of its own")
		}
		return tx.Transaction(ctx, call)
	}
	begin := beginner(db.bun)
	if o.ReadOnly && db.Dialect() == SQLite {
		begin = db.bunReads
	}
	options := &sql.TxOptions{Isolation: o.Isolation, ReadOnly: o.ReadOnly && db.Dialect() != SQLite}
	if db.Dialect() == SQLite {
		options.Isolation = sql.LevelDefault
	}
	for attempt := 0; ; attempt++ {
		err := transaction(ctx, begin, options, &Transaction{db: db}, call)
		if attempt >= o.Retries || !isA[*ConflictError](err) {
			return err
		}
		pause := time.Duration(1<<min(attempt, 6)) * 5 * time.Millisecond
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause/2 + rand.N(pause)): //nolint:gosec // not for secrets
		}
	}
}

// Transaction is [Tx] for those who prefer to hand the transaction on.
func (db *DB) Transaction(ctx context.Context, f func(ctx context.Context, tx *Transaction) error) error {
	if tx := db.current(ctx); tx != nil {
		return tx.Transaction(ctx, f)
	}
	return transaction(ctx, db.bun, nil, &Transaction{db: db}, f)
}

// AfterCommit calls f when the transaction that ctx is in has been committed, and at
// once when there is none. When the transaction, or the part of it since the last
// savepoint, is rolled back, f is not called. The context of f is no longer in the
// transaction.
func (db *DB) AfterCommit(ctx context.Context, f func(ctx context.Context)) {
	if tx := db.current(ctx); tx != nil {
		tx.after = append(tx.after, f)
		return
	}
	f(ctx)
}

// Transaction runs f behind a savepoint: when it returns an error or panics, what it
// did is undone, and the transaction can go on.
func (tx *Transaction) Transaction(ctx context.Context, f func(ctx context.Context, tx *Transaction) error) error {
	part := &Transaction{db: tx.db, bun: tx.bun, session: tx.session, parent: tx, depth: tx.depth + 1}
	name := fmt.Sprintf("kit_%d", part.depth)
	run := func(ctx context.Context, statement string) error {
		if _, err := tx.bun.ExecContext(ctx, statement+name); err != nil {
			return fmt.Errorf("%s%s: %w", strings.ToLower(statement), name, tx.db.explain(ctx, err))
		}
		return nil
	}
	if err := run(ctx, "SAVEPOINT "); err != nil {
		return err
	}
	err := part.within(ctx, f, func() error {
		// Also when the time of this part is over, as the transaction may go on.
		return run(context.WithoutCancel(ctx), "ROLLBACK TO SAVEPOINT ")
	})
	if err != nil {
		return err
	}
	if err := run(ctx, "RELEASE SAVEPOINT "); err != nil {
		return err
	}
	tx.after = append(tx.after, part.after...)
	return nil
}

// Dialect returns the SQL that the database speaks.
func (tx *Transaction) Dialect() Dialect { return tx.db.Dialect() }

// IDB returns bun's query builder within the transaction.
func (tx *Transaction) IDB() bun.IDB { return tx.bun }

// ExecContext runs a statement that returns no rows. The errors are those of
// [DB.ExecContext].
func (tx *Transaction) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	r, err := tx.bun.ExecContext(ctx, query, args...)
	return r, typed(err)
}

// QueryContext runs a query.
func (tx *Transaction) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	rows, err := tx.bun.QueryContext(ctx, query, args...)
	return rows, typed(err)
}

// QueryRowContext runs a query for one row. When there is none, Scan returns
// [sql.ErrNoRows].
func (tx *Transaction) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return tx.bun.QueryRowContext(ctx, query, args...)
}

func (tx *Transaction) link(context.Context, bool) link {
	l := link{db: tx.db, run: tx.bun.Tx, tx: true}
	if tx.session != nil {
		l.inline, l.silent = true, tx.session.recording
	}
	return l
}

// beginner is what can begin a transaction: bun's pool, connection and transaction.
type beginner interface {
	BeginTx(ctx context.Context, opts *sql.TxOptions) (bun.Tx, error)
}

func transaction(ctx context.Context, b beginner, o *sql.TxOptions, t *Transaction, f func(context.Context, *Transaction) error) (err error) {
	if t.bun, err = b.BeginTx(ctx, o); err != nil {
		return fmt.Errorf("begin a transaction: %w", t.db.explain(ctx, err))
	}
	err = t.within(ctx, f, func() error {
		err := t.bun.Rollback()
		// When ctx has ended, database/sql rolls back by itself, or gives up the
		// connection, with the same effect. SQLite does so itself after some errors,
		// such as a full disk.
		if err != nil && (ctx.Err() != nil || strings.Contains(err.Error(), "no transaction is active")) {
			return nil
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := t.bun.Commit(); err != nil {
		if ctx.Err() != nil {
			err = errors.Join(ctx.Err(), err)
		}
		return fmt.Errorf("commit the transaction: %w", typed(err))
	}
	for _, f := range t.after {
		f(ctx)
	}
	return nil
}

// within calls f, and undo when f fails or panics.
func (tx *Transaction) within(ctx context.Context, f func(context.Context, *Transaction) error, undo func() error) (err error) {
	done := false
	defer func() {
		if done {
			return
		}
		if e := undo(); e != nil && err != nil {
			err = fmt.Errorf("%w (and rolling back failed: %w)", err, e)
		}
	}()
	if tx.session == nil {
		ctx = context.WithValue(ctx, inTransaction{tx.db}, tx)
	}
	err = f(ctx, tx)
	done = err == nil
	return err
}
