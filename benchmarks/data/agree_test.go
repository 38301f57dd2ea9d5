package data_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestContestantsAgree proves that what is compared does the same.
func TestContestantsAgree(t *testing.T) {
	t.Parallel()
	for name, open := range places() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, c := range contenders(t, open) {
				t.Run(c.name, func(t *testing.T) {
					reads(t, c)
					c.place.reset(t)
					inserts(t, c)
					updates(t, c)
				})
			}
		})
	}
}

func places() map[string]func(testing.TB) *place {
	return map[string]func(testing.TB) *place{"SQLite": onSQLite, "PostgreSQL": onPostgres}
}

func check(t *testing.T, what string, got any, err error, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%s: %v (-want +got):\n%s", what, err, diff)
	}
}

func reads(t *testing.T, c contender) {
	t.Helper()
	ctx := t.Context()
	one, err := c.find(ctx, 7)
	check(t, "find", one, err, user(7))
	one, err = c.first(ctx, email(8))
	check(t, "first", one, err, user(8))
	list, err := c.list(ctx)
	check(t, "list", list, err, each(userCount, user))
	names, err := c.names(ctx)
	check(t, "names", names, err, each(userCount, func(id int64) Name { return Name{id, user(id).Name} }))
	authors, err := c.authors(ctx)
	check(t, "authors", authors, err, each(authorCount, author))
	if _, err := c.find(ctx, userCount+1); err == nil {
		t.Error("find finds a row that is not there")
	}
}

func inserts(t *testing.T, c contender) {
	t.Helper()
	ctx := t.Context()
	all := each(userCount, func(id int64) Guest { return Guest(user(id)) })
	first := newGuest(1)
	if err := c.insert(ctx, &first); err != nil {
		t.Error("insert:", err)
	}
	rest := each(1000, func(id int64) Guest { return newGuest(id + 1) })
	if err := c.insertMany(ctx, rest); err != nil {
		t.Error("insertMany:", err)
	}
	all = append(append(all, first), rest...)
	for i, g := range all {
		if g.ID != int64(i+1) {
			t.Fatalf("row %d has the id %d", i+1, g.ID)
		}
	}
	check(t, "guests after inserts", guests(t, c.place), nil, all)
}

func updates(t *testing.T, c contender) {
	t.Helper()
	ctx := t.Context()
	all := guests(t, c.place)
	for i := range all[:11] {
		g := &all[i]
		g.Name, g.Email, g.Active, g.Score = fmt.Sprintf("New %d", i), "new@example.com", !g.Active, 0
	}
	if err := c.update(ctx, &all[0]); err != nil {
		t.Error("update:", err)
	}
	if err := c.updateAll(ctx, all[1:11]); err != nil {
		t.Error("updateAll:", err)
	}
	check(t, "guests after updates", guests(t, c.place), nil, all)
	if err := c.update(ctx, &Guest{ID: 1 << 40}); err == nil {
		t.Error("update updates a row that is not there")
	}
	failing := []Guest{{ID: 1}, {ID: 1 << 40}}
	if err := c.updateAll(ctx, failing); err == nil {
		t.Error("updateAll updates a row that is not there")
	}
	check(t, "guests after a transaction that failed", guests(t, c.place), nil, all)
}

// newGuest returns a guest that is not stored.
func newGuest(id int64) Guest {
	g := Guest(user(id))
	g.ID = 0
	return g
}

// guests reads the table that is written to.
func guests(t *testing.T, p *place) []Guest {
	t.Helper()
	rows, err := p.admin.QueryContext(t.Context(), "SELECT id, name, email, active, score, created_at FROM guests ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var list []Guest
	for rows.Next() {
		var g Guest
		var at time.Time
		if err := rows.Scan(&g.ID, &g.Name, &g.Email, &g.Active, &g.Score, &at); err != nil {
			t.Fatal(err)
		}
		g.CreatedAt = at.UTC()
		list = append(list, g)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}
