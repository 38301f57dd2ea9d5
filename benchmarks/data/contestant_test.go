package data_test

import (
	"context"
	"testing"
)

// contestant is a way to read and write rows.
type contestant interface {
	find(ctx context.Context, id int64) (User, error)
	first(ctx context.Context, email string) (User, error)
	// list returns all users, by id.
	list(ctx context.Context) ([]User, error)
	// names returns a part of all users, by id.
	names(ctx context.Context) ([]Name, error)
	// authors returns all authors, by id, with their posts, by id.
	authors(ctx context.Context) ([]Author, error)
	// insert and insertMany fill in the ids.
	insert(ctx context.Context, g *Guest) error
	insertMany(ctx context.Context, list []Guest) error
	// update stores name, email, active and score. A row that is not there is an error.
	update(ctx context.Context, g *Guest) error
	// updateAll does the same with several rows, in one transaction.
	updateAll(ctx context.Context, list []Guest) error
}

// contender is a contestant with its database.
type contender struct {
	name string
	contestant
	place *place
}

// contenders opens all contestants, each on a place of its own. The first is what the
// others are compared with.
func contenders(tb testing.TB, open func(testing.TB) *place) []contender {
	tb.Helper()
	var list []contender
	for _, c := range []struct {
		name  string
		start func(testing.TB, *place) contestant
	}{
		{"database/sql", newByHand},
		{"sqlx", newSQLX},
		{"bun", newBun},
		{"GORM", newGORM},
		{"Kit", newKit},
	} {
		p := open(tb)
		list = append(list, contender{c.name, c.start(tb, p), p})
	}
	return list
}
