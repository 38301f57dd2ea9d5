package session

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"sync"
	"time"
)

// state is the session of one request. It is safe for concurrent use.
type state struct {
	manager *Manager
	answer  answer

	mu      sync.Mutex
	closed  bool // stored: no more changes
	loaded  bool
	token   string
	record  Record
	base    values // as loaded
	values  values // as this request sees it
	read    map[string]bool
	changes []op
	// renew asks for another token. destroyed says that what the token stands for goes.
	renew, destroyed bool
	extend           bool // the cookie should be sent again, to last longer
}

// values are what a session holds. They are not changed in place.
type values map[string]entry

// entry is a value of a session.
type entry struct {
	Value json.RawMessage `json:"v"`
	Until int64           `json:"u,omitempty"` // seconds since 1970; 0 for as long as the session
}

// op is a change of a session, which can be applied again to what another request made
// of it.
type op struct {
	kind    kind
	key     string
	entry   entry
	checked bool            // fails if the value is no longer as seen
	seen    json.RawMessage // what it was when the request read it
	update  func(json.RawMessage) (json.RawMessage, error)
}

type kind int

const (
	set kind = iota
	update
	remove
	take // remove it if it is as seen
)

// apply returns the values with a change.
func apply(v values, o op) (values, error) {
	v = maps.Clone(v)
	if v == nil {
		v = values{}
	}
	switch o.kind {
	case set:
		v[o.key] = o.entry
	case update:
		text, err := o.update(v[o.key].Value)
		if err != nil {
			return nil, err
		}
		v[o.key] = entry{Value: text}
	case remove, take:
		delete(v, o.key)
	}
	return v, nil
}

// again applies the changes to what another request has stored.
func (s *state) again() error {
	v := s.base
	for _, o := range s.changes {
		now := s.base[o.key].Value
		switch {
		case o.kind == take && !bytes.Equal(now, o.seen):
			continue
		case o.checked && !bytes.Equal(now, o.seen) && !bytes.Equal(now, o.entry.Value):
			return fmt.Errorf("%s: %w", o.key, ErrConflict)
		}
		var err error
		if v, err = apply(v, o); err != nil {
			return err
		}
	}
	s.values = v
	return nil
}

// change makes a change that is not about a value.
func change(ctx context.Context, f func(*state)) error {
	s, err := stateOf(ctx)
	if err != nil {
		return err
	}
	if err := s.load(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrTooLate
	}
	f(s)
	return nil
}

func (s *state) get(ctx context.Context, key string) (json.RawMessage, error) {
	if err := s.load(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.read == nil {
		s.read = map[string]bool{}
	}
	s.read[key] = true
	return s.values[key].Value, nil
}

// load reads the session the first time that it is needed.
func (s *state) load(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.loaded {
		return nil
	}
	token, sent := s.manager.tokenOf(s.answer.request)
	if token == "" {
		s.loaded = true
		return nil
	}
	lifetime := time.Duration(s.manager.options.Lifetime)
	var until time.Time
	if now := time.Now(); now.Sub(sent) > lifetime/8 {
		until = now.Add(lifetime)
	}
	if err := s.fetch(ctx, s.manager.store.Load, token, until); err != nil {
		return err
	}
	s.loaded = true
	s.extend = s.token != "" && !until.IsZero()
	s.values = s.base
	return nil
}

// loader is a way to read a session: that of the store, as a rule.
type loader func(ctx context.Context, token string, until time.Time) (Record, error)

// fetch reads the session of a token into base; nothing if there is none.
func (s *state) fetch(ctx context.Context, load loader, token string, until time.Time) error {
	r, err := load(ctx, token, until)
	if errors.Is(err, ErrNone) {
		s.token, s.record, s.base = "", Record{}, nil
		return nil
	}
	if err != nil {
		return fmt.Errorf("session: load: %w", err)
	}
	v := values{}
	if err := json.Unmarshal(r.Data, &v); err != nil {
		return fmt.Errorf("session: decode: %w", err)
	}
	now := time.Now().Unix()
	maps.DeleteFunc(v, func(_ string, e entry) bool { return e.Until != 0 && e.Until <= now })
	s.token, s.record, s.base = token, r, v
	return nil
}

// tries is how often a change is applied to what others have stored meanwhile.
const tries = 20

// save stores the session if the request has changed it, and returns the cookie that
// the answer needs, if it needs one.
func (s *state) save(ctx context.Context) (*http.Cookie, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	now := time.Now()
	expires := now.Add(time.Duration(s.manager.options.Lifetime))
	// The store need not have made it last longer when it was loaded.
	late := s.extend && s.record.Expires.Before(expires.Add(-time.Second))
	if len(s.changes) == 0 && !s.renew && !late {
		if s.extend {
			return s.manager.cookie(s.answer.request, s.token, now), nil
		}
		return nil, nil
	}
	if s.destroyed {
		return s.replace(ctx, now, expires)
	}
	cookie, err := s.try(ctx, now, expires)
	if errors.Is(err, ErrConflict) {
		return s.insist(ctx, now, expires)
	}
	return cookie, err
}

// try stores the session once, and returns the cookie that the answer needs.
func (s *state) try(ctx context.Context, now, expires time.Time) (*http.Cookie, error) {
	token, err := s.store(ctx, expires)
	if err != nil {
		return nil, fmt.Errorf("session: save: %w", err)
	}
	if token == s.token && !s.extend {
		return nil, nil
	}
	return s.manager.cookie(s.answer.request, token, now), nil
}

// insist applies the changes to what others have stored meanwhile, until that succeeds.
func (s *state) insist(ctx context.Context, now, expires time.Time) (*http.Cookie, error) {
	leave, err := s.manager.lines.wait(ctx, s.token)
	if err != nil {
		return nil, fmt.Errorf("session: save: wait for other requests: %w", err)
	}
	defer leave()
	load := s.manager.store.Load
	if c, ok := s.manager.store.(interface {
		loadAnew(context.Context, string, time.Time) (Record, error)
	}); ok {
		load = c.loadAnew
	}
	for n := range tries {
		if err := pause(ctx, n); err != nil {
			return nil, fmt.Errorf("session: save: after %d tries: %w", n, err)
		}
		if err := s.fetch(ctx, load, s.token, time.Time{}); err != nil {
			return nil, err
		}
		if s.token == "" { // it was destroyed, or renewed
			return nil, s.gone()
		}
		if err := s.again(); err != nil {
			return nil, err
		}
		if cookie, err := s.try(ctx, now, expires); !errors.Is(err, ErrConflict) {
			return cookie, err
		}
	}
	return nil, fmt.Errorf("after %d tries: %w", tries, ErrConflict)
}

// gone says whether a change is lost because the session has ended: what would only
// have taken something out of it is not.
func (s *state) gone() error {
	for _, o := range s.changes {
		if o.kind == set || o.kind == update {
			return fmt.Errorf("%s: the session has ended: %w", o.key, ErrConflict)
		}
	}
	return nil
}

// store stores the values, or deletes the session if there are none.
func (s *state) store(ctx context.Context, expires time.Time) (token string, err error) {
	switch {
	case len(s.values) > 0:
		data, err := json.Marshal(s.values)
		if err != nil {
			return "", err
		}
		return s.manager.store.Save(ctx, s.token, Record{Data: data, Version: s.record.Version, Expires: expires}, s.renew)
	case s.token != "":
		return "", s.manager.store.Delete(ctx, s.token, s.record.Version)
	default:
		return "", nil
	}
}

// replace ends the session, and begins another one if the request has put something
// into it since.
func (s *state) replace(ctx context.Context, now, expires time.Time) (*http.Cookie, error) {
	had := s.token != ""
	if had {
		if err := s.manager.store.Delete(ctx, s.token, 0); err != nil {
			return nil, fmt.Errorf("session: destroy: %w", err)
		}
	}
	s.token, s.record = "", Record{}
	token, err := s.store(ctx, expires)
	if err != nil {
		return nil, fmt.Errorf("session: save: %w", err)
	}
	if token == "" && !had {
		return nil, nil
	}
	return s.manager.cookie(s.answer.request, token, now), nil
}
