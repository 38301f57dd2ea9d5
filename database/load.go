package database

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// maxKeys is how many keys one query asks for.
const maxKeys = 10000

// Load loads relations of rows that are there already, as [Query.With] does.
func Load[T any](ctx context.Context, c Conn, rows []T, paths ...string) error {
	m, err := c.link(ctx, false).db.modelOf(reflect.TypeFor[T]())
	if err != nil {
		return wrap[T]("load", err)
	}
	var list []wanted
	for _, p := range paths {
		if _, err := c.link(ctx, false).db.steps(m, p); err != nil {
			return wrap[T]("load", err)
		}
		list = append(list, wanted{path: p})
	}
	return wrap[T]("load", load(ctx, c, m, rows, list))
}

func load[T any](ctx context.Context, c Conn, m *model, rows []T, list []wanted) error {
	if len(list) == 0 || len(rows) == 0 {
		return nil
	}
	return loadInto(ctx, c, m, reflect.ValueOf(rows), list)
}

// loadInto loads relations into rows, a slice of structs. Paths that begin alike share
// their beginning.
func loadInto(ctx context.Context, c Conn, m *model, rows reflect.Value, list []wanted) error {
	var order []string
	heads := map[string]Related{}
	below := map[string][]wanted{}
	for _, w := range list {
		head, rest, deeper := strings.Cut(w.path, ".")
		if _, seen := heads[head]; !seen {
			order = append(order, head)
			heads[head] = Related{}
		}
		if deeper {
			below[head] = append(below[head], wanted{rest, w.refine})
		} else {
			heads[head] = w.refine
		}
	}
	for _, head := range order {
		r, err := m.relation(head)
		if err != nil {
			return err
		}
		if err := loadRelation(ctx, c, m, r, rows, heads[head], below[head]); err != nil {
			return fmt.Errorf("relation %s: %w", head, err)
		}
	}
	return nil
}

func loadRelation(ctx context.Context, c Conn, m *model, r *relation, rows reflect.Value, related Related, below []wanted) error {
	if r.through != "" {
		return loadThrough(ctx, c, m, r, rows, related, below)
	}
	l := c.link(ctx, false)
	target, err := l.db.modelOf(r.target)
	if err != nil {
		return err
	}
	keys := make([]any, rows.Len())
	seen := make(map[any]bool, rows.Len())
	distinct := make([][]any, 0, rows.Len())
	for i := range rows.Len() {
		if !r.leads(m, rows.Index(i)) {
			continue
		}
		key, parts := keyIn(m, r.base, rows.Index(i))
		if keys[i] = key; key != nil && !seen[key] {
			seen[key] = true
			distinct = append(distinct, parts)
		}
	}
	found := relatives{rows: reflect.New(reflect.SliceOf(r.target)).Elem(), byKey: make(map[any][]int, len(distinct))}
	for _, name := range r.base {
		found.numbers = append(found.numbers, m.byName[name] != nil && isNumber(m.byName[name].typ))
	}
	for some := range slices.Chunk(distinct, maxKeys) {
		if err := found.read(ctx, l, r, target, some, related); err != nil {
			return err
		}
	}
	if len(below) > 0 && found.rows.Len() > 0 {
		if err := loadInto(ctx, c, target, found.rows, below); err != nil {
			return err
		}
	}
	for i := range rows.Len() {
		var which []int
		if keys[i] != nil {
			which = found.byKey[keys[i]]
		}
		r.assign(rows.Index(i), found.rows, which)
	}
	return nil
}

// relatives are the rows of a relation, and which of them belong to a key.
type relatives struct {
	rows  reflect.Value
	byKey map[any][]int
	// numbers says of the columns of the table between which are numbers.
	numbers []bool
}

// read reads the rows for some keys.
func (f *relatives) read(ctx context.Context, l link, r *relation, target *model, keys [][]any, related Related) (err error) {
	join, err := r.joined(target)
	if err != nil {
		return err
	}
	table, columns := target.quoted, join
	s := newStatement(l, len(target.selected)+usualText+6*len(keys), len(keys)*len(join)+1).sql("SELECT ", target.selected)
	if r.pivot != "" {
		table, columns = quotedTable(s.dialect, r.pivot), r.pivotBase
		for i, c := range columns {
			s.sql(", ", table, ".").name(c).sql(fmt.Sprintf(" AS kit_key_%d", i))
		}
	}
	s.sql(" FROM ", target.quoted)
	if r.pivot != "" {
		s.joinPivot(r, target.quoted, join)
	}
	s.sql(" WHERE ")
	writeKeys(s, table, columns, keys)
	s.refined(r, target, target.quoted, related)
	if len(related.order) > 0 {
		s.sql(" ORDER BY ")
		commas(s, related.order, s.fragment)
	}
	rows, err := l.query(ctx, s)
	if err != nil {
		return target.explainMissing(err)
	}
	defer rows.done(&err)
	return f.scan(ctx, r, target, join, rows.Rows)
}

// writeKeys writes that columns of a table, whose name is SQL, have one of some values.
func writeKeys(s *statement, table string, columns []string, keys [][]any) {
	if numbers := integers(s, columns, keys); numbers != nil {
		s.sql(table, ".").name(columns[0]).oneOf(numbers)
		return
	}
	s.loose = true
	if len(columns) == 1 {
		s.sql(table, ".").name(columns[0]).sql(" IN (")
		commas(s, keys, func(k []any) { s.arg(k[0]) })
		s.sql(")")
		return
	}
	s.sql("(")
	for i, k := range keys {
		if i > 0 {
			s.sql(" OR ")
		}
		s.sql("(")
		for j, c := range columns {
			if j > 0 {
				s.sql(" AND ")
			}
			s.sql(table, ".").name(c).sql(" = ").arg(k[j])
		}
		s.sql(")")
	}
	s.sql(")")
}

// integers returns keys that can be one argument; nil where they cannot.
func integers(s *statement, columns []string, keys [][]any) []int64 {
	if s.dialect == MySQL || s.inline || len(columns) != 1 {
		return nil
	}
	list := make([]int64, len(keys))
	for i, k := range keys {
		n, ok := sameKind(k[0]).(int64)
		if !ok {
			return nil
		}
		list[i] = n
	}
	return list
}

// oneOf writes that what stands before is one of some numbers, as one argument: so that
// the text does not depend on how many there are.
func (s *statement) oneOf(numbers []int64) {
	if s.dialect == Postgres {
		s.sql(" = ANY(").bound(numbers).sql(")")
		return
	}
	text, err := json.Marshal(numbers)
	if err != nil {
		s.fail(err)
	}
	s.sql(" IN (SELECT value FROM json_each(").bound(string(text)).sql("))")
}

// scan reads the rows into one row after the other, or into the same again and again
// where the rows share nothing.
func (f *relatives) scan(ctx context.Context, r *relation, target *model, join []string, rows *sql.Rows) error {
	pivots := make([]any, len(r.pivotBase))
	var row reflect.Value
	dests := make([]any, len(target.stored)+len(pivots))
	zero := reflect.Zero(r.target)
	prepare := func() {
		row = reflect.New(r.target).Elem()
		for i, c := range target.stored {
			dests[i] = c.codec.dest(c.place(row).Addr().Interface())
		}
	}
	prepare()
	for i := range pivots {
		dests[len(target.stored)+i] = &pivots[i]
	}
	_, found := row.Addr().Interface().(AfterFinder)
	for rows.Next() {
		if err := rows.Scan(dests...); err != nil {
			return explainScan(target, target.stored, err)
		}
		if found {
			if err := row.Addr().Interface().(AfterFinder).AfterFind(ctx); err != nil { //nolint:forcetypeassert // found says so
				return err
			}
		}
		key := pivotKey(pivots, f.numbers)
		if r.pivot == "" {
			if n, ok := numberIn(target, join, row); ok {
				key = n
			} else {
				key, _ = keyIn(target, join, row)
			}
		}
		n := f.rows.Len()
		f.byKey[key] = append(f.byKey[key], n)
		f.rows.Grow(1)
		f.rows.SetLen(n + 1)
		f.rows.Index(n).Set(row)
		if target.flat {
			row.Set(zero)
		} else {
			prepare()
		}
	}
	return nil
}

// assign stores rows of a relation in a row.
func (r *relation) assign(row, all reflect.Value, which []int) {
	field := row.FieldByIndex(r.field)
	if !r.many {
		if len(which) == 0 {
			field.SetZero()
			return
		}
		r.set(field, all.Index(which[0]))
		return
	}
	list := reflect.MakeSlice(r.typ, len(which), len(which))
	for i, n := range which {
		r.set(list.Index(i), all.Index(n))
	}
	field.Set(list)
}

// set stores a row, or a pointer to a copy of it: two rows never share one.
func (r *relation) set(place, row reflect.Value) {
	if place.Kind() != reflect.Pointer {
		place.Set(row)
		return
	}
	p := reflect.New(r.target)
	p.Elem().Set(row)
	place.Set(p)
}

// loadThrough loads the relations of a path into copies of the rows and collects what
// is at the end of it.
func loadThrough(ctx context.Context, c Conn, m *model, r *relation, rows reflect.Value, related Related, below []wanted) error {
	copies := reflect.MakeSlice(rows.Type(), rows.Len(), rows.Len())
	reflect.Copy(copies, rows)
	list := []wanted{{r.through, related}}
	for _, w := range below {
		list = append(list, wanted{r.through + "." + w.path, w.refine})
	}
	if err := loadInto(ctx, c, m, copies, list); err != nil {
		return err
	}
	steps := strings.Split(r.through, ".")
	for i := range rows.Len() {
		all := reflect.MakeSlice(reflect.SliceOf(r.target), 0, 0)
		var which []int
		for _, v := range collect(copies.Index(i), steps) {
			which = append(which, all.Len())
			all = reflect.Append(all, v)
		}
		r.assign(rows.Index(i), all, which)
	}
	return nil
}

// collect returns the structs at the end of a path of fields.
func collect(v reflect.Value, steps []string) []reflect.Value {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	if v.Kind() == reflect.Slice {
		var list []reflect.Value
		for i := range v.Len() {
			list = append(list, collect(v.Index(i), steps)...)
		}
		return list
	}
	if len(steps) == 0 {
		return []reflect.Value{v}
	}
	return collect(v.FieldByName(steps[0]), steps[1:])
}
