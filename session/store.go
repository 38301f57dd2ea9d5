package session

import (
	"context"
	"errors"
	"time"
)

// Store keeps sessions. [NewDatabase], [NewRedis] and [NewCookies] are three.
//
// A token is what the visitor's cookie holds. The store makes it, and nobody can guess
// it; a token that the store has not made means no session.
type Store interface {
	// Load returns the session of a token, or [ErrNone]. If until is not zero, the store
	// may let the session last until then, if that takes no query more.
	Load(ctx context.Context, token string, until time.Time) (Record, error)

	// Save stores r and returns its token: a new one if token is empty or renew is set,
	// and the old one then means nothing any more. If the stored session is no longer
	// the one that r was made from, by its version, it returns [ErrConflict] and stores
	// nothing.
	Save(ctx context.Context, token string, r Record, renew bool) (string, error)

	// Delete forgets a session. If version is not 0 and the stored session has another
	// one, it returns [ErrConflict].
	Delete(ctx context.Context, token string, version int64) error
}

// Pruner is a [Store] that must be told to delete what has expired.
type Pruner interface {
	// Prune deletes expired sessions and returns how many.
	Prune(ctx context.Context) (int64, error)
}

// Record is a session as a store keeps it.
type Record struct {
	Data    []byte // JSON
	Version int64  // counts its changes; 0 if it is new
	Expires time.Time
}

var (
	// ErrNone is returned by a [Store] that has no session of a token.
	ErrNone = errors.New("session: none")

	// ErrConflict says that another request has changed the session meanwhile, so that
	// this change of it was not stored. Its HTTP status is 409.
	ErrConflict error = conflict{}

	// ErrTooLarge says that a value was not put into a session in a cookie: browsers take
	// no larger one.
	ErrTooLarge = errors.New("session: there is no room for it")

	// ErrTooLate says that the session was to be changed after the answer had begun,
	// when it has been stored already.
	ErrTooLate = errors.New("session: it cannot be changed any more: the answer has begun")

	// ErrNoMiddleware says that a context is not that of a request behind
	// [Manager.Middleware].
	ErrNoMiddleware = errors.New("session: the request did not pass the middleware of a session.Manager")
)

type conflict struct{}

func (conflict) Error() string {
	return "session: another request has changed it meanwhile; the change was not stored"
}
func (conflict) StatusCode() int { return 409 }
