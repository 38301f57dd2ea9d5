package database

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Query selects rows of the table of T. Conditions add up; the methods that run
// the query, such as All and Count, may be called more than once. [From] makes it.
//
// SQL in a query is for the program to write, never for text from outside: that goes
// in as an argument. Where a method takes the name of a column, a name that T does not
// have is an error.
type Query[T any] struct {
	conn  Conn
	model *model
	where conditions
	joins []fragment

	selects []fragment // instead of the columns of T
	aliases []string   // the names of those that are expressions
	from    *model     // the table, if it is not that of T
	group   []fragment
	having  conditions
	order   []ordering

	distinct      bool
	limit, offset int
	limited       bool
	lock, wait    string
	trashed       trashed
	with          []wanted
	counts        []relatedCount
	err           error
}

// fragment is SQL with its arguments.
type fragment struct {
	text string
	args []any
}

// ordering is a column or an expression to sort by.
type ordering struct {
	fragment
	column *column // nil for an expression
	desc   bool
	nulls  bool // says where NULL is
}

// From starts a query on the table of T, a struct with bun tags.
func From[T any](c Conn) *Query[T] {
	q := &Query[T]{conn: c}
	m, err := q.db().modelOf(reflect.TypeFor[T]())
	q.model = m
	q.fail(err)
	return q
}

func (q *Query[T]) db() *DB { return q.conn.link(context.Background(), false).db }

// fail keeps the first error of a chain; the method that runs it returns it.
func (q *Query[T]) fail(err error) {
	if q.err == nil {
		q.err = err
	}
}

// table is where the rows come from.
func (q *Query[T]) table() *model {
	if q.from != nil {
		return q.from
	}
	return q.model
}

// clone returns a copy that can be changed.
func (q *Query[T]) clone() *Query[T] {
	c := *q
	c.where.list = slices.Clip(c.where.list)
	c.order, c.with = slices.Clip(c.order), slices.Clip(c.with)
	return &c
}

// Apply calls f with the query and returns it: a scope, which several queries can share.
//
//	func open(q *database.Query[Order]) { q.Where("closed_at IS NULL") }
//
//	database.From[Order](db).Apply(open).All(ctx)
func (q *Query[T]) Apply(scopes ...func(*Query[T])) *Query[T] {
	for _, f := range scopes {
		f(q)
	}
	return q
}

// Join adds a join, such as
// Join("JOIN teams ON teams.id = members.team_id AND teams.open = ?", true). The
// columns of T are still what is read.
func (q *Query[T]) Join(join string, args ...any) *Query[T] {
	q.joins = append(q.joins, fragment{join, args})
	return q
}

// Distinct leaves out rows that are equal to one before.
func (q *Query[T]) Distinct() *Query[T] {
	q.distinct = true
	return q
}

// GroupBy groups the rows by columns of T. It goes with [Into].
func (q *Query[T]) GroupBy(columns ...string) *Query[T] {
	for _, name := range columns {
		q.group = append(q.group, fragment{q.column(name), nil})
	}
	return q
}

// GroupByExpr groups the rows by an SQL expression.
func (q *Query[T]) GroupByExpr(expr string, args ...any) *Query[T] {
	q.group = append(q.group, fragment{expr, args})
	return q
}

// Having keeps the groups for which a condition holds, such as
// Having("sum(total) > ?", 100).
func (q *Query[T]) Having(cond string, args ...any) *Query[T] {
	q.having.add(false, raws{cond, args})
	return q
}

// OrderBy sorts the rows by columns of T, such as OrderBy("created_at DESC, id").
// After a name comes ASC or DESC, and NULLS FIRST or NULLS LAST, which MySQL does not
// have. Without the latter, NULL is the largest value in PostgreSQL and the smallest
// elsewhere. A column of a joined table has the table's name in front.
func (q *Query[T]) OrderBy(columns ...string) *Query[T] {
	for item := range strings.SplitSeq(strings.Join(columns, ","), ",") {
		words := strings.Fields(item)
		if len(words) == 0 {
			q.fail(fmt.Errorf("OrderBy(%q): a column is missing", columns))
			return q
		}
		direction := strings.ToUpper(strings.Join(words[1:], " "))
		if !slices.Contains(directions, direction) {
			q.fail(fmt.Errorf("OrderBy(%q): after the column comes ASC or DESC; SQL goes into OrderByExpr", item))
			return q
		}
		if direction != "" {
			direction = " " + direction
		}
		o := ordering{fragment: fragment{q.sorted(words[0]) + direction, nil}}
		o.desc, o.nulls = strings.Contains(direction, "DESC"), strings.Contains(direction, "NULLS")
		if m := q.table(); m != nil {
			o.column = m.byName[strings.TrimPrefix(words[0], m.table+".")]
		}
		q.order = append(q.order, o)
	}
	return q
}

var directions = []string{"", "ASC", "DESC", "ASC NULLS FIRST", "ASC NULLS LAST", "DESC NULLS FIRST", "DESC NULLS LAST"}

// OrderByExpr sorts the rows by an SQL expression, such as
// OrderByExpr("lower(name), position(? in name)", "x").
func (q *Query[T]) OrderByExpr(expr string, args ...any) *Query[T] {
	q.order = append(q.order, ordering{fragment: fragment{expr, args}})
	return q
}

// Latest sorts the rows by created_at, or another column, the last first.
func (q *Query[T]) Latest(column ...string) *Query[T] {
	if len(column) == 0 {
		column = []string{"created_at"}
	}
	return q.OrderBy(column[0] + " DESC")
}

// Limit returns at most n rows.
func (q *Query[T]) Limit(n int) *Query[T] {
	if n < 0 {
		q.fail(fmt.Errorf("Limit(%d): must not be negative", n))
	}
	q.limit, q.limited = n, true
	return q
}

// Offset skips the first n rows. Use it with OrderBy.
func (q *Query[T]) Offset(n int) *Query[T] {
	if n < 0 {
		q.fail(fmt.Errorf("Offset(%d): must not be negative", n))
	}
	q.offset = n
	return q
}

// ForUpdate locks the rows until the end of the transaction: nobody else can lock or
// change them. SQLite needs no such lock, as its transactions exclude each other.
func (q *Query[T]) ForUpdate() *Query[T] {
	q.lock = "FOR UPDATE"
	return q
}

// ForShare locks the rows against changes until the end of the transaction; others can
// do the same.
func (q *Query[T]) ForShare() *Query[T] {
	q.lock = "FOR SHARE"
	if q.conn.Dialect() == MySQL {
		q.lock = "LOCK IN SHARE MODE" // MariaDB has no other words
	}
	return q
}

// SkipLocked leaves out the rows that others have locked. It goes with ForUpdate.
func (q *Query[T]) SkipLocked() *Query[T] {
	q.wait = " SKIP LOCKED"
	return q
}

// NoWait makes rows that others have locked a [*TimeoutError]. It goes with ForUpdate.
func (q *Query[T]) NoWait() *Query[T] {
	q.wait = " NOWAIT"
	return q
}

// column returns the name of a column in SQL. When tables are joined, it may be one of
// another table: table.column.
func (q *Query[T]) column(name string) string {
	m := q.table()
	if m == nil {
		return ""
	}
	if c := m.byName[strings.TrimPrefix(name, m.table+".")]; c != nil {
		return c.full
	}
	d := q.conn.Dialect()
	if table, column, ok := strings.Cut(name, "."); ok && len(q.joins) > 0 && isName(table) && isName(column) {
		return quoted(d, table) + "." + quoted(d, column)
	}
	_, err := m.named(name)
	q.fail(err)
	return ""
}

// sorted returns a column to sort by, which may be an expression that is selected.
func (q *Query[T]) sorted(name string) string {
	for _, alias := range q.aliases {
		if name == alias {
			return quoted(q.conn.Dialect(), name)
		}
	}
	return q.column(name)
}

// isName reports whether a text is a plain name.
func isName(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return !isLetter(r) }) < 0
}

// Into lets a query of one model return another struct: columns of the table, or
// expressions with names.
//
//	type Sales struct {
//		CustomerID int64 `bun:"customer_id"`
//		Total      int64 `bun:"total"`
//	}
//
//	orders := database.From[Order](db).Where("paid").GroupBy("customer_id")
//	sales, err := database.Into[Sales](orders, "customer_id", "sum(total) AS total").All(ctx)
//
// After an expression comes AS and the name of a column of R. Without expressions the
// columns of R are read, all of which T must have.
func Into[R, T any](q *Query[T], exprs ...string) *Query[R] {
	m, err := q.db().modelOf(reflect.TypeFor[R]())
	r := &Query[R]{
		conn: q.conn, model: m, where: q.where, joins: q.joins, from: q.table(), group: q.group, having: q.having,
		order: q.order, distinct: q.distinct, limit: q.limit, offset: q.offset, limited: q.limited,
		lock: q.lock, wait: q.wait, trashed: q.trashed, err: q.err,
	}
	r.fail(err)
	if r.err != nil {
		return r
	}
	if len(q.with)+len(q.counts) > 0 {
		r.fail(errors.New("Into: relations are for the model itself"))
	}
	if len(exprs) == 0 {
		for _, c := range m.columns {
			exprs = append(exprs, c.name)
		}
	}
	for _, e := range exprs {
		r.selectExpr(e)
	}
	return r
}

// selectExpr adds a column, or an expression with the name of a column of T.
func (q *Query[T]) selectExpr(expr string) {
	if table, column, ok := strings.Cut(expr, "."); isName(expr) || ok && isName(table) && isName(column) {
		q.selects = append(q.selects, fragment{q.column(expr), nil})
		return
	}
	var alias string
	if i := strings.LastIndex(strings.ToUpper(expr), " AS "); i >= 0 {
		alias = strings.Trim(expr[i+len(" AS "):], "\"` ")
	}
	if q.model.byName[alias] == nil {
		q.fail(fmt.Errorf("Into(%q): after an expression comes AS and the name of a column of %s", expr, q.model.typ))
	}
	q.selects = append(q.selects, fragment{expr, nil})
	q.aliases = append(q.aliases, alias)
}
