package database

import (
	"context"
	"errors"
	"reflect"
)

// Delete deletes a row, which is found by its primary key; [ErrNotFound] when there is
// none. A model with soft deletes, a field with the tag soft_delete, is only marked:
// queries leave it out, see [Query.WithTrashed].
func Delete[T any](ctx context.Context, c Conn, row *T) error {
	return wrap[T]("delete", remove(ctx, c, row, false))
}

// ForceDelete deletes a row for good, also where there are soft deletes.
func ForceDelete[T any](ctx context.Context, c Conn, row *T) error {
	return wrap[T]("delete", remove(ctx, c, row, true))
}

func remove[T any](ctx context.Context, c Conn, row *T, force bool) error {
	if row == nil {
		return errors.New("the row is nil")
	}
	l := c.link(ctx, true)
	m, err := l.db.modelOf(reflect.TypeFor[T]())
	if err != nil {
		return err
	}
	if h, ok := any(row).(BeforeDeleter); ok {
		if err := h.BeforeDelete(ctx, c); err != nil {
			return err
		}
	}
	v := reflect.ValueOf(row).Elem()
	s := newStatement(l, usualText, usualArgs)
	if m.deleted == nil || force {
		s.sql("DELETE FROM ", m.quoted)
		m.writeKey(s, v)
	} else {
		at := now()
		s.sql("UPDATE ", m.quoted, " SET ", m.deleted.quoted, " = ").arg(at)
		m.writeKey(s, v)
		s.sql(" AND ", m.deleted.quoted, " IS NULL")
	}
	if err := changed(ctx, c, l, m, s); err != nil {
		return err
	}
	if h, ok := any(row).(AfterDeleter); ok {
		return h.AfterDelete(ctx, c)
	}
	return nil
}

// Delete deletes the rows and returns how many there were; with soft deletes it marks
// them. It needs a Where, so that a forgotten one does not empty the table, and cannot
// have OrderBy, Limit, Offset or Join.
func (q *Query[T]) Delete(ctx context.Context) (int64, error) {
	n, err := q.write(ctx, func(s *statement) {
		if q.model.deleted == nil {
			s.sql("DELETE FROM ", q.model.quoted)
			return
		}
		s.sql("UPDATE ", q.model.quoted, " SET ", q.model.deleted.quoted, " = ").arg(now())
	})
	return n, wrap[T]("delete", err)
}

// ForceDelete deletes the rows for good, also where there are soft deletes: then those
// that are marked, too, with [Query.WithTrashed].
func (q *Query[T]) ForceDelete(ctx context.Context) (int64, error) {
	n, err := q.write(ctx, func(s *statement) { s.sql("DELETE FROM ", q.model.quoted) })
	return n, wrap[T]("delete", err)
}

// Restore takes back the soft deletion of the rows and returns how many there were.
func (q *Query[T]) Restore(ctx context.Context) (int64, error) {
	if q.err == nil && q.model.deleted == nil {
		q.fail(errors.New("the model has no soft deletes: a field with the tag soft_delete"))
	}
	r := q.clone().OnlyTrashed()
	n, err := r.write(ctx, func(s *statement) {
		s.sql("UPDATE ", q.model.quoted, " SET ", q.model.deleted.quoted, " = NULL")
		if u := q.model.updated; u != nil {
			s.sql(", ", u.quoted, " = ").arg(now())
		}
	})
	return n, wrap[T]("restore", err)
}
