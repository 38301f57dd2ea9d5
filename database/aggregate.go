package database

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Count returns the number of rows, as if there were no Limit and Offset; of a query
// with GroupBy or Distinct the number of its rows.
func (q *Query[T]) Count(ctx context.Context) (int, error) {
	var n int
	err := q.value(ctx, &n, func(s *statement, c *Query[T]) {
		if len(c.group) == 0 && !c.distinct {
			c.writeSelect(s, func() { s.sql("count(*)") })
			return
		}
		s.sql("SELECT count(*) FROM (")
		c.writeSelect(s, func() {
			if len(c.selects) == 0 && len(c.group) > 0 {
				s.sql("1")
				return
			}
			c.rowColumns(s)
		})
		s.sql(") AS counted")
	})
	return n, wrap[T]("count", err)
}

// Exists reports whether there is a row.
func (q *Query[T]) Exists(ctx context.Context) (bool, error) {
	var found bool
	err := q.value(ctx, &found, func(s *statement, c *Query[T]) {
		s.sql("SELECT EXISTS (")
		c.writeSelect(s, func() { s.sql("1") })
		s.sql(")")
	})
	return found, wrap[T]("select", err)
}

// Sum returns the sum of a column; zero when there are no rows.
func Sum[N, T any](ctx context.Context, q *Query[T], column string) (N, error) {
	n, err := aggregate[N](ctx, q, "sum", column)
	return n.V, err
}

// Avg returns the mean of a column; zero when there are no rows.
func Avg[T any](ctx context.Context, q *Query[T], column string) (float64, error) {
	n, err := aggregate[float64](ctx, q, "avg", column)
	return n.V, err
}

// Min returns the smallest value of a column; it is not Valid when there are no rows.
func Min[V, T any](ctx context.Context, q *Query[T], column string) (sql.Null[V], error) {
	return aggregate[V](ctx, q, "min", column)
}

// Max returns the largest value of a column; it is not Valid when there are no rows.
func Max[V, T any](ctx context.Context, q *Query[T], column string) (sql.Null[V], error) {
	return aggregate[V](ctx, q, "max", column)
}

func aggregate[V, T any](ctx context.Context, q *Query[T], function, column string) (v sql.Null[V], err error) {
	err = q.value(ctx, &pointed[V]{&v}, func(s *statement, c *Query[T]) {
		name := c.column(column)
		s.fail(c.err)
		c.writeSelect(s, func() { s.sql(function, "(", name, ")") })
	})
	return v, wrap[T](function, err)
}

// value runs a query for one value, which write writes; the query that it gets has no
// order and no limit.
func (q *Query[T]) value(ctx context.Context, dest any, write func(*statement, *Query[T])) error {
	if q.err != nil {
		return q.err
	}
	c := q.clone()
	c.order, c.limited, c.offset, c.lock, c.wait = nil, false, 0, "", ""
	l := q.link(ctx, false)
	s := newStatement(l, usualText, usualArgs)
	write(s, c)
	return l.scalar(ctx, s, dest)
}

// scalar runs a statement for one value.
func (l link) scalar(ctx context.Context, s *statement, dest any) (err error) {
	rows, err := l.query(ctx, s)
	if err != nil {
		return err
	}
	defer rows.done(&err)
	if rows.Next() {
		if err := rows.Scan(dest); err != nil {
			return err
		}
	}
	return nil
}

// Pluck returns the values of one column.
func Pluck[V, T any](ctx context.Context, q *Query[T], column string) ([]V, error) {
	values := make([]V, 0, q.expected())
	name := q.column(column)
	err := q.err
	if err == nil {
		l := q.link(ctx, false)
		s := newStatement(l, usualText, usualArgs)
		q.writeSelect(s, func() { s.sql(name) })
		err = pluck(ctx, l, s, &values)
	}
	if err != nil {
		return nil, wrap[T](fmt.Sprintf("pluck %q of", column), err)
	}
	return values, nil
}

func pluck[V any](ctx context.Context, l link, s *statement, values *[]V) (err error) {
	rows, err := l.query(ctx, s)
	if err != nil {
		return err
	}
	defer rows.done(&err)
	for rows.Next() {
		var v V
		if err := rows.Scan(destOf(&v)); err != nil {
			return err
		}
		*values = append(*values, v)
	}
	return nil
}

// destOf returns what rows.Scan writes a value to. An expression over times is text in
// SQLite.
func destOf(v any) any {
	switch v := v.(type) {
	case *time.Time, **time.Time:
		return &timeScanner{v}
	}
	return v
}

// pointed scans a value that may be NULL.
type pointed[V any] struct{ v *sql.Null[V] }

// Scan implements sql.Scanner.
func (p *pointed[V]) Scan(src any) error {
	if t, ok := any(&p.v.V).(*time.Time); ok && src != nil {
		p.v.Valid = true
		return (&timeScanner{t}).Scan(src)
	}
	return p.v.Scan(src)
}
