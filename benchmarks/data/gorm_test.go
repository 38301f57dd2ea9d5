package data_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/kitgo/kit/database"
	"gorm.io/driver/postgres"
	"gorm.io/driver/sqlite"
	"gorm.io/gorm"
	"gorm.io/gorm/logger"
)

// overGORM is GORM with its defaults, which have a transaction around each write. Only
// the log of slow queries is off, as it would be between the results.
type overGORM struct{ db *gorm.DB }

func newGORM(tb testing.TB, p *place) contestant {
	tb.Helper()
	pool := p.pool(tb, pgx.QueryExecModeCacheStatement)
	dialector := sqlite.New(sqlite.Config{Conn: pool})
	if p.dialect == database.Postgres {
		dialector = postgres.New(postgres.Config{Conn: pool})
	}
	db, err := gorm.Open(dialector, &gorm.Config{Logger: logger.Default.LogMode(logger.Error)})
	if err != nil {
		tb.Fatal(err)
	}
	return &overGORM{db}
}

func (o *overGORM) find(ctx context.Context, id int64) (u User, err error) {
	err = o.db.WithContext(ctx).First(&u, id).Error
	return u, err
}

func (o *overGORM) first(ctx context.Context, email string) (u User, err error) {
	err = o.db.WithContext(ctx).Where("email = ?", email).First(&u).Error
	return u, err
}

func (o *overGORM) list(ctx context.Context) (list []User, err error) {
	err = o.db.WithContext(ctx).Order("id").Find(&list).Error
	return list, err
}

func (o *overGORM) names(ctx context.Context) (list []Name, err error) {
	err = o.db.WithContext(ctx).Model(&User{}).Order("id").Find(&list).Error
	return list, err
}

func (o *overGORM) authors(ctx context.Context) (list []Author, err error) {
	byID := func(q *gorm.DB) *gorm.DB { return q.Order("id") }
	err = o.db.WithContext(ctx).Preload("Posts", byID).Order("id").Find(&list).Error
	return list, err
}

func (o *overGORM) insert(ctx context.Context, g *Guest) error {
	return o.db.WithContext(ctx).Create(g).Error
}

func (o *overGORM) insertMany(ctx context.Context, list []Guest) error {
	return o.db.WithContext(ctx).Create(&list).Error
}

func (o *overGORM) update(ctx context.Context, g *Guest) error {
	return saveWith(o.db.WithContext(ctx), g)
}

func (o *overGORM) updateAll(ctx context.Context, list []Guest) error {
	return o.db.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		for i := range list {
			if err := saveWith(tx, &list[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// saveWith names the columns, as GORM leaves out those that are zero.
func saveWith(db *gorm.DB, g *Guest) error {
	done := db.Model(g).Select("name", "email", "active", "score").Updates(g)
	if done.Error == nil && done.RowsAffected != 1 {
		return gorm.ErrRecordNotFound
	}
	return done.Error
}
