package database_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/kitgo/kit/database"
)

// Each condition and which of the authors Ann (rank 3), Bob (1) and Cid (2) it keeps.
func TestConditions(t *testing.T) {
	t.Parallel()
	type query = *database.Query[Author]
	type test struct {
		narrow func(q query) query
		want   string
	}
	tests := func(other *database.DB) map[string]test {
		return map[string]test{
			"nothing":             {func(q query) query { return q }, "Ann Bob Cid"},
			"two wheres":          {func(q query) query { return q.Where("rank > ?", 1).Where("rank < ?", 3) }, "Cid"},
			"or":                  {func(q query) query { return q.Where("name = ?", "Ann").OrWhere("rank = ?", 1) }, "Ann Bob"},
			"a list":              {func(q query) query { return q.Where("rank IN (?)", []int{1, 2}) }, "Bob Cid"},
			"an empty list":       {func(q query) query { return q.Where("rank IN (?)", []int{}) }, ""},
			"names":               {func(q query) query { return q.WhereNamed("name = :n OR rank = :r", map[string]any{"n": "Ann", "r": 2}) }, "Ann Cid"},
			"names in a struct":   {func(q query) query { return q.WhereNamed("name = :name", Author{Name: "Bob"}) }, "Bob"},
			"a map":               {func(q query) query { return q.WhereMap(map[string]any{"name": []string{"Ann", "Bob"}, "rank": 1}) }, "Bob"},
			"a struct":            {func(q query) query { return q.WhereStruct(Author{Rank: 2}) }, "Cid"},
			"in":                  {func(q query) query { return q.WhereIn("name", []string{"Ann", "Zoe"}) }, "Ann"},
			"in nothing":          {func(q query) query { return q.WhereIn("name", []string{}) }, ""},
			"not in":              {func(q query) query { return q.WhereNotIn("name", []string{"Ann", "Zoe"}) }, "Bob Cid"},
			"not in nothing":      {func(q query) query { return q.WhereNotIn("name", []string{}) }, "Ann Bob Cid"},
			"between":             {func(q query) query { return q.WhereBetween("rank", 2, 3) }, "Ann Cid"},
			"null":                {func(q query) query { return q.WhereNull("settings") }, ""},
			"not null":            {func(q query) query { return q.WhereNotNull("name") }, "Ann Bob Cid"},
			"a map with nil":      {func(q query) query { return q.WhereMap(map[string]any{"name": nil}) }, ""},
			"contains":            {func(q query) query { return q.WhereContains("name", "n") }, "Ann"},
			"contains a wildcard": {func(q query) query { return q.WhereContains("name", "_") }, ""},
			"contains an escape":  {func(q query) query { return q.WhereContains("name", "!") }, ""},
			"prefix":              {func(q query) query { return q.WherePrefix("name", "Ci") }, "Cid"},
			"a group": {func(q query) query {
				return q.Where("rank < 3").WhereGroup(func(g query) { g.Where("name = 'Ann'").OrWhere("name = 'Bob'") })
			}, "Bob"},
			"or a group": {func(q query) query {
				return q.Where("rank = 3").OrWhereGroup(func(g query) { g.Where("rank = 1").Where("name = ?", "Bob") })
			}, "Ann Bob"},
			"not":          {func(q query) query { return q.WhereNot(func(g query) { g.Where("rank = 1").OrWhere("rank = 2") }) }, "Ann"},
			"not, nothing": {func(q query) query { return q.WhereNot(func(query) {}) }, "Ann Bob Cid"},
			"exists": {func(q query) query {
				return q.WhereExists(database.From[Post](other).Where("posts.author_id = authors.id AND title = ?", "Three"))
			}, "Bob"},
			"not exists": {func(q query) query {
				return q.WhereNotExists(database.From[Post](other).Where("posts.author_id = authors.id"))
			}, "Cid"},
			"a key": {func(q query) query { return q.WhereKey(2) }, "Bob"},
			"a join": {func(q query) query {
				return q.Join("JOIN profiles ON profiles.author_id = authors.id AND bio = ?", "reads")
			}, "Cid"},
			"a question mark": {func(q query) query { return q.Where(`name <> '?' AND name <> ? -- ?`+"\n", "Bob") }, "Ann Cid"},
			"a time":          {func(q query) query { return q.Where("created_at <= ?", time.Now().Add(time.Minute)) }, "Ann Bob Cid"},
			"a time before": {func(q query) query {
				return q.WhereBetween("created_at", time.Now().Add(-time.Hour), time.Now().Add(-time.Minute))
			}, ""},
			"a nil pointer":     {func(q query) query { return q.WhereMap(map[string]any{"rank": (*int)(nil)}) }, ""},
			"a kind of its own": {func(q query) query { return q.Where("name = ?", EventKind("Ann")) }, "Ann"},
		}
	}
	each(t, func(t *testing.T, url string) {
		db := blog(t, url)
		for name, test := range tests(db) {
			names, err := database.Pluck[string](t.Context(), test.narrow(scoped(db)).OrderBy("id"), "name")
			if got := strings.Join(names, " "); err != nil || got != test.want {
				t.Errorf("%s: %q, %v, want %q", name, got, err, test.want)
			}
		}
		if _, err := scoped(db).Where("rank NOT IN (?)", []int{}).All(t.Context()); err == nil || !strings.Contains(err.Error(), "WhereNotIn") {
			t.Errorf("an empty list after NOT IN: %v", err)
		}
	})
}

func scoped(db *database.DB) *database.Query[Author] { return database.From[Author](db) }

func TestSelecting(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := blog(t, url)
		ctx := t.Context()
		type titled struct {
			Title string `bun:"title"`
		}
		all, err := database.Into[titled](database.From[Post](db).OrderBy("id")).All(ctx)
		equal(t, "Into with its own columns", all, err, []titled{{"One"}, {"Two"}, {"Three"}, {"Nobody's"}})

		type tally struct {
			AuthorID int64  `bun:"author_id"`
			N        int    `bun:"n"`
			Last     string `bun:"last"`
		}
		posts := database.From[Post](db).WhereNotNull("author_id").GroupBy("author_id")
		sums, err := database.Into[tally](posts, "author_id", "count(*) AS n", "max(title) AS last").OrderBy("n DESC").All(ctx)
		equal(t, "groups", sums, err, []tally{{1, 2, "Two"}, {2, 1, "Three"}})
		sums, err = database.Into[tally](database.From[Post](db).WhereNotNull("author_id").GroupBy("author_id").Having("count(*) > ?", 1), "author_id", "count(*) AS n", "max(title) AS last").All(ctx)
		equal(t, "Having", sums, err, []tally{{1, 2, "Two"}})
		n, err := posts.Count(ctx)
		equal(t, "the number of groups", n, err, 2)

		db2 := database.From[Post](db)
		views, err := database.Sum[int](ctx, db2, "views")
		equal(t, "Sum", views, err, 0)
		if n, err := db2.Where("id <= 2").Increment(ctx, "views", 5); err != nil || n != 2 {
			t.Errorf("Increment: %d, %v", n, err)
		}
		views, err = database.Sum[int](ctx, database.From[Post](db), "views")
		equal(t, "Sum after Increment", views, err, 10)
		mean, err := database.Avg(ctx, database.From[Post](db), "views")
		equal(t, "Avg", mean, err, 2.5)
		most, err := database.Max[int64](ctx, database.From[Post](db), "views")
		equal(t, "Max", most.V, err, int64(5))
		first, err := database.Min[string](ctx, database.From[Author](db).Where("rank > 100"), "name")
		equal(t, "Min of nothing", first.Valid, err, false)
		made, err := database.Max[time.Time](ctx, database.From[Author](db), "created_at")
		if err != nil || time.Since(made.V) > time.Minute || made.V.Location() != time.UTC {
			t.Errorf("Max of times: %v, %v", made, err)
		}
		flags, err := database.Pluck[bool](ctx, database.From[Author](db).Distinct(), "rank")
		if err == nil {
			t.Errorf("ranks 2 and 3 as bool: %v", flags)
		}
		if _, err := database.From[Author](db).Sole(ctx); err == nil || !strings.Contains(err.Error(), "more than one") {
			t.Errorf("Sole of three: %v", err)
		}
	})
}

func TestLargeSets(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := open(t, url, nil)
		tables(t, db)
		ctx := t.Context()
		rows := make([]Tag, 7000) // more than one statement may have arguments
		for i := range rows {
			rows[i].Name = fmt.Sprint("tag ", i)
		}
		wide := make([]Author, 7000)
		for i := range wide {
			wide[i] = Author{Name: fmt.Sprint("author ", i), Rank: i}
		}
		if err := database.InsertMany(ctx, db, rows); err != nil {
			t.Fatal(err)
		}
		if err := database.InsertMany(ctx, db, wide); err != nil {
			t.Fatal(err)
		}
		for i, r := range rows {
			if r.ID != int64(i+1) || wide[i].ID != int64(i+1) {
				t.Fatalf("row %d got the ids %d and %d", i, r.ID, wide[i].ID)
			}
		}
		n := 0
		for tag, err := range database.From[Tag](db).OrderBy("id").Rows(ctx) {
			if n++; err != nil || tag.ID != int64(n) {
				t.Fatal(tag, err)
			}
			if n == 5000 {
				break
			}
		}
		n = 0
		err := database.From[Tag](db).Where("id > 10").OrWhere("id < 1").Chunk(ctx, 1000, func(tags []Tag) error {
			for i := range tags {
				if n++; tags[i].ID != int64(n+10) {
					return fmt.Errorf("tag %d comes as number %d", tags[i].ID, n)
				}
			}
			_, err := database.From[Tag](db).WhereKey(tags[0].ID).Delete(ctx)
			return err
		})
		if err != nil || n != 6990 {
			t.Errorf("Chunk: %d rows, %v", n, err)
		}
		stop := fmt.Errorf("stop")
		if err := database.From[Tag](db).Each(ctx, func(*Tag) error { return stop }); err != stop {
			t.Errorf("Each: %v", err)
		}
		if m, err := database.From[Tag](db).Count(ctx); err != nil || m != 6993 {
			t.Errorf("%d tags left, %v", m, err)
		}
	})
}

func TestPages(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := open(t, url, nil)
		tables(t, db)
		ctx := t.Context()
		rows := make([]Author, 53)
		for i := range rows {
			rows[i] = Author{Name: fmt.Sprintf("n%02d", i), Rank: rand.N(5), CreatedAt: time.Date(2026, 1, 1+rand.N(3), 0, 0, 0, 1000*rand.N(3), time.UTC)} //nolint:gosec // any
		}
		if err := database.InsertMany(ctx, db, rows); err != nil {
			t.Fatal(err)
		}
		page, err := database.From[Author](db).Paginate(ctx, 3, 10)
		if err != nil || len(page.Data) != 10 || page.Data[0].ID != 21 || page.Total != 53 || page.Last != 6 || page.From != 21 || page.To != 30 || *page.Next != 4 || *page.Previous != 2 {
			t.Errorf("page 3: %+v, %v", page, err)
		}
		page, err = database.From[Author](db).Paginate(ctx, 1000, 10)
		if err != nil || page.Data == nil || len(page.Data) != 0 || page.Next != nil || *page.Previous != 6 {
			t.Errorf("page 1000: %+v, %v", page, err)
		}
		page, err = database.From[Author](db).Where("false").Paginate(ctx, -1, 10)
		if err != nil || page.Current != 1 || page.Last != 1 || page.Next != nil || page.Previous != nil {
			t.Errorf("a page of nothing: %+v, %v", page, err)
		}
		for _, order := range [][]string{nil, {"rank DESC", "name"}, {"created_at", "rank DESC"}, {"id DESC"}} {
			query := func() *database.Query[Author] {
				q := database.From[Author](db).Where("id <> 7")
				if order != nil {
					q.OrderBy(order...)
				}
				return q
			}
			want, err := query().OrderBy("id").All(ctx)
			if err != nil {
				t.Fatal(err)
			}
			there, back := walk(t, query)
			equal(t, fmt.Sprint(order, " forwards"), there, nil, want)
			equal(t, fmt.Sprint(order, " and back"), back, nil, want[:len(want)-len(want)%10])
		}
		for _, bad := range []string{"x", "eyJ2IjpbXX0", "eyJ2IjpbIngiXX0", "bnVsbA"} {
			if _, err := database.From[Author](db).CursorPaginate(ctx, bad, 10); err == nil || !strings.Contains(err.Error(), "cursor") {
				t.Errorf("cursor %q: %v", bad, err)
			}
		}
	})
}

// walk follows the cursors to the end and back to the beginning.
func walk(t *testing.T, query func() *database.Query[Author]) (there, back []Author) {
	t.Helper()
	var last database.CursorPage[Author]
	for at := ""; ; {
		page, err := query().CursorPaginate(t.Context(), at, 10)
		if err != nil {
			t.Fatal(err)
		}
		there = append(there, page.Data...)
		last = page
		if at = page.Next; at == "" {
			break
		}
	}
	for at := last.Previous; at != ""; {
		page, err := query().CursorPaginate(t.Context(), at, 10)
		if err != nil {
			t.Fatal(err)
		}
		back = append(page.Data, back...)
		at = page.Previous
	}
	return there, back
}
