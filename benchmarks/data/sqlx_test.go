package data_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jmoiron/sqlx"
	"github.com/kitgo/kit/database"
)

// overSQLX is sqlx, with named arguments for structs.
type overSQLX struct {
	db       *sqlx.DB
	postgres bool

	findUser, firstUser string
}

const (
	insertNamed = "INSERT INTO guests (name, email, active, score, created_at) VALUES (:name, :email, :active, :score, :created_at)"
	updateNamed = "UPDATE guests SET name = :name, email = :email, active = :active, score = :score WHERE id = :id"
)

func newSQLX(tb testing.TB, p *place) contestant {
	tb.Helper()
	// The name decides about the placeholders; sqlx does not know that of the driver in
	// pure Go.
	driver := map[database.Dialect]string{database.Postgres: "pgx", database.SQLite: "sqlite3"}[p.dialect]
	db := sqlx.NewDb(p.pool(tb, pgx.QueryExecModeCacheStatement), driver)
	return &overSQLX{
		db: db, postgres: p.dialect == database.Postgres,
		findUser:  db.Rebind("SELECT * FROM users WHERE id = ?"),
		firstUser: db.Rebind("SELECT * FROM users WHERE email = ? LIMIT 1"),
	}
}

func (x *overSQLX) find(ctx context.Context, id int64) (u User, err error) {
	err = x.db.GetContext(ctx, &u, x.findUser, id)
	return u, err
}

func (x *overSQLX) first(ctx context.Context, email string) (u User, err error) {
	err = x.db.GetContext(ctx, &u, x.firstUser, email)
	return u, err
}

func (x *overSQLX) list(ctx context.Context) (list []User, err error) {
	err = x.db.SelectContext(ctx, &list, "SELECT * FROM users ORDER BY id")
	return list, err
}

func (x *overSQLX) names(ctx context.Context) (list []Name, err error) {
	err = x.db.SelectContext(ctx, &list, "SELECT id, name FROM users ORDER BY id")
	return list, err
}

func (x *overSQLX) authors(ctx context.Context) (list []Author, err error) {
	if err := x.db.SelectContext(ctx, &list, "SELECT * FROM authors ORDER BY id"); err != nil {
		return nil, err
	}
	ids, place := make([]int64, len(list)), make(map[int64]int, len(list))
	for i := range list {
		ids[i], place[list[i].ID] = list[i].ID, i
	}
	query, args, err := sqlx.In("SELECT * FROM posts WHERE author_id IN (?) ORDER BY id", ids)
	if err != nil {
		return nil, err
	}
	var posts []Post
	if err := x.db.SelectContext(ctx, &posts, x.db.Rebind(query), args...); err != nil {
		return nil, err
	}
	for _, p := range posts {
		a := &list[place[p.AuthorID]]
		a.Posts = append(a.Posts, p)
	}
	return list, nil
}

func (x *overSQLX) insert(ctx context.Context, g *Guest) error {
	if x.postgres {
		return x.returning(ctx, g, &g.ID)
	}
	result, err := x.db.NamedExecContext(ctx, insertNamed, g)
	if err != nil {
		return err
	}
	g.ID, err = result.LastInsertId()
	return err
}

func (x *overSQLX) insertMany(ctx context.Context, list []Guest) error {
	ids := make([]*int64, len(list))
	for i := range list {
		ids[i] = &list[i].ID
	}
	return x.returning(ctx, list, ids...)
}

// returning inserts one guest or several, and reads their ids.
func (x *overSQLX) returning(ctx context.Context, arg any, ids ...*int64) error {
	rows, err := x.db.NamedQueryContext(ctx, insertNamed+" RETURNING id", arg)
	if err != nil {
		return err
	}
	defer rows.Close()
	for i := 0; rows.Next(); i++ {
		if err := rows.Scan(ids[i]); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (x *overSQLX) update(ctx context.Context, g *Guest) error {
	return one(x.db.NamedExecContext(ctx, updateNamed, g))
}

func (x *overSQLX) updateAll(ctx context.Context, list []Guest) error {
	tx, err := x.db.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing after Commit
	for i := range list {
		if err := one(tx.NamedExecContext(ctx, updateNamed, &list[i])); err != nil {
			return err
		}
	}
	return tx.Commit()
}
