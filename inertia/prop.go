package inertia

import (
	"context"
	"errors"
	"time"
)

// The types of this file are fields of a page's props that are computed when the
// page needs them, and only then. Each is made from a function that gets the
// request's context; [Value] makes one from a value. A zero one is never sent.
//
// They may be at any depth of the props: in structs, maps, lists and in what other
// ones return.

type (
	// Computed is computed whenever it is sent: at each full visit, and by partial
	// reloads that ask for it. Make it with [Compute].
	Computed[T any] struct{ prop }

	// Deferred is left out of full visits: the client asks for it once the page is
	// shown, all props of a group in one request and the groups in parallel. Make it
	// with [Defer].
	Deferred[T any] struct{ prop }

	// Optional is sent only to partial reloads that ask for it. Make it with
	// [OnRequest].
	Optional[T any] struct{ prop }

	// Always is sent with every answer, also to partial reloads that do not ask for
	// it. Make it with [EachTime].
	Always[T any] struct{ prop }

	// Merge is added to what the client has when a partial reload asks for it. Make
	// it with [Append], [Prepend] or [DeepMerge].
	Merge[T any] struct{ prop }

	// Once is sent once: the client keeps it from page to page. Make it with
	// [Remember].
	Once[T any] struct{ prop }
)

// prop is what all kinds of lazy props are made of.
type prop struct {
	compute  func(context.Context) (any, error)
	always   bool
	optional bool
	deferred bool
	rescue   bool
	parallel bool
	scroll   bool
	deep     bool
	group    string
	appended, prepended,
	matched []string // paths below the prop; "" is the prop itself
	once *Retention
}

// lazy is a prop of any kind.
type lazy interface{ lazy() prop }

func (p prop) lazy() prop { return p }

var errNotResolved = errors.New("a lazy prop is where package inertia does not find it: behind a MarshalJSON method, or outside of a page's props")

// MarshalJSON refuses to encode a prop that was not resolved, instead of writing {}.
func (prop) MarshalJSON() ([]byte, error) { return nil, errNotResolved }

func newProp[T any](f func(context.Context) (T, error)) prop {
	p := prop{compute: func(ctx context.Context) (any, error) { return f(ctx) }}
	if _, ok := any(*new(T)).(batch); ok {
		p.scroll = true
	}
	return p
}

// Value returns a function that returns v: for props that cost nothing to compute.
func Value[T any](v T) func(context.Context) (T, error) {
	return func(context.Context) (T, error) { return v, nil }
}

// Compute returns a prop that f computes when it is sent.
func Compute[T any](f func(context.Context) (T, error)) Computed[T] {
	return Computed[T]{newProp(f)}
}

// Defer returns a prop that the client asks for once the page is shown.
func Defer[T any](f func(context.Context) (T, error)) Deferred[T] {
	p := newProp(f)
	p.deferred, p.group = true, "default"
	return Deferred[T]{p}
}

// OnRequest returns a prop that is sent only when it is asked for.
func OnRequest[T any](f func(context.Context) (T, error)) Optional[T] {
	p := newProp(f)
	p.optional = true
	return Optional[T]{p}
}

// EachTime returns a prop that is sent with every answer.
func EachTime[T any](f func(context.Context) (T, error)) Always[T] {
	p := newProp(f)
	p.always = true
	return Always[T]{p}
}

// Append returns a prop that partial reloads add at the end of what the client has.
// With paths, what is there in the prop is added and the rest replaced.
func Append[T any](f func(context.Context) (T, error), paths ...string) Merge[T] {
	p := newProp(f)
	p.appended = orSelf(paths)
	return Merge[T]{p}
}

// Prepend returns a prop that partial reloads put in front of what the client has.
// With paths, what is there in the prop is put in front and the rest replaced.
func Prepend[T any](f func(context.Context) (T, error), paths ...string) Merge[T] {
	p := newProp(f)
	p.prepended = orSelf(paths)
	return Merge[T]{p}
}

// DeepMerge returns a prop that partial reloads merge into what the client has:
// objects key by key at every depth, lists added at the end.
func DeepMerge[T any](f func(context.Context) (T, error)) Merge[T] {
	p := newProp(f)
	p.deep = true
	return Merge[T]{p}
}

// Remember returns a prop that the client keeps.
func Remember[T any](f func(context.Context) (T, error), keep Retention) Once[T] {
	p := newProp(f)
	p.once = &keep
	return Once[T]{p}
}

// Retention says how long the client keeps a prop. The zero value keeps it until
// the document is loaded anew.
type Retention struct {
	Key   string        // what the client knows the prop by, so that pages can share it; its path
	For   time.Duration // after which it is sent again; no end
	Fresh bool          // send it now, though the client may have it
}

// Parallel computes the prop at the same time as the page's other ones.
func (c Computed[T]) Parallel() Computed[T] { c.parallel = true; return c }

// Parallel computes the prop at the same time as the page's other ones.
func (d Deferred[T]) Parallel() Deferred[T] { d.parallel = true; return d }

// Parallel computes the prop at the same time as the page's other ones.
func (o Optional[T]) Parallel() Optional[T] { o.parallel = true; return o }

// Parallel computes the prop at the same time as the page's other ones.
func (a Always[T]) Parallel() Always[T] { a.parallel = true; return a }

// Parallel computes the prop at the same time as the page's other ones.
func (m Merge[T]) Parallel() Merge[T] { m.parallel = true; return m }

// Parallel computes the prop at the same time as the page's other ones.
func (o Once[T]) Parallel() Once[T] { o.parallel = true; return o }

// Group makes the client ask for the prop together with the others of a group;
// "default" unless it is set.
func (d Deferred[T]) Group(name string) Deferred[T] { d.group = name; return d }

// Rescue sends the other props of the group when this one fails: its error is
// logged, and the page shows what <Deferred rescue> says.
func (d Deferred[T]) Rescue() Deferred[T] { d.rescue = true; return d }

// Remember makes the client keep the prop.
func (d Deferred[T]) Remember(keep Retention) Deferred[T] { d.once = &keep; return d }

// Append merges the prop as [Append] does.
func (d Deferred[T]) Append(paths ...string) Deferred[T] {
	d.appended = orSelf(paths)
	return d
}

// Prepend merges the prop as [Prepend] does.
func (d Deferred[T]) Prepend(paths ...string) Deferred[T] {
	d.prepended = orSelf(paths)
	return d
}

// DeepMerge merges the prop as [DeepMerge] does.
func (d Deferred[T]) DeepMerge() Deferred[T] { d.deep = true; return d }

// MatchOn replaces items as [Merge.MatchOn] does.
func (d Deferred[T]) MatchOn(keys ...string) Deferred[T] { d.matched = keys; return d }

// Remember makes the client keep the prop.
func (o Optional[T]) Remember(keep Retention) Optional[T] { o.once = &keep; return o }

// Remember makes the client keep the prop.
func (m Merge[T]) Remember(keep Retention) Merge[T] { m.once = &keep; return m }

// Append merges more of the prop's paths.
func (m Merge[T]) Append(paths ...string) Merge[T] {
	m.appended = joined(m.appended, orSelf(paths))
	return m
}

// Prepend merges more of the prop's paths.
func (m Merge[T]) Prepend(paths ...string) Merge[T] {
	m.prepended = joined(m.prepended, orSelf(paths))
	return m
}

// MatchOn replaces the items of a list that the client has already, instead of
// adding them again. A key is a path below the prop that ends in the field that
// identifies an item: "id" if the prop is the list, "posts.id" for the list posts
// in it.
func (m Merge[T]) MatchOn(keys ...string) Merge[T] { m.matched = keys; return m }

func orSelf(paths []string) []string {
	if len(paths) == 0 {
		return []string{""}
	}
	return paths
}

// joined never writes into the array of the prop that it is a copy of.
func joined(a, b []string) []string { return append(a[:len(a):len(a)], b...) }
