package schema

import (
	"fmt"
	"strings"

	"github.com/kitgo/kit/database"
)

// statements returns the SQL of a definition. A table of SQLite that must be built anew
// is not for it: see rebuild.
func (t *Table) statements(d database.Dialect) ([]string, error) {
	if err := t.validate(d); err != nil {
		return nil, err
	}
	var list []string
	switch {
	case t.create:
		list = append(list, t.createTable(d))
	case d == database.MySQL:
		list = t.alterMySQL()
	case d == database.Postgres:
		list = t.alterPostgres()
	default:
		list = t.alterSQLite()
	}
	if d == database.MySQL {
		return list, nil // the indexes are in it
	}
	if d == database.Postgres {
		list = append(list, t.commentsPostgres()...)
	}
	for _, i := range t.indexes {
		list = append(list, i.statement(d))
	}
	return list, nil
}

func (t *Table) createTable(d database.Dialect) string {
	var lines []string
	for _, c := range t.columns {
		lines = append(lines, c.definition(d))
	}
	if t.primary != nil {
		lines = append(lines, t.primary.constraint(d))
	}
	if d == database.MySQL {
		for _, i := range t.indexes {
			lines = append(lines, i.mysql())
		}
	}
	for _, c := range t.constraintChecks(d) {
		lines = append(lines, c.constraint(d))
	}
	for _, f := range t.foreignKeys() {
		lines = append(lines, f.constraint(d))
	}
	comment, end := "", ""
	if t.comment != nil {
		switch d {
		case database.SQLite:
			comment = " /* " + *t.comment + " */"
		case database.MySQL:
			end = " COMMENT = " + quoteString(d, *t.comment)
		case database.Postgres: // a statement of its own
		}
	}
	return "CREATE TABLE " + quote(d, t.name) + comment + " (\n\t" + strings.Join(lines, ",\n\t") + "\n)" + end
}

// definition returns a column without its keys.
func (c *Column) definition(d database.Dialect) string {
	sql := quote(d, c.name) + " "
	if d == database.SQLite && c.comment != "" {
		sql += "/* " + c.comment + " */ "
	}
	if c.kind == identity {
		sql += identities[d]
	} else {
		sql += c.typeName(d)
	}
	switch {
	case c.kind == identity:
	case c.generated != "":
		sql += " GENERATED ALWAYS AS (" + c.generated + ") "
		if c.stored {
			sql += "STORED"
		} else {
			sql += "VIRTUAL"
		}
		if !c.nullable && d != database.MySQL { // MariaDB has no NOT NULL here
			sql += " NOT NULL"
		}
	case !c.nullable:
		sql += " NOT NULL"
	}
	if value := c.defaultValue(d); value != "" {
		sql += " DEFAULT " + value
	}
	if d == database.MySQL && c.comment != "" {
		sql += " COMMENT " + quoteString(d, c.comment)
	}
	if d == database.SQLite {
		// Here the check of a column that is added to a table must be a part of it.
		for _, check := range c.checks() {
			sql += " " + check.constraint(d)
		}
	}
	return sql
}

// typeName returns the type of a column.
func (c *Column) typeName(d database.Dialect) string {
	if c.kind == enum && d == database.MySQL {
		return "enum(" + quoteStrings(d, c.values) + ")"
	}
	switch name := types[d][c.kind]; strings.Count(name, "%d") {
	case 1:
		return fmt.Sprintf(name, c.size)
	case 2:
		return fmt.Sprintf(name, c.size, c.scale)
	default:
		return name
	}
}

// checks returns the check constraints of a column, but in MySQL that of an enum.
func (c *Column) checks() []*check {
	var list []*check
	if c.kind == enum {
		in := quote(database.Postgres, c.name) + " IN (" + quoteStrings(database.Postgres, c.values) + ")"
		list = append(list, &check{c.at, conventional(c.table.name, []string{c.name}, "enum"), in})
	}
	if c.check != "" {
		list = append(list, &check{c.at, conventional(c.table.name, []string{c.name}, "check"), c.check})
	}
	return list
}

// allChecks returns the check constraints of the table and its columns.
func (t *Table) allChecks() []*check {
	var list []*check
	for _, c := range t.columns {
		list = append(list, c.checks()...)
	}
	return append(list, t.checks...)
}

// constraintChecks returns the check constraints that are not a part of a column. MySQL
// has types for enums.
func (t *Table) constraintChecks(d database.Dialect) []*check {
	if d == database.SQLite {
		return t.checks
	}
	var list []*check
	for _, c := range t.columns {
		checks := c.checks()
		if d == database.MySQL && c.kind == enum {
			checks = checks[1:]
		}
		list = append(list, checks...)
	}
	return append(list, t.checks...)
}

func (c *check) constraint(d database.Dialect) string {
	return "CONSTRAINT " + quote(d, c.name) + " CHECK (" + c.expression + ")"
}

func (p *primaryKey) constraint(d database.Dialect) string {
	return "PRIMARY KEY (" + quoteAll(d, p.columns) + ")"
}

// constraint returns a foreign key as a constraint with a name.
func (f *ForeignKey) constraint(d database.Dialect) string {
	return "CONSTRAINT " + quote(d, f.name()) + " FOREIGN KEY (" + quoteAll(d, f.columns) + ") " + f.target(d)
}

// target returns what a foreign key refers to.
func (f *ForeignKey) target(d database.Dialect) string {
	sql := "REFERENCES " + quote(d, f.references) + " (" + quoteAll(d, f.targets) + ")"
	if f.onDelete != "" {
		sql += " ON DELETE " + string(f.onDelete)
	}
	if f.onUpdate != "" {
		sql += " ON UPDATE " + string(f.onUpdate)
	}
	return sql
}
