package database

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
)

// Update stores the columns of a row that is found by its primary key: those that are
// named, or else all. updated_at is set to the time, created_at is not changed. When
// there is no such row, the error is [ErrNotFound]; else the errors are those of
// [DB.ExecContext].
func Update[T any](ctx context.Context, c Conn, row *T, columns ...string) error {
	if row == nil {
		return wrap[T]("update", errors.New("the row is nil"))
	}
	return wrap[T]("update", update(ctx, c, row, columns))
}

func update[T any](ctx context.Context, c Conn, row *T, names []string) error {
	l := c.link(ctx, true)
	m, err := l.db.modelOf(reflect.TypeFor[T]())
	if err != nil {
		return err
	}
	if h, ok := any(row).(BeforeUpdater); ok {
		if err := h.BeforeUpdate(ctx, c); err != nil {
			return err
		}
	}
	columns, err := m.updates(names)
	if err != nil {
		return err
	}
	v := reflect.ValueOf(row).Elem()
	m.stamp(v, now(), false)
	s := newStatement(l, len(m.selected)+usualText, len(columns)+len(m.keys)).sql("UPDATE ", m.quoted, " SET ")
	commas(s, columns, func(c *column) {
		s.sql(c.quoted, " = ")
		s.field(m, c, v)
	})
	m.writeKey(s, v)
	if err := changed(ctx, c, l, m, s); err != nil {
		return err
	}
	if h, ok := any(row).(AfterUpdater); ok {
		return h.AfterUpdate(ctx, c)
	}
	return nil
}

// changed runs a statement that must change one row.
func changed(ctx context.Context, c Conn, l link, m *model, s *statement) error {
	result, err := l.exec(ctx, s)
	if err != nil {
		return located(ctx, c, m, err)
	}
	if l.silent {
		return nil
	}
	n, err := result.RowsAffected()
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	return err
}

// updates returns the columns that an update stores.
func (m *model) updates(names []string) ([]*column, error) {
	var columns []*column
	for _, name := range names {
		c, err := m.named(name)
		if err != nil {
			return nil, err
		}
		columns = append(columns, c)
	}
	if len(names) == 0 {
		for _, c := range m.columns {
			if !c.key && !c.scanOnly && !c.skipUpdate && c != m.created {
				columns = append(columns, c)
			}
		}
	}
	if m.updated != nil && !slices.Contains(columns, m.updated) {
		columns = append(columns, m.updated)
	}
	if len(columns) == 0 {
		return nil, fmt.Errorf("%s has no column to update", m.typ)
	}
	return columns, nil
}

// Save inserts a row whose primary key is zero, and updates one whose key is not.
func Save[T any](ctx context.Context, c Conn, row *T) error {
	if row == nil {
		return wrap[T]("save", errors.New("the row is nil"))
	}
	m, err := c.link(ctx, true).db.modelOf(reflect.TypeFor[T]())
	if err != nil {
		return wrap[T]("save", err)
	}
	for _, k := range m.keys {
		if k.isZero(reflect.ValueOf(row).Elem()) {
			return Insert(ctx, c, row)
		}
	}
	return Update(ctx, c, row)
}

// Expr is SQL in place of a value: Update(ctx, map[string]any{"name": database.Expr("upper(name)")}).
func Expr(sql string, args ...any) any { return raws{sql, args} }

// Update gives the columns of all rows of the query new values, and updated_at the time,
// and returns how many rows there were. It needs a Where, as [Query.Delete].
func (q *Query[T]) Update(ctx context.Context, values map[string]any) (int64, error) {
	if len(values) == 0 {
		q.fail(errors.New("no values"))
	}
	n, err := q.write(ctx, func(s *statement) {
		s.sql("UPDATE ", q.model.quoted, " SET ")
		keys := sorted(values)
		commas(s, keys, func(name string) { s.assign(q.model, name, values[name]) })
		if u := q.model.updated; u != nil && !slices.Contains(keys, u.name) {
			s.sql(", ", u.quoted, " = ").arg(now())
		}
	})
	return n, wrap[T]("update", err)
}

// assign writes a column and its new value.
func (s *statement) assign(m *model, name string, value any) {
	c, err := m.named(name)
	if err != nil {
		s.fail(err)
		return
	}
	s.sql(c.quoted, " = ")
	if r, ok := value.(raws); ok {
		r.write(s)
		return
	}
	if v := reflect.ValueOf(value); v.IsValid() && v.Type() == c.typ {
		a, err := c.codec.arg(v)
		if err != nil {
			s.fail(err)
		}
		s.bound(a)
		return
	}
	s.arg(value)
}

// Increment adds n, which may be negative, to a column of all rows of the query, and
// returns how many rows there were. The database does the sum: no addition is lost.
func (q *Query[T]) Increment(ctx context.Context, column string, n any) (int64, error) {
	if q.err != nil {
		return 0, wrap[T]("update", q.err)
	}
	c, err := q.model.named(column)
	if err != nil {
		return 0, wrap[T]("update", err)
	}
	return q.Update(ctx, map[string]any{c.name: Expr(c.quoted+" + ?", n)})
}

// write runs an UPDATE or DELETE of the rows of the query.
func (q *Query[T]) write(ctx context.Context, begin func(*statement)) (int64, error) {
	switch {
	case q.err != nil:
	case len(q.where.list) == 0 && q.trashed != onlyTrashed:
		q.fail(errors.New(`no Where; for all rows say Where("true")`))
	case len(q.order) > 0 || q.limited || q.offset > 0 || len(q.joins) > 0 || len(q.group) > 0 || q.from != nil:
		q.fail(errors.New("OrderBy, Limit, Offset, Join, GroupBy and Into are not possible here"))
	}
	if q.err != nil {
		return 0, q.err
	}
	l := q.link(ctx, true)
	s := newStatement(l, usualText, usualArgs)
	begin(s)
	q.writeWhere(s)
	result, err := l.exec(ctx, s)
	if err != nil {
		return 0, located(ctx, q.conn, q.model, err)
	}
	return result.RowsAffected()
}
