package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// scanner reads rows into a T, which it uses again for each row: so the places of the
// columns are worked out once.
type scanner[T any] struct {
	row     T
	columns []*column
	dests   []any
	found   bool // whether T wants to hear of it
}

// AfterFinder is a model that is told when it was read: *T has this method.
type AfterFinder interface {
	AfterFind(ctx context.Context) error
}

// newScanner returns a scanner for rows with the columns of m that names are.
func newScanner[T any](m *model, names []string) (*scanner[T], error) {
	r := &scanner[T]{}
	v := reflect.ValueOf(&r.row).Elem()
	for _, name := range names {
		c := m.byName[name]
		if c == nil {
			return nil, fmt.Errorf("%s has no field for the column %q", m.typ, name)
		}
		r.columns = append(r.columns, c)
		r.dests = append(r.dests, c.codec.dest(c.place(v).Addr().Interface()))
	}
	_, r.found = any(&r.row).(AfterFinder)
	return r, nil
}

// direct reports whether no field is behind a pointer, whose target would be shared by
// the rows.
func (m *model) direct(columns []*column) bool {
	for _, c := range columns {
		t := m.typ
		for _, i := range c.index[:len(c.index)-1] {
			if t = t.Field(i).Type; t.Kind() == reflect.Pointer {
				return false
			}
		}
	}
	return true
}

// next reads the row at which rows stands.
func (r *scanner[T]) next(ctx context.Context, m *model, rows *sql.Rows) error {
	if err := rows.Scan(r.dests...); err != nil {
		return r.explain(m, err)
	}
	if !r.found {
		return nil
	}
	return any(&r.row).(AfterFinder).AfterFind(ctx) //nolint:forcetypeassert // found says so
}

// explain names the field of a value that does not fit.
func (r *scanner[T]) explain(m *model, err error) error {
	var index int
	text, ok := strings.CutPrefix(err.Error(), "sql: Scan error on column index ")
	if !ok {
		return err
	}
	if _, e := fmt.Sscanf(text, "%d", &index); e != nil || index >= len(r.columns) {
		return err
	}
	c := r.columns[index]
	cause := errors.Unwrap(err)
	if cause == nil {
		cause = err
	}
	if strings.Contains(cause.Error(), "converting NULL") {
		return fmt.Errorf("%s.%s: the column %s is NULL; make the field a pointer, or tag it nullzero: %w", m.typ, c.field, c.name, cause)
	}
	return fmt.Errorf("%s.%s: the column %s does not fit: %w", m.typ, c.field, c.name, cause)
}

// each calls f with the rows of a statement, one after the other. What f gets is
// overwritten by the next row.
func each[T any](ctx context.Context, l link, m *model, s *statement, f func(*T) error) (err error) {
	rows, err := l.query(ctx, s)
	if err != nil {
		return err
	}
	defer rows.done(&err)
	var r *scanner[T]
	reuse := true
	for rows.Next() {
		if r == nil || !reuse {
			names, err := rows.Columns()
			if err != nil {
				return err
			}
			if r, err = newScanner[T](m, names); err != nil {
				return err
			}
			reuse = m.direct(r.columns)
		}
		if err := r.next(ctx, m, rows.Rows); err != nil {
			return err
		}
		if err := f(&r.row); err != nil {
			return err
		}
		if reuse {
			var zero T
			r.row = zero
		}
	}
	return nil
}
