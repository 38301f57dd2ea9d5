package models

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/kitgo/kit/database"

	"github.com/kitgo/kit/examples/uptime/auth"
)

// User is somebody who looks after the sites.
type User struct {
	ID           int64     `bun:"id,pk,autoincrement"`
	Email        string    `bun:"email"`
	PasswordHash string    `bun:"password_hash"`
	CreatedAt    time.Time `bun:"created_at"`
	UpdatedAt    time.Time `bun:"updated_at"`
}

// Users reads and writes the table of users.
type Users struct {
	db *database.DB
	// nobody is compared with when there is no such user, so that the answer takes as
	// long as with one.
	nobody string
}

// NewUsers returns the users in db.
func NewUsers(db *database.DB) *Users {
	return &Users{db, auth.HashPassword("")}
}

// Add stores a user. An e-mail address that is taken is a [database.UniqueError].
func (u *Users) Add(ctx context.Context, email, password string) error {
	return database.Insert(ctx, u.db, &User{Email: strings.ToLower(email), PasswordHash: auth.HashPassword(password)})
}

// ByPassword returns the user with an e-mail address and a password, or
// [database.ErrNotFound].
func (u *Users) ByPassword(ctx context.Context, email, password string) (User, error) {
	user, err := database.From[User](u.db).Where("email = ?", strings.ToLower(email)).First(ctx)
	if errors.Is(err, database.ErrNotFound) {
		user.PasswordHash = u.nobody
	} else if err != nil {
		return User{}, err
	}
	if !auth.PasswordMatches(user.PasswordHash, password) || user.ID == 0 {
		return User{}, database.ErrNotFound
	}
	return user, nil
}
