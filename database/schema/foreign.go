package schema

import "github.com/kitgo/kit/internal/place"

// Action is what happens to a row when the row that it refers to is deleted or
// gets another key.
type Action string

// The actions. Without one, the database refuses to delete a row that others refer
// to.
const (
	Cascade    Action = "CASCADE"
	SetNull    Action = "SET NULL"
	SetDefault Action = "SET DEFAULT"
	Restrict   Action = "RESTRICT"
	NoAction   Action = "NO ACTION"
)

// ForeignKey is a foreign key of a [Table].
type ForeignKey struct {
	table      *Table
	at         place.Place
	columns    []string
	references string
	targets    []string
	onDelete   Action
	onUpdate   Action
	named      string
}

// Foreign makes columns that the table has a foreign key:
//
//	t.Foreign("user_id").References("users")
//	t.Foreign("country", "zip").References("cities", "country", "zip")
//
// Its name is the table's and the columns' with "foreign" at the end, joined by
// underscores. On a table that exists, SQLite builds it anew for that.
func (t *Table) Foreign(columns ...string) *ForeignKey {
	f := &ForeignKey{table: t, at: here(), columns: columns}
	if len(columns) == 0 {
		t.fail("Foreign without columns")
	}
	t.foreign = append(t.foreign, f)
	return f
}

// References names the table that the key refers to, and its columns: "id" unless
// others are given. They must be its primary key, or unique.
func (f *ForeignKey) References(table string, columns ...string) *ForeignKey {
	if table == "" {
		f.table.fail("column %q: References without a table", f.columns[0])
	}
	if len(columns) == 0 {
		columns = []string{"id"}
	}
	if len(columns) != len(f.columns) {
		f.table.fail("a foreign key of %d columns refers to %d", len(f.columns), len(columns))
	}
	f.references, f.targets = table, columns
	return f
}

// OnDelete says what happens to the row when the one that it refers to is deleted.
func (f *ForeignKey) OnDelete(a Action) *ForeignKey {
	f.onDelete = f.action(a)
	return f
}

// OnUpdate says what happens to the row when the key that it refers to changes.
func (f *ForeignKey) OnUpdate(a Action) *ForeignKey {
	f.onUpdate = f.action(a)
	return f
}

// Name gives the constraint another name.
func (f *ForeignKey) Name(name string) *ForeignKey {
	f.named = name
	return f
}

func (f *ForeignKey) action(a Action) Action {
	switch a {
	case Cascade, SetNull, SetDefault, Restrict, NoAction:
	default:
		f.table.fail("column %q: %q is not an Action", f.columns[0], string(a))
	}
	return a
}

func (f *ForeignKey) name() string {
	if f.named != "" {
		return f.named
	}
	return conventional(f.table.name, f.columns, "foreign")
}
