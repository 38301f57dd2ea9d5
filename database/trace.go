package database

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"time"

	"github.com/kitgo/kit/internal/place"
)

// Statement is a statement that ran in a context of [Trace].
type Statement struct {
	SQL  string // with its values
	Took time.Duration
	At   string // the line of the program that ran it, with the file's path
	Err  error
}

// longestTrace is how many statements of a context are kept: the last ones.
const longestTrace = 50

type trace struct {
	mu   sync.Mutex
	list []Statement
}

type traceKey struct{}

// Trace returns a context whose last 50 statements [Traced] returns. It is meant for one
// request in development, whose page for an error shows them.
func Trace(ctx context.Context) context.Context {
	return context.WithValue(ctx, traceKey{}, new(trace))
}

// Traced returns the statements that ran in a context of [Trace] so far, unless
// Options.SlowQuery is below zero, when none are watched.
func Traced(ctx context.Context) []Statement {
	t, ok := ctx.Value(traceKey{}).(*trace)
	if !ok {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]Statement(nil), t.list...)
}

// traced adds a statement to the trace of its context, if there is one.
func traced(ctx context.Context, text func() string, took time.Duration, err error) {
	t, ok := ctx.Value(traceKey{}).(*trace)
	if !ok {
		return
	}
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	s := Statement{SQL: text(), Took: took, At: outside().Path(), Err: err}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.list) == longestTrace {
		t.list = t.list[1:]
	}
	t.list = append(t.list, s)
}

// outside returns the line of the program that asked for a query.
func outside() place.Place {
	return place.Outside("github.com/kitgo/kit/database", "github.com/uptrace/bun", "database/sql", "runtime", "iter")
}
