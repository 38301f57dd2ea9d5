package session

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// lines are where the requests of this process wait whose changes of a session met
// another's: one at a time tries again, or the unlucky would be overtaken for ever. The
// zero value is ready.
type lines struct {
	mu sync.Mutex
	m  map[string]*line // by token
}

// line is the requests that want to change a session.
type line struct {
	head chan struct{} // holds an element while nobody is at its head
	size int
}

// wait returns when the request is at the head of a token's line. It must call leave
// then.
func (l *lines) wait(ctx context.Context, token string) (leave func(), err error) {
	l.mu.Lock()
	q, ok := l.m[token]
	if !ok {
		if l.m == nil {
			l.m = map[string]*line{}
		}
		q = &line{head: make(chan struct{}, 1)}
		q.head <- struct{}{}
		l.m[token] = q
	}
	q.size++
	l.mu.Unlock()
	drop := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if q.size--; q.size == 0 {
			delete(l.m, token)
		}
	}
	select {
	case <-q.head:
		return func() { q.head <- struct{}{}; drop() }, nil
	case <-ctx.Done():
		drop()
		return nil, ctx.Err()
	}
}

// longestPause is the longest time between two tries.
const longestPause = 64 * time.Millisecond

// pause waits before a try that is not the first one, for a random time that grows: the
// instances that want to change the same session would meet again.
func pause(ctx context.Context, try int) error {
	if try == 0 {
		return nil
	}
	most := min(longestPause, time.Millisecond<<min(try, 16))
	select {
	case <-time.After(rand.N(most)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
