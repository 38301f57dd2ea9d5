package data_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jmoiron/sqlx"
	"github.com/kitgo/kit/database"
)

// byHand is package database/sql, with the defaults of the drivers.
type byHand struct {
	db       *sql.DB
	postgres bool

	findUser, firstUser, insertGuest, updateGuest string
}

func newByHand(tb testing.TB, p *place) contestant {
	tb.Helper()
	h := &byHand{db: p.pool(tb, pgx.QueryExecModeCacheStatement), postgres: p.dialect == database.Postgres}
	h.findUser = h.text("SELECT id, name, email, active, score, created_at FROM users WHERE id = ?")
	h.firstUser = h.text("SELECT id, name, email, active, score, created_at FROM users WHERE email = ? LIMIT 1")
	h.insertGuest = h.text("INSERT INTO guests (name, email, active, score, created_at) VALUES (?, ?, ?, ?, ?)")
	if h.postgres {
		h.insertGuest += " RETURNING id"
	}
	h.updateGuest = h.text("UPDATE guests SET name = ?, email = ?, active = ?, score = ? WHERE id = ?")
	return h
}

// text returns a statement with the placeholders of the driver.
func (h *byHand) text(query string) string {
	if h.postgres {
		return sqlx.Rebind(sqlx.DOLLAR, query)
	}
	return query
}

func (h *byHand) find(ctx context.Context, id int64) (u User, err error) {
	err = h.db.QueryRowContext(ctx, h.findUser, id).Scan(&u.ID, &u.Name, &u.Email, &u.Active, &u.Score, &u.CreatedAt)
	return u, err
}

func (h *byHand) first(ctx context.Context, email string) (u User, err error) {
	err = h.db.QueryRowContext(ctx, h.firstUser, email).Scan(&u.ID, &u.Name, &u.Email, &u.Active, &u.Score, &u.CreatedAt)
	return u, err
}

func (h *byHand) list(ctx context.Context) ([]User, error) {
	rows, err := h.db.QueryContext(ctx, "SELECT id, name, email, active, score, created_at FROM users ORDER BY id")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []User
	for rows.Next() {
		var u User
		if err := rows.Scan(&u.ID, &u.Name, &u.Email, &u.Active, &u.Score, &u.CreatedAt); err != nil {
			return nil, err
		}
		list = append(list, u)
	}
	return list, rows.Err()
}

func (h *byHand) names(ctx context.Context) ([]Name, error) {
	rows, err := h.db.QueryContext(ctx, "SELECT id, name FROM users ORDER BY id")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Name
	for rows.Next() {
		var n Name
		if err := rows.Scan(&n.ID, &n.Name); err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	return list, rows.Err()
}

func (h *byHand) authors(ctx context.Context) ([]Author, error) {
	rows, err := h.db.QueryContext(ctx, "SELECT id, name, email, active, score, created_at FROM authors ORDER BY id")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Author
	for rows.Next() {
		var a Author
		if err := rows.Scan(&a.ID, &a.Name, &a.Email, &a.Active, &a.Score, &a.CreatedAt); err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	return list, h.addPosts(ctx, list)
}

func (h *byHand) addPosts(ctx context.Context, list []Author) error {
	ids, place := make([]any, len(list)), make(map[int64]int, len(list))
	for i := range list {
		ids[i], place[list[i].ID] = list[i].ID, i
	}
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(ids)), ", ")
	query := h.text("SELECT id, author_id, title, body, created_at FROM posts WHERE author_id IN (" + marks + ") ORDER BY id")
	rows, err := h.db.QueryContext(ctx, query, ids...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var p Post
		if err := rows.Scan(&p.ID, &p.AuthorID, &p.Title, &p.Body, &p.CreatedAt); err != nil {
			return err
		}
		a := &list[place[p.AuthorID]]
		a.Posts = append(a.Posts, p)
	}
	return rows.Err()
}

func (h *byHand) insert(ctx context.Context, g *Guest) error {
	if h.postgres {
		return h.db.QueryRowContext(ctx, h.insertGuest, g.Name, g.Email, g.Active, g.Score, g.CreatedAt).Scan(&g.ID)
	}
	result, err := h.db.ExecContext(ctx, h.insertGuest, g.Name, g.Email, g.Active, g.Score, g.CreatedAt)
	if err != nil {
		return err
	}
	g.ID, err = result.LastInsertId()
	return err
}

func (h *byHand) insertMany(ctx context.Context, list []Guest) error {
	args := make([]any, 0, len(list)*5)
	for i := range list {
		g := &list[i]
		args = append(args, g.Name, g.Email, g.Active, g.Score, g.CreatedAt)
	}
	values := strings.TrimSuffix(strings.Repeat("(?, ?, ?, ?, ?), ", len(list)), ", ")
	query := h.text("INSERT INTO guests (name, email, active, score, created_at) VALUES " + values + " RETURNING id")
	rows, err := h.db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for i := 0; rows.Next(); i++ {
		if err := rows.Scan(&list[i].ID); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (h *byHand) update(ctx context.Context, g *Guest) error {
	return one(h.db.ExecContext(ctx, h.updateGuest, g.Name, g.Email, g.Active, g.Score, g.ID))
}

func (h *byHand) updateAll(ctx context.Context, list []Guest) error {
	tx, err := h.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing after Commit
	for i := range list {
		g := &list[i]
		if err := one(tx.ExecContext(ctx, h.updateGuest, g.Name, g.Email, g.Active, g.Score, g.ID)); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// one returns the error of a statement that should change one row.
func one(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err == nil && n != 1 {
		err = fmt.Errorf("%d rows are changed, not one", n)
	}
	return err
}
