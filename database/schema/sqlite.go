package schema

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/internal/sqltext"
)

// alterSQLite returns a change with the means of ALTER TABLE.
func (t *Table) alterSQLite() []string {
	const d = database.SQLite
	alter := "ALTER TABLE " + quote(d, t.name) + " "
	var list []string
	for _, r := range t.renames {
		list = append(list, alter+"RENAME COLUMN "+quote(d, r[0])+" TO "+quote(d, r[1]))
	}
	for _, drop := range t.dropIndexes {
		list = append(list, "DROP INDEX "+quote(d, drop.name()))
	}
	for _, name := range t.drops {
		list = append(list, alter+"DROP COLUMN "+quote(d, name))
	}
	for _, c := range t.added() {
		add := alter + "ADD COLUMN " + c.definition(d)
		if c.foreign != nil {
			// Here a constraint is possible only as part of the column.
			add += " " + c.foreign.target(d)
		}
		list = append(list, add)
	}
	return list
}

// planSQLite plans the change of a table, which may be more than ALTER TABLE can do.
func (b *Builder) planSQLite(ctx context.Context, t *Table, statements []string) (p plan, err error) {
	rebuilds := t.rebuilds()
	if !rebuilds && len(t.drops)+len(t.renameIndexes) == 0 {
		return plan{statements: statements}, nil
	}
	twin, err := b.newTwin(ctx)
	if err != nil {
		return p, err
	}
	defer twin.Close()
	sql, err := twin.table(ctx, t.name)
	if err != nil {
		return p, err
	}
	if sql == "" {
		t.failAt(t.at, "there is no such table")
		return p, t.err
	}
	text, err := newTableText(sqltext.SQLite, sql)
	if err != nil && rebuilds {
		t.failAt(t.at, "it cannot be changed like that: %v", err)
		return p, t.err
	}
	if !rebuilds && (text == nil || !t.dropsKeys(text)) {
		return b.planAlter(ctx, t, twin, statements)
	}
	if err := b.refuseRebuild(ctx, t); err != nil {
		return p, err
	}
	r := &rebuild{table: t, twin: twin}
	if err := r.plan(ctx); err != nil {
		return p, err
	}
	return plan{r.statements, true}, nil
}

// planAlter adds to the statements of ALTER TABLE what SQLite wants to have done before
// and after.
func (b *Builder) planAlter(ctx context.Context, t *Table, twin *twin, statements []string) (p plan, err error) {
	if len(t.drops) > 0 {
		drops, err := indexesOf(ctx, twin, t)
		if err != nil {
			return p, err
		}
		// Only SQLite refuses to drop a column that has an index.
		statements = slices.Insert(statements, len(t.renames)+len(t.dropIndexes), drops...)
	}
	if len(t.renameIndexes) == 0 {
		return plan{statements: statements}, nil
	}
	for _, sql := range statements {
		if err := twin.exec(ctx, sql); err != nil {
			t.failAt(t.at, "SQLite refuses it: %v, in: %s", err, shorten(sql))
			return p, t.err
		}
	}
	objects, err := twin.objects(ctx, t.name)
	if err != nil {
		return p, err
	}
	for _, r := range t.renameIndexes {
		i := slices.IndexFunc(objects, func(o object) bool { return o.Type == "index" && is(o.Name, r[0]) })
		if i < 0 {
			t.failAt(t.at, "there is no index %q to rename", r[0])
			return p, t.err
		}
		statements = append(statements, "DROP INDEX "+quote(database.SQLite, r[0]), renamedIndex(objects[i].SQL, r[1]))
	}
	return plan{statements: statements}, nil
}

// refuseRebuild finds what is in the way of building a table anew.
func (b *Builder) refuseRebuild(ctx context.Context, t *Table) error {
	if database.Recorded(ctx, b.conn) {
		return nil
	}
	if database.InTransaction(ctx, b.conn) {
		var enforced bool
		if err := b.conn.QueryRowContext(ctx, "PRAGMA foreign_keys").Scan(&enforced); err != nil {
			return fmt.Errorf("ask whether foreign keys are on: %w", err)
		}
		if enforced {
			t.failAt(t.at, "SQLite builds the table anew for this, which in a transaction would delete the rows that refer to it: do it in a migration, or outside of a transaction")
			return t.err
		}
	}
	if c := t.unfilled(); c != nil {
		rows, err := b.exists(ctx, "SELECT EXISTS (SELECT 1 FROM "+quote(database.SQLite, t.name)+")")
		if err != nil {
			return err
		}
		if rows {
			t.failAt(c.at, "%s", c.noValue())
		}
	}
	return t.err
}

// withoutForeignKeys runs the statements that build a table anew.
func (b *Builder) withoutForeignKeys(ctx context.Context, t *Table, statements []string) error {
	if database.InTransaction(ctx, b.conn) { // of a migration, which has switched them off
		err := b.execAll(ctx, statements)
		if err != nil {
			_, _ = b.conn.ExecContext(context.WithoutCancel(ctx), "PRAGMA legacy_alter_table = OFF")
		}
		return err
	}
	s, ok := b.conn.(*database.Session)
	if db, isDB := b.conn.(*database.DB); isDB {
		session, err := db.Session(ctx)
		if err != nil {
			return err
		}
		defer session.Close()
		s, ok = session, true
	}
	if !ok {
		t.failAt(t.at, "SQLite builds the table anew for this, for which a %T is not enough", b.conn)
		return t.err
	}
	inner := &Builder{}
	err := s.WithoutForeignKeys(ctx, func(ctx context.Context, tx *database.Transaction) error {
		return tx.KeepForeignKeys(ctx, func(ctx context.Context, c database.Conn) error {
			inner.conn = c
			return inner.execAll(ctx, statements)
		})
	})
	b.recorded = append(b.recorded, inner.recorded...)
	if e, ok := errors.AsType[*StatementError](err); ok {
		e.at = t.at
	}
	return err
}

// dropsKeys reports whether a column goes that is a part of a key or of a check.
func (t *Table) dropsKeys(text *tableText) bool {
	return slices.ContainsFunc(t.drops, func(column string) bool {
		return slices.ContainsFunc(text.parts, func(p *tablePart) bool {
			own := is(p.column, column)
			return slices.ContainsFunc(p.clauses, func(c clause) bool {
				switch {
				case own:
					return slices.Contains([]string{"PRIMARY", "UNIQUE", "REFERENCES"}, c.kind)
				case p.column != "":
					return c.kind == "CHECK" && mentions(c.tokens, column)
				}
				return mentions(c.tokens, column)
			})
		})
	})
}

// indexesOf returns the statements that drop the indexes over the columns that go.
func indexesOf(ctx context.Context, twin *twin, t *Table) ([]string, error) {
	dropped := map[string]bool{}
	for _, d := range t.dropIndexes {
		dropped[strings.ToLower(d.name())] = true
	}
	objects, err := twin.objects(ctx, t.name)
	if err != nil {
		return nil, err
	}
	var drops []string
	for _, o := range objects {
		tokens, err := sqltext.Tokens(sqltext.SQLite, o.SQL)
		if err != nil {
			return nil, fmt.Errorf("read the definition of %s: %w", o.Name, err)
		}
		on := slices.IndexFunc(tokens, func(t sqltext.Token) bool { return t.Is("ON") })
		over := slices.ContainsFunc(t.drops, func(column string) bool { return mentions(tokens[on+2:], column) })
		if o.Type == "index" && over && !dropped[strings.ToLower(o.Name)] {
			drops = append(drops, "DROP INDEX "+quote(database.SQLite, o.Name))
		}
	}
	return drops, nil
}

// rebuilds reports whether a change is more than ALTER TABLE of SQLite can do.
func (t *Table) rebuilds() bool {
	if t.create {
		return false
	}
	for _, c := range t.columns {
		// It adds a column only with a value that is the same for all rows.
		filled := c.nullable || c.fallback != nil || c.generated != ""
		if c.change || c.stored || c.expression != "" || c.now || !filled || c.foreign != nil && c.fallback != nil {
			return true
		}
	}
	return len(t.foreign)+len(t.checks)+len(t.dropForeign)+len(t.dropChecks) > 0 || t.primary != nil || t.dropPrimary || t.comment != nil
}
