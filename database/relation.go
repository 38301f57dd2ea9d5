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
//	Owner    *Author   `bun:"-" kit:"belongs-to,join:owner_id=id,when:owner_type=author"`
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
	// when is a column and its value, too, where the other side is polymorphic: of the
	// row itself, or of the table between.
	when, whenValue string

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
	if many := kind == "has-many" || kind == "many-to-many"; many != r.many {
		return nil, fmt.Errorf("%s does not go with the type %s", kind, f.Type)
	}
	if r.when != "" && kind != "belongs-to" && kind != "many-to-many" {
		return nil, errors.New("when:COLUMN=VALUE goes with belongs-to and many-to-many; a column of the other table takes where:COLUMN=VALUE")
	}
	if kind == "many-to-many" {
		if err := r.between(m); err != nil {
			return nil, err
		}
	} else if r.pivot != "" {
		return nil, errors.New("table:NAME goes with many-to-many")
	}
	own := slices.Clip(r.base)
	if r.when != "" && r.pivot == "" {
		own = append(own, r.when)
	}
	return r, has(m, own)
}

// between makes of the columns of a tag those of the table between.
func (r *relation) between(m *model) error {
	switch {
	case r.pivot == "":
		return errors.New("many-to-many needs table:NAME")
	case len(r.base) > 1:
		return errors.New("many-to-many has one join:COLUMN=COLUMN")
	}
	r.pivotBase, r.pivotTo, r.base, r.join = r.base, r.join, nil, nil
	key, err := m.key()
	if err != nil {
		return err
	}
	r.base = []string{key.name}
	return nil
}

// has returns an error that names the first column that a model has not.
func has(m *model, columns []string) error {
	for _, name := range columns {
		if m.byName[name] == nil {
			return fmt.Errorf("%s has no column %q", m.typ, name)
		}
	}
	return nil
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
		case name == "when" && ok:
			r.when, r.whenValue = left, right
		default:
			return fmt.Errorf("has an option %q that is none of join:COLUMN=COLUMN, where:COLUMN=VALUE, when:COLUMN=VALUE and table:NAME", option)
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
	columns := r.join
	if len(columns) == 0 {
		key, err := target.key()
		if err != nil {
			return nil, err
		}
		columns = []string{key.name}
	}
	if r.fixed == "" {
		return columns, has(target, columns)
	}
	return columns, has(target, append(slices.Clip(columns), r.fixed))
}
