package database

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
)

// Page is a part of the rows of a query, with the names that Laravel's clients know.
type Page[T any] struct {
	Data     []T  `json:"data"`
	Current  int  `json:"current_page"` // from 1
	PerPage  int  `json:"per_page"`
	Total    int  `json:"total"` // rows of all pages
	Last     int  `json:"last_page"`
	From     int  `json:"from"` // the number of the first row, from 1; 0 when there is none
	To       int  `json:"to"`
	Previous *int `json:"prev_page"` // nil on the first page
	Next     *int `json:"next_page"` // nil on the last page
}

// Paginate returns the page of a number, from 1, and how many rows there are, which
// takes a second query. A number below 1 is the first page; one that is too large is an
// empty page. Without OrderBy the rows are sorted by their primary key. See
// [Query.CursorPaginate] for tables that are large or change while they are read.
func (q *Query[T]) Paginate(ctx context.Context, page, perPage int) (Page[T], error) {
	p := Page[T]{Current: max(page, 1), PerPage: perPage}
	if perPage < 1 {
		q.fail(fmt.Errorf("Paginate: %d rows on a page: must be 1 or more", perPage))
	}
	total, err := q.Count(ctx)
	if err != nil {
		return p, err
	}
	p.Total, p.Last = total, max(1, (total+perPage-1)/perPage)
	p.Current = min(p.Current, p.Last+1)
	rows := q.clone()
	if len(rows.order) == 0 && len(rows.group) == 0 {
		for _, k := range rows.table().keys {
			rows.OrderBy(k.name)
		}
	}
	if p.Data, err = rows.Limit(perPage).Offset((p.Current - 1) * perPage).All(ctx); err != nil {
		return p, err
	}
	if len(p.Data) > 0 {
		p.From = (p.Current-1)*perPage + 1
		p.To = p.From + len(p.Data) - 1
	}
	if p.Current > 1 {
		p.Previous = new(min(p.Current-1, p.Last))
	}
	if p.Current < p.Last {
		p.Next = new(p.Current + 1)
	}
	return p, nil
}

// CursorPage is a part of the rows of a query that begins after a row.
type CursorPage[T any] struct {
	Data     []T    `json:"data"`
	PerPage  int    `json:"per_page"`
	Previous string `json:"prev_cursor"` // empty on the first page
	Next     string `json:"next_cursor"` // empty on the last page
}

// CursorError says that a cursor was not made by [Query.CursorPaginate] for the same
// order. Its HTTP status is 400.
type CursorError struct{ Err error }

// Error is one line.
func (e *CursorError) Error() string { return "the cursor is not valid: " + e.Err.Error() }

// Unwrap returns what is wrong with it.
func (e *CursorError) Unwrap() error { return e.Err }

// StatusCode returns 400.
func (*CursorError) StatusCode() int { return http.StatusBadRequest }

// cursor is the row at the edge of a page.
type cursor struct {
	Values []json.RawMessage `json:"v"` // of the columns of the order
	Back   bool              `json:"b,omitempty"`
}

// CursorPaginate returns the rows after (or before) a cursor, which is empty for the
// first page and else one that a page had. It costs the same for each page, and rows
// that come and go meanwhile do not move the others. The order is that of OrderBy,
// whose columns must not be NULL, and after it the primary key.
func (q *Query[T]) CursorPaginate(ctx context.Context, at string, perPage int) (CursorPage[T], error) {
	p := CursorPage[T]{PerPage: perPage}
	c, err := q.paged(perPage)
	if err != nil {
		return p, wrap[T]("select", err)
	}
	edge, err := c.edge(at)
	if err != nil {
		return p, wrap[T]("select", err)
	}
	rows, err := c.Limit(perPage + 1).All(ctx)
	if err != nil {
		return p, err
	}
	more := len(rows) > perPage
	rows = rows[:min(len(rows), perPage)]
	back := edge != nil && edge.Back
	if back {
		slices.Reverse(rows)
	}
	p.Data = rows
	if len(rows) == 0 {
		return p, nil
	}
	if back && more || !back && edge != nil {
		p.Previous, err = c.cursor(&rows[0], true)
	}
	if err == nil && (!back && more || back) {
		p.Next, err = c.cursor(&rows[len(rows)-1], false)
	}
	return p, wrap[T]("select", err)
}

// paged returns a copy of the query with an order that no two rows share.
func (q *Query[T]) paged(perPage int) (*Query[T], error) {
	switch {
	case q.err != nil:
		return nil, q.err
	case perPage < 1:
		return nil, fmt.Errorf("%d rows on a page: must be 1 or more", perPage)
	case q.limited || q.offset > 0 || q.from != nil:
		return nil, errors.New("CursorPaginate has a limit of its own, and is not for Into")
	case len(q.model.keys) == 0:
		return nil, fmt.Errorf("%s has no primary key", q.model.typ)
	}
	c := q.clone()
	for _, k := range q.model.keys {
		if !slices.ContainsFunc(c.order, func(o ordering) bool { return o.column == k }) {
			c.OrderBy(k.name)
		}
	}
	for _, o := range c.order {
		if o.column == nil || o.nulls {
			return nil, errors.New("CursorPaginate sorts by columns of the model only")
		}
	}
	return c, nil
}

// edge narrows the query to what comes after a cursor; nil for an empty one.
func (q *Query[T]) edge(at string) (*cursor, error) {
	if at == "" {
		return nil, nil
	}
	var c cursor
	text, err := base64.RawURLEncoding.DecodeString(at)
	if err == nil {
		err = json.Unmarshal(text, &c)
	}
	if err == nil && len(c.Values) != len(q.order) {
		err = errors.New("it is for another order")
	}
	if err != nil {
		return nil, &CursorError{err}
	}
	values := make([]any, len(q.order))
	for i, o := range q.order {
		v := reflect.New(o.column.typ)
		if err := json.Unmarshal(c.Values[i], v.Interface()); err != nil {
			return nil, &CursorError{err}
		}
		if values[i], err = o.column.codec.arg(v.Elem()); err != nil || values[i] == nil {
			return nil, &CursorError{errors.New("it lacks a value")}
		}
	}
	q.after(values, c.Back)
	return &c, nil
}

// after keeps the rows beyond some values of the columns of the order:
// a > 1 OR a = 1 AND b > 2. To go back, the order is turned round.
func (q *Query[T]) after(values []any, back bool) {
	var any group
	for i, o := range q.order {
		var all group
		for j := range i {
			all.add(false, compared{q.column(q.order[j].column.name), " = ", values[j]})
		}
		operator := " > "
		if o.desc != back {
			operator = " < "
		}
		all.add(false, compared{q.column(o.column.name), operator, values[i]})
		any.add(true, all)
	}
	if len(q.where.list) > 0 {
		q.where = conditions{[]condition{{false, group{false, q.where}}}}
	}
	q.where.add(false, any)
	if !back {
		return
	}
	for i, o := range q.order {
		direction := " DESC"
		if o.desc {
			direction = " ASC"
		}
		q.order[i].text = q.column(o.column.name) + direction
	}
}

// cursor returns the cursor of a row.
func (q *Query[T]) cursor(row *T, back bool) (string, error) {
	c := cursor{Back: back}
	for _, o := range q.order {
		v := o.column.value(reflect.ValueOf(row).Elem())
		if !v.IsValid() || o.column.nullZero && v.IsZero() || v.Kind() == reflect.Pointer && v.IsNil() {
			return "", fmt.Errorf("the column %s is NULL, by which a cursor cannot go on", o.column.name)
		}
		text, err := json.Marshal(v.Interface())
		if err != nil {
			return "", fmt.Errorf("the column %s: %w", o.column.name, err)
		}
		c.Values = append(c.Values, text)
	}
	text, err := json.Marshal(c)
	return base64.RawURLEncoding.EncodeToString(text), err
}
