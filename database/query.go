package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"reflect"

	"github.com/uptrace/bun"
)

// Query selects rows of the table of T. Conditions add up; the methods that run
// the query, such as All and Count, may be called more than once. [From] makes it.
type Query[T any] struct {
	conn          Conn
	conditions    []condition
	order         []string
	limit, offset int64
	err           error
}

type condition struct {
	text string
	args []any
}

// From starts a query on the table of T, a struct with bun tags.
func From[T any](c Conn) *Query[T] { return &Query[T]{conn: c} }

// Where keeps the rows for which a condition holds, such as
// Where("team_id = ? AND done = ?", 7, false). Several conditions must all hold.
// A slice is written Where("id IN (?)", bun.In(ids)).
func (q *Query[T]) Where(cond string, args ...any) *Query[T] {
	q.conditions = append(q.conditions, condition{cond, args})
	return q
}

// OrderBy sorts the rows by an SQL expression, such as "created_at DESC, id". It is
// not for text from outside.
func (q *Query[T]) OrderBy(order string) *Query[T] {
	q.order = append(q.order, order)
	return q
}

// Limit returns at most n rows.
func (q *Query[T]) Limit(n int) *Query[T] {
	if n < 0 {
		q.fail(fmt.Errorf("Limit(%d): must not be negative", n))
	}
	q.limit = int64(n)
	return q
}

// Offset skips the first n rows. Use it with OrderBy.
func (q *Query[T]) Offset(n int) *Query[T] {
	if n < 0 {
		q.fail(fmt.Errorf("Offset(%d): must not be negative", n))
	}
	q.offset = int64(n)
	return q
}

// fail keeps the first error of a chain; the method that runs it returns it.
func (q *Query[T]) fail(err error) {
	if q.err == nil {
		q.err = err
	}
}

func (q *Query[T]) selects(model any) *bun.SelectQuery {
	s := q.conn.IDB().NewSelect().Model(model)
	for _, c := range q.conditions {
		s = s.Where(c.text, c.args...)
	}
	for _, o := range q.order {
		s = s.OrderExpr(o)
	}
	if q.offset > 0 {
		s = s.Offset(q.offset)
		if q.limit == 0 && q.conn.Dialect() != Postgres {
			s = s.Limit(math.MaxInt64) // only PostgreSQL knows OFFSET without LIMIT
		}
	}
	if q.limit > 0 {
		s = s.Limit(q.limit)
	}
	return s
}

// All returns the rows. The slice is empty, never nil, when there are none.
func (q *Query[T]) All(ctx context.Context) ([]T, error) {
	rows := make([]T, 0)
	if err := q.err; err != nil {
		return nil, wrap[T]("select", err)
	}
	if err := q.selects(&rows).Scan(ctx); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, wrap[T]("select", err)
	}
	return rows, nil
}

// First returns the first row, or [ErrNotFound].
func (q *Query[T]) First(ctx context.Context) (T, error) {
	var row T
	if err := q.err; err != nil {
		return row, wrap[T]("select", err)
	}
	err := q.selects(&row).Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	return row, wrap[T]("select", err)
}

// Count returns the number of rows, as if there were no Limit and Offset.
func (q *Query[T]) Count(ctx context.Context) (int, error) {
	if err := q.err; err != nil {
		return 0, wrap[T]("count", err)
	}
	n, err := q.selects((*T)(nil)).Count(ctx)
	return int(n), wrap[T]("count", err)
}

// Exists reports whether there is a row.
func (q *Query[T]) Exists(ctx context.Context) (bool, error) {
	if err := q.err; err != nil {
		return false, wrap[T]("select", err)
	}
	found, err := q.selects((*T)(nil)).Exists(ctx)
	return found, wrap[T]("select", err)
}

// Delete deletes the rows and returns how many there were. It needs a Where, so
// that a forgotten one does not empty the table, and cannot have OrderBy, Limit or
// Offset.
func (q *Query[T]) Delete(ctx context.Context) (int64, error) {
	if len(q.conditions) == 0 {
		q.fail(errors.New(`no Where; to delete all rows say Where("true")`))
	}
	if len(q.order) > 0 || q.limit > 0 || q.offset > 0 {
		q.fail(errors.New("OrderBy, Limit and Offset are not possible here"))
	}
	if err := q.err; err != nil {
		return 0, wrap[T]("delete", err)
	}
	d := q.conn.IDB().NewDelete().Model((*T)(nil))
	for _, c := range q.conditions {
		d = d.Where(c.text, c.args...)
	}
	result, err := d.Exec(ctx)
	if err != nil {
		return 0, wrap[T]("delete", err)
	}
	n, err := result.RowsAffected()
	return n, wrap[T]("delete", err)
}

// Find returns the row with this primary key, or [ErrNotFound].
func Find[T any](ctx context.Context, c Conn, id any) (T, error) {
	return From[T](c).Where("?TablePKs = ?", id).First(ctx)
}

// Insert stores a row and fills in what the database chose: the id, and columns that
// are zero and have a default in their tag. MySQL has no way to say the latter with the
// INSERT, which there takes a second query, and needs a primary key that is known. A
// row that breaks a unique index is a [*UniqueError].
func Insert[T any](ctx context.Context, c Conn, row *T) error {
	defaults := untold(c, row)
	_, err := c.IDB().NewInsert().Model(row).Exec(ctx)
	if err == nil && len(defaults) > 0 {
		err = c.IDB().NewSelect().Model(row).Column(defaults...).WherePK().Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			err = nil // deleted since
		}
	}
	return wrap[T]("insert", located[T](ctx, c, err))
}

// untold returns the columns of a row whose values MySQL chooses and does not tell.
func untold[T any](c Conn, row *T) []string {
	if c.Dialect() != MySQL || row == nil || reflect.TypeFor[T]().Kind() != reflect.Struct {
		return nil
	}
	var columns []string
	table := c.IDB().Dialect().Tables().Get(reflect.TypeFor[T]())
	for _, f := range table.Fields {
		if f.SQLDefault == "" || f.AutoIncrement || !f.HasZeroValue(reflect.ValueOf(row).Elem()) {
			continue
		}
		if f.IsPK {
			return nil
		}
		columns = append(columns, f.Name)
	}
	if len(table.PKs) == 0 {
		return nil
	}
	return columns
}

// Update stores all columns of a row that is found by its primary key. When there
// is none, the error is [ErrNotFound]; when it breaks a unique index, a [*UniqueError].
func Update[T any](ctx context.Context, c Conn, row *T) error {
	result, err := c.IDB().NewUpdate().Model(row).WherePK().Exec(ctx)
	if err != nil {
		return wrap[T]("update", located[T](ctx, c, err))
	}
	n, err := result.RowsAffected()
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	return wrap[T]("update", err)
}

// wrap says what was being done to rows of which type.
func wrap[T any](verb string, err error) error {
	if err == nil {
		return nil
	}
	var row T
	return fmt.Errorf("%s %T: %w", verb, row, typed(err))
}
