package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kitgo/kit/database"
)

// edit makes the new text of the table from the old one.
func (r *rebuild) edit() {
	t := r.table
	for _, d := range t.dropForeign {
		r.dropConstraint(d, "FOREIGN", "REFERENCES")
	}
	for _, d := range t.dropChecks {
		r.dropConstraint(d, "CHECK")
	}
	if t.dropPrimary {
		r.dropPrimary()
	}
	for _, name := range t.drops { // after the keys and checks, which a column takes with it
		r.dropColumn(name)
	}
	for _, c := range t.changed() {
		r.change(c)
	}
	for _, c := range t.added() {
		if r.new.find(c.name) != nil {
			t.failAt(c.at, "it has a column %q already", c.name)
		}
		last := 0
		for i, p := range r.new.parts {
			if p.column != "" {
				last = i
			}
		}
		r.new.parts = slices.Insert(r.new.parts, last+1, &tablePart{text: c.definition(database.SQLite), column: c.name, clauses: c.generatedClause()})
	}
	if t.primary != nil {
		if key := r.new.key(); key != nil {
			t.failAt(t.primary.at, "it has a primary key already, over %s: DropPrimary comes first", strings.Join(key, ", "))
		}
		r.add(t.primary.constraint(database.SQLite), "PRIMARY")
	}
	for _, c := range t.checks {
		r.add(c.constraint(database.SQLite), "CHECK")
	}
	for _, f := range t.foreignKeys() {
		r.add(f.constraint(database.SQLite), "FOREIGN")
	}
	if t.comment != nil {
		r.new.comment = *t.comment
	}
}

func (r *rebuild) add(text, kind string) {
	r.new.parts = append(r.new.parts, &tablePart{text: text, clauses: []clause{{text: text, kind: kind}}})
}

// generatedClause is what tells a generated column that is new.
func (c *Column) generatedClause() []clause {
	if c.generated == "" {
		return nil
	}
	return []clause{{kind: "GENERATED"}}
}

// dropColumn takes a column out, and the keys and checks over it.
func (r *rebuild) dropColumn(name string) {
	t := r.table
	if r.new.find(name) == nil {
		t.failAt(t.at, "there is no column %q to drop", name)
		return
	}
	if !t.dropPrimary && slices.ContainsFunc(r.new.key(), func(key string) bool { return is(key, name) }) {
		t.failAt(t.at, "column %q is a part of the primary key: DropPrimary comes first", name)
	}
	r.new.parts = slices.DeleteFunc(r.new.parts, func(p *tablePart) bool {
		if p.column != "" {
			p.removeClauses(func(c clause) bool { return c.kind == "CHECK" && mentions(c.tokens, name) && !is(p.column, name) })
			return is(p.column, name)
		}
		return slices.ContainsFunc(p.clauses, func(c clause) bool {
			if c.kind == "CHECK" {
				return mentions(c.tokens, name)
			}
			return slices.ContainsFunc(c.names(), func(n string) bool { return is(n, name) })
		})
	})
}

// dropConstraint takes out a constraint of some kinds: by its name, or by its columns
// for what has none.
func (r *rebuild) dropConstraint(d *Drop, kinds ...string) {
	found := false
	meant := func(c clause, columns []string) bool {
		if !slices.Contains(kinds, c.kind) {
			return false
		}
		same := is(c.name, d.name()) || d.named == "" && slices.EqualFunc(columns, d.columns, is)
		found = found || same
		return same
	}
	r.new.parts = slices.DeleteFunc(r.new.parts, func(p *tablePart) bool {
		if p.column != "" {
			p.removeClauses(func(c clause) bool { return meant(c, []string{p.column}) })
			return false
		}
		return slices.ContainsFunc(p.clauses, func(c clause) bool { return meant(c, c.names()) })
	})
	if !found {
		what := map[dropKind]string{dropsForeign: "foreign key", dropsCheck: "check"}[d.kind]
		r.table.failAt(d.at, "there is no %s %q to drop", what, d.name())
	}
}

// dropPrimary takes the primary key out. Its columns stay, and go on without NULL.
func (r *rebuild) dropPrimary() {
	if r.new.key() == nil {
		r.table.failAt(r.table.at, "there is no primary key to drop")
	}
	r.new.parts = slices.DeleteFunc(r.new.parts, func(p *tablePart) bool {
		if p.column == "" {
			return slices.ContainsFunc(p.clauses, func(c clause) bool { return c.kind == "PRIMARY" })
		}
		if p.has("PRIMARY") {
			p.removeClauses(func(c clause) bool { return c.kind == "PRIMARY" })
			if !p.has("NOT") {
				p.text += " NOT NULL"
			}
		}
		return false
	})
}

// change gives a column a new definition. Its keys and checks stay, but for that of an
// enum.
func (r *rebuild) change(c *Column) {
	p := r.new.find(c.name)
	switch {
	case p == nil:
		r.table.failAt(c.at, "there is no column %q to change", c.name)
		return
	case p.has("GENERATED", "AS"):
		r.table.failAt(c.at, "column %q is generated: drop it and add it again", c.name)
		return
	case p.has("PRIMARY") && is(p.typing, "INTEGER"):
		r.table.failAt(c.at, "column %q is the ID and cannot be changed", c.name)
		return
	}
	text := c.definition(database.SQLite)
	for _, old := range p.clauses {
		switch old.kind {
		case "PRIMARY", "UNIQUE", "COLLATE", "REFERENCES":
			text += " " + old.text
		case "CHECK":
			again := slices.ContainsFunc(c.checks(), func(new *check) bool { return is(new.name, old.name) })
			if !isEnumName(old.name) && !again {
				text += " " + old.text
			}
		}
	}
	p.text = text
}

// removeClauses takes constraints out of a column.
func (p *tablePart) removeClauses(gone func(clause) bool) {
	p.clauses = slices.DeleteFunc(p.clauses, func(c clause) bool {
		if !gone(c) {
			return false
		}
		p.text = strings.TrimSpace(strings.Replace(p.text, c.text, "", 1))
		return true
	})
}

// unfilled returns a new column for which the rows that exist have no value; nil when
// there is none.
func (t *Table) unfilled() *Column {
	for _, c := range t.added() {
		if !c.nullable && c.defaultValue(database.SQLite) == "" && c.generated == "" {
			return c
		}
	}
	return nil
}

// noValue is what is wrong with such a column.
func (c *Column) noValue() string {
	return fmt.Sprintf("column %q: the rows that exist have no value for it; make it Nullable, or give it a Default", c.name)
}
