package modelgen

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/mysql"
	"ariga.io/atlas/sql/postgres"
	"ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqlite"
	"github.com/kitgo/kit/database"
)

// dialect is what differs between the databases.
type dialect struct {
	open func(schema.ExecQuerier) (migrate.Driver, error)
	// hidden is a query for the tables of extensions.
	hidden string
	kind   func(*schema.ColumnType) (kind Kind, array bool)
	auto   func(*schema.Table, *schema.Column) bool
}

func dialectOf(d database.Dialect) dialect {
	switch d {
	case database.MySQL:
		return dialect{mysql.Open, "", mysqlKind, mysqlAuto}
	case database.Postgres:
		return dialect{postgres.Open, "", postgresKind, postgresAuto}
	default:
		return dialect{sqlite.Open, sqliteHidden, sqliteKind, sqliteAuto}
	}
}

// sqliteHidden finds the tables of extensions. Atlas leaves those of PostgreSQL out, and
// partitions.
const sqliteHidden = "SELECT name FROM pragma_table_list WHERE type IN ('virtual', 'shadow')"

// Inspect returns the tables of the current schema, sorted by name: without Kit's own,
// which begin with kit_, partitions, and the tables of extensions.
func Inspect(ctx context.Context, db *database.DB) ([]Table, error) {
	if err := db.Connect(ctx); err != nil {
		return nil, err
	}
	d := dialectOf(db.Dialect())
	hidden, err := hiddenTables(ctx, db, d.hidden)
	if err != nil {
		return nil, err
	}
	driver, err := d.open(db.SQL())
	if err != nil {
		return nil, fmt.Errorf("read the schema: %w", err)
	}
	found, err := driver.InspectSchema(ctx, "", &schema.InspectOptions{Mode: schema.InspectTables | schema.InspectTypes})
	if err != nil {
		return nil, fmt.Errorf("read the schema: %w", err)
	}
	var tables []Table
	for _, t := range found.Tables {
		if !hidden[t.Name] && !strings.HasPrefix(t.Name, "kit_") {
			tables = append(tables, d.table(t, db.Dialect() == database.MySQL))
		}
	}
	slices.SortFunc(tables, func(a, b Table) int { return cmp.Compare(a.Name, b.Name) })
	return tables, nil
}

func hiddenTables(ctx context.Context, db *database.DB, query string) (map[string]bool, error) {
	hidden := map[string]bool{}
	if query == "" {
		return hidden, nil
	}
	rows, err := db.SQL().QueryContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("read the schema: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("read the schema: %w", err)
		}
		hidden[name] = true
	}
	return hidden, rows.Err()
}

// table translates a table. backslash says that a backslash begins an escape in SQL.
func (d dialect) table(t *schema.Table, backslash bool) Table {
	table := Table{Name: t.Name}
	checks := readChecks(t, backslash)
	for _, c := range t.Columns {
		column := Column{Name: c.Name, Nullable: c.Type.Null, Auto: d.auto(t, c)}
		column.Kind, column.Array = d.kind(c.Type)
		if e, ok := c.Type.Type.(*schema.EnumType); ok && !column.Array {
			column.Kind, column.Values = Enum, e.Values
			if backslash {
				column.Values = mysqlValues(c.Type.Raw) // Atlas leaves quotes in them doubled
			}
		}
		checks.apply(&column)
		for _, a := range c.Attrs {
			if _, ok := a.(*schema.GeneratedExpr); ok {
				column.Generated = true
			}
		}
		if !column.Auto && !column.Generated {
			column.Default = canonical(column, defaultOf(c.Default), backslash)
		}
		table.Columns = append(table.Columns, column)
	}
	if t.PrimaryKey != nil {
		table.PrimaryKey = indexed(t.PrimaryKey)
		for _, name := range table.PrimaryKey {
			table.column(name).Nullable = false // SQLite allows NULL there, by an old mistake
		}
	}
	for _, i := range t.Indexes {
		if columns := indexed(i); i.Unique && columns != nil && !partial(i) {
			table.Unique = append(table.Unique, columns)
		}
	}
	slices.SortFunc(table.Unique, slices.Compare)
	for _, f := range t.ForeignKeys {
		if f.RefTable != nil && (f.RefTable.Schema == nil || t.Schema == nil || f.RefTable.Schema.Name == t.Schema.Name) {
			table.ForeignKeys = append(table.ForeignKeys, ForeignKey{names(f.Columns), f.RefTable.Name, names(f.RefColumns)})
		}
	}
	// The databases list them in different orders.
	slices.SortFunc(table.ForeignKeys, func(a, b ForeignKey) int {
		return cmp.Or(slices.Compare(table.positions(a.Columns), table.positions(b.Columns)), cmp.Compare(a.Table, b.Table))
	})
	return table
}

func (t *Table) positions(columns []string) []int {
	list := make([]int, len(columns))
	for i, name := range columns {
		list[i] = slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
	}
	return list
}

// indexed returns the columns of an index; nil if it has expressions.
func indexed(i *schema.Index) []string {
	var list []string
	for _, p := range i.Parts {
		if p.C == nil {
			return nil
		}
		list = append(list, p.C.Name)
	}
	return list
}

// partial reports whether an index is over some of the rows, or over a part of the
// values, only.
func partial(i *schema.Index) bool {
	for _, a := range i.Attrs {
		switch a.(type) {
		case *sqlite.IndexPredicate, *postgres.IndexPredicate:
			return true
		}
	}
	return slices.ContainsFunc(i.Parts, func(p *schema.IndexPart) bool {
		return slices.ContainsFunc(p.Attrs, func(a schema.Attr) bool { _, ok := a.(*mysql.SubPart); return ok })
	})
}

func names(columns []*schema.Column) []string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = c.Name
	}
	return list
}
