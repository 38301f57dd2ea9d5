package database

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/uptrace/bun/schema"
)

// relation is a field of a model that holds rows of another one. It is declared with
// bun's tags
//
//	Author *User     `bun:"rel:belongs-to,join:author_id=id"`
//	Posts  []Post    `bun:"rel:has-many,join:id=author_id"`
//
// or, what bun has no words for, with its own:
//
//	Image    *Image    `bun:"-" kit:"has-one,join:id=owner_id,where:owner_type=author"`
//	Tags     []Tag     `bun:"-" kit:"many-to-many,table:post_tags,join:post_id=tag_id"`
//	Comments []Comment `bun:"-" kit:"through:Posts.Comments"`
type relation struct {
	name   string
	field  []int
	typ    reflect.Type // of the field
	target reflect.Type // of the rows
	many   bool

	base, join []string // the columns that are equal
	// fixed is a column of the target and its value, of a polymorphic relation.
	fixed      string
	fixedValue any

	pivot              string // the table between, of many to many
	pivotBase, pivotTo []string

	through string // a path of other relations
}

func (db *DB) relationsOf(m *model) (map[string]*relation, error) {
	relations := map[string]*relation{}
	for _, r := range m.bun.Relations {
		relations[r.Field.GoName] = fromBun(r)
	}
	for f := range m.typ.Fields() {
		tag, ok := f.Tag.Lookup("kit")
		if !ok || tag == "encrypted" {
			continue
		}
		r, err := fromTag(m, f, tag)
		if err != nil {
			return nil, fmt.Errorf("%s.%s: the tag kit:%q: %w", m.typ, f.Name, tag, err)
		}
		relations[f.Name] = r
	}
	return relations, nil
}

func newRelation(name string, index []int, typ reflect.Type) *relation {
	r := &relation{name: name, field: index, typ: typ, target: typ}
	if typ.Kind() == reflect.Slice {
		r.many = true
		r.target = typ.Elem()
	}
	if r.target.Kind() == reflect.Pointer {
		r.target = r.target.Elem()
	}
	return r
}

func fromBun(b *schema.Relation) *relation {
	r := newRelation(b.Field.GoName, b.Field.Index, b.Field.StructField.Type)
	r.base, r.join = names(b.BasePKs), names(b.JoinPKs)
	if b.PolymorphicField != nil {
		r.fixed, r.fixedValue = b.PolymorphicField.Name, b.PolymorphicValue
	}
	if b.M2MTable != nil {
		r.pivot = b.M2MTable.Name
		r.pivotBase, r.pivotTo = names(b.M2MBasePKs), names(b.M2MJoinPKs)
	}
	return r
}

func names(fields []*schema.Field) []string {
	list := make([]string, len(fields))
	for i, f := range fields {
		list[i] = f.Name
	}
	return list
}

func fromTag(m *model, f reflect.StructField, tag string) (*relation, error) {
	r := newRelation(f.Name, f.Index, f.Type)
	if f.Tag.Get("bun") != "-" {
		return nil, errors.New(`needs bun:"-" beside it`)
	}
	if r.target.Kind() != reflect.Struct {
		return nil, errors.New("is for a model, a pointer to one, or a slice of those")
	}
	if path, ok := strings.CutPrefix(tag, "through:"); ok {
		r.through = path
		return r, nil
	}
	kind, options, _ := strings.Cut(tag, ",")
	if !slices.Contains([]string{"has-one", "has-many", "belongs-to", "many-to-many"}, kind) {
		return nil, errors.New("begins with has-one, has-many, belongs-to, many-to-many or through")
	}
	if err := r.options(options); err != nil {
		return nil, err
	}
	if kind != "many-to-many" {
		return r, nil
	}
	if r.pivot == "" {
		return nil, errors.New("many-to-many needs table:NAME")
	}
	r.pivotBase, r.pivotTo, r.base, r.join = r.base, r.join, nil, nil
	key, err := m.key()
	if err != nil {
		return nil, err
	}
	r.base = []string{key.name}
	return r, nil
}

func (r *relation) options(text string) error {
	for option := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(option, ":")
		left, right, ok := strings.Cut(value, "=")
		switch {
		case name == "table" && value != "":
			r.pivot = value
		case name == "join" && ok:
			r.base, r.join = append(r.base, left), append(r.join, right)
		case name == "where" && ok:
			r.fixed, r.fixedValue = left, right
		default:
			return fmt.Errorf("has an option %q that is none of join:COLUMN=COLUMN, where:COLUMN=VALUE and table:NAME", option)
		}
	}
	if len(r.base) == 0 {
		return errors.New("needs join:COLUMN=COLUMN")
	}
	return nil
}

// relation returns the relation of a name, or an error that says which there are.
func (m *model) relation(name string) (*relation, error) {
	if r := m.relations[name]; r != nil {
		return r, nil
	}
	known := make([]string, 0, len(m.relations))
	for n := range m.relations {
		known = append(known, n)
	}
	slices.Sort(known)
	if len(known) == 0 {
		return nil, fmt.Errorf("%s has no relation %q, and no other", m.typ, name)
	}
	return nil, fmt.Errorf("%s has no relation %q; it has %s", m.typ, name, strings.Join(known, ", "))
}

// joined returns the columns of the target that are equal to base or to the pivot.
func (r *relation) joined(target *model) ([]string, error) {
	if len(r.join) > 0 {
		return r.join, nil
	}
	key, err := target.key()
	if err != nil {
		return nil, err
	}
	return []string{key.name}, nil
}

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
		name, _, _ := strings.Cut(path, ".")
		_, err := q.model.relation(name)
		q.fail(err)
	}
	q.with = append(q.with, w)
	return q
}

// WithCount counts the rows of a relation, into a field of T with the name of the
// relation and _count: WithCount("Posts") into
//
//	PostsCount int `bun:"posts_count,scanonly"`
func (q *Query[T]) WithCount(relations ...string) *Query[T] {
	for _, name := range relations {
		if q.err != nil {
			break
		}
		if _, err := q.model.relation(name); err != nil {
			q.fail(err)
		}
		if c := q.model.byName[countColumn(name)]; c == nil || !c.scanOnly {
			q.fail(fmt.Errorf("%s has no field for the count of %s: %sCount int `bun:\"%s,scanonly\"`", q.model.typ, name, name, countColumn(name)))
		}
		q.counts = append(q.counts, name)
	}
	return q
}

// WhereHas keeps the rows that have a row of a relation.
func (q *Query[T]) WhereHas(relation string, refine ...func(*Related)) *Query[T] {
	return q.has("EXISTS (SELECT 1", relation, refine)
}

// WhereHasNo keeps the rows that have no row of a relation.
func (q *Query[T]) WhereHasNo(relation string, refine ...func(*Related)) *Query[T] {
	return q.has("NOT EXISTS (SELECT 1", relation, refine)
}

func (q *Query[T]) has(word, name string, refine []func(*Related)) *Query[T] {
	if q.err != nil {
		return q
	}
	r, err := q.model.relation(name)
	q.fail(err)
	related := Related{}
	for _, f := range refine {
		f(&related)
	}
	if err == nil {
		q.where.add(false, nested{word, func(s *statement) { q.db().writeRelated(s, q.model, r, related) }})
	}
	return q
}

// writeCount writes the number of rows of a relation.
func (q *Query[T]) writeCount(s *statement, name string) {
	r, err := q.model.relation(name)
	if err != nil {
		s.fail(err)
		return
	}
	s.sql("SELECT count(*)")
	q.db().writeRelated(s, q.model, r, Related{})
}

// writeRelated writes a FROM and a WHERE that find the rows of a relation of a row of m.
func (db *DB) writeRelated(s *statement, m *model, r *relation, related Related) {
	target, err := db.modelOf(r.target)
	if err == nil && r.through != "" {
		err = fmt.Errorf("the relation %s.%s goes through others; say it of those", m.typ, r.name)
	}
	if err == nil && target == m {
		err = fmt.Errorf("the relation %s.%s leads to the same table; write it with Where and an alias", m.typ, r.name)
	}
	var join []string
	if err == nil {
		join, err = r.joined(target)
	}
	if err != nil {
		s.fail(err)
		return
	}
	s.sql(" FROM ", target.quoted)
	left, columns := target.table, join
	if r.pivot != "" {
		r.writePivot(s, target, join)
		left, columns = r.pivot, r.pivotBase
	}
	s.sql(" WHERE ")
	for i, c := range columns {
		if i > 0 {
			s.sql(" AND ")
		}
		s.name(left).sql(".").name(c).sql(" = ", m.quoted, ".").name(r.base[i])
	}
	r.writeRefined(s, target, related)
}

func (r *relation) writePivot(s *statement, target *model, join []string) {
	s.sql(" JOIN ").name(r.pivot).sql(" ON ")
	for i, c := range r.pivotTo {
		if i > 0 {
			s.sql(" AND ")
		}
		s.name(r.pivot).sql(".").name(c).sql(" = ", target.quoted, ".").name(join[i])
	}
}

// writeRefined writes the further conditions of a relation.
func (r *relation) writeRefined(s *statement, target *model, related Related) {
	if r.fixed != "" {
		s.sql(" AND ", target.quoted, ".").name(r.fixed).sql(" = ").arg(r.fixedValue)
	}
	if target.deleted != nil && !related.trashed {
		s.sql(" AND ", target.quoted, ".", target.deleted.quoted, " IS NULL")
	}
	for _, w := range related.where {
		s.sql(" AND ")
		w.write(s)
	}
}

// countColumn is the name of the column for the count of a relation.
func countColumn(relation string) string {
	var b strings.Builder
	for i, r := range relation {
		if r >= 'A' && r <= 'Z' {
			if i > 0 {
				b.WriteByte('_')
			}
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String() + "_count"
}
