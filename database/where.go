package database

import (
	"context"
	"fmt"
	"reflect"
	"strings"
)

// conditions are conditions that are joined by AND and OR.
type conditions struct{ list []condition }

type condition struct {
	or   bool
	what clause
}

// clause is one condition. It is written when the query runs.
type clause interface {
	write(*statement)
}

func (c *conditions) add(or bool, what clause) {
	c.list = append(c.list, condition{or, what})
}

func (c conditions) write(s *statement) {
	for i, item := range c.list {
		switch {
		case i > 0 && item.or:
			s.sql(" OR ")
		case i > 0:
			s.sql(" AND ")
		}
		item.what.write(s)
	}
}

// raws is SQL that people wrote.
type raws fragment

func (r raws) write(s *statement) { s.sql("(").expr(r.text, r.args).sql(")") }

// compared is a column beside a value.
type compared struct {
	column, operator string
	value            any
}

func (c compared) write(s *statement) {
	if c.value == nil {
		s.sql(c.column, " IS NULL")
		return
	}
	s.sql(c.column, c.operator).arg(c.value)
}

// plainly is SQL without arguments.
type plainly string

func (p plainly) write(s *statement) { s.sql(string(p)) }

// among is a column and the values it may have, or must not.
type among struct {
	column string
	not    bool
	values reflect.Value
}

func (a among) write(s *statement) {
	n := a.values.Len()
	switch {
	case n == 0 && a.not:
		s.sql("1 = 1")
		return
	case n == 0:
		s.sql("1 = 0")
		return
	}
	s.loose = true
	s.sql(a.column)
	if a.not {
		s.sql(" NOT")
	}
	s.sql(" IN (")
	for i := range n {
		if i > 0 {
			s.sql(", ")
		}
		s.arg(a.values.Index(i).Interface())
	}
	s.sql(")")
}

// group is conditions in brackets.
type group struct {
	not bool
	conditions
}

func (g group) write(s *statement) {
	if g.not {
		s.sql("NOT ")
	}
	s.sql("(")
	g.conditions.write(s)
	s.sql(")")
}

// like is a column that contains a text.
type like struct {
	column        string
	before, after string
	text          string
}

func (l like) write(s *statement) {
	// Not a backslash, which MySQL would take for one of its own in the pattern's text.
	escaped := strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(l.text)
	s.sql(l.column, " LIKE ").arg(l.before + escaped + l.after).sql(" ESCAPE '!'")
}

// path is a value in a JSON document.
type path struct {
	column string
	keys   []string
	value  any
}

func (p path) write(s *statement) {
	switch s.dialect {
	case Postgres:
		// As text, so that a value of another kind is no error.
		s.sql("jsonb_extract_path_text(", p.column, "::jsonb")
		for _, k := range p.keys {
			s.sql(", ").arg(k)
		}
		s.sql(")")
	default:
		var b strings.Builder
		b.WriteByte('$')
		for _, k := range p.keys {
			if isIndex(k) {
				b.WriteString("[" + k + "]")
				continue
			}
			b.WriteString(`."` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(k) + `"`)
		}
		if s.dialect == MySQL {
			s.sql("JSON_UNQUOTE(JSON_EXTRACT(", p.column, ", ").arg(b.String()).sql("))")
			break
		}
		s.sql("CAST(json_extract(", p.column, ", ").arg(b.String()).sql(") AS TEXT)")
	}
	if p.value == nil {
		s.sql(" IS NULL")
		return
	}
	s.sql(" = ").arg(jsonScalar(s.dialect, p.value))
}

// jsonScalar returns a value as the text in which a database shows it.
func jsonScalar(d Dialect, v any) string {
	if b, ok := v.(bool); ok && d == SQLite {
		return map[bool]string{true: "1", false: "0"}[b]
	}
	return fmt.Sprint(v)
}

func isIndex(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// Where keeps the rows for which a condition holds, such as
// Where("team_id = ? AND done = ?", 7, false). Several conditions must all hold. A
// slice is a list: Where("id IN (?)", ids). A question mark that is SQL's own, as in an
// operator of PostgreSQL, is written \?.
func (q *Query[T]) Where(cond string, args ...any) *Query[T] {
	q.where.add(false, raws{cond, args})
	return q
}

// OrWhere is Where, joined to what stands before by OR.
func (q *Query[T]) OrWhere(cond string, args ...any) *Query[T] {
	q.where.add(true, raws{cond, args})
	return q
}

// WhereNamed is Where with names in place of question marks, whose values are in a
// map[string]any or in the fields of a struct:
// WhereNamed("team_id = :team AND role = :role", map[string]any{"team": 7, "role": "admin"}).
func (q *Query[T]) WhereNamed(cond string, values any) *Query[T] {
	text, args, err := named(q.db(), cond, values)
	q.fail(err)
	return q.Where(text, args...)
}

// WhereMap keeps the rows whose columns have these values; nil is NULL, a slice is a
// list of possible values.
func (q *Query[T]) WhereMap(values map[string]any) *Query[T] {
	for _, name := range sorted(values) {
		v := values[name]
		if r := reflect.ValueOf(v); r.Kind() == reflect.Slice && r.Type().Elem().Kind() != reflect.Uint8 {
			q.where.add(false, among{q.column(name), false, r})
			continue
		}
		q.where.add(false, compared{q.column(name), " = ", v})
	}
	return q
}

// WhereStruct keeps the rows whose columns have the values of the fields of a struct
// that are not zero. Its tags are those of models: it may be a T.
func (q *Query[T]) WhereStruct(like any) *Query[T] {
	v := reflect.Indirect(reflect.ValueOf(like))
	if !v.IsValid() {
		q.fail(fmt.Errorf("WhereStruct(%T): is nil", like))
		return q
	}
	m, err := q.db().modelOf(v.Type())
	if err != nil {
		q.fail(err)
		return q
	}
	for _, c := range m.columns {
		if !c.isZero(v) {
			q.where.add(false, compared{q.column(c.name), " = ", c.value(v).Interface()})
		}
	}
	return q
}

// WhereIn keeps the rows whose column has one of some values, a slice. An empty one
// keeps none.
func (q *Query[T]) WhereIn(column string, values any) *Query[T] {
	return q.among(column, false, values)
}

// WhereNotIn keeps the rows whose column has none of some values, a slice. An empty one
// keeps all.
func (q *Query[T]) WhereNotIn(column string, values any) *Query[T] {
	return q.among(column, true, values)
}

func (q *Query[T]) among(column string, not bool, values any) *Query[T] {
	v := reflect.ValueOf(values)
	if v.Kind() != reflect.Slice && v.Kind() != reflect.Array {
		q.fail(fmt.Errorf("WhereIn(%q): the values are a %T, not a slice", column, values))
		return q
	}
	q.where.add(false, among{q.column(column), not, v})
	return q
}

// WhereBetween keeps the rows whose column is from low to high, both included.
func (q *Query[T]) WhereBetween(column string, low, high any) *Query[T] {
	name := q.column(column)
	q.where.add(false, compared{name, " >= ", low})
	q.where.add(false, compared{name, " <= ", high})
	return q
}

// WhereNull keeps the rows whose column is NULL.
func (q *Query[T]) WhereNull(column string) *Query[T] {
	q.where.add(false, plainly(q.column(column)+" IS NULL"))
	return q
}

// WhereNotNull keeps the rows whose column is not NULL.
func (q *Query[T]) WhereNotNull(column string) *Query[T] {
	q.where.add(false, plainly(q.column(column)+" IS NOT NULL"))
	return q
}

// WhereContains keeps the rows whose column contains a text, in which % and _ mean
// themselves. PostgreSQL tells upper from lower case; SQLite does so only outside of
// ASCII, MySQL by the collation.
func (q *Query[T]) WhereContains(column, text string) *Query[T] {
	q.where.add(false, like{q.column(column), "%", "%", text})
	return q
}

// WherePrefix keeps the rows whose column begins with a text, as WhereContains.
func (q *Query[T]) WherePrefix(column, text string) *Query[T] {
	q.where.add(false, like{q.column(column), "", "%", text})
	return q
}

// WhereJSON keeps the rows whose column of JSON has a value at a path of keys and
// indexes: WhereJSON("meta", []string{"address", "city"}, "Rome"). Values are compared
// by their text; nil is a value that is null or missing.
func (q *Query[T]) WhereJSON(column string, keys []string, value any) *Query[T] {
	if len(keys) == 0 {
		q.fail(fmt.Errorf("WhereJSON(%q): a path is missing", column))
	}
	q.where.add(false, path{q.column(column), keys, value})
	return q
}

// WhereGroup adds conditions in brackets:
//
//	q.Where("open").WhereGroup(func(g *database.Query[Order]) {
//		g.Where("total > ?", 100).OrWhere("vip")
//	})
func (q *Query[T]) WhereGroup(f func(g *Query[T])) *Query[T] { return q.grouped(false, false, f) }

// OrWhereGroup is WhereGroup, joined to what stands before by OR.
func (q *Query[T]) OrWhereGroup(f func(g *Query[T])) *Query[T] { return q.grouped(true, false, f) }

// WhereNot adds conditions in brackets that must not hold together.
func (q *Query[T]) WhereNot(f func(g *Query[T])) *Query[T] { return q.grouped(false, true, f) }

func (q *Query[T]) grouped(or, not bool, f func(*Query[T])) *Query[T] {
	g := &Query[T]{conn: q.conn, model: q.model, from: q.from, joins: q.joins}
	f(g)
	q.fail(g.err)
	if len(g.where.list) > 0 {
		q.where.add(or, group{not, g.where})
	}
	return q
}

// Subquery is a query that can stand in a condition of another one: a [*Query].
type Subquery interface {
	subquery() (write func(*statement), err error)
}

// WhereExists keeps the rows for which a query of another table finds something, in
// which the tables' names tell them apart:
//
//	database.From[Team](db).WhereExists(database.From[Member](db).Where("members.team_id = teams.id"))
func (q *Query[T]) WhereExists(sub Subquery) *Query[T] { return q.existing("EXISTS (", sub) }

// WhereNotExists keeps the rows for which a query of another table finds nothing.
func (q *Query[T]) WhereNotExists(sub Subquery) *Query[T] { return q.existing("NOT EXISTS (", sub) }

func (q *Query[T]) existing(word string, sub Subquery) *Query[T] {
	write, err := sub.subquery()
	q.fail(err)
	q.where.add(false, nested{word, write})
	return q
}

type nested struct {
	word   string
	writes func(*statement)
}

func (n nested) write(s *statement) {
	s.sql(n.word)
	n.writes(s)
	s.sql(")")
}

func (q *Query[T]) subquery() (write func(*statement), err error) {
	c := q.clone()
	return func(s *statement) { c.writeSelect(s, func() { s.sql("1") }) }, q.err
}

// WhereKey keeps the row with this primary key.
func (q *Query[T]) WhereKey(key any) *Query[T] {
	if q.err != nil {
		return q
	}
	c, err := q.table().key()
	if err != nil {
		q.fail(err)
		return q
	}
	q.where.add(false, compared{c.full, " = ", key})
	return q
}

// link returns where the query runs.
func (q *Query[T]) link(ctx context.Context, write bool) link {
	return q.conn.link(ctx, write || q.lock != "")
}
