package data_test

import (
	"context"
	"strconv"
	"testing"
)

// task is what is measured. Both functions of it return what does it once; i counts.
type task struct {
	name   string
	writes bool
	of     func(c contestant) func(ctx context.Context, i int) error
}

func tasks() []task {
	return []task{
		{"find by key", false, func(c contestant) func(context.Context, int) error {
			return func(ctx context.Context, i int) error {
				_, err := c.find(ctx, nth(i))
				return err
			}
		}},
		{"first by a column", false, func(c contestant) func(context.Context, int) error {
			emails := each(userCount, email)
			return func(ctx context.Context, i int) error {
				_, err := c.first(ctx, emails[i%userCount])
				return err
			}
		}},
		{"20 reads by key", false, func(c contestant) func(context.Context, int) error {
			return func(ctx context.Context, i int) error {
				for n := range 20 {
					if _, err := c.find(ctx, nth(i*20+n)); err != nil {
						return err
					}
				}
				return nil
			}
		}},
		{"list of 1,000 rows", false, func(c contestant) func(context.Context, int) error { return all(c.list) }},
		{"two of six columns of 1,000 rows", false, func(c contestant) func(context.Context, int) error { return all(c.names) }},
		{"100 rows with 500 related", false, func(c contestant) func(context.Context, int) error { return all(c.authors) }},
		{"insert one", true, func(c contestant) func(context.Context, int) error {
			fresh := newGuest(1)
			return func(ctx context.Context, _ int) error {
				g := fresh
				return c.insert(ctx, &g)
			}
		}},
		{"insert 1,000 in one call", true, insertThousand},
		{"update one", true, func(c contestant) func(context.Context, int) error {
			stored := each(userCount, user)
			return func(ctx context.Context, i int) error {
				g := renamed(stored, i)
				return c.update(ctx, &g)
			}
		}},
		{"transaction of 10 updates", true, func(c contestant) func(context.Context, int) error {
			stored, list := each(userCount, user), make([]Guest, 10)
			return func(ctx context.Context, i int) error {
				for n := range list {
					list[n] = renamed(stored, i*len(list)+n)
				}
				return c.updateAll(ctx, list)
			}
		}},
	}
}

// nth returns the id of a user.
func nth(i int) int64 { return int64(i%userCount + 1) }

func all[T any](read func(context.Context) ([]T, error)) func(context.Context, int) error {
	return func(ctx context.Context, _ int) error {
		_, err := read(ctx)
		return err
	}
}

func insertThousand(c contestant) func(context.Context, int) error {
	list := each(1000, newGuest)
	return func(ctx context.Context, _ int) error {
		for i := range list {
			list[i].ID = 0
		}
		return c.insertMany(ctx, list)
	}
}

// renamed returns a stored guest with a name that it has not had.
func renamed(stored []User, i int) Guest {
	g := Guest(stored[i%len(stored)])
	g.Name = "Renamed " + strconv.Itoa(i)
	return g
}

// measure does the task as long as b wants.
func (k task) measure(b *testing.B, c contender) error {
	if k.writes {
		c.place.reset(b)
	}
	do := k.of(c)
	const warmUp = 20 // connections, prepared statements, and what is known of types
	for i := range warmUp {
		if err := do(b.Context(), i); err != nil {
			return err
		}
	}
	b.ReportAllocs()
	for i := warmUp; b.Loop(); i++ {
		if err := do(b.Context(), i); err != nil {
			return err
		}
	}
	return nil
}
