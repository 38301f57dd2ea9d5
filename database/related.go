package database

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Related narrows the rows of a relation, in [Query.With] and [Query.WhereHas].
type Related struct {
	where   []raws
	order   []fragment
	trashed bool
}

// Where keeps the rows for which a condition holds.
func (r *Related) Where(cond string, args ...any) *Related {
	r.where = append(r.where, raws{cond, args})
	return r
}

// OrderBy sorts the rows by an SQL expression of the program.
func (r *Related) OrderBy(expr string, args ...any) *Related {
	r.order = append(r.order, fragment{expr, args})
	return r
}

// WithTrashed includes the rows that were softly deleted.
func (r *Related) WithTrashed() *Related {
	r.trashed = true
	return r
}

// wanted is a relation to load.
type wanted struct {
	path   string
	refine Related
}

// With loads a relation of the rows, or one of its own: With("Author"),
// With("Posts.Comments"). Each takes one query, however many rows there are. The rows
// of the last relation of the path can be narrowed and sorted:
//
//	q.With("Posts", func(r *database.Related) { r.Where("published").OrderBy("id DESC") })
func (q *Query[T]) With(path string, refine ...func(*Related)) *Query[T] {
	w := wanted{path: path}
	for _, f := range refine {
		f(&w.refine)
	}
	if q.err == nil {
		_, err := q.db().steps(q.model, path)
		q.fail(err)
	}
	q.with = append(q.with, w)
	return q
}

// WithCount counts the rows of a relation, into a field of T with the name of the
// relation and _count: WithCount("Posts") into
//
//	PostsCount int `bun:"posts_count,scanonly"`
//
// What a relation through others reaches in several ways is counted as often, as With
// loads it.
func (q *Query[T]) WithCount(relations ...string) *Query[T] {
	for _, name := range relations {
		if q.err != nil {
			break
		}
		if _, err := q.model.relation(name); err != nil {
			q.fail(err)
		}
		steps, err := q.db().steps(q.model, name)
		q.fail(err)
		if c := q.model.byName[countColumn(name)]; c == nil || !c.scanOnly {
			q.fail(fmt.Errorf("%s has no field for the count of %s: %sCount int `bun:\"%s,scanonly\"`", q.model.typ, name, name, countColumn(name)))
		}
		q.counts = append(q.counts, relatedCount{countColumn(name), steps})
	}
	return q
}

// relatedCount is the number of rows that relations lead to.
type relatedCount struct {
	column string
	steps  []step
}

// WhereHas keeps the rows that have a row of a relation, or of one of its own:
// WhereHas("Posts.Comments"). The rows of the last one can be narrowed, as in
// [Query.With]. Where the relation leads to a table that is in the query already, as
// from a comment to its answers, its name in SQL is that of the relation, in snake case.
func (q *Query[T]) WhereHas(path string, refine ...func(*Related)) *Query[T] {
	return q.has("EXISTS (", path, refine)
}

// WhereHasNo keeps the rows that have no row of a relation.
func (q *Query[T]) WhereHasNo(path string, refine ...func(*Related)) *Query[T] {
	return q.has("NOT EXISTS (", path, refine)
}

func (q *Query[T]) has(word, path string, refine []func(*Related)) *Query[T] {
	if q.err != nil {
		return q
	}
	steps, err := q.db().steps(q.model, path)
	q.fail(err)
	related := Related{}
	for _, f := range refine {
		f(&related)
	}
	if err == nil {
		q.where.add(false, nested{word, func(s *statement) {
			s.related(steps, []string{q.model.table}, q.model.quoted, false, related)
		}})
	}
	return q
}

// step is a relation on the way from one model to another.
type step struct {
	relation *relation
	to       *model
	join     []string // what [relation.joined] returns
}

// maxThrough is how many relations may go through one another.
const maxThrough = 8

// steps returns the relations of a path; in place of one that goes through others, those.
func (db *DB) steps(m *model, path string) ([]step, error) { return db.stepsBelow(m, path, 0) }

func (db *DB) stepsBelow(m *model, path string, depth int) (list []step, err error) {
	for name := range strings.SplitSeq(path, ".") {
		r, err := m.relation(name)
		if err != nil {
			return nil, err
		}
		to, err := db.modelOf(r.target)
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", m.typ, name, err)
		}
		switch {
		case r.through == "":
			join, err := r.joined(to)
			if err != nil {
				return nil, fmt.Errorf("%s.%s: %w", m.typ, name, err)
			}
			list = append(list, step{r, to, join})
		case depth == maxThrough:
			return nil, fmt.Errorf("%s.%s goes through itself", m.typ, name)
		default:
			between, err := db.stepsBelow(m, r.through, depth+1)
			if err != nil {
				return nil, fmt.Errorf("%s.%s: %w", m.typ, name, err)
			}
			if end := between[len(between)-1].to; end != to {
				return nil, fmt.Errorf("%s.%s: %s leads to %s, not to %s", m.typ, name, r.through, end.typ, to.typ)
			}
			list = append(list, between...)
		}
		m = to
	}
	return list, nil
}

// related writes a query of what relations lead to from a row of the table that is
// called outer: of nothing in particular, for EXISTS, or of how many there are. used are
// the names of tables around it.
func (s *statement) related(steps []step, used []string, outer string, count bool, related Related) {
	first, rest := steps[0], steps[1:]
	r, m := first.relation, first.to
	target, alias := m.quoted, ""
	if slices.Contains(used, m.table) {
		alias = unused(used, snakeCase(r.name))
		target = quoted(s.dialect, alias)
		used = append(slices.Clip(used), alias)
	} else {
		used = append(slices.Clip(used), m.table)
	}
	switch {
	case !count:
		s.sql("SELECT 1")
	case len(rest) == 0:
		s.sql("SELECT count(*)")
	default:
		s.sql("SELECT COALESCE(sum((")
		s.related(rest, used, target, true, related)
		s.sql(")), 0)")
	}
	s.sql(" FROM ", m.quoted)
	if alias != "" {
		s.sql(" AS ", target)
	}
	left, columns := target, first.join
	if r.pivot != "" {
		left, columns = s.joinPivot(r, target, first.join), r.pivotBase
	}
	s.sql(" WHERE ")
	for i, c := range columns {
		if i > 0 {
			s.sql(" AND ")
		}
		s.sql(left, ".").name(c).sql(" = ", outer, ".").name(r.base[i])
	}
	if r.when != "" && r.pivot == "" {
		s.sql(" AND ", outer, ".").name(r.when).sql(" = ").arg(r.whenValue)
	}
	if len(rest) > 0 {
		s.refined(r, m, target, Related{})
		if !count {
			s.sql(" AND EXISTS (")
			s.related(rest, used, target, false, related)
			s.sql(")")
		}
		return
	}
	s.refined(r, m, target, related)
}

// joinPivot writes the join of the table between, and returns its name in SQL.
func (s *statement) joinPivot(r *relation, target string, join []string) string {
	pivot := quotedTable(s.dialect, r.pivot)
	s.sql(" JOIN ", pivot, " ON ")
	for i, c := range r.pivotTo {
		if i > 0 {
			s.sql(" AND ")
		}
		s.sql(pivot, ".").name(c).sql(" = ", target, ".").name(join[i])
	}
	return pivot
}

// refined writes the further conditions of a relation.
func (s *statement) refined(r *relation, m *model, target string, related Related) {
	if r.fixed != "" {
		s.sql(" AND ", target, ".").name(r.fixed).sql(" = ").arg(r.fixedValue)
	}
	if r.when != "" && r.pivot != "" {
		s.sql(" AND ", quotedTable(s.dialect, r.pivot), ".").name(r.when).sql(" = ").arg(r.whenValue)
	}
	if m.deleted != nil && !related.trashed {
		s.sql(" AND ", target, ".", m.deleted.quoted, " IS NULL")
	}
	for _, w := range related.where {
		s.sql(" AND ")
		w.write(s)
	}
}

// quotedTable returns the name of a table in SQL; it may have its schema in front.
func quotedTable(d Dialect, name string) string {
	if schema, table, ok := strings.Cut(name, "."); ok {
		return quoted(d, schema) + "." + quoted(d, table)
	}
	return quoted(d, name)
}

// unused returns a name that is none of some others.
func unused(used []string, name string) string {
	for n, base := 2, name; slices.Contains(used, name); n++ {
		name = base + "_" + strconv.Itoa(n)
	}
	return name
}

// countColumn is the name of the column for the count of a relation.
func countColumn(relation string) string { return snakeCase(relation) + "_count" }

func snakeCase(name string) string {
	var b strings.Builder
	for i, r := range name {
		if r >= 'A' && r <= 'Z' {
			if i > 0 {
				b.WriteByte('_')
			}
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}
