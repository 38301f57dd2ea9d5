// Package modelgen writes Go models from the schema of a database, for kit db:sync,
// and from a name, for kit make:model.
//
//	tables, err := modelgen.Inspect(ctx, db)
//	plan, err := modelgen.NewPlan("models", tables)
//	err = plan.Apply()
//
// The same schema gives the same Go on SQLite, PostgreSQL and MySQL. What they cannot
// tell apart has one type: SQLite has one INTEGER, so that every signed integer is an
// int64.
package modelgen

// Kind is what the values of a column are, in no dialect.
type Kind int

// The kinds of columns and their Go types. A nullable column is a pointer to the type,
// unless the type has a nil of its own.
const (
	Text    Kind = iota // string
	Int                 // int64
	Uint                // uint64: MySQL's bigint unsigned
	Bool                // bool
	Float               // float64
	Decimal             // string, which keeps every digit
	Time                // time.Time: instants, dates, and dates with a time of day
	JSON                // json.RawMessage
	Bytes               // []byte
	Enum                // a string type of its own, with constants
)

// Table is a table of the schema.
type Table struct {
	Name        string
	Columns     []Column
	PrimaryKey  []string   // columns
	Unique      [][]string // the columns of each unique index over all rows
	ForeignKeys []ForeignKey
}

// Column is a column of a [Table].
type Column struct {
	Name      string
	Kind      Kind
	Array     bool // of values of the kind, in PostgreSQL
	Nullable  bool
	Auto      bool     // the database numbers the rows
	Generated bool     // the database computes every value
	Default   string   // in one notation for all databases; "" for none
	Values    []string // of an Enum
}

// ForeignKey is columns that refer to those of another table, or of the same one.
type ForeignKey struct {
	Columns    []string
	Table      string
	References []string
}

// The defaults that are not written out: the time of the insertion, and what only the
// database knows.
const (
	Now      = "current_timestamp"
	Computed = "(expression)"
)

// SoftDelete reports whether a row is deleted by setting the column, which package
// database does then.
func (c *Column) SoftDelete() bool { return c.Name == "deleted_at" && c.Kind == Time && c.Nullable }

// column returns the column of a name; nil if there is none.
func (t *Table) column(name string) *Column {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return &t.Columns[i]
		}
	}
	return nil
}
