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

// newScanner returns a scanner for rows with these columns.
func newScanner[T any](columns []*column) *scanner[T] {
	r := &scanner[T]{columns: columns, dests: make([]any, len(columns))}
	v := reflect.ValueOf(&r.row).Elem()
	for i, c := range columns {
		r.dests[i] = c.codec.dest(c.place(v).Addr().Interface())
	}
	_, r.found = any(&r.row).(AfterFinder)
	return r
}

// fields returns the columns that rows have, of a query whose columns people wrote.
func (m *model) fields(rows *sql.Rows) ([]*column, error) {
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	columns := make([]*column, len(names))
	for i, name := range names {
		if columns[i] = m.byName[name]; columns[i] == nil {
			return nil, fmt.Errorf("%s has no field for the column %q", m.typ, name)
		}
	}
	return columns, nil
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
		return explainScan(m, r.columns, err)
	}
	if !r.found {
		return nil
	}
	return any(&r.row).(AfterFinder).AfterFind(ctx) //nolint:forcetypeassert // found says so
}

// explainScan names the field of a value that does not fit.
func explainScan(m *model, columns []*column, err error) error {
	var index int
	text, ok := strings.CutPrefix(err.Error(), "sql: Scan error on column index ")
	if !ok {
		return err
	}
	if _, e := fmt.Sscanf(text, "%d", &index); e != nil || index >= len(columns) {
		return err
	}
	c := columns[index]
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
// overwritten by the next row. Without columns those are what the result has.
func each[T any](ctx context.Context, l link, m *model, s *statement, columns []*column, f func(*T) error) (err error) {
	rows, err := l.query(ctx, s)
	if err != nil {
		return m.explainMissing(err)
	}
	defer rows.done(&err)
	reuse := m.flat
	if columns == nil {
		if columns, err = m.fields(rows.Rows); err != nil {
			return err
		}
		reuse = m.direct(columns)
	}
	r := newScanner[T](columns)
	for rows.Next() {
		if err := r.next(ctx, m, rows.Rows); err != nil {
			return err
		}
		if err := f(&r.row); err != nil {
			return err
		}
		if reuse {
			var zero T
			r.row = zero
		} else {
			r = newScanner[T](columns)
		}
	}
	return nil
}
