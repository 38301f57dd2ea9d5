package database

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun/schema"
)

// model is what this package knows about a struct, for one database.
type model struct {
	typ      reflect.Type
	bun      *schema.Table
	table    string
	quoted   string // the table's name in SQL
	columns  []*column
	stored   []*column // what a query reads by itself: those that are in the table
	byName   map[string]*column
	keys     []*column
	selected string // the names of stored, in SQL
	flat     bool   // no field of stored is behind a pointer

	created, updated, deleted *column // the columns that look after themselves
	relations                 map[string]*relation
}

// column is a column of a model and the field that holds it.
type column struct {
	name   string
	quoted string
	full   string // with the table's name in front, in SQL
	field  string // the name in Go
	index  []int
	typ    reflect.Type
	codec  codec

	key, auto  bool // auto: the database numbers the rows
	nullZero   bool // NULL is the zero value
	fallback   bool // the database has a default
	scanOnly   bool // computed by a query, not stored
	skipUpdate bool
}

// value returns the field of a row; the zero Value when it is in an embedded struct
// behind a nil pointer.
func (c *column) value(row reflect.Value) reflect.Value {
	if len(c.index) == 1 {
		return row.Field(c.index[0])
	}
	v, err := row.FieldByIndexErr(c.index)
	if err != nil {
		return reflect.Value{}
	}
	return v
}

// place returns the field of a row to write to.
func (c *column) place(row reflect.Value) reflect.Value {
	for _, i := range c.index {
		if row.Kind() == reflect.Pointer {
			if row.IsNil() {
				row.Set(reflect.New(row.Type().Elem()))
			}
			row = row.Elem()
		}
		row = row.Field(i)
	}
	return row
}

func (c *column) isZero(row reflect.Value) bool {
	v := c.value(row)
	return !v.IsValid() || v.IsZero()
}

// modelOf returns the model of a type. What is wrong with the type is the error.
func (db *DB) modelOf(typ reflect.Type) (*model, error) {
	if m, ok := db.models.Load(typ); ok {
		return m.(*model), nil //nolint:forcetypeassert // nothing else is in it
	}
	m, err := db.newModel(typ)
	if err != nil {
		return nil, err
	}
	stored, _ := db.models.LoadOrStore(typ, m)
	return stored.(*model), nil //nolint:forcetypeassert // nothing else is in it
}

func (db *DB) newModel(typ reflect.Type) (m *model, err error) {
	if typ.Kind() != reflect.Struct {
		return nil, fmt.Errorf("%s is not a struct", typ)
	}
	// bun panics about tags that it does not understand.
	defer func() {
		if p := recover(); p != nil {
			m, err = nil, fmt.Errorf("%s: %v", typ, p)
		}
	}()
	if err := checkFields(typ, typ); err != nil {
		return nil, err
	}
	table := db.bun.Dialect().Tables().Get(typ)
	m = &model{typ: typ, bun: table, table: table.Name, quoted: string(table.SQLName), byName: map[string]*column{}}
	for _, f := range table.FieldMap {
		c := newColumn(f)
		if c.codec = codecOf(f, db.Dialect()); f.StructField.Tag.Get("kit") == "encrypted" {
			c.codec = encrypted{db.options.keys(), table.Name + "." + f.Name}
		}
		if c.codec == nil {
			return nil, fmt.Errorf("%s.%s: a column cannot be a %s", typ, f.GoName, f.StructField.Type)
		}
		m.byName[c.name] = c
		m.columns = append(m.columns, c)
		if c.key {
			m.keys = append(m.keys, c)
		}
	}
	byIndex := func(a, b *column) int { return slices.Compare(a.index, b.index) }
	slices.SortFunc(m.columns, byIndex)
	slices.SortFunc(m.keys, byIndex)
	var names []string
	for _, c := range m.columns {
		c.full = m.quoted + "." + c.quoted
		if !c.scanOnly {
			m.stored = append(m.stored, c)
			names = append(names, c.full)
		}
	}
	m.selected, m.flat = strings.Join(names, ", "), m.direct(m.stored)
	m.created, m.updated = m.clock("created_at"), m.clock("updated_at")
	if f := table.SoftDeleteField; f != nil {
		m.deleted = m.byName[f.Name]
	}
	m.relations, err = db.relationsOf(m)
	return m, err
}

// clock returns the column that this package sets to the time of a change, if a model
// has it.
func (m *model) clock(name string) *column {
	if c := m.byName[name]; c != nil && !c.scanOnly && (c.typ == reflect.TypeFor[time.Time]() || c.typ == reflect.TypeFor[*time.Time]()) {
		return c
	}
	return nil
}

func newColumn(f *schema.Field) *column {
	return &column{
		name: f.Name, quoted: string(f.SQLName), field: f.GoName, index: f.Index, typ: f.StructField.Type,
		key: f.IsPK, auto: f.AutoIncrement || f.Identity, nullZero: f.NullZero, fallback: f.SQLDefault != "",
		scanOnly: f.Tag.HasOption("scanonly"), skipUpdate: f.SkipUpdate(),
	}
}

// checkFields finds fields that cannot be columns although they have a tag.
func checkFields(model, typ reflect.Type) error {
	for f := range typ.Fields() {
		tag := f.Tag.Get("bun")
		if f.Anonymous && f.Type.Kind() == reflect.Struct && f.Type != typ {
			if err := checkFields(model, f.Type); err != nil {
				return err
			}
			continue
		}
		if !f.IsExported() && tag != "" && tag != "-" {
			return fmt.Errorf("%s.%s: a column needs an exported field", model, f.Name)
		}
	}
	return nil
}

// named returns the column of a name, which may have the table's in front, or an
// error that says what there is.
func (m *model) named(name string) (*column, error) {
	short := strings.TrimPrefix(name, m.table+".")
	if c := m.byName[short]; c != nil {
		return c, nil
	}
	return nil, fmt.Errorf("%s has no column %q", m.typ, name)
}

// key returns the one column of the primary key.
func (m *model) key() (*column, error) {
	if len(m.keys) != 1 {
		return nil, fmt.Errorf("%s has %d primary keys, not one: a field with the tag bun:\"...,pk\"", m.typ, len(m.keys))
	}
	return m.keys[0], nil
}
