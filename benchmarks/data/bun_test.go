package data_test

import (
	"context"
	"database/sql"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/kitgo/kit/database"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"github.com/uptrace/bun/schema"
)

// overBun is bun, without the package database.
type overBun struct{ db *bun.DB }

func newBun(tb testing.TB, p *place) contestant {
	tb.Helper()
	var dialect schema.Dialect = sqlitedialect.New()
	if p.dialect == database.Postgres {
		dialect = pgdialect.New()
	}
	// bun writes the arguments into the text: preparing each text would be slower.
	return &overBun{bun.NewDB(p.pool(tb, pgx.QueryExecModeSimpleProtocol), dialect)}
}

func (b *overBun) find(ctx context.Context, id int64) (u User, err error) {
	err = b.db.NewSelect().Model(&u).Where("id = ?", id).Scan(ctx)
	return u, err
}

func (b *overBun) first(ctx context.Context, email string) (u User, err error) {
	err = b.db.NewSelect().Model(&u).Where("email = ?", email).Limit(1).Scan(ctx)
	return u, err
}

func (b *overBun) list(ctx context.Context) (list []User, err error) {
	err = b.db.NewSelect().Model(&list).Order("id").Scan(ctx)
	return list, err
}

func (b *overBun) names(ctx context.Context) (list []Name, err error) {
	err = b.db.NewSelect().Model((*User)(nil)).Column("id", "name").Order("id").Scan(ctx, &list)
	return list, err
}

func (b *overBun) authors(ctx context.Context) (list []Author, err error) {
	byID := func(q *bun.SelectQuery) *bun.SelectQuery { return q.Order("id") }
	err = b.db.NewSelect().Model(&list).Relation("Posts", byID).Order("id").Scan(ctx)
	return list, err
}

func (b *overBun) insert(ctx context.Context, g *Guest) error {
	_, err := b.db.NewInsert().Model(g).Exec(ctx)
	return err
}

func (b *overBun) insertMany(ctx context.Context, list []Guest) error {
	_, err := b.db.NewInsert().Model(&list).Exec(ctx)
	return err
}

func (b *overBun) update(ctx context.Context, g *Guest) error { return updateWith(ctx, b.db, g) }

func (b *overBun) updateAll(ctx context.Context, list []Guest) error {
	return b.db.RunInTx(ctx, &sql.TxOptions{}, func(ctx context.Context, tx bun.Tx) error {
		for i := range list {
			if err := updateWith(ctx, tx, &list[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func updateWith(ctx context.Context, db bun.IDB, g *Guest) error {
	return one(db.NewUpdate().Model(g).Column("name", "email", "active", "score").WherePK().Exec(ctx))
}
