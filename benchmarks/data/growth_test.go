//go:build measure

package data_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/kitgo/kit/database"
	"github.com/uptrace/bun"
)

// TestMeasureGrowth prints what it costs to have many models, and columns that nobody
// asks for: the same work beside few and beside many of them.
func TestMeasureGrowth(t *testing.T) {
	fmt.Printf("\nKit, median of %d rounds: time (its ratio to the column before), bytes and allocations.\n\n", rounds)
	printRow([]string{"", "few", "many"})
	fmt.Println("|---|---|---|")
	for _, on := range []struct {
		name string
		open func(testing.TB) *place
	}{{"SQLite", onSQLite}, {"PostgreSQL", onPostgres}} {
		p := on.open(t)
		widen(t, p)
		for _, g := range growths(t, p) {
			few, many := pair(t, g.few, g.many)
			printRow([]string{on.name + ", " + g.name, few.cell(few), many.cell(few)})
		}
	}
}

// growth is the same work twice.
type growth struct {
	name      string
	few, many func(ctx context.Context, i int) error
}

func growths(t *testing.T, p *place) []growth {
	open := func() *database.DB {
		db, err := database.Open(p.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		return db
	}
	db, crowded := open(), open()
	know16[[1]int](t, crowded)
	know16[[2]int](t, crowded)
	know16[[3]int](t, crowded)
	know16[[4]int](t, crowded)
	know16[[5]int](t, crowded)
	know16[[6]int](t, crowded)
	return []growth{
		{"find by key: 1 or 97 models that the program uses", finding[User](db), finding[User](crowded)},
		{"find by key: a table of 6 or of 96 columns, of which the model has 6", finding[User](db), finding[Part](db)},
		{"two columns of 1,000 rows: a model of 6 or of 96 columns", naming[User](db), naming[Wide](db)},
	}
}

func finding[T any](db *database.DB) func(context.Context, int) error {
	return func(ctx context.Context, i int) error {
		_, err := database.Find[T](ctx, db, nth(i))
		return err
	}
}

func naming[T any](db *database.DB) func(context.Context, int) error {
	return func(ctx context.Context, _ int) error {
		list, err := database.Into[Name](database.From[T](db).OrderBy("id")).All(ctx)
		if err == nil && len(list) != userCount {
			err = fmt.Errorf("%d rows", len(list))
		}
		return err
	}
}

// pair measures both in turns.
func pair(t *testing.T, few, many func(context.Context, int) error) (rs, others results) {
	t.Helper()
	measure := func(do func(context.Context, int) error) testing.BenchmarkResult {
		var failed error
		r := testing.Benchmark(func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop() && failed == nil; i++ {
				failed = do(b.Context(), i)
			}
		})
		if failed != nil || r.N == 0 {
			t.Fatal(failed)
		}
		return r
	}
	for range rounds {
		rs, others = append(rs, measure(few)), append(others, measure(many))
	}
	return rs, others
}

// ten are columns that nobody asks for.
type ten struct {
	C0, C1, C2, C3, C4, C5, C6, C7, C8, C9 *string
}

// Wide is a model of 96 columns.
type Wide struct {
	bun.BaseModel `bun:"table:wide"`

	User
	A ten `bun:"embed:a_"`
	B ten `bun:"embed:b_"`
	C ten `bun:"embed:c_"`
	D ten `bun:"embed:d_"`
	E ten `bun:"embed:e_"`
	F ten `bun:"embed:f_"`
	G ten `bun:"embed:g_"`
	H ten `bun:"embed:h_"`
	I ten `bun:"embed:i_"`
}

// Part is a model of 6 of them.
type Part struct {
	bun.BaseModel `bun:"table:wide"`

	User
}

// widen makes a table with the users and 90 more columns, which are empty.
func widen(t *testing.T, p *place) {
	t.Helper()
	var more strings.Builder
	for _, letter := range "abcdefghi" {
		for n := range 10 {
			fmt.Fprintf(&more, ", %c_c%d text", letter, n)
		}
	}
	table, _, _ := strings.Cut(tables(p.dialect), ";")
	p.exec(t, strings.Replace(strings.TrimSuffix(strings.TrimSpace(table), ")"), "users", "wide", 1)+more.String()+")")
	p.exec(t, "INSERT INTO wide (id, name, email, active, score, created_at) SELECT id, name, email, active, score, created_at FROM users")
	p.exec(t, "ANALYZE")
}

// Of is another model over the table of users.
type Of[A, B any] struct {
	bun.BaseModel `bun:"table:users"`

	User
}

// know16 uses 16 models.
func know16[T any](t *testing.T, db *database.DB) {
	t.Helper()
	for _, use := range []func(context.Context, int) error{
		finding[Of[T, [1]T]](db), finding[Of[T, [2]T]](db), finding[Of[T, [3]T]](db), finding[Of[T, [4]T]](db),
		finding[Of[T, [5]T]](db), finding[Of[T, [6]T]](db), finding[Of[T, [7]T]](db), finding[Of[T, [8]T]](db),
		finding[Of[T, [9]T]](db), finding[Of[T, [10]T]](db), finding[Of[T, [11]T]](db), finding[Of[T, [12]T]](db),
		finding[Of[T, [13]T]](db), finding[Of[T, [14]T]](db), finding[Of[T, [15]T]](db), finding[Of[T, [16]T]](db),
	} {
		if err := use(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
	}
}
