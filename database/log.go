package database

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"time"

	"github.com/uptrace/bun"
)

// queryLog logs each statement that goes through bun.
type queryLog struct {
	logger func() *slog.Logger
	tap    *tap // may be nil
}

func (*queryLog) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

func (q *queryLog) AfterQuery(ctx context.Context, e *bun.QueryEvent) {
	if q.tap != nil && q.tap.recording {
		return // it did not run
	}
	attrs := []slog.Attr{slog.String("sql", e.Query), slog.Duration("duration", time.Since(e.StartTime))}
	if e.Err != nil && !errors.Is(e.Err, sql.ErrNoRows) {
		attrs = append(attrs, slog.Any("error", e.Err))
	}
	q.logger().LogAttrs(ctx, slog.LevelInfo, "query", attrs...)
}
