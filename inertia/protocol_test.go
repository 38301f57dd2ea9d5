package inertia_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/inertia"
)

// computed collects the names of the props that were computed.
type computed struct {
	mu    sync.Mutex
	names []string
}

func (c *computed) add(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.names = append(c.names, name)
}

// of returns a function for a lazy prop whose value is v.
func of[T any](c *computed, name string, v T) func(context.Context) (T, error) {
	return func(context.Context) (T, error) { c.add(name); return v, nil }
}

// zoo is a page with a prop of each kind.
type zoo struct {
	Plain     string                   `json:"plain"`
	User      zooUser                  `json:"user"`
	Computed  inertia.Computed[int]    `json:"computed"`
	Optional  inertia.Optional[string] `json:"optional"`
	Always    inertia.Always[int]      `json:"always"`
	Deferred  inertia.Deferred[int]    `json:"deferred"`
	Chart     inertia.Deferred[[]int]  `json:"chart"`
	Legend    inertia.Deferred[string] `json:"legend"`
	Unset     inertia.Deferred[string] `json:"unset"`
	Inner     map[string]any           `json:"inner"`
	Inventory []any                    `json:"inventory,omitempty"`
}

type zooUser struct {
	Name  string                `json:"name"`
	Email string                `json:"email,omitempty"`
	Teams inertia.Optional[int] `json:"teams"`
}

func newZoo(c *computed) any {
	return zoo{
		Plain:    "p",
		User:     zooUser{Name: "Ada", Email: "ada@example.com", Teams: inertia.OnRequest(of(c, "user.teams", 3))},
		Computed: inertia.Compute(of(c, "computed", 1)),
		Optional: inertia.OnRequest(of(c, "optional", "o")),
		Always:   inertia.EachTime(of(c, "always", 7)),
		Deferred: inertia.Defer(of(c, "deferred", 2)),
		Chart:    inertia.Defer(of(c, "chart", []int{1, 2})).Group("charts"),
		Legend:   inertia.Defer(of(c, "legend", "l")).Group("charts"),
		Inner: map[string]any{
			"a":    1,
			"b":    map[string]any{"c": 2, "d": inertia.Defer(of(c, "inner.b.d", 4))},
			"keep": inertia.EachTime(of(c, "inner.keep", 5)),
		},
		Inventory: []any{map[string]any{"n": 1, "more": inertia.OnRequest(of(c, "inventory.0.more", 9))}, inertia.OnRequest(of(c, "inventory.1", 8))},
	}
}

// failing returns a prop that cannot be computed.
func failing(context.Context) (int, error) { return 0, errors.New("out of paper") }

func one(name string, value any) func(*computed) any {
	return func(*computed) any { return map[string]any{name: value} }
}

type post struct {
	ID int `json:"id"`
}

func posts(ids ...int) func(context.Context) ([]post, error) {
	list := make([]post, 0, len(ids))
	for _, id := range ids {
		list = append(list, post{id})
	}
	return inertia.Value(list)
}

func batch(current, previous, next any, ids ...int) func(context.Context) (inertia.Batch[post], error) {
	return func(ctx context.Context) (inertia.Batch[post], error) {
		data, _ := posts(ids...)(ctx)
		return inertia.Batch[post]{Data: data, Current: current, Previous: previous, Next: next}, nil
	}
}

const (
	onShow = "X-Inertia-Partial-Component"
	only   = "X-Inertia-Partial-Data"
	except = "X-Inertia-Partial-Except"
	reset  = "X-Inertia-Reset"
	known  = "X-Inertia-Except-Once-Props"
	intent = "X-Inertia-Infinite-Scroll-Merge-Intent"
)

// Each case is a request and the page object that answers it, without its component,
// url and version, and what was computed for it.
func TestPageObjects(t *testing.T) {
	t.Parallel()
	zooDeferred := `"deferredProps":{"charts":["chart","legend"],"default":["deferred","inner.b.d"]}`
	tests := []struct {
		name     string
		props    func(*computed) any
		headers  []string
		want     string
		computed []string
	}{
		{"a full visit", newZoo, nil,
			`{"props":{"errors":{},"plain":"p","user":{"name":"Ada","email":"ada@example.com"},"computed":1,"always":7,"inner":{"a":1,"b":{"c":2},"keep":5},"inventory":[{"n":1},null]},` + zooDeferred + `}`,
			[]string{"computed", "always", "inner.keep"}},
		{"a partial reload of another component is a full visit", newZoo, []string{onShow, "Other", only, "plain"},
			`{"props":{"errors":{},"plain":"p","user":{"name":"Ada","email":"ada@example.com"},"computed":1,"always":7,"inner":{"a":1,"b":{"c":2},"keep":5},"inventory":[{"n":1},null]},` + zooDeferred + `}`,
			[]string{"computed", "always", "inner.keep"}},
		{"only a plain prop", newZoo, []string{onShow, "Show", only, "plain"},
			`{"props":{"errors":{},"plain":"p","always":7}}`, []string{"always"}},
		{"only a computed and an optional prop", newZoo, []string{onShow, "Show", only, "computed,optional"},
			`{"props":{"errors":{},"computed":1,"optional":"o","always":7}}`, []string{"computed", "optional", "always"}},
		{"only a group", newZoo, []string{onShow, "Show", only, "chart,legend"},
			`{"props":{"errors":{},"always":7,"chart":[1,2],"legend":"l"}}`, []string{"always", "chart", "legend"}},
		{"only, with empty items and unknown props", newZoo, []string{onShow, "Show", only, ",plain,,unknown,"},
			`{"props":{"errors":{},"plain":"p","always":7}}`, []string{"always"}},
		{"only what cannot be there", newZoo, []string{onShow, "Show", only, "unknown"},
			`{"props":{"errors":{},"always":7}}`, []string{"always"}},
		{"only the errors", newZoo, []string{onShow, "Show", only, "errors"},
			`{"props":{"errors":{},"always":7}}`, []string{"always"}},
		{"an empty list is none", newZoo, []string{onShow, "Show", only, ",", except, "user,inner,inventory,chart,legend,deferred,optional"},
			`{"props":{"errors":{},"plain":"p","computed":1,"always":7}}`, []string{"computed", "always"}},
		{"a part of a struct", newZoo, []string{onShow, "Show", only, "user.email"},
			`{"props":{"errors":{},"user":{"email":"ada@example.com"},"always":7}}`, []string{"always"}},
		{"a lazy prop in a struct", newZoo, []string{onShow, "Show", only, "user.teams"},
			`{"props":{"errors":{},"user":{"teams":3},"always":7}}`, []string{"user.teams", "always"}},
		{"the whole of a struct has its lazy props", newZoo, []string{onShow, "Show", only, "user"},
			`{"props":{"errors":{},"user":{"name":"Ada","email":"ada@example.com","teams":3},"always":7}}`, []string{"user.teams", "always"}},
		{"a lazy prop two levels down", newZoo, []string{onShow, "Show", only, "inner.b.d"},
			`{"props":{"errors":{},"always":7,"inner":{"b":{"d":4},"keep":5}}}`, []string{"always", "inner.b.d", "inner.keep"}},
		{"a name that begins like another one", newZoo, []string{onShow, "Show", only, "inn"},
			`{"props":{"errors":{},"always":7}}`, []string{"always"}},
		{"a list keeps its items", newZoo, []string{onShow, "Show", only, "inventory.0.more"},
			`{"props":{"errors":{},"always":7,"inventory":[{"more":9},null]}}`, []string{"always", "inventory.0.more"}},
		{"except", newZoo, []string{onShow, "Show", except, "user,inner,inventory,always,errors,chart"},
			`{"props":{"errors":{},"plain":"p","computed":1,"optional":"o","always":7,"deferred":2,"legend":"l"}}`,
			[]string{"computed", "optional", "always", "deferred", "legend"}},
		{"except a part", newZoo, []string{onShow, "Show", only, "user,inner", except, "user.email,user.teams,inner.b,inner.keep"},
			`{"props":{"errors":{},"user":{"name":"Ada"},"always":7,"inner":{"a":1,"keep":5}}}`, []string{"always", "inner.keep"}},
		{"except what only asks for", newZoo, []string{onShow, "Show", only, "plain,computed", except, "computed"},
			`{"props":{"errors":{},"plain":"p","always":7}}`, []string{"always"}},

		{"a rescued prop", one("n", inertia.Defer(failing).Rescue()), []string{onShow, "Show", only, "n"},
			`{"props":{"errors":{}},"rescuedProps":["n"]}`, nil},
		{"a deferred prop at the first visit is not computed", one("n", inertia.Defer(failing)), nil,
			`{"props":{"errors":{}},"deferredProps":{"default":["n"]}}`, nil},

		{"append", one("list", inertia.Append(posts(1))), nil,
			`{"props":{"errors":{},"list":[{"id":1}]},"mergeProps":["list"]}`, nil},
		{"append, asked for", one("list", inertia.Append(posts(1)).MatchOn("id")), []string{onShow, "Show", only, "list"},
			`{"props":{"errors":{},"list":[{"id":1}]},"mergeProps":["list"],"matchPropsOn":["list.id"]}`, nil},
		{"append, not asked for", one("list", inertia.Append(posts(1)).MatchOn("id")), []string{onShow, "Show", only, "other"},
			`{"props":{"errors":{}}}`, nil},
		{"append, excluded", one("list", inertia.Append(posts(1))), []string{onShow, "Show", except, "list"},
			`{"props":{"errors":{}}}`, nil},
		{"append, reset", one("list", inertia.Append(posts(1)).MatchOn("id")), []string{onShow, "Show", only, "list", reset, "list"},
			`{"props":{"errors":{},"list":[{"id":1}]}}`, nil},
		{"prepend", one("list", inertia.Prepend(posts(1)).MatchOn("id")), nil,
			`{"props":{"errors":{},"list":[{"id":1}]},"prependProps":["list"],"matchPropsOn":["list.id"]}`, nil},
		{"append and prepend below", one("feed", inertia.Append(inertia.Value(map[string]any{"posts": []int{1}, "news": []int{2}}), "posts").Prepend("news").MatchOn("posts.id")), nil,
			`{"props":{"errors":{},"feed":{"news":[2],"posts":[1]}},"mergeProps":["feed.posts"],"prependProps":["feed.news"],"matchPropsOn":["feed.posts.id"]}`, nil},
		{"deep merge", one("tree", inertia.DeepMerge(inertia.Value(map[string]any{"posts": []int{1}})).MatchOn("posts.id")), nil,
			`{"props":{"errors":{},"tree":{"posts":[1]}},"deepMergeProps":["tree"],"matchPropsOn":["tree.posts.id"]}`, nil},
		{"merge in depth", one("a", map[string]any{"b": inertia.Append(posts(1))}), []string{onShow, "Show", only, "a.b"},
			`{"props":{"errors":{},"a":{"b":[{"id":1}]}},"mergeProps":["a.b"]}`, nil},
		{"deferred and merged", one("list", inertia.Defer(posts(1)).Append()), nil,
			`{"props":{"errors":{}},"deferredProps":{"default":["list"]},"mergeProps":["list"]}`, nil},
		{"deferred and merged in depth, asked for", one("list", inertia.Defer(posts(1)).DeepMerge().MatchOn("id")), []string{onShow, "Show", only, "list"},
			`{"props":{"errors":{},"list":[{"id":1}]},"deepMergeProps":["list"],"matchPropsOn":["list.id"]}`, nil},
		{"deferred and put in front", one("list", inertia.Defer(posts(1)).Prepend()), []string{onShow, "Show", only, "list"},
			`{"props":{"errors":{},"list":[{"id":1}]},"prependProps":["list"]}`, nil},

		{"once", one("plans", inertia.Remember(posts(1), inertia.Retention{})), nil,
			`{"props":{"errors":{},"plans":[{"id":1}]},"onceProps":{"plans":{"prop":"plans","expiresAt":null}}}`, nil},
		{"once, known", one("plans", inertia.Remember(posts(1), inertia.Retention{For: time.Hour})), []string{known, "other,plans"},
			`{"props":{"errors":{}},"onceProps":{"plans":{"prop":"plans","expiresAt":946688400000}}}`, nil},
		{"once, known by its key", one("plans", inertia.Remember(posts(1), inertia.Retention{Key: "all-plans"})), []string{known, "all-plans"},
			`{"props":{"errors":{}},"onceProps":{"all-plans":{"prop":"plans","expiresAt":null}}}`, nil},
		{"once, with a key, is not known by its path", one("plans", inertia.Remember(posts(1), inertia.Retention{Key: "all-plans"})), []string{known, "plans"},
			`{"props":{"errors":{},"plans":[{"id":1}]},"onceProps":{"all-plans":{"prop":"plans","expiresAt":null}}}`, nil},
		{"once, known but fresh", one("plans", inertia.Remember(posts(1), inertia.Retention{Fresh: true})), []string{known, "plans"},
			`{"props":{"errors":{},"plans":[{"id":1}]},"onceProps":{"plans":{"prop":"plans","expiresAt":null}}}`, nil},
		{"once, known but asked for", one("plans", inertia.Remember(posts(1), inertia.Retention{})), []string{known, "plans", onShow, "Show", only, "plans"},
			`{"props":{"errors":{},"plans":[{"id":1}]},"onceProps":{"plans":{"prop":"plans","expiresAt":null}}}`, nil},
		{"once, not asked for", one("plans", inertia.Remember(posts(1), inertia.Retention{})), []string{known, "plans", onShow, "Show", only, "other"},
			`{"props":{"errors":{}}}`, nil},
		{"once and deferred", one("plans", inertia.Defer(posts(1)).Remember(inertia.Retention{})), nil,
			`{"props":{"errors":{}},"deferredProps":{"default":["plans"]},"onceProps":{"plans":{"prop":"plans","expiresAt":null}}}`, nil},
		{"once and deferred, known", one("plans", inertia.Defer(posts(1)).Remember(inertia.Retention{})), []string{known, "plans"},
			`{"props":{"errors":{}},"onceProps":{"plans":{"prop":"plans","expiresAt":null}}}`, nil},
		{"once and optional", one("plans", inertia.OnRequest(posts(1)).Remember(inertia.Retention{})), nil,
			`{"props":{"errors":{}},"onceProps":{"plans":{"prop":"plans","expiresAt":null}}}`, nil},
		{"once and merged", one("plans", inertia.Append(posts(1)).Remember(inertia.Retention{})), []string{known, "plans"},
			`{"props":{"errors":{}},"mergeProps":["plans"],"onceProps":{"plans":{"prop":"plans","expiresAt":null}}}`, nil},

		{"scroll", one("posts", inertia.Batches(batch(2, 1, 3, 5, 6)).MatchOn("id")), nil,
			`{"props":{"errors":{},"posts":{"data":[{"id":5},{"id":6}]}},"mergeProps":["posts.data"],"matchPropsOn":["posts.data.id"],"scrollProps":{"posts":{"pageName":"page","previousPage":1,"nextPage":3,"currentPage":2,"reset":false}}}`, nil},
		{"scroll, at its end, by cursor", one("posts", inertia.Batches(batch("xyz", "abc", ""))), nil,
			`{"props":{"errors":{},"posts":{"data":[]}},"mergeProps":["posts.data"],"scrollProps":{"posts":{"pageName":"page","previousPage":"abc","nextPage":null,"currentPage":"xyz","reset":false}}}`, nil},
		{"scroll, with pointers to numbers", one("posts", inertia.Batches(batch(1, (*int)(nil), new(2)))), []string{onShow, "Show", only, "posts", intent, "append"},
			`{"props":{"errors":{},"posts":{"data":[]}},"mergeProps":["posts.data"],"scrollProps":{"posts":{"pageName":"page","previousPage":null,"nextPage":2,"currentPage":1,"reset":false}}}`, nil},
		{"scroll to the front", one("posts", inertia.Batches(batch(1, nil, 2, 4))), []string{onShow, "Show", only, "posts", intent, "prepend"},
			`{"props":{"errors":{},"posts":{"data":[{"id":4}]}},"prependProps":["posts.data"],"scrollProps":{"posts":{"pageName":"page","previousPage":null,"nextPage":2,"currentPage":1,"reset":false}}}`, nil},
		{"scroll, reset", one("posts", inertia.Batches(batch(1, nil, 2, 4)).MatchOn("id")), []string{onShow, "Show", only, "posts", reset, "posts"},
			`{"props":{"errors":{},"posts":{"data":[{"id":4}]}},"scrollProps":{"posts":{"pageName":"page","previousPage":null,"nextPage":2,"currentPage":1,"reset":true}}}`, nil},
		{"scroll, not asked for", one("posts", inertia.Batches(batch(1, nil, 2, 4))), []string{onShow, "Show", only, "other"},
			`{"props":{"errors":{}}}`, nil},
		{"scroll, deferred", one("posts", inertia.Defer(batch(1, nil, 2, 4)).Group("feed")), nil,
			`{"props":{"errors":{}},"deferredProps":{"feed":["posts"]},"mergeProps":["posts.data"]}`, nil},
		{"scroll, deferred, asked for", one("posts", inertia.Defer(batch(1, nil, 2, 4))), []string{onShow, "Show", only, "posts"},
			`{"props":{"errors":{},"posts":{"data":[{"id":4}]}},"mergeProps":["posts.data"],"scrollProps":{"posts":{"pageName":"page","previousPage":null,"nextPage":2,"currentPage":1,"reset":false}}}`, nil},

		{"lazy props in what one returns", func(c *computed) any {
			inner := map[string]any{"now": inertia.Compute(of(c, "stats.now", 1)), "later": inertia.Defer(of(c, "stats.later", 2))}
			return map[string]any{"stats": inertia.Compute(of(c, "stats", inner))}
		}, nil, `{"props":{"errors":{},"stats":{"now":1}},"deferredProps":{"default":["stats.later"]}}`, []string{"stats", "stats.now"}},
		{"a partial reload of a lazy prop in what one returns", func(c *computed) any {
			inner := map[string]any{"now": 1, "later": inertia.Defer(of(c, "stats.later", 2))}
			return map[string]any{"stats": inertia.Compute(of(c, "stats", inner))}
		}, []string{onShow, "Show", only, "stats.later"}, `{"props":{"errors":{},"stats":{"now":1,"later":2}}}`, []string{"stats", "stats.later"}},
		{"a lazy prop that returns one", func(c *computed) any {
			return map[string]any{"a": inertia.Compute(of(c, "a", inertia.Defer(of(c, "a inside", 2))))}
		}, nil, `{"props":{"errors":{}},"deferredProps":{"default":["a"]}}`, []string{"a"}},
		{"a lazy prop that returns one, asked for", func(c *computed) any {
			return map[string]any{"a": inertia.Compute(of(c, "a", inertia.Defer(of(c, "a inside", 2))))}
		}, []string{onShow, "Show", only, "a"}, `{"props":{"errors":{},"a":2}}`, []string{"a", "a inside"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // it is the beginning of 2000
				pages, version := renderer(t)
				c := new(computed)
				w := visit(t, pages, func(w http.ResponseWriter, r *http.Request) error {
					return pages.Render(w, r, "Show", tt.props(c))
				}, "GET", "/x", append([]string{"X-Inertia", "true", "X-Inertia-Version", version}, tt.headers...)...)
				if diff := cmp.Diff(parsed(t, tt.want), pageOf(t, w)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				want := slices.Sorted(slices.Values(tt.computed))
				if got := slices.Sorted(slices.Values(c.names)); !slices.Equal(got, want) {
					t.Errorf("computed %q, want %q", got, want)
				}
			})
		})
	}
}

func parsed(t *testing.T, text string) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return v
}

// pageOf returns a page object without what is the same in all.
func pageOf(t *testing.T, w *httptest.ResponseRecorder) map[string]any {
	t.Helper()
	page := parsed(t, w.Body.String())
	for _, name := range []string{"component", "url", "version"} {
		if _, ok := page[name].(string); !ok {
			t.Errorf("%s is %v", name, page[name])
		}
		delete(page, name)
	}
	return page
}
