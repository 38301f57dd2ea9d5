package database

import (
	"container/list"
	"context"
	"database/sql"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
)

// maxPlans is how many prepared statements of SQLite are kept.
const maxPlans = 256

// plans are the prepared statements of a database. pgx keeps those of PostgreSQL.
type plans struct {
	limit int

	mu     sync.Mutex
	order  *list.List // of *plan, the last used in front
	byText map[planKey]*list.Element

	pgx atomic.Int32 // one of the modes
}

// A text is prepared for one of the two pools.
type planKey struct {
	pool *sql.DB
	text string
}

type plan struct {
	key  planKey
	stmt *sql.Stmt
}

// get returns the prepared statement of a text; nil when there cannot be one.
func (p *plans) get(ctx context.Context, run runner, text string) *sql.Stmt {
	pool, ok := run.(*sql.DB)
	if !ok {
		return nil
	}
	key := planKey{pool, text}
	p.mu.Lock()
	defer p.mu.Unlock()
	if e := p.byText[key]; e != nil {
		p.order.MoveToFront(e)
		return e.Value.(*plan).stmt //nolint:forcetypeassert // nothing else is in it
	}
	p.mu.Unlock()                               // preparing may wait for a connection
	stmt, err := pool.PrepareContext(ctx, text) //nolint:sqlclosecheck // put and close do
	p.mu.Lock()
	if err != nil {
		return nil // the statement itself will say why
	}
	p.put(key, stmt)
	return stmt
}

func (p *plans) put(key planKey, stmt *sql.Stmt) {
	if p.order == nil {
		p.order, p.byText = list.New(), map[planKey]*list.Element{}
	}
	if old := p.byText[key]; old != nil { // somebody else was faster
		p.order.Remove(old)
		_ = old.Value.(*plan).stmt.Close() //nolint:forcetypeassert // nothing else is in it
	}
	p.byText[key] = p.order.PushFront(&plan{key, stmt})
	for p.order.Len() > p.limit {
		last := p.order.Remove(p.order.Back()).(*plan) //nolint:forcetypeassert // nothing else is in it
		delete(p.byText, last.key)
		_ = last.stmt.Close()
	}
}

func (p *plans) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.byText {
		_ = e.Value.(*plan).stmt.Close() //nolint:forcetypeassert // nothing else is in it
	}
	p.order, p.byText = nil, nil
}

// mode returns how pgx should send a statement. In a transaction that begins before
// anything else asked, it is the mode that works everywhere.
func (p *plans) mode(ctx context.Context, l link) pgx.QueryExecMode {
	m := int(p.pgx.Load())
	if pool, ok := l.run.(*sql.DB); ok && m == modeUnknown {
		if found, err := decide(ctx, pool); err == nil {
			m = found
			p.pgx.Store(int32(m)) //nolint:gosec // a small number
		}
	}
	return pgxMode(m)
}
