package database

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

// errStop ends the reading of rows.
var errStop = errors.New("stop")

// All returns the rows. The slice is empty, never nil, when there are none.
func (q *Query[T]) All(ctx context.Context) ([]T, error) {
	rows, err := q.all(ctx)
	if err != nil {
		return nil, wrap[T]("select", err)
	}
	return rows, nil
}

func (q *Query[T]) all(ctx context.Context) ([]T, error) {
	l := q.link(ctx, false)
	s, err := q.statement(l)
	if err != nil {
		return nil, err
	}
	rows := make([]T, 0, q.expected())
	if err := each(ctx, l, q.model, s, q.columns(), func(row *T) error { rows = append(rows, *row); return nil }); err != nil {
		return nil, err
	}
	return rows, load(ctx, q.conn, q.model, rows, q.with)
}

// columns are those of the result; nil when only the result knows.
func (q *Query[T]) columns() []*column {
	if len(q.selects)+len(q.counts) > 0 {
		return nil
	}
	return q.model.stored
}

// expected is for how many rows to make room.
func (q *Query[T]) expected() int {
	if q.limited && q.limit <= 1000 {
		return q.limit
	}
	return 0
}

// First returns the first row, or [ErrNotFound].
func (q *Query[T]) First(ctx context.Context) (T, error) {
	c := *q
	c.limit, c.limited = 1, true
	row, n, err := c.one(ctx)
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	return row, wrap[T]("select", err)
}

// Sole returns the only row; [ErrNotFound] when there is none and [ErrSeveral] when
// there are more.
func (q *Query[T]) Sole(ctx context.Context) (T, error) {
	c := *q
	c.limit, c.limited = 2, true
	row, n, err := c.one(ctx)
	switch {
	case err != nil:
	case n == 0:
		err = ErrNotFound
	case n > 1:
		var zero T
		row, err = zero, ErrSeveral
	}
	return row, wrap[T]("select", err)
}

// one returns the first row and how many there are.
func (q *Query[T]) one(ctx context.Context) (row T, n int, err error) {
	l := q.link(ctx, false)
	s, err := q.statement(l)
	if err != nil {
		return row, 0, err
	}
	err = each(ctx, l, q.model, s, q.columns(), func(r *T) error {
		if n++; n == 1 {
			row = *r
		}
		return nil
	})
	if err != nil || n == 0 || len(q.with) == 0 {
		return row, n, err
	}
	rows := []T{row}
	err = load(ctx, q.conn, q.model, rows, q.with)
	return rows[0], n, err
}

// Find returns the row with this primary key, or [ErrNotFound].
func (q *Query[T]) Find(ctx context.Context, key any) (T, error) {
	c := q.clone()
	return c.WhereKey(key).First(ctx)
}

// Find returns the row with this primary key, or [ErrNotFound].
func Find[T any](ctx context.Context, c Conn, key any) (T, error) {
	return From[T](c).WhereKey(key).First(ctx)
}

// Each calls f with each row while they are read, and stops when it returns an error,
// which it returns. The connection is in use all the time: for long work see
// [Query.Chunk]. Relations are not loaded.
func (q *Query[T]) Each(ctx context.Context, f func(row *T) error) error {
	for row, err := range q.Rows(ctx) {
		if err != nil {
			return err
		}
		if err := f(&row); err != nil {
			return err
		}
	}
	return nil
}

// Rows returns the rows while they are read, for sets that are too large for the
// memory. An error is the last element. Relations are not loaded.
//
//	for order, err := range database.From[Order](db).Rows(ctx) {
//		if err != nil {
//			return err
//		}
//	}
func (q *Query[T]) Rows(ctx context.Context) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		l := q.link(ctx, false)
		s, err := q.statement(l)
		if err == nil && len(q.with) > 0 {
			err = errors.New("With goes with All, First, Chunk and Paginate")
		}
		if err == nil {
			err = each(ctx, l, q.model, s, q.columns(), func(row *T) error {
				if !yield(*row, nil) {
					return errStop
				}
				return nil
			})
		}
		if err != nil && !errors.Is(err, errStop) {
			var zero T
			yield(zero, wrap[T]("select", err))
		}
	}
}

// Chunk calls f with the rows in slices of at most n, in the order of their primary
// key, each read by a query of its own: f may change and delete the rows, and no
// connection is held meanwhile. It stops when f returns an error, which it returns.
func (q *Query[T]) Chunk(ctx context.Context, n int, f func(rows []T) error) error {
	if q.err != nil {
		return wrap[T]("select", q.err)
	}
	key, err := q.model.key()
	switch {
	case err != nil:
	case n < 1:
		err = fmt.Errorf("Chunk(%d): must be 1 or more", n)
	case len(q.order) > 0 || q.limited || q.offset > 0:
		err = errors.New("Chunk has an order of its own, and no Limit and Offset")
	}
	if err != nil {
		return wrap[T]("select", err)
	}
	var last any
	for {
		page := q.clone().OrderBy(key.name).Limit(n)
		if last != nil {
			page.where = conditions{[]condition{{false, group{false, q.where}}, {false, compared{page.column(key.name), " > ", last}}}}
			if len(q.where.list) == 0 {
				page.where.list = page.where.list[1:]
			}
		}
		rows, err := page.All(ctx)
		if err != nil || len(rows) == 0 {
			return err
		}
		last = keyOf(key, &rows[len(rows)-1])
		if err := f(rows); err != nil || len(rows) < n {
			return err
		}
	}
}

// wrap says what was being done to rows of which type.
func wrap[T any](verb string, err error) error {
	if err == nil {
		return nil
	}
	var row T
	return fmt.Errorf("%s %T: %w", verb, row, err)
}
