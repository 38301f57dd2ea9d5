package database

import (
	"context"
	"database/sql"
	"sync"
	"time"
)

// keepEvery is how often the connections of MinConnections are used, so that the pool
// does not take them for idle.
const keepEvery = idleTimeout / 2

// keep opens MinConnections connections, and uses them now and then until the database
// is closed. Of an SQLite file it keeps the one that is open: others see by its lock that
// the database is in use.
func (db *DB) keep() {
	isFile := db.Path() != ""
	if db.inMemory() || !isFile && db.options.MinConnections < 2 {
		return
	}
	warm := db.warm
	if isFile {
		warm = db.touch
	}
	db.keeping.Do(func() {
		ctx, cancel := context.WithCancel(context.Background())
		warm(ctx)
		go func() {
			defer cancel()
			tick := time.NewTicker(keepEvery)
			defer tick.Stop()
			for {
				select {
				case <-db.closed:
					return
				case <-tick.C:
					warm(ctx)
				}
			}
		}()
	})
}

// touch uses a connection that reads.
func (db *DB) touch(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	if conn, err := db.reads.Conn(ctx); err == nil {
		_ = conn.Close()
	}
}

// warm holds as many connections at once as there should be. What fails now will be
// said by the query that needs it.
func (db *DB) warm(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	var held sync.WaitGroup
	conns := make([]*sql.Conn, min(db.options.MinConnections, db.options.MaxConnections))
	for i := range conns {
		held.Go(func() { conns[i], _ = db.sql.Conn(ctx) })
	}
	held.Wait()
	for _, c := range conns {
		if c != nil {
			_ = c.Close()
		}
	}
}
