package schema

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"sort"

	"github.com/kitgo/kit/database"
)

// ColumnInfo is a column as the database has it.
type ColumnInfo struct {
	Name     string
	Type     string // in the words of the database, such as bigint or VARCHAR(200)
	Nullable bool
	// Default is the expression as the database shows it; nil when there is none, and of
	// generated columns.
	Default   *string
	Generated bool   // from other columns
	Comment   string // SQLite has none
}

// IndexInfo is an index as the database has it.
type IndexInfo struct {
	Name    string   // "" of the primary key of SQLite that is the table itself
	Columns []string // in the order of the index; "" for an expression
	Unique  bool
	Primary bool // the index of the primary key
	Partial bool // has a condition
}

// ForeignKeyInfo is a foreign key as the database has it.
type ForeignKeyInfo struct {
	Name               string // SQLite has none
	Columns            []string
	Table              string // that it refers to
	References         []string
	OnDelete, OnUpdate Action
}

// Tables returns the names of the tables in the current schema, in order.
func (b *Builder) Tables(ctx context.Context) ([]string, error) {
	return b.names(ctx, map[database.Dialect]string{
		database.SQLite:   "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
		database.MySQL:    "SELECT table_name FROM information_schema.tables WHERE table_schema = database() AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')",
		database.Postgres: "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')",
	})
}

// Views returns the names of the views in the current schema, in order; of PostgreSQL also
// those of materialized ones.
func (b *Builder) Views(ctx context.Context) ([]string, error) {
	return b.names(ctx, map[database.Dialect]string{
		database.SQLite:   "SELECT name FROM sqlite_master WHERE type = 'view'",
		database.MySQL:    "SELECT table_name FROM information_schema.tables WHERE table_schema = database() AND table_type = 'VIEW'",
		database.Postgres: "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('v', 'm')",
	})
}

func (b *Builder) names(ctx context.Context, queries map[database.Dialect]string) (list []string, err error) {
	err = b.look(ctx, queries, nil, func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		list = append(list, name)
		return err
	})
	slices.Sort(list)
	return list, err
}

// Columns returns the columns of a table or a view, in their order. A table that is not
// there is an error.
func (b *Builder) Columns(ctx context.Context, table string) (list []ColumnInfo, err error) {
	err = b.look(ctx, columnQueries, []any{table}, func(rows *sql.Rows) error {
		var c ColumnInfo
		err := rows.Scan(&c.Name, &c.Type, &c.Nullable, &c.Default, &c.Generated, &c.Comment)
		// MariaDB says so of columns that are nullable and have no default.
		if c.Generated || c.Default != nil && *c.Default == "NULL" {
			c.Default = nil
		}
		list = append(list, c)
		return err
	})
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("look up the columns of table %s: there is no such table", table)
	}
	return list, err
}

// Indexes returns the indexes of a table, that of the primary key first, then by name.
func (b *Builder) Indexes(ctx context.Context, table string) (list []IndexInfo, err error) {
	args := []any{table}
	if b.Dialect() == database.SQLite {
		args = []any{table, table, table}
	}
	err = b.look(ctx, indexQueries, args, func(rows *sql.Rows) error {
		var i IndexInfo
		var column *string // nil for an expression
		if err := rows.Scan(&i.Name, &i.Unique, &i.Primary, &i.Partial, &column); err != nil {
			return err
		}
		if last := len(list) - 1; last >= 0 && list[last].Name == i.Name {
			list[last].Columns = append(list[last].Columns, deref(column))
			return nil
		}
		i.Columns = []string{deref(column)}
		list = append(list, i)
		return nil
	})
	sort.Slice(list, func(i, j int) bool {
		if list[i].Primary != list[j].Primary {
			return list[i].Primary
		}
		return list[i].Name < list[j].Name
	})
	return list, err
}

// ForeignKeys returns the foreign keys of a table, by their columns.
func (b *Builder) ForeignKeys(ctx context.Context, table string) (list []ForeignKeyInfo, err error) {
	var before string
	err = b.look(ctx, foreignQueries, []any{table}, func(rows *sql.Rows) error {
		var f ForeignKeyInfo
		var id, column string
		var to *string // SQLite: nil for the primary key
		if err := rows.Scan(&id, &f.Name, &column, &f.Table, &to, &f.OnUpdate, &f.OnDelete); err != nil {
			return err
		}
		if len(list) == 0 || id != before {
			f.OnUpdate, f.OnDelete = actionOf(f.OnUpdate), actionOf(f.OnDelete)
			list = append(list, f)
		}
		before = id
		last := &list[len(list)-1]
		last.Columns = append(last.Columns, column)
		if to != nil {
			last.References = append(last.References, *to)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range list {
		if f := &list[i]; len(f.References) == 0 {
			if f.References, err = b.primaryKey(ctx, f.Table); err != nil {
				return nil, err
			}
		}
	}
	sort.Slice(list, func(i, j int) bool { return slices.Compare(list[i].Columns, list[j].Columns) < 0 })
	return list, nil
}

// primaryKey returns the columns of the primary key of a table.
func (b *Builder) primaryKey(ctx context.Context, table string) ([]string, error) {
	indexes, err := b.Indexes(ctx, table)
	if err != nil || len(indexes) == 0 || !indexes[0].Primary {
		return nil, err
	}
	return indexes[0].Columns, nil
}

// actionOf returns the action for what a database calls it.
func actionOf(a Action) Action {
	if long, ok := map[Action]Action{"a": NoAction, "r": Restrict, "c": Cascade, "n": SetNull, "d": SetDefault}[a]; ok {
		return long
	}
	return a
}

// look runs the query of the dialect and calls row for each row.
func (b *Builder) look(ctx context.Context, queries map[database.Dialect]string, args []any, row func(*sql.Rows) error) error {
	rows, err := b.conn.QueryContext(ctx, queries[b.Dialect()], args...)
	if err != nil {
		return fmt.Errorf("look into the schema: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows); err != nil {
			return fmt.Errorf("look into the schema: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("look into the schema: %w", err)
	}
	return nil
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// ofTable is the table of a query for PostgreSQL.
const ofTable = "(SELECT oid FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm') AND relname = ?)"

var columnQueries = map[database.Dialect]string{
	database.SQLite: `SELECT name, type, "notnull" = 0 AND pk = 0, dflt_value, hidden IN (2, 3), ''
		FROM pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid`,
	database.MySQL: `SELECT column_name, column_type, is_nullable = 'YES', column_default, COALESCE(generation_expression, '') <> '', column_comment
		FROM information_schema.columns WHERE table_schema = database() AND table_name = ? ORDER BY ordinal_position`,
	database.Postgres: `SELECT a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attgenerated <> '', COALESCE(col_description(a.attrelid, a.attnum), '')
		FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
		WHERE a.attrelid = ` + ofTable + ` AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
}

var indexQueries = map[database.Dialect]string{
	database.SQLite: `SELECT l.name, l."unique", l.origin = 'pk', l.partial, i.name
		FROM pragma_index_list(?) AS l, pragma_index_xinfo(l.name) AS i WHERE i.key = 1
		UNION ALL SELECT '', 1, 1, 0, name FROM (SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk)
		WHERE NOT EXISTS (SELECT 1 FROM pragma_index_list(?) WHERE origin = 'pk')`,
	database.MySQL: `SELECT index_name, non_unique = 0, index_name = 'PRIMARY', 0, column_name
		FROM information_schema.statistics WHERE table_schema = database() AND table_name = ? ORDER BY index_name, seq_in_index`,
	database.Postgres: `SELECT c.relname, i.indisunique, i.indisprimary, i.indpred IS NOT NULL, a.attname
		FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
		CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (attnum, n)
		LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
		WHERE i.indrelid = ` + ofTable + ` AND k.n <= i.indnkeyatts ORDER BY c.relname, k.n`,
}

var foreignQueries = map[database.Dialect]string{
	database.SQLite: `SELECT CAST(id AS TEXT), '', "from", "table", "to", on_update, on_delete FROM pragma_foreign_key_list(?) ORDER BY id, seq`,
	database.MySQL: `SELECT k.constraint_name, k.constraint_name, k.column_name, k.referenced_table_name, k.referenced_column_name, r.update_rule, r.delete_rule
		FROM information_schema.key_column_usage k
		JOIN information_schema.referential_constraints r ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name
		WHERE k.table_schema = database() AND k.table_name = ? AND k.referenced_table_name IS NOT NULL ORDER BY k.constraint_name, k.ordinal_position`,
	database.Postgres: `SELECT c.conname, c.conname, a.attname, t.relname, o.attname, c.confupdtype, c.confdeltype
		FROM pg_constraint c CROSS JOIN LATERAL unnest(c.conkey, c.confkey) WITH ORDINALITY AS k (own, other, n)
		JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.own
		JOIN pg_attribute o ON o.attrelid = c.confrelid AND o.attnum = k.other
		JOIN pg_class t ON t.oid = c.confrelid
		WHERE c.contype = 'f' AND c.conrelid = ` + ofTable + ` ORDER BY c.conname, k.n`,
}
