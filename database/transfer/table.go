package transfer

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/schema"
)

// table is a table on both databases.
type table struct {
	name    string
	columns []column
	key     []int // the columns of the primary key; all without one
	foreign []schema.ForeignKeyInfo
}

type column struct {
	name     string
	kind     kind
	from, to string // its types
}

// row is a row of a table.
type row struct {
	values []value
	key    string // the canonical values of the primary key
}

// describe compares a table on both databases.
func describe(ctx context.Context, from, to *schema.Builder, name string) (*table, error) {
	here, err := stored(ctx, from, name)
	if err != nil {
		return nil, err
	}
	there, err := stored(ctx, to, name)
	if err != nil {
		return nil, err
	}
	t := &table{name: name}
	for _, c := range here {
		i := slices.IndexFunc(there, func(o schema.ColumnInfo) bool { return o.Name == c.Name })
		if i < 0 {
			return nil, differs("the target's table %s has no column %s", name, c.Name)
		}
		t.columns = append(t.columns, column{
			c.Name, common(kindOf(from.Dialect(), c.Type), kindOf(to.Dialect(), there[i].Type)), c.Type, there[i].Type,
		})
	}
	for _, c := range there {
		if !slices.ContainsFunc(here, func(o schema.ColumnInfo) bool { return o.Name == c.Name }) {
			return nil, differs("the target's table %s has a column %s, which the source does not have", name, c.Name)
		}
	}
	indexes, err := from.Indexes(ctx, name)
	if err != nil {
		return nil, err
	}
	for i, c := range t.columns {
		if len(indexes) == 0 || !indexes[0].Primary || slices.Contains(indexes[0].Columns, c.name) {
			t.key = append(t.key, i)
		}
	}
	t.foreign, err = to.ForeignKeys(ctx, name)
	return t, err
}

// stored returns the columns that are not computed from others.
func stored(ctx context.Context, b *schema.Builder, name string) ([]schema.ColumnInfo, error) {
	list, err := b.Columns(ctx, name)
	return slices.DeleteFunc(list, func(c schema.ColumnInfo) bool { return c.Generated }), err
}

// keyOf says which row it is, for people.
func (t *table) keyOf(r row) string {
	var parts []string
	for _, i := range t.key {
		v := "NULL"
		if !r.values[i].null {
			v = r.values[i].canon
			if rs := []rune(v); len(rs) > 40 {
				v = string(rs[:40]) + "…"
			}
		}
		parts = append(parts, t.columns[i].name+"="+v)
	}
	if len(parts) > 4 {
		parts = append(parts[:4], "…")
	}
	return strings.Join(parts, ", ")
}

// querier is a transaction or a connection.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// read calls each for every row of the table, as a database has it. types says which of
// the columns' types are the database's.
func (t *table) read(ctx context.Context, q querier, d database.Dialect, types func(column) string, each func(row) error) error {
	list := make([]string, len(t.columns))
	for i, c := range t.columns {
		list[i] = c.read(d, types(c))
	}
	rows, err := q.QueryContext(ctx, "SELECT "+strings.Join(list, ", ")+" FROM "+quote(d, t.name))
	if err != nil {
		return &Error{Table: t.name, Err: err}
	}
	defer rows.Close()
	raw := make([]any, len(t.columns))
	dest := make([]any, len(raw))
	for i := range raw {
		dest[i] = &raw[i]
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return &Error{Table: t.name, Err: err}
		}
		r, err := t.row(d, raw)
		if err != nil {
			return err
		}
		if err := each(r); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return &Error{Table: t.name, Err: err}
	}
	return nil
}

func (t *table) row(d database.Dialect, raw []any) (row, error) {
	r := row{values: make([]value, len(raw))}
	bad, mistake := -1, error(nil)
	for i, v := range raw {
		c := t.columns[i]
		var err error
		if c.kind == octets && d != database.SQLite && v != nil {
			s, _ := v.(string)
			if b, ok := v.([]byte); ok {
				s = string(b)
			}
			v, err = unhex(s)
		}
		if err == nil {
			r.values[i], err = c.kind.valueOf(v)
		}
		if err != nil && bad < 0 {
			bad, mistake = i, err
			r.values[i].canon = fmt.Sprint(v)
		}
	}
	var key strings.Builder
	for _, i := range t.key {
		key.WriteString(r.values[i].canon)
		key.WriteByte(0)
	}
	r.key = key.String()
	if bad >= 0 {
		return r, &Error{Table: t.name, Column: t.columns[bad].name, Row: t.keyOf(r), Err: mistake}
	}
	return r, nil
}

// read returns the expression that reads a column as text, or as SQLite has it.
func (c column) read(d database.Dialect, columnType string) string {
	name := quote(d, c.name)
	switch d {
	case database.Postgres:
		if c.kind == octets && columnType != "bytea" {
			return "encode(convert_to(" + name + "::text, 'UTF8'), 'hex')"
		}
		return name + "::text"
	case database.MySQL:
		switch c.kind {
		case octets:
			return "HEX(" + name + ")"
		case moment, day, clock, document:
			return "CAST(" + name + " AS CHAR)"
		default:
			return name
		}
	case database.SQLite:
	}
	return "+" + name // the driver makes other values of columns with some types
}

func quote(d database.Dialect, name string) string {
	if d == database.MySQL {
		return "`" + strings.ReplaceAll(name, "`", "``") + "`"
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}
