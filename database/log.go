package database

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/uptrace/bun"
)

// repeatsTold is at how many equal queries of one request the log speaks of it.
const repeatsTold = 11

// watches reports whether anybody is interested in statements.
func (db *DB) watches() bool { return db.options.Logging || db.options.SlowQuery > 0 }

// log logs a statement: all of them with Logging, slow ones always.
func (db *DB) log(ctx context.Context, text func() string, took time.Duration, err error) {
	traced(ctx, text, took, err)
	slow := db.options.SlowQuery > 0 && took >= db.options.SlowQuery
	if !slow && !db.options.Logging {
		return
	}
	attrs := []slog.Attr{slog.String("sql", text()), slog.Duration("duration", took)}
	if at := caller(); at != "" {
		attrs = append(attrs, slog.String("at", at))
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		attrs = append(attrs, slog.Any("error", err))
	}
	level, message := slog.LevelInfo, "query"
	if slow {
		level, message = slog.LevelWarn, "slow query"
	}
	db.logger().LogAttrs(ctx, level, message, attrs...)
}

// queryLog logs the statements that go through bun.
type queryLog struct {
	db  *DB
	tap *tap // may be nil
}

func (*queryLog) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

func (q *queryLog) AfterQuery(ctx context.Context, e *bun.QueryEvent) {
	if q.tap != nil && q.tap.recording {
		return // it did not run
	}
	q.db.log(ctx, func() string { return e.Query }, time.Since(e.StartTime), e.Err)
}

// repeats counts the queries of one request by their text.
type repeats struct {
	mu     sync.Mutex
	counts map[string]int
}

type repeatsKey struct{}

// WatchRepeats returns a context in which a query that runs more than 10 times is
// logged as a warning, with the place in the program: most often a relation is loaded
// for each row of a list, which [Query.With] does at once. It is meant for one request
// in development.
func WatchRepeats(ctx context.Context) context.Context {
	return context.WithValue(ctx, repeatsKey{}, &repeats{counts: map[string]int{}})
}

// repeated counts a query.
func (db *DB) repeated(ctx context.Context, text []byte) {
	r, ok := ctx.Value(repeatsKey{}).(*repeats)
	if !ok {
		return
	}
	r.mu.Lock()
	r.counts[string(text)]++
	n := r.counts[string(text)]
	r.mu.Unlock()
	if n == repeatsTold {
		db.logger().WarnContext(ctx, "the same query runs again and again in one request; load the rows at once, relations with With",
			"sql", string(text), "times", n, "at", caller())
	}
}

// caller returns the line of the program that asked for a query, for logs.
func caller() string { return outside().String() }
