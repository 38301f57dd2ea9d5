package database

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"
)

// mysqlNoSuchThread is the error of KILL for a connection that has ended.
const mysqlNoSuchThread = 1094

// stopTimeout is how long the attempts last to stop what a query left running in the
// server, and [DB.Close] waits for them.
const stopTimeout = 10 * time.Second

// mysqlSession is what the server calls a connection. Behind a load balancer there may
// be several servers, each with a connection of that number.
type mysqlSession struct {
	id     uint64
	server string // its host and port
}

const mysqlSessionQuery = "SELECT CONNECTION_ID(), CONCAT(@@hostname, ':', @@port)"

func askMySQLSession(ctx context.Context, c driver.QueryerContext) (s mysqlSession, err error) {
	rows, err := c.QueryContext(ctx, mysqlSessionQuery, nil)
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	values := make([]driver.Value, 2)
	if err := rows.Next(values); err != nil {
		return s, err
	}
	_, err = fmt.Sscan(mysqlText(values[0]), &s.id)
	s.server = mysqlText(values[1])
	return s, err
}

func mysqlText(v driver.Value) string {
	if b, ok := v.([]byte); ok {
		return string(b)
	}
	return fmt.Sprint(v)
}

// mysqlStops stops in the server what was cancelled here. The driver only closes its
// socket then, and the server notices that when it has a result to send: a query of an
// hour goes on for an hour, and keeps its locks.
type mysqlStops struct {
	connect func(context.Context) (mysqlDriverConn, error)
	logger  func() *slog.Logger

	mu      sync.Mutex
	queue   []mysqlSession
	running bool
	done    sync.WaitGroup
}

// stop lets the server end s, in the background.
func (m *mysqlStops) stop(s mysqlSession) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.queue = append(m.queue, s)
	if m.running {
		return
	}
	m.running = true
	m.done.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
		defer cancel()
		m.run(ctx)
	})
}

// wait returns when the server has ended everything, or will not.
func (m *mysqlStops) wait() { m.done.Wait() }

// next returns what is to be stopped, and ends the background work when that is nothing.
func (m *mysqlStops) next() []mysqlSession {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := m.queue
	m.queue = nil
	m.running = len(list) > 0
	return list
}

// run uses one connection for all that is to be stopped: after a deadline of many
// requests that is as many as the pool holds, and the server has no room for twice that.
func (m *mysqlStops) run(ctx context.Context) {
	for list := m.next(); len(list) > 0; list = m.next() {
		left := list
		var err error
		for pause := firstPause; ; pause = min(2*pause, lastPause) {
			if left, err = m.attempt(ctx, left); len(left) == 0 || ctx.Err() != nil {
				break
			}
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
		}
		if len(left) > 0 {
			m.logger().WarnContext(ctx, "a cancelled query may go on in the server", "queries", len(left), "error", err)
		}
	}
}

// attempt connects and returns what could not be stopped. A load balancer may take the
// next attempt to the right server.
func (m *mysqlStops) attempt(ctx context.Context, list []mysqlSession) (left []mysqlSession, err error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	c, err := m.connect(ctx)
	if err != nil {
		return list, err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	self, err := askMySQLSession(ctx, c)
	if err != nil {
		return list, err
	}
	for i, s := range list {
		switch {
		case s.server != self.server:
			left, err = append(left, s), fmt.Errorf("it ran on %s; this is %s", s.server, self.server)
			continue
		case s.id >= self.id:
			continue // numbers grow: the server has restarted since, and the query ended with it
		}
		_, err := c.ExecContext(ctx, "KILL "+strconv.FormatUint(s.id, 10), nil)
		if err != nil && mysqlNumber(err) != mysqlNoSuchThread {
			return append(left, list[i:]...), err
		}
	}
	return left, err
}
