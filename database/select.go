package database

import (
	"errors"
	"strconv"
)

// trashed says which rows a query of a model with soft deletes is about.
type trashed int

const (
	withoutTrashed trashed = iota
	withTrashed
	onlyTrashed
)

// WithTrashed includes the rows that were softly deleted.
func (q *Query[T]) WithTrashed() *Query[T] {
	q.trashed = withTrashed
	return q
}

// OnlyTrashed keeps the rows that were softly deleted.
func (q *Query[T]) OnlyTrashed() *Query[T] {
	q.trashed = onlyTrashed
	return q
}

// writeSelect writes the query; columns writes what is selected.
func (q *Query[T]) writeSelect(s *statement, columns func()) {
	s.sql("SELECT ")
	if q.distinct {
		s.sql("DISTINCT ")
	}
	columns()
	s.sql(" FROM ", q.table().quoted)
	q.writeJoins(s)
	q.writeWhere(s)
	if len(q.group) > 0 {
		s.sql(" GROUP BY ")
		commas(s, q.group, s.fragment)
	}
	if len(q.having.list) > 0 {
		s.sql(" HAVING ")
		q.having.write(s)
	}
	if len(q.order) > 0 {
		s.sql(" ORDER BY ")
		commas(s, q.order, func(o ordering) { s.fragment(o.fragment) })
	}
	q.writeLimit(s)
	if q.lock != "" && s.dialect != SQLite {
		s.sql(" ", q.lock, q.wait)
	}
}

func (s *statement) fragment(f fragment) { s.expr(f.text, f.args) }

func (q *Query[T]) writeJoins(s *statement) {
	for _, j := range q.joins {
		s.sql(" ").expr(j.text, j.args)
	}
}

func (q *Query[T]) writeWhere(s *statement) {
	m := q.table()
	soft := m.deleted != nil && q.trashed != withTrashed
	if len(q.where.list) == 0 && !soft {
		return
	}
	s.sql(" WHERE ")
	if soft {
		s.sql(m.quoted, ".", m.deleted.quoted, " IS ")
		if q.trashed == onlyTrashed {
			s.sql("NOT ")
		}
		s.sql("NULL")
		if len(q.where.list) == 0 {
			return
		}
		s.sql(" AND ")
		group{false, q.where}.write(s)
		return
	}
	q.where.write(s)
}

func (q *Query[T]) writeLimit(s *statement) {
	if q.limited {
		s.sql(" LIMIT ").count(q.limit)
	} else if q.offset > 0 && s.dialect != Postgres {
		s.sql(" LIMIT 9223372036854775807") // only PostgreSQL knows OFFSET without LIMIT
	}
	if q.offset > 0 {
		s.sql(" OFFSET ").count(q.offset)
	}
}

// count adds a number of rows: as an argument, so that pages share a text, except the 1
// of those who want one row.
func (s *statement) count(n int) {
	if n == 1 {
		s.sql(strconv.Itoa(n))
		return
	}
	s.bound(int64(n))
}

// rowColumns writes what a row of T is made of, and returns the columns.
func (q *Query[T]) rowColumns(s *statement) {
	if len(q.selects) > 0 {
		commas(s, q.selects, s.fragment)
		return
	}
	s.sql(q.model.selected)
	for _, c := range q.counts {
		s.sql(", (")
		s.related(c.steps, []string{q.model.table}, q.model.quoted, true, Related{})
		s.sql(") AS ").name(c.column)
	}
}

// statement returns the query of rows of T.
func (q *Query[T]) statement(l link) (*statement, error) {
	if q.err != nil {
		return nil, q.err
	}
	if q.wait != "" && q.lock == "" {
		return nil, errors.New("SkipLocked and NoWait go with ForUpdate or ForShare")
	}
	s := newStatement(l, len(q.model.selected)+usualText, usualArgs)
	q.writeSelect(s, func() { q.rowColumns(s) })
	return s, s.err
}
