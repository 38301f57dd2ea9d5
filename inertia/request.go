package inertia

import (
	"net/http"
	"slices"
	"strings"
)

// asked is what the headers of a request ask of a page.
type asked struct {
	visit   bool     // by the client, not by a browser that loads a document
	partial bool     // a part of the component that the client shows
	only    []string // paths; none stands for all
	except  []string
	reset   []string
	known   []string // keys of the once props that the client has
	prepend bool     // an infinite list grows at its beginning
}

// read reads the headers. Those of a partial reload count only if it is one of this
// component: the redirect to another page that a reload may end in repeats them.
func read(h http.Header, component string) asked {
	a := asked{visit: h.Get("X-Inertia") != ""}
	if !a.visit {
		return a
	}
	a.known = list(h, "X-Inertia-Except-Once-Props")
	a.prepend = h.Get("X-Inertia-Infinite-Scroll-Merge-Intent") == "prepend"
	if h.Get("X-Inertia-Partial-Component") != component || component == "" {
		return a
	}
	a.only = list(h, "X-Inertia-Partial-Data")
	a.except = list(h, "X-Inertia-Partial-Except")
	a.reset = list(h, "X-Inertia-Reset")
	a.partial = true
	return a
}

// list splits a header at its commas.
func list(h http.Header, name string) []string {
	text := h.Get(name)
	if text == "" {
		return nil
	}
	return slices.DeleteFunc(strings.Split(text, ","), func(item string) bool { return item == "" })
}

// chosen reports whether only allows path in whole: it names path or one above it.
func (a *asked) chosen(path string) bool {
	return len(a.only) == 0 || slices.ContainsFunc(a.only, func(o string) bool { return within(path, o) })
}

// excluded reports whether except names path or one above it.
func (a *asked) excluded(path string) bool {
	return slices.ContainsFunc(a.except, func(e string) bool { return within(path, e) })
}

// includes reports whether path is a part of the answer, at least in parts. The
// errors always are.
func (a *asked) includes(path string) bool {
	if !a.partial || path == "errors" {
		return true
	}
	leads := func(o string) bool { return within(path, o) || within(o, path) }
	return (len(a.only) == 0 || slices.ContainsFunc(a.only, leads)) && !a.excluded(path)
}

// splits reports whether the answer has parts of path, but not all of it.
func (a *asked) splits(path string) bool {
	if !a.partial || path == "errors" {
		return false
	}
	return !a.chosen(path) || slices.ContainsFunc(a.except, func(e string) bool { return within(e, path) })
}

// within reports whether path is above or below it; both are dotted.
func within(path, above string) bool {
	return len(path) >= len(above) && path[:len(above)] == above &&
		(len(path) == len(above) || above == "" || path[len(above)] == '.')
}
