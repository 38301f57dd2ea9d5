package schema

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/internal/sqltext"
)

// rebuild builds a table anew: the way to change what ALTER TABLE of SQLite cannot, as
// its manual has it (lang_altertable.html, section 7). Foreign keys are off meanwhile:
// else DROP TABLE deletes the rows that refer to the table. Everything is tried on the
// twin first, so that SQLite's objections are known before anything runs.
type rebuild struct {
	table    *Table
	twin     *twin
	old, new *tableText
	// statements are those that the twin has run.
	statements []string
}

func (r *rebuild) run(ctx context.Context, sql string) error {
	if err := r.twin.exec(ctx, sql); err != nil {
		return r.fail("SQLite refuses it: %v, in: %s", err, shorten(sql))
	}
	r.statements = append(r.statements, sql)
	return nil
}

func (r *rebuild) fail(format string, args ...any) error {
	r.table.failAt(r.table.at, format, args...)
	return r.table.err
}

// plan returns the statements of the change.
func (r *rebuild) plan(ctx context.Context) error {
	t := r.table
	before, err := r.twin.working(ctx)
	if err != nil {
		return err
	}
	for _, sql := range t.beforeRebuild() {
		if err := r.run(ctx, sql); err != nil {
			return err
		}
	}
	sql, err := r.twin.table(ctx, t.name)
	if err != nil {
		return err
	}
	if r.old, err = newTableText(sqltext.SQLite, sql); err != nil {
		return r.fail("it cannot be changed like that: %v", err)
	}
	if r.new, err = newTableText(sqltext.SQLite, sql); err != nil {
		return err
	}
	if r.edit(); t.err != nil {
		return t.err
	}
	attached, err := r.attached(ctx)
	if err != nil {
		return err
	}
	for _, sql := range slices.Concat(r.replace(), attached) {
		if err := r.run(ctx, sql); err != nil {
			return err
		}
	}
	for _, i := range t.indexes {
		if err := r.run(ctx, i.statement(database.SQLite)); err != nil {
			return err
		}
	}
	after, err := r.twin.working(ctx)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if problem := after[name]; before[name] == nil && problem != nil {
			return r.fail("after that, %s does not work any more (%v): drop it first and create it again", name, problem)
		}
	}
	return nil
}

// beforeRebuild returns what SQLite does by itself: names of columns change in other
// tables, triggers and views, too.
func (t *Table) beforeRebuild() []string {
	only := &Table{name: t.name, renames: t.renames, dropIndexes: t.dropIndexes}
	return only.alterSQLite()
}

// replace returns the statements that put the new table in the place of the old one.
func (r *rebuild) replace() []string {
	const d = database.SQLite
	name, fresh := quote(d, r.table.name), quote(d, r.table.name+"__new")
	columns, values := r.copied()
	list := []string{
		r.new.statement(fresh),
		"INSERT INTO " + fresh + " (" + strings.Join(columns, ", ") + ") SELECT " + strings.Join(values, ", ") + " FROM " + name,
	}
	if r.numbers() {
		// The next ID is one that no row has had, also none that was deleted.
		list = append(list,
			"DELETE FROM sqlite_sequence WHERE name = "+quoteString(d, r.table.name+"__new"),
			"INSERT INTO sqlite_sequence (name, seq) SELECT "+quoteString(d, r.table.name+"__new")+", seq FROM sqlite_sequence WHERE name = "+quoteString(d, r.table.name))
	}
	return append(list,
		"DROP TABLE "+name,
		// Else views of the table, which is not there at the moment, would be in the way.
		"PRAGMA legacy_alter_table = ON",
		"ALTER TABLE "+fresh+" RENAME TO "+name,
		"PRAGMA legacy_alter_table = OFF")
}

// copied returns the columns that get values from the old table, and those values.
func (r *rebuild) copied() (columns, values []string) {
	const d = database.SQLite
	if r.new.find("rowid") == nil && r.old.find("rowid") == nil && !r.without("ROWID") && !r.aliased() {
		columns, values = []string{"rowid"}, []string{"rowid"}
	}
	for _, p := range r.new.parts {
		if p.column == "" || p.has("GENERATED", "AS") || r.old.find(p.column) == nil {
			continue
		}
		value := quote(d, p.column)
		for _, c := range r.table.changed() {
			if is(c.name, p.column) && c.using != "" {
				value = c.using
			}
		}
		columns, values = append(columns, quote(d, p.column)), append(values, value)
	}
	return columns, values
}

// without reports whether the table has an option such as WITHOUT ROWID.
func (r *rebuild) without(option string) bool {
	tokens, err := sqltext.Tokens(sqltext.SQLite, r.new.end)
	return err == nil && mentions(tokens, option)
}

// aliased reports whether a column of the new table is its rowid.
func (r *rebuild) aliased() bool {
	key := r.new.key()
	return len(key) == 1 && r.new.find(key[0]) != nil && is(r.new.find(key[0]).typing, "INTEGER")
}

// numbers reports whether SQLite keeps the last ID of the table, before and after.
func (r *rebuild) numbers() bool {
	for _, text := range []*tableText{r.old, r.new} {
		if !slices.ContainsFunc(text.parts, func(p *tablePart) bool {
			return slices.ContainsFunc(p.clauses, func(c clause) bool { return c.kind == "PRIMARY" && mentions(c.tokens, "AUTOINCREMENT") })
		}) {
			return false
		}
	}
	return true
}

// attached returns the statements that make the indexes and triggers of the old table
// again, which go with it. An index over a column that is gone is gone, too.
func (r *rebuild) attached(ctx context.Context) ([]string, error) {
	objects, err := r.twin.objects(ctx, r.table.name)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, o := range objects {
		tokens, err := sqltext.Tokens(sqltext.SQLite, o.SQL)
		if err != nil {
			return nil, fmt.Errorf("read the definition of %s: %w", o.Name, err)
		}
		on := slices.IndexFunc(tokens, func(t sqltext.Token) bool { return t.Is("ON") })
		gone := o.Type == "index" && slices.ContainsFunc(r.table.drops, func(column string) bool { return mentions(tokens[on+2:], column) })
		if gone {
			continue
		}
		sql := o.SQL
		for _, name := range r.table.renameIndexes {
			if o.Type == "index" && is(o.Name, name[0]) {
				sql = renamedIndex(sql, name[1])
			}
		}
		list = append(list, sql)
	}
	return list, nil
}

// renamedIndex returns CREATE INDEX with another name.
func renamedIndex(sql, name string) string {
	tokens, err := sqltext.Tokens(sqltext.SQLite, sql)
	if err != nil {
		return sql // SQLite's own text
	}
	on := slices.IndexFunc(tokens, func(t sqltext.Token) bool { return t.Is("ON") })
	return sql[:tokens[on-1].Start] + quote(database.SQLite, name) + sql[tokens[on-1].End:]
}
