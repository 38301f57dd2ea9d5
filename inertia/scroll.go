package inertia

import (
	"context"
	"reflect"
)

// Scroll is a list that the client's <InfiniteScroll> loads part by part, in both
// directions. Make it with [Batches]. The page gets an object with the key data.
type Scroll[T any] struct{ prop }

// Batch is a part of an infinite list, and where it is in it. The parts before and
// after it are numbers or cursors: an integer, a string, or a pointer to one; nil
// and "" mean that there is none.
type Batch[T any] struct {
	Data     []T    `json:"data"`
	Current  any    `json:"-"` // this part
	Previous any    `json:"-"`
	Next     any    `json:"-"`
	Query    string `json:"-"` // the parameter of the URL that names a part; "page"
}

// Batches returns an infinite list: f returns the part that the request asks for.
// A deferred one is [Defer] of a function that returns a [Batch].
func Batches[T any](f func(context.Context) (Batch[T], error)) Scroll[T] {
	return Scroll[T]{newProp(f)}
}

// Parallel computes the prop at the same time as the page's other ones.
func (s Scroll[T]) Parallel() Scroll[T] { s.parallel = true; return s }

// MatchOn replaces the items that the client has already, by the field that
// identifies them, such as "id".
func (s Scroll[T]) MatchOn(key string) Scroll[T] { s.matched = []string{wrapper + "." + key}; return s }

// wrapper is the key of the list in a scroll prop.
const wrapper = "data"

// scrollState is what the protocol says of a scroll prop.
type scrollState struct {
	PageName string `json:"pageName"`
	Previous any    `json:"previousPage"`
	Next     any    `json:"nextPage"`
	Current  any    `json:"currentPage"`
	Reset    bool   `json:"reset"`
}

// batch is a [Batch] of any type.
type batch interface {
	state() scrollState
	whole() any
}

func (b Batch[T]) state() scrollState {
	s := scrollState{PageName: b.Query, Previous: place(b.Previous), Next: place(b.Next), Current: place(b.Current)}
	if s.PageName == "" {
		s.PageName = "page"
	}
	return s
}

// whole is the batch with a list in it that is never null, which the client could
// not add to.
func (b Batch[T]) whole() any {
	if b.Data == nil {
		b.Data = []T{}
	}
	return b
}

// place returns the number or cursor of a part, nil if there is none.
func place(v any) any {
	r := reflect.ValueOf(v)
	for r.Kind() == reflect.Pointer {
		r = r.Elem()
	}
	if !r.IsValid() || r.Kind() == reflect.String && r.Len() == 0 {
		return nil
	}
	return r.Interface()
}
