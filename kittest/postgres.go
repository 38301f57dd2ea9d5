package kittest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/kitgo/kit/database"
)

// postgresServer copies databases as files (CREATE DATABASE ... TEMPLATE).
type postgresServer struct{ db *database.DB }

// postgresLock is the advisory lock of who makes a template: the letters "kit_test".
const postgresLock = 0x6b69745f74657374

func (p *postgresServer) exec(ctx context.Context, format string, names ...string) error {
	quoted := make([]any, len(names))
	for i, n := range names {
		quoted[i] = pgx.Identifier{n}.Sanitize()
	}
	_, err := p.db.ExecContext(ctx, fmt.Sprintf(format, quoted...))
	return err
}

func (p *postgresServer) create(ctx context.Context, name string) error {
	return p.exec(ctx, "CREATE DATABASE %s", name)
}

func (p *postgresServer) drop(ctx context.Context, name string) error {
	return p.exec(ctx, "DROP DATABASE IF EXISTS %s WITH (FORCE)", name)
}

func (p *postgresServer) locked(ctx context.Context, f func() error) (err error) {
	s, err := p.db.Session(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }() // which frees the lock
	if _, err := s.ExecContext(ctx, "SELECT pg_advisory_lock(?)", postgresLock); err != nil {
		return fmt.Errorf("wait for other tests that migrate: %w", err)
	}
	return f()
}

// The comment of a template says when it was used.
func (p *postgresServer) ready(ctx context.Context, name string) (bool, error) {
	list, err := p.list(ctx, "datname = ?", name)
	if err != nil || len(list) == 0 {
		return false, err
	}
	if time.Since(list[0].used) < 24*time.Hour {
		return true, nil
	}
	return true, p.note(ctx, name)
}

func (p *postgresServer) note(ctx context.Context, name string) error {
	return p.exec(ctx, "COMMENT ON DATABASE %s IS '"+time.Now().UTC().Format(time.RFC3339)+"'", name)
}

// build renames the database when it is complete. A connection to it would be in the
// way of copying, so none is allowed any more.
func (p *postgresServer) build(ctx context.Context, name, scratch string, migrate filler) error {
	if err := migrate(ctx, scratch); err != nil {
		return err
	}
	if err := p.exec(ctx, "ALTER DATABASE %s ALLOW_CONNECTIONS false", scratch); err != nil {
		return err
	}
	if err := p.note(ctx, scratch); err != nil {
		return err
	}
	return p.exec(ctx, "ALTER DATABASE %s RENAME TO %s", scratch, name)
}

func (p *postgresServer) copier(_ context.Context, template string, _ filler) (filler, error) {
	return func(ctx context.Context, name string) error {
		return p.exec(ctx, "CREATE DATABASE %s TEMPLATE %s", name, template)
	}, nil
}

func (p *postgresServer) leftovers(ctx context.Context) ([]leftover, error) {
	return p.list(ctx, "left(datname, ?) = ? AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.datid = d.oid)", len(prefix), prefix)
}

func (p *postgresServer) list(ctx context.Context, cond string, args ...any) (list []leftover, err error) {
	rows, err := p.db.QueryContext(ctx, "SELECT datname, coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database d WHERE "+cond, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var l leftover
		var used string
		if err := rows.Scan(&l.name, &used); err != nil {
			return nil, err
		}
		l.used, _ = time.Parse(time.RFC3339, used) // zero when somebody changed the comment
		list = append(list, l)
	}
	return list, rows.Err()
}
