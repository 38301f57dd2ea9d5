package integration_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/kitgo/kit/inertia"
	"github.com/kitgo/kit/vite"
	"github.com/kitgo/kit/web"
)

// pagesApp is an application with a page for each feature of Inertia, and one for
// everything that can go wrong.
type pagesApp struct {
	url     string
	current atomic.Pointer[pagesRelease]
	offline atomic.Bool
	between atomic.Pointer[func(http.ResponseWriter, *http.Request, http.Handler)] // around the next request for a page

	mu     sync.Mutex
	counts map[string]int

	other *httptest.Server // another site
	meet  sync.WaitGroup   // where the deferred groups wait for each other
}

// pagesRelease is one release of the application.
type pagesRelease struct {
	pages *inertia.Renderer
	http.Handler
}

// startPages serves the application as release 1.
func startPages(t *testing.T) *pagesApp {
	t.Helper()
	a := &pagesApp{counts: map[string]int{}}
	a.meet.Add(2)
	a.deploy(release(t, "1", false))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if a.offline.Load() {
			panic(http.ErrAbortHandler)
		}
		if r.Header.Get("X-Inertia") != "" {
			if around := a.between.Swap(nil); around != nil {
				(*around)(w, r, a.current.Load())
				return
			}
		}
		a.current.Load().ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	a.url = server.URL
	a.other = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, `<link rel="icon" href="data:,"><p id="elsewhere">elsewhere</p>`)
	}))
	t.Cleanup(a.other.Close)
	return a
}

// deploy replaces the release.
func (a *pagesApp) deploy(build *vite.Build) {
	pages := inertia.New(build, &inertia.Options{
		Title: "Pages",
		Head:  `<link rel="icon" type="image/svg+xml" href="/favicon.svg">`,
		Store: inertia.NewCookies(bytes.Repeat([]byte{7}, 32)),
		Share: func(*http.Request) (any, error) { return map[string]any{"user": "Ada"}, nil },
	})
	router := web.NewRouter()
	a.routes(router, pages)
	onErrors := &web.Errors{First: pages.Error}
	a.current.Store(&pagesRelease{pages, web.Chain(onErrors.Middleware, web.Recover, web.SecureHeaders, pages.Assets, web.CrossOrigin(), pages.Middleware)(router)})
}

// count counts what is computed, and returns how often it was.
func (a *pagesApp) count(name string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.counts[name]++
	return a.counts[name]
}

func (a *pagesApp) counted(name string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.counts[name]
}

// counting returns a function for a prop whose value is how often it was computed.
func (a *pagesApp) counting(name string) func(context.Context) (int, error) {
	return func(context.Context) (int, error) { return a.count(name), nil }
}

type pagesPost struct {
	ID int `json:"id"`
}

func (a *pagesApp) routes(r *web.Router, pages *inertia.Renderer) {
	page := func(pattern, component string, props func(*http.Request) any) {
		r.Get(pattern, func(w http.ResponseWriter, r *http.Request) error {
			a.count(pattern)
			return pages.Render(w, r, component, props(r))
		})
	}
	none := func(*http.Request) any { return nil }
	page("/", "Other", none)
	page("/other", "Other", none)
	page("/late", "Late", none)
	page("/forms", "Forms", none)
	page("/props", "Props", a.props)
	page("/deferred", "Deferred", a.deferred)
	page("/scroll", "Scroll", a.scroll)
	page("/throws", "Throws", func(r *http.Request) any { return map[string]any{"what": r.URL.Query().Get("what")} })
	r.Get("/secret", func(w http.ResponseWriter, r *http.Request) error {
		a.count("/secret")
		pages.EncryptHistory(r, true)
		return pages.Render(w, r, "Props", map[string]string{"secret": "42"})
	})
	r.Post("/sign-out", func(w http.ResponseWriter, r *http.Request) error {
		if err := pages.ClearHistory(w, r); err != nil {
			return err
		}
		return web.Redirect(w, r, "/other")
	})
	r.Post("/signup", func(w http.ResponseWriter, r *http.Request) error {
		a.count("POST /signup")
		if err := inertia.Validated(r, signUp(r)); err != nil {
			return err
		}
		a.count("signed up")
		if err := pages.Flash(w, r, "message", "welcome"); err != nil {
			return err
		}
		return web.Redirect(w, r, "/hop")
	})
	r.Get("/hop", func(w http.ResponseWriter, r *http.Request) error { return web.Redirect(w, r, "/other") })
	r.Post("/upload", func(w http.ResponseWriter, r *http.Request) error {
		file, _, err := r.FormFile("file")
		if err != nil {
			return err
		}
		defer file.Close()
		n, err := io.Copy(io.Discard, file)
		if err != nil {
			return err
		}
		if err := pages.Flash(w, r, "upload", r.FormValue("title")+" "+strconv.FormatInt(n, 10)); err != nil {
			return err
		}
		return web.Redirect(w, r, "/other")
	})
	r.Put("/moved", func(w http.ResponseWriter, r *http.Request) error {
		http.Redirect(w, r, "/other", http.StatusFound)
		return nil
	})
	r.Post("/external", func(w http.ResponseWriter, r *http.Request) error {
		return inertia.Location(w, r, a.other.URL)
	})
	r.Post("/fragment", func(w http.ResponseWriter, r *http.Request) error { return web.Redirect(w, r, "/other#other") })
	r.Post("/quiet", func(http.ResponseWriter, *http.Request) error { a.count("POST /quiet"); return nil })
}

// signUp checks the form as package validate would.
func signUp(r *http.Request) error {
	var form struct{ Name, Email string }
	if err := json.NewDecoder(r.Body).Decode(&form); err != nil {
		return err
	}
	invalid := inertia.Invalid{}
	if form.Name == "" {
		invalid["name"] = "The name is missing."
	}
	if form.Email == "taken" {
		invalid["email"] = "The address is taken."
	}
	if len(invalid) > 0 {
		return invalid
	}
	return nil
}

// props has a prop of each kind.
func (a *pagesApp) props(r *http.Request) any {
	number, _ := strconv.Atoi(cmp.Or(r.URL.Query().Get("page"), "1"))
	list := []pagesPost{{number}, {number + 1}}
	return map[string]any{
		"plain":    "p",
		"computed": inertia.Compute(a.counting("computed")),
		"optional": inertia.OnRequest(a.counting("optional")),
		"always":   inertia.EachTime(a.counting("always")),
		"plans":    inertia.Remember(a.counting("plans"), inertia.Retention{}),
		"nested":   map[string]any{"a": inertia.Compute(a.counting("nested.a")), "b": inertia.Compute(a.counting("nested.b"))},
		"log":      inertia.Append(inertia.Value(list)),
		"matched":  inertia.Append(inertia.Value(list)).MatchOn("id"),
		"news":     inertia.Prepend(inertia.Value(list)),
		"tree":     inertia.DeepMerge(inertia.Value(map[string]any{"leaves": []int{number}, "p" + strconv.Itoa(number): true})),
	}
}

// deferred has two groups that each wait for the other one to be asked for: they load
// only if the client asks for both at the same time.
func (a *pagesApp) deferred(*http.Request) any {
	wait := func(name string) func(context.Context) (string, error) {
		return func(ctx context.Context) (string, error) {
			a.meet.Done()
			met := make(chan struct{})
			go func() { a.meet.Wait(); close(met) }()
			select {
			case <-met:
				return name + " met", nil
			case <-ctx.Done():
				return "", ctx.Err()
			}
		}
	}
	return map[string]any{
		"left":   inertia.Defer(wait("left")).Group("left"),
		"right":  inertia.Defer(wait("right")).Group("right"),
		"broken": inertia.Defer(func(context.Context) (string, error) { return "", errors.New("not today") }).Group("left").Rescue(),
	}
}

// scroll has 30 posts, ten at a time.
func (a *pagesApp) scroll(r *http.Request) any {
	number, _ := strconv.Atoi(cmp.Or(r.URL.Query().Get("page"), "1"))
	return map[string]any{
		"below": inertia.OnRequest(func(context.Context) (string, error) { a.count("below"); return "the end", nil }),
		"posts": inertia.Batches(func(context.Context) (inertia.Batch[pagesPost], error) {
			a.count("posts " + strconv.Itoa(number))
			b := inertia.Batch[pagesPost]{Current: number}
			for i := range 10 {
				b.Data = append(b.Data, pagesPost{(number-1)*10 + i + 1})
			}
			if number > 1 {
				b.Previous = number - 1
			}
			if number < 3 {
				b.Next = number + 1
			}
			return b, nil
		}).MatchOn("id"),
	}
}
