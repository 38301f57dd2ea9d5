package session

import (
	"context"
	"sync"
	"time"
)

// Cached returns a [Store] that remembers the sessions of another one in the memory of
// this process, for an age such as a second: a page whose session was read that recently
// costs no query.
//
// What this process changes it sees at once. What another process changes, it sees when
// the age has passed: so long may somebody still be signed in here who has signed out
// there. No change is lost, as the store knows the version that each was made from. It
// keeps at most 16 MiB of sessions. Those in [Cookies] need no cache and get none.
func Cached(s Store, age time.Duration) Store {
	if _, ok := s.(*Cookies); ok || age <= 0 {
		return s
	}
	c := &cached{store: s, age: age}
	if p, ok := s.(Pruner); ok {
		return struct {
			*cached
			Pruner
		}{c, p}
	}
	return c
}

type cached struct {
	store Store
	age   time.Duration

	mu         sync.Mutex
	young, old map[string]remembered // by token; old ones are dropped when the young are many
	bytes      int                   // of the young
	floor      time.Time             // what was begun to be read before is not remembered
}

// remembered is what is known of a token: what was read, or that it was changed.
type remembered struct {
	record Record
	known  bool
	at     time.Time // when the reading began, or the change ended
}

// youngest is the size in bytes of the young sessions, about: there are as many old ones.
const youngest = 8 << 20

// overhead is what a session takes besides its data, about.
const overhead = 256

// Load returns the session as it was read at most the age ago.
func (c *cached) Load(ctx context.Context, token string, until time.Time) (Record, error) {
	if until.IsZero() {
		if r, ok := c.find(token, time.Now()); ok {
			return r, nil
		}
	}
	return c.loadAnew(ctx, token, until)
}

// loadAnew reads the session from the store, such as after a conflict: what others have
// read since may be older than what the conflict was with.
func (c *cached) loadAnew(ctx context.Context, token string, until time.Time) (Record, error) {
	begin := time.Now()
	r, err := c.store.Load(ctx, token, until)
	if err == nil {
		c.remember(token, remembered{record: r, known: true, at: begin})
	}
	return r, err
}

// Save forgets what it knew, also when it fails: what is stored now is another, or not
// known.
func (c *cached) Save(ctx context.Context, token string, r Record, renew bool) (string, error) {
	defer c.forget(token)
	return c.store.Save(ctx, token, r, renew)
}

// Delete deletes the session.
func (c *cached) Delete(ctx context.Context, token string, version int64) error {
	defer c.forget(token)
	return c.store.Delete(ctx, token, version)
}

func (c *cached) find(token string, now time.Time) (Record, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.get(token)
	if !m.known || now.Sub(m.at) >= c.age || !now.Before(m.record.Expires) {
		return Record{}, false
	}
	return m.record, true
}

func (c *cached) get(token string) remembered {
	if m, ok := c.young[token]; ok {
		return m
	}
	return c.old[token]
}

// remember keeps what was read, unless the session has been changed since the reading
// began: it may be what was before.
func (c *cached) remember(token string, m remembered) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !m.at.After(c.get(token).at) || !m.at.After(c.floor) {
		return
	}
	c.put(token, m)
}

// forget notes that the session has been changed now.
func (c *cached) forget(token string) {
	if token == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(token, remembered{at: time.Now()})
}

func (c *cached) put(token string, m remembered) {
	if c.young == nil {
		c.young = map[string]remembered{}
	}
	c.bytes += len(m.record.Data) + overhead
	if c.bytes > youngest {
		// The changes of old ones are no longer known: what is being read now could be
		// from before.
		c.old, c.young, c.floor = c.young, map[string]remembered{}, time.Now()
		c.bytes = len(m.record.Data) + overhead
		if m.known && !m.at.After(c.floor) {
			return
		}
	}
	c.young[token] = m
}
