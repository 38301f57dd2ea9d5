package kittest

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/database/schema"
	"github.com/uptrace/bun"
)

// shop is a history of 20 tables with foreign keys, indexes and a row each.
func shop() migrate.Set {
	var set migrate.Set
	for i := range 20 {
		set.List = append(set.List, migrate.Migration{
			Name: fmt.Sprintf("m20260101_0000%02d_create_table_%d", i, i),
			Up: func(ctx context.Context, s *schema.Builder) error {
				table := fmt.Sprintf("table_%d", i)
				err := s.Create(ctx, table, func(t *schema.Table) {
					t.ID()
					if i > 0 {
						t.ForeignID("parent_id").References(fmt.Sprintf("table_%d", i-1)).Nullable()
					}
					t.String("name", 80).Unique()
					t.Text("body").Nullable()
					t.Timestamp("at").Nullable()
					t.Index("at")
				})
				if err != nil {
					return err
				}
				return s.Exec(ctx, "INSERT INTO "+table+" (name) VALUES ('first')")
			},
		})
	}
	return set
}

// iteration is what a test is to a database, within one test.
type iteration struct {
	testing.TB
	ends []func()
}

func (i *iteration) Cleanup(f func()) { i.ends = append(i.ends, f) }

func (i *iteration) TempDir() string {
	i.Helper()
	dir, err := os.MkdirTemp("", "kittest")
	if err != nil {
		i.Fatal(err)
	}
	i.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			i.Error(err)
		}
	})
	return dir
}

func (i *iteration) end() {
	for _, f := range slices.Backward(i.ends) {
		f()
	}
}

// BenchmarkDatabase is what a test pays for its database: to have it, to ask it, and to
// remove it. The numbers in docs/testing.md are from here.
func BenchmarkDatabase(b *testing.B) {
	set := shop()
	for _, name := range []string{"SQLite", "PostgreSQL", "MariaDB"} {
		url := servers[name](b)
		var all templates
		all.url(b, url, set)
		ways := map[string]func(tb testing.TB) string{
			"copied":   func(tb testing.TB) string { return all.url(tb, url, set) },
			"migrated": func(tb testing.TB) string { return all.url(tb, url, migrate.Set{}) },
		}
		for _, way := range []string{"copied", "migrated"} {
			b.Run(name+"/"+way, func(b *testing.B) {
				for b.Loop() {
					i := &iteration{TB: b}
					db := open(i, config(ways[way](i)))
					var err error
					if way == "migrated" {
						err = up(b.Context(), db, set)
					}
					var n int
					if err == nil {
						n, err = database.From[numbered](db).Count(b.Context())
					}
					if err != nil || n != 1 {
						b.Fatal(n, err)
					}
					i.end()
				}
			})
		}
	}
}

// numbered is the last table of shop.
type numbered struct {
	bun.BaseModel `bun:"table:table_19"`

	ID int64 `bun:"id,pk,autoincrement"`
}
