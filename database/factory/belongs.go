package factory

import (
	"context"

	"github.com/kitgo/kit/database"
)

// parent makes the rows that rows of T belong to.
type parent[T any] interface {
	create(ctx context.Context, c database.Conn, rows []T) error
}

// BelongsTo returns a factory whose rows belong to rows of another one: each row that is
// stored without a foreign key gets a new parent of its own. foreign returns the place
// of the key in a row, key returns the key of a parent.
//
//	var Posts = factory.BelongsTo(
//		factory.New(func(f *factory.Fake) models.Post { return models.Post{Title: f.Sentence()} }),
//		Users,
//		func(p *models.Post) *int64 { return &p.UserID },
//		func(u *models.User) int64 { return u.ID },
//	)
//
//	post, err := Posts.Create(ctx, db) // and its user
//	posts, err := Posts.With(func(p *models.Post) { p.UserID = ann.ID }).CreateMany(ctx, db, 3)
func BelongsTo[T, P any, K comparable](f Factory[T], parents Factory[P], foreign func(row *T) *K, key func(parent *P) K) Factory[T] {
	p := belongsTo[T, P, K]{parents, foreign, key}
	f.parents = append(f.parents[:len(f.parents):len(f.parents)], p)
	return f
}

type belongsTo[T, P any, K comparable] struct {
	factory Factory[P]
	foreign func(*T) *K
	key     func(*P) K
}

func (b belongsTo[T, P, K]) create(ctx context.Context, c database.Conn, rows []T) error {
	var none K
	var open []*K
	for i := range rows {
		if k := b.foreign(&rows[i]); *k == none {
			open = append(open, k)
		}
	}
	parents, err := b.factory.CreateMany(ctx, c, len(open))
	if err != nil {
		return err
	}
	for i := range parents {
		*open[i] = b.key(&parents[i])
	}
	return nil
}
