package inertia

import (
	"context"
	"fmt"
	"log/slog"
	"reflect"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
)

// node is a part of the props as it will be encoded.
type node struct {
	kind    kind
	value   any      // of a leaf
	quoted  bool     // a leaf that is written as a string
	members []member // of an object
	items   []node   // of a list
}

type kind uint8

const (
	absent kind = iota
	leaf
	object
	array
)

type member struct {
	name string
	node *node
}

// resolver decides what a page is made of, and computes it.
type resolver struct {
	asked   asked
	meta    meta
	pending []pending
}

// pending is a lazy prop that is to be computed.
type pending struct {
	prop
	path  string
	node  *node
	value any
	err   error
}

// walk fills n with v, which is at path. Inside of what a lazy prop returned nothing
// is left out.
func (s *resolver) walk(n *node, v reflect.Value, path string, computed bool, depth int) {
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		if v.IsNil() || opaque(v.Type()) {
			n.set(v)
			return
		}
		v = v.Elem()
	}
	cut := !computed && s.asked.splits(path)
	if !v.IsValid() || opaque(v.Type()) || depth > tooDeep || !cut && !holds(v, 0) {
		n.set(v)
		return
	}
	switch {
	case v.Kind() == reflect.Struct, v.Kind() == reflect.Map && keysOf(v) != nil:
		s.split(n, v, path, nil, computed, depth)
	case v.Kind() == reflect.Array, v.Kind() == reflect.Slice && !v.IsNil() && v.Type().Elem().Kind() != reflect.Uint8:
		// A list keeps all of its items: one that is left out would move the others.
		n.kind, n.items = array, make([]node, v.Len())
		for i := range n.items {
			item := v.Index(i)
			if p, ok := lazyOf(item); !ok {
				s.walk(&n.items[i], item, join(path, strconv.Itoa(i)), computed, depth+1)
			} else if !s.lazy(&n.items[i], p, join(path, strconv.Itoa(i)), computed) {
				n.items[i].kind = leaf // null
			}
		}
	default:
		n.set(v)
	}
}

// split makes an object of the fields of v, a struct or a map, without those that
// skip, which may be nil, names.
func (s *resolver) split(n *node, v reflect.Value, path string, skip func(string) bool, computed bool, depth int) {
	n.kind = object
	if v.Kind() == reflect.Map {
		keys := keysOf(v)
		n.members = make([]member, 0, len(keys))
		for _, k := range keys {
			if skip == nil || !skip(k.name) {
				s.child(n, k.name, v.MapIndex(k.value), path, computed, depth)
			}
		}
		return
	}
	fields := planOf(v.Type()).fields
	n.members = make([]member, 0, len(fields))
	for _, p := range fields {
		f, ok := p.fieldOf(v)
		if !ok || skip != nil && skip(p.name) {
			continue
		}
		if c := s.child(n, p.name, f, path, computed, depth); c != nil {
			c.quoted = p.quoted
		}
	}
}

// child adds v to the object n as the field name, if it is a part of the page.
func (s *resolver) child(n *node, name string, v reflect.Value, above string, computed bool, depth int) *node {
	path := join(above, name)
	p, isLazy := lazyOf(v)
	if !computed && !p.always && !s.asked.includes(path) {
		return nil
	}
	c := new(node)
	if !isLazy {
		s.walk(c, v, path, computed, depth+1)
	} else if !s.lazy(c, p, path, computed) {
		return nil
	}
	n.members = append(n.members, member{name, c})
	return c
}

// lazy decides about a lazy prop and reports whether it is a part of the page.
func (s *resolver) lazy(n *node, p prop, path string, computed bool) bool {
	if p.compute == nil || !p.always && !computed && !s.asked.includes(path) {
		return false
	}
	known := p.once != nil && !p.once.Fresh && s.asked.visit && !s.asked.partial && slices.Contains(s.asked.known, p.keyAt(path))
	later := !s.asked.partial && (p.deferred || p.optional)
	if later && p.deferred && !known {
		s.meta.deferTo(p.group, path)
	}
	if !s.asked.partial || s.asked.chosen(path) && !s.asked.excluded(path) {
		s.label(p, path)
	}
	if later || known {
		return false
	}
	s.pending = append(s.pending, pending{prop: p, path: path, node: n})
	return true
}

// label records how the client is to treat a prop.
func (s *resolver) label(p prop, path string) {
	if p.once != nil {
		s.meta.remember(p.keyAt(path), path, p.once.For)
	}
	if slices.Contains(s.asked.reset, path) {
		return
	}
	switch {
	case p.scroll && s.asked.prepend:
		p.prepended = []string{wrapper}
	case p.scroll:
		p.appended = []string{wrapper}
	}
	for _, below := range p.appended {
		s.meta.Merge = append(s.meta.Merge, join(path, below))
	}
	for _, below := range p.prepended {
		s.meta.Prepend = append(s.meta.Prepend, join(path, below))
	}
	if p.deep {
		s.meta.DeepMerge = append(s.meta.DeepMerge, path)
	}
	for _, key := range p.matched {
		s.meta.MatchOn = append(s.meta.MatchOn, join(path, key))
	}
}

// resolve computes the props that wait for it, and those in what they return. Those
// that ask for it are computed at the same time as the others, which are computed
// in their order. The first error ends all.
func (s *resolver) resolve(ctx context.Context) error {
	for depth := 0; len(s.pending) > 0; depth++ {
		round := s.pending
		s.pending = nil
		if depth > tooDeep {
			return fmt.Errorf("prop %s: lazy props in lazy props without an end", round[0].path)
		}
		if err := run(ctx, round); err != nil {
			return err
		}
		for i := range round {
			s.take(ctx, &round[i])
		}
	}
	return nil
}

// run computes all of round. The first failure cancels the others, and is returned
// when all have ended.
func run(ctx context.Context, round []pending) error {
	if len(round) == 1 {
		p := &round[0]
		p.value, p.err = p.compute(ctx)
		if err := p.failure(ctx); err != nil {
			return err
		}
		return context.Cause(ctx)
	}
	ctx, stop := context.WithCancelCause(ctx)
	var beside sync.WaitGroup
	var panicked atomic.Pointer[string]
	end := func() { stop(context.Canceled); beside.Wait() }
	defer end() // also when a prop panics

	compute := func(p *pending) {
		p.value, p.err = p.compute(ctx)
		if err := p.failure(ctx); err != nil {
			stop(err)
		}
	}
	for i := range round {
		if p := &round[i]; p.parallel {
			beside.Go(func() {
				defer func() {
					if v := recover(); v != nil {
						panicked.Store(new(fmt.Sprintf("prop %s: %v\n%s", p.path, v, debug.Stack())))
						stop(context.Canceled)
					}
				}()
				compute(p)
			})
		}
	}
	for i := range round {
		if p := &round[i]; !p.parallel && ctx.Err() == nil {
			compute(p)
		}
	}
	beside.Wait()
	if p := panicked.Load(); p != nil {
		panic(*p) // where the request's own recovery sees it
	}
	return context.Cause(ctx)
}

// failure is why the page cannot be sent. A rescued prop fails alone, unless the
// request has ended.
func (p *pending) failure(ctx context.Context) error {
	if p.err == nil || p.deferred && p.rescue && ctx.Err() == nil {
		return nil
	}
	return fmt.Errorf("prop %s: %w", p.path, p.err)
}

// take puts what a prop returned into the page.
func (s *resolver) take(ctx context.Context, p *pending) {
	if p.err != nil {
		slog.ErrorContext(ctx, "a deferred prop failed", "prop", p.path, "error", p.err)
		s.meta.Rescued = append(s.meta.Rescued, p.path)
		return
	}
	if b, ok := p.value.(batch); ok && p.scroll {
		state := b.state()
		state.Reset = slices.Contains(s.asked.reset, p.path)
		s.meta.scrollAt(p.path, state)
		p.value = b.whole()
	}
	v := reflect.ValueOf(p.value)
	if inner, ok := lazyOf(v); ok {
		s.lazy(p.node, inner, p.path, s.asked.partial)
		return
	}
	s.walk(p.node, v, p.path, true, 0)
}

func (p prop) keyAt(path string) string {
	if p.once.Key != "" {
		return p.once.Key
	}
	return path
}

func (n *node) set(v reflect.Value) {
	n.kind = leaf
	switch {
	case !v.IsValid():
	case v.CanAddr():
		n.value = v.Addr().Interface() // spares a copy
	default:
		n.value = v.Interface()
	}
}

// lazyOf returns the lazy prop that v is, or points to.
func lazyOf(v reflect.Value) (prop, bool) {
	for v.IsValid() && (v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer) {
		v = v.Elem()
	}
	if !v.IsValid() || v.Kind() != reflect.Struct || !v.Type().Implements(lazyType) {
		return prop{}, false
	}
	if v.CanAddr() {
		return v.Addr().Interface().(lazy).lazy(), true // spares a copy
	}
	return v.Interface().(lazy).lazy(), true
}

func join(path, name string) string {
	switch {
	case path == "":
		return name
	case name == "":
		return path
	default:
		return path + "." + name
	}
}
