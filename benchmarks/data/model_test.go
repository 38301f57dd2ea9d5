package data_test

import (
	"fmt"
	"time"
)

// How many rows there are to read. Each author has the same number of posts.
const (
	userCount     = 1000
	authorCount   = 100
	postsOfAuthor = 5
	postCount     = authorCount * postsOfAuthor
)

// User is a row to read. The tags are for sqlx and bun; Kit reads bun's. GORM needs
// none.
type User struct {
	ID        int64     `db:"id" bun:"id,pk,autoincrement"`
	Name      string    `db:"name" bun:"name"`
	Email     string    `db:"email" bun:"email"`
	Active    bool      `db:"active" bun:"active"`
	Score     float64   `db:"score" bun:"score"`
	CreatedAt time.Time `db:"created_at" bun:"created_at"`
}

// Guest is a row to write, in a table of its own, so that writing does not change what
// is read.
type Guest User

// Name is a part of a User.
type Name struct {
	ID   int64  `db:"id" bun:"id"`
	Name string `db:"name" bun:"name"`
}

// Author is a row with a relation.
type Author struct {
	ID        int64     `db:"id" bun:"id,pk,autoincrement"`
	Name      string    `db:"name" bun:"name"`
	Email     string    `db:"email" bun:"email"`
	Active    bool      `db:"active" bun:"active"`
	Score     float64   `db:"score" bun:"score"`
	CreatedAt time.Time `db:"created_at" bun:"created_at"`

	Posts []Post `db:"-" bun:"rel:has-many,join:id=author_id"`
}

// Post belongs to an Author.
type Post struct {
	ID        int64     `db:"id" bun:"id,pk,autoincrement"`
	AuthorID  int64     `db:"author_id" bun:"author_id"`
	Title     string    `db:"title" bun:"title"`
	Body      string    `db:"body" bun:"body"`
	CreatedAt time.Time `db:"created_at" bun:"created_at"`
}

// user returns the user with this id, from 1.
func user(id int64) User {
	return User{
		ID: id, Name: fmt.Sprintf("User %04d", id), Email: email(id), Active: id%3 > 0, Score: float64(id) * 1.25,
		CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 600000, time.UTC).Add(time.Duration(id) * time.Minute),
	}
}

func email(id int64) string { return fmt.Sprintf("user%d@example.com", id) }

// author returns the author with this id, from 1, and their posts.
func author(id int64) Author {
	u := user(id)
	a := Author{ID: id, Name: u.Name, Email: u.Email, Active: u.Active, Score: u.Score, CreatedAt: u.CreatedAt}
	for i := range int64(postsOfAuthor) {
		post := Post{ID: (id-1)*postsOfAuthor + i + 1, AuthorID: id, CreatedAt: u.CreatedAt}
		post.Title = fmt.Sprintf("Post %d of %s", i+1, u.Name)
		post.Body = "What " + u.Name + " thinks about it, in one sentence that is as long as sentences are."
		a.Posts = append(a.Posts, post)
	}
	return a
}

// each returns what f returns for the ids from 1 to n.
func each[T any](n int, f func(id int64) T) []T {
	list := make([]T, n)
	for i := range list {
		list[i] = f(int64(i + 1))
	}
	return list
}
