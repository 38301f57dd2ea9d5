package migrate_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/database/schema"
	"pgregory.net/rapid"
)

// model is the schema that a history of migrations has made so far: the columns of
// each table, with an index or not.
type model map[string]map[string]bool

// step returns a random migration that is possible after those before it.
func (m model) step(rt *rapid.T, n int) migrate.Migration {
	var tables []string
	for name := range m {
		tables = append(tables, name)
	}
	slices.Sort(tables)
	kind := rapid.SampledFrom([]string{"create", "add", "add", "index", "rename", "drop"}).Draw(rt, "kind")
	if len(tables) == 0 {
		kind = "create"
	}
	mig := migrate.Migration{Name: fmt.Sprintf("m20260101_%06d_%s", n, kind), NoTransaction: rapid.Bool().Draw(rt, "without a transaction")}
	change := func(table string, define func(*schema.Table)) migrate.Func {
		return func(ctx context.Context, s *schema.Builder) error { return s.Table(ctx, table, define) }
	}
	if kind == "create" {
		table := fmt.Sprintf("t%d", n)
		m[table] = map[string]bool{}
		mig.Up = func(ctx context.Context, s *schema.Builder) error {
			return s.Create(ctx, table, func(t *schema.Table) { t.ID() })
		}
		mig.Down = func(ctx context.Context, s *schema.Builder) error { return s.Drop(ctx, table) }
		return mig
	}
	table := rapid.SampledFrom(tables).Draw(rt, "table")
	var columns []string
	for c := range m[table] {
		columns = append(columns, c)
	}
	slices.Sort(columns)
	if kind == "add" || len(columns) == 0 {
		column := fmt.Sprintf("c%d", n)
		m[table][column] = false
		mig.Up = change(table, func(t *schema.Table) { t.String(column, 40).Default("x") })
		mig.Down = change(table, func(t *schema.Table) { t.DropColumn(column) })
		return mig
	}
	column := rapid.SampledFrom(columns).Draw(rt, "column")
	indexed := m[table][column]
	switch {
	case kind == "index" && !indexed:
		m[table][column] = true
		mig.Up = change(table, func(t *schema.Table) { t.Index(column) })
		mig.Down = change(table, func(t *schema.Table) { t.DropIndex(column) })
	case kind == "rename" && !indexed:
		to := fmt.Sprintf("c%d", n)
		delete(m[table], column)
		m[table][to] = false
		mig.Up = change(table, func(t *schema.Table) { t.RenameColumn(column, to) })
		mig.Down = change(table, func(t *schema.Table) { t.RenameColumn(to, column) })
	default: // drop, with the index if there is one
		delete(m[table], column)
		mig.Up = change(table, func(t *schema.Table) { t.DropColumn(column) })
		mig.Down = change(table, func(t *schema.Table) {
			t.String(column, 40).Default("x")
			if indexed {
				t.Index(column)
			}
		})
	}
	return mig
}

// inspect returns the columns and indexes of a database, sorted.
func inspect(tb fatal, db *database.DB) []string {
	queries := map[database.Dialect][2]string{
		database.SQLite: {
			`SELECT t.name || '.' || c.name || ' ' || c.type || ' ' || c."notnull" || ' ' || coalesce(c.dflt_value, '') FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'`,
			`SELECT tbl_name || ' ' || name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL`,
		},
		database.Postgres: {
			`SELECT concat_ws(' ', table_name || '.' || column_name, data_type, character_maximum_length, is_nullable, column_default) FROM information_schema.columns WHERE table_schema = current_schema()`,
			`SELECT tablename || ' ' || indexname FROM pg_indexes WHERE schemaname = current_schema()`,
		},
		database.MySQL: {
			`SELECT concat_ws(' ', concat(table_name, '.', column_name), column_type, is_nullable, column_default) FROM information_schema.columns WHERE table_schema = database()`,
			`SELECT concat(table_name, ' ', index_name) FROM information_schema.statistics WHERE table_schema = database()`,
		},
	}
	var list []string
	for _, q := range queries[db.Dialect()] {
		rows, err := db.QueryContext(context.Background(), q)
		if err != nil {
			tb.Fatalf("%s: %v", q, err)
		}
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				tb.Fatalf("%v", err)
			}
			if !strings.Contains(line, "kit_migration") && !strings.HasPrefix(line, "sqlite_sequence") {
				list = append(list, line)
			}
		}
		rows.Close()
	}
	slices.Sort(list)
	return list
}

type fatal interface{ Fatalf(string, ...any) }

// However one gets there, the schema is that of a fresh build to the same point.
func TestEveryWayToAPointGivesTheSameSchema(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := open(t, url)
		rapid.Check(t, func(rt *rapid.T) {
			ctx := context.Background()
			built := model{}
			var list []migrate.Migration
			for n := range rapid.IntRange(1, 8).Draw(rt, "migrations") {
				list = append(list, built.step(rt, n))
			}
			m := newMigrator(t, db, list, migrate.Options{})
			check := func(err error, what string) {
				if err != nil {
					rt.Fatalf("%s: %v", what, err)
				}
			}
			_, _, err := newMigrator(t, db, nil, migrate.Options{}).Fresh(ctx)
			check(err, "empty the database")
			for range rapid.IntRange(1, 6).Draw(rt, "actions") {
				o := migrate.UpOptions{Step: rapid.Bool().Draw(rt, "step")}
				switch rapid.SampledFrom([]string{"up", "to", "down", "batch"}).Draw(rt, "action") {
				case "up":
					_, err = m.Up(ctx, o)
				case "to":
					o.To = list[rapid.IntRange(0, len(list)-1).Draw(rt, "to")].Name
					_, err = m.Up(ctx, o)
				case "down":
					_, err = m.Rollback(ctx, migrate.RollbackOptions{Steps: rapid.IntRange(1, 4).Draw(rt, "steps")})
				case "batch":
					status, e := m.Status(ctx)
					check(e, "status")
					last := 0
					for _, s := range status {
						last = max(last, s.Batch)
					}
					if last > 0 {
						_, err = m.Rollback(ctx, migrate.RollbackOptions{Batch: last})
					}
				}
				check(err, "an action")
			}
			status, err := m.Status(ctx)
			check(err, "status")
			applied := 0
			for _, s := range status {
				if s.Status == migrate.AppliedState {
					applied++
				}
			}
			got := inspect(rt, db)
			_, _, err = newMigrator(t, db, list[:applied], migrate.Options{}).Fresh(ctx)
			check(err, "build afresh")
			if want := inspect(rt, db); !slices.Equal(got, want) {
				rt.Fatalf("after %d of %d migrations:\n%s\na fresh build has:\n%s", applied, len(list), strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	})
}
