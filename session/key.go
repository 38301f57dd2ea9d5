package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Key names a value in the session and says its type, which must be one that JSON can
// hold. The context of its methods is that of the request.
type Key[T any] string

// flashLife is how long a value that nobody takes is kept.
const flashLife = 5 * time.Minute

// Get returns the value; the zero value if there is none, and also if an older release
// has stored something that is no T.
func (k Key[T]) Get(ctx context.Context) (v T, err error) {
	s, err := stateOf(ctx)
	if err != nil {
		return v, err
	}
	text, err := s.get(ctx, string(k))
	if err != nil {
		return v, err
	}
	return k.decode(text), nil
}

// Has reports whether there is a value.
func (k Key[T]) Has(ctx context.Context) (bool, error) {
	s, err := stateOf(ctx)
	if err != nil {
		return false, err
	}
	text, err := s.get(ctx, string(k))
	return text != nil, err
}

// Put sets the value. If the request has read it before, and another request has
// changed it since, the answer is 409: see [ErrConflict]. Of two that have not read it,
// the last one stays. In a session in a cookie there may be no room for it, which is
// [ErrTooLarge].
func (k Key[T]) Put(ctx context.Context, v T) error {
	text, err := k.encode(v)
	if err != nil {
		return err
	}
	return k.change(ctx, func(read bool) op {
		return op{key: string(k), kind: set, checked: read, entry: entry{Value: text}}
	})
}

// Update replaces the value by what f makes of it. When another request has changed the
// session meanwhile, f is called again with what that one has stored: so nothing is
// lost, and f must have no other effects. A session in a cookie cannot do that, which is
// an error.
func (k Key[T]) Update(ctx context.Context, f func(T) T) error {
	return k.change(ctx, func(bool) op {
		return op{key: string(k), kind: update, update: func(old json.RawMessage) (json.RawMessage, error) {
			return k.encode(f(k.decode(old)))
		}}
	})
}

// Delete removes the value.
func (k Key[T]) Delete(ctx context.Context) error {
	return k.change(ctx, func(bool) op { return op{key: string(k), kind: remove} })
}

// Flash sets a value that is meant for the next page only, such as a message: [Key.Take]
// reads it. If nobody does, it is gone after 5 minutes.
func (k Key[T]) Flash(ctx context.Context, v T) error {
	text, err := k.encode(v)
	if err != nil {
		return err
	}
	return k.change(ctx, func(bool) op {
		return op{key: string(k), kind: set, entry: entry{Value: text, Until: time.Now().Add(flashLife).Unix()}}
	})
}

// Take returns the value and removes it. What another request puts in its place
// meanwhile stays.
func (k Key[T]) Take(ctx context.Context) (T, error) {
	v, err := k.Get(ctx)
	if err != nil {
		return v, err
	}
	if has, err := k.Has(ctx); err != nil || !has {
		return v, err
	}
	return v, k.change(ctx, func(bool) op { return op{key: string(k), kind: take} })
}

// change adds a change to the session. make learns whether the request has read the
// value.
func (k Key[T]) change(ctx context.Context, make func(read bool) op) error {
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
	o := make(s.read[string(k)])
	if _, ok := s.manager.store.(*Cookies); ok && o.kind == update {
		return fmt.Errorf("session: update %s: a session in a cookie cannot be updated without losing what another request does: keep sessions in the database or in Redis: %w", k, errors.ErrUnsupported)
	}
	if o.kind == set || o.kind == update {
		// What follows a value of one's own is no longer computed from another's.
		defer func() { delete(s.read, string(k)) }()
	}
	values, err := apply(s.values, o)
	if err != nil {
		return err
	}
	if c, ok := s.manager.store.(*Cookies); ok && o.kind == set {
		if err := c.fits(ctx, values); err != nil {
			return fmt.Errorf("session: put %s: %w", k, err)
		}
	}
	if o.checked {
		o.seen = s.base[string(k)].Value
	}
	if o.kind == take {
		o.seen = s.values[string(k)].Value
	}
	s.values = values
	s.changes = append(s.changes, o)
	return nil
}

func (k Key[T]) encode(v T) (json.RawMessage, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("session: encode %s: %w", k, err)
	}
	return text, nil
}

func (Key[T]) decode(text json.RawMessage) T {
	var v, none T
	if text == nil || json.Unmarshal(text, &v) != nil {
		return none
	}
	return v
}
