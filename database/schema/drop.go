package schema

import "github.com/kitgo/kit/internal/place"

// Drop says which index or foreign key of a [Table] goes.
type Drop struct {
	table        *Table
	at           place.Place
	kind         dropKind
	columns      []string
	named        string
	concurrently bool
}

type dropKind string

const (
	dropsIndex   dropKind = "index"
	dropsUnique  dropKind = "unique"
	dropsForeign dropKind = "foreign"
	dropsCheck   dropKind = "check"
)

// DropIndex drops the index that Index made with the same columns, or with a name:
//
//	t.DropIndex("user_id")
//	t.DropIndex().Name("posts_by_day")
//
// A foreign key that would be left without an index gets one of its own name in MySQL,
// which needs one.
func (t *Table) DropIndex(columns ...string) *Drop {
	return t.drop(&t.dropIndexes, "DropIndex", &Drop{kind: dropsIndex, columns: columns})
}

// DropUniqueIndex drops the index that UniqueIndex or [Column.Unique] made with the
// same columns.
func (t *Table) DropUniqueIndex(columns ...string) *Drop {
	return t.drop(&t.dropIndexes, "DropUniqueIndex", &Drop{kind: dropsUnique, columns: columns})
}

// DropForeign drops the foreign key that Foreign or [Column.References] made of the
// same columns, or the one of a name: t.DropForeign().Name("x"). The columns stay.
// SQLite builds the table anew for that.
func (t *Table) DropForeign(columns ...string) *Drop {
	return t.drop(&t.dropForeign, "DropForeign", &Drop{kind: dropsForeign, columns: columns})
}

// DropCheck drops check constraints by name. SQLite builds the table anew for that.
func (t *Table) DropCheck(names ...string) {
	if len(names) == 0 {
		t.fail("DropCheck without a name")
	}
	for _, name := range names {
		t.drop(&t.dropChecks, "DropCheck", &Drop{kind: dropsCheck, named: name})
	}
}

// DropPrimary drops the primary key; its columns stay. That of [Table.ID] cannot be
// dropped in MySQL. SQLite builds the table anew for that.
func (t *Table) DropPrimary() {
	t.onlyChange("DropPrimary")
	t.dropPrimary = true
}

// DropColumn drops columns, and the indexes and keys over them. SQLite builds the table
// anew when a key or a check is over the column.
func (t *Table) DropColumn(names ...string) {
	t.onlyChange("DropColumn")
	if len(names) == 0 {
		t.fail("DropColumn without columns")
	}
	t.drops = append(t.drops, names...)
}

// DropTimestamps drops created_at and updated_at.
func (t *Table) DropTimestamps() { t.DropColumn("created_at", "updated_at") }

// DropSoftDeletes drops deleted_at.
func (t *Table) DropSoftDeletes() { t.DropColumn("deleted_at") }

// DropMorphs drops what [Table.Morphs] added.
func (t *Table) DropMorphs(name string) { t.DropColumn(name+"_type", name+"_id") }

func (t *Table) drop(list *[]*Drop, method string, d *Drop) *Drop {
	t.onlyChange(method)
	d.table, d.at = t, here()
	*list = append(*list, d)
	return d
}

// Name names what goes, in place of its columns.
func (d *Drop) Name(name string) *Drop {
	d.named = name
	return d
}

// Concurrently lets PostgreSQL drop an index without waiting for those who use the
// table, and them for it. It is for migrations with NoTransaction only. Other databases
// do as they always do.
func (d *Drop) Concurrently() *Drop {
	if d.kind != dropsIndex && d.kind != dropsUnique {
		d.table.fail("Concurrently is for indexes")
	}
	d.concurrently = true
	return d
}

func (d *Drop) name() string {
	if d.named != "" {
		return d.named
	}
	return conventional(d.table.name, d.columns, string(d.kind))
}
