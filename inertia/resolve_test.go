package inertia_test

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kitgo/kit/inertia"
)

// slow returns a function that takes a second, unless the context ends.
func slow(c *computed, name string) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		select {
		case <-time.After(time.Second):
			c.add(name)
			return 1, nil
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

func render(ctx context.Context, t *testing.T, props any, headers ...string) (*httptest.ResponseRecorder, error) {
	t.Helper()
	pages, version := renderer(t)
	r := httptest.NewRequestWithContext(ctx, "GET", "/x", nil)
	r.Header.Set("X-Inertia", "true")
	r.Header.Set("X-Inertia-Version", version)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	return w, pages.Render(w, r, "Show", props)
}

func TestParallelPropsTakeAsLongAsTheSlowest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := new(computed)
		begin := time.Now()
		props := map[string]any{
			"a": inertia.Compute(slow(c, "a")).Parallel(), "b": inertia.EachTime(slow(c, "b")).Parallel(),
			"c": inertia.Append(slow(c, "c")).Parallel(), "d": inertia.Remember(slow(c, "d"), inertia.Retention{}).Parallel(),
			"e": inertia.Compute(slow(c, "e")),
		}
		if _, err := render(t.Context(), t, props); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took != time.Second || len(c.names) != 5 {
			t.Errorf("it took %s, and %q were computed", took, c.names)
		}
		begin = time.Now()
		deferred := map[string]any{"f": inertia.Defer(slow(c, "f")).Parallel(), "g": inertia.OnRequest(slow(c, "g")).Parallel()}
		if _, err := render(t.Context(), t, deferred, onShow, "Show", only, "f,g"); err != nil || time.Since(begin) != time.Second {
			t.Errorf("it took %s: %v", time.Since(begin), err)
		}
	})
}

func TestOtherPropsAreComputedOneAfterTheOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := new(computed)
		begin := time.Now()
		props := struct {
			B inertia.Computed[int]
			A inertia.Computed[int]
		}{inertia.Compute(slow(c, "B")), inertia.Compute(slow(c, "A"))}
		if _, err := render(t.Context(), t, props); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took != 2*time.Second || strings.Join(c.names, "") != "BA" {
			t.Errorf("it took %s, in the order %q", took, c.names)
		}
	})
}

func TestPropsAreCancelledWithTheRequest(t *testing.T) {
	t.Parallel()
	for name, props := range map[string]any{
		"one": map[string]any{"a": inertia.Compute(forever)},
		"one after the other": map[string]any{"a": inertia.Compute(forever), "b": inertia.Compute(func(context.Context) (int, error) {
			return 0, errors.New("computed for nobody")
		})},
		"beside each other": map[string]any{"a": inertia.Compute(forever).Parallel(), "b": inertia.Compute(forever).Parallel()},
		"one that cares":    map[string]any{"a": inertia.Compute(forever).Parallel(), "b": inertia.Compute(inertia.Value(1))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				begin := time.Now()
				w, err := render(ctx, t, props)
				if took := time.Since(begin); took != time.Minute || !errors.Is(err, context.DeadlineExceeded) || w.Body.Len() > 0 {
					t.Errorf("after %s: %v, %q", took, err, w.Body)
				}
			})
		})
	}
}

func forever(ctx context.Context) (int, error) { <-ctx.Done(); return 0, ctx.Err() }

func TestTheFirstFailureEndsTheOthersAndIsReported(t *testing.T) {
	t.Parallel()
	fail := func(ctx context.Context) (int, error) { time.Sleep(time.Second); return 0, fs.ErrNotExist }
	for name, props := range map[string]any{
		"beside one that runs beside":      map[string]any{"a": inertia.Compute(forever).Parallel(), "b": inertia.Compute(fail).Parallel()},
		"beside one that runs in its turn": map[string]any{"a": inertia.Compute(forever), "b": inertia.Compute(fail).Parallel()},
		"in its turn":                      map[string]any{"a": inertia.Compute(forever).Parallel(), "b": inertia.Compute(fail)},
		"beside one that is rescued":       map[string]any{"a": inertia.Defer(forever).Rescue().Parallel(), "b": inertia.Compute(fail)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				w, err := render(t.Context(), t, props, onShow, "Show", only, "a,b")
				if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "page Show: prop b") || time.Since(begin) != time.Second || w.Body.Len() > 0 {
					t.Errorf("after %s: %v, %q", time.Since(begin), err, w.Body)
				}
			})
		})
	}
}

func TestAPanicBesideReachesTheRequest(t *testing.T) {
	t.Parallel()
	defer func() {
		if text, _ := recover().(string); !strings.Contains(text, "prop a: oh no") || !strings.Contains(text, "resolve_test.go") {
			t.Errorf("recovered %q", text)
		}
	}()
	props := map[string]any{
		"a": inertia.Compute(func(context.Context) (int, error) { panic("oh no") }).Parallel(),
		"b": inertia.Compute(forever).Parallel(),
	}
	_, err := render(t.Context(), t, props)
	t.Errorf("rendered: %v", err)
}

func TestLazyPropsWithoutAnEnd(t *testing.T) {
	t.Parallel()
	var again func(context.Context) (any, error)
	again = func(context.Context) (any, error) { return inertia.Compute(again), nil }
	if _, err := render(t.Context(), t, map[string]any{"a": inertia.Compute(again)}); err == nil || !strings.Contains(err.Error(), "prop a") {
		t.Error(err)
	}
}

func TestSharedProps(t *testing.T) {
	t.Parallel()
	type shared struct {
		User  map[string]any        `json:"user"`
		Count inertia.Computed[int] `json:"count"`
		Menu  inertia.Once[[]int]   `json:"menu"`
	}
	build := emptyBuild(t)
	c := new(computed)
	pages := inertia.New(build, &inertia.Options{Share: func(r *http.Request) (any, error) {
		if r.URL.Path == "/broken" {
			return nil, fs.ErrPermission
		}
		return shared{map[string]any{"name": "Ada"}, inertia.Compute(of(c, "count", 1)), inertia.Remember(inertia.Value([]int{1}), inertia.Retention{})}, nil
	}})
	tests := []struct {
		name    string
		props   any
		headers []string
		want    string
	}{
		{"nothing of the page's own", nil, nil, `{"props":{"errors":{},"user":{"name":"Ada"},"count":1,"menu":[1]},"sharedProps":["user","count","menu"],"onceProps":{"menu":{"prop":"menu","expiresAt":null}}}`},
		{"replaced", map[string]any{"count": 2, "menu": nil, "own": 3}, nil, `{"props":{"errors":{},"user":{"name":"Ada"},"count":2,"menu":null,"own":3},"sharedProps":["user","count","menu"]}`},
		{"with a struct", props{"x"}, nil, `{"props":{"errors":{},"user":{"name":"Ada"},"count":1,"menu":[1],"name":"x"},"sharedProps":["user","count","menu"],"onceProps":{"menu":{"prop":"menu","expiresAt":null}}}`},
		{"a partial reload", props{"x"}, []string{onShow, "Show", only, "name,count"}, `{"props":{"errors":{},"count":1,"name":"x"},"sharedProps":["user","count","menu"]}`},
		{"a partial reload without it", props{"x"}, []string{onShow, "Show", only, "name"}, `{"props":{"errors":{},"name":"x"},"sharedProps":["user","count","menu"]}`},
	}
	for _, tt := range tests {
		w := visit(t, pages, func(w http.ResponseWriter, r *http.Request) error { return pages.Render(w, r, "Show", tt.props) }, "GET", "/", append([]string{"X-Inertia", "true"}, tt.headers...)...)
		if got := pageOf(t, w); !equal(t, got, tt.want) {
			t.Errorf("%s: %s\nwant %s", tt.name, w.Body, tt.want)
		}
	}
	if len(c.names) != 3 {
		t.Errorf("the shared count was computed %d times, want 3: not where it is replaced or not asked for", len(c.names))
	}
	w := httptest.NewRecorder()
	if err := pages.Render(w, httptest.NewRequest("GET", "/broken", nil), "Show", nil); !errors.Is(err, fs.ErrPermission) || w.Body.Len() > 0 {
		t.Errorf("shared props that fail: %v", err)
	}
}
