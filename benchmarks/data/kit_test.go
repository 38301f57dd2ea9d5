package data_test

import (
	"context"
	"testing"

	"github.com/kitgo/kit/database"
)

// overKit is the package database, with its defaults.
type overKit struct{ db *database.DB }

func newKit(tb testing.TB, p *place) contestant {
	tb.Helper()
	db, err := database.Open(p.url, nil)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { db.Close() })
	return &overKit{db}
}

func (k *overKit) find(ctx context.Context, id int64) (User, error) {
	return database.Find[User](ctx, k.db, id)
}

func (k *overKit) first(ctx context.Context, email string) (User, error) {
	return database.From[User](k.db).Where("email = ?", email).First(ctx)
}

func (k *overKit) list(ctx context.Context) ([]User, error) {
	return database.From[User](k.db).OrderBy("id").All(ctx)
}

func (k *overKit) names(ctx context.Context) ([]Name, error) {
	return database.Into[Name](database.From[User](k.db).OrderBy("id")).All(ctx)
}

func (k *overKit) authors(ctx context.Context) ([]Author, error) {
	byID := func(r *database.Related) { r.OrderBy("id") }
	return database.From[Author](k.db).With("Posts", byID).OrderBy("id").All(ctx)
}

func (k *overKit) insert(ctx context.Context, g *Guest) error {
	return database.Insert(ctx, k.db, g)
}

func (k *overKit) insertMany(ctx context.Context, list []Guest) error {
	return database.InsertMany(ctx, k.db, list)
}

func (k *overKit) update(ctx context.Context, g *Guest) error {
	return database.Update(ctx, k.db, g)
}

func (k *overKit) updateAll(ctx context.Context, list []Guest) error {
	return k.db.Transaction(ctx, func(ctx context.Context, tx *database.Transaction) error {
		for i := range list {
			if err := database.Update(ctx, tx, &list[i]); err != nil {
				return err
			}
		}
		return nil
	})
}
