package session_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kitgo/kit/session"
	"github.com/kitgo/kit/web"
)

const (
	name    = session.Key[string]("name")
	counter = session.Key[int]("counter")
	notice  = session.Key[string]("notice")
)

// browser keeps the cookie between the requests that it makes.
type browser struct {
	t       testing.TB
	manager *session.Manager
	cookie  *http.Cookie
}

func newBrowser(t testing.TB, s session.Store, o *session.Options) *browser {
	return &browser{t: t, manager: session.New(s, o)}
}

// do makes a request that f handles.
func (b *browser) do(f func(ctx context.Context, w http.ResponseWriter) error) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequest("GET", "/", nil)
	if b.cookie != nil {
		r.AddCookie(b.cookie)
	}
	w := httptest.NewRecorder()
	chain := web.Chain(web.Recover, b.manager.Middleware)
	chain(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := f(r.Context(), w); err != nil {
			web.WriteError(w, r, err)
		}
	})).ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		b.cookie = c
		if c.MaxAge < 0 {
			b.cookie = nil
		}
	}
	return w
}

// ok is do for a request that must succeed.
func (b *browser) ok(f func(ctx context.Context) error) *httptest.ResponseRecorder {
	b.t.Helper()
	w := b.do(func(ctx context.Context, _ http.ResponseWriter) error {
		if err := f(ctx); err != nil {
			b.t.Error(err)
		}
		return nil
	})
	if w.Code != 200 {
		b.t.Errorf("answer %d: %s", w.Code, w.Body)
	}
	return w
}

func (b *browser) put(v string) {
	b.t.Helper()
	b.ok(func(ctx context.Context) error { return name.Put(ctx, v) })
}

// wants fails unless the session has this name.
func (b *browser) wants(v string) {
	b.t.Helper()
	b.ok(func(ctx context.Context) error {
		got, err := name.Get(ctx)
		if got != v {
			b.t.Errorf("the session has %q, want %q", got, v)
		}
		return err
	})
}

func (b *browser) copy() *browser { c := *b; return &c }

func TestValuesLast(t *testing.T) {
	t.Parallel()
	each(t, false, func(t *testing.T, s session.Store) {
		b := newBrowser(t, s, nil)
		b.wants("")
		b.put("Ann")
		b.wants("Ann")
		other := newBrowser(t, s, nil)
		other.wants("")
		other.put("Bob")
		b.wants("Ann")
		b.ok(func(ctx context.Context) error {
			if has, err := name.Has(ctx); !has || err != nil {
				t.Errorf("Has: %t, %v", has, err)
			}
			return errors.Join(name.Delete(ctx), counter.Put(ctx, 3))
		})
		b.ok(func(ctx context.Context) error {
			has, err := name.Has(ctx)
			n, err2 := counter.Get(ctx)
			if has || n != 3 {
				t.Errorf("Has %t, counter %d", has, n)
			}
			return errors.Join(err, err2)
		})
	})
}

func TestFlashIsTakenOnce(t *testing.T) {
	t.Parallel()
	each(t, false, func(t *testing.T, s session.Store) {
		b := newBrowser(t, s, nil)
		b.ok(func(ctx context.Context) error { return notice.Flash(ctx, "Saved.") })
		b.ok(func(context.Context) error { return nil }) // a redirect on the way
		for _, want := range []string{"Saved.", ""} {
			b.ok(func(ctx context.Context) error {
				got, err := notice.Take(ctx)
				if got != want {
					t.Errorf("took %q, want %q", got, want)
				}
				return err
			})
		}
		if b.cookie != nil {
			t.Errorf("a session without values still has the cookie %s", b.cookie)
		}
	})
}

func TestVisitorsWhoNeedNoSessionHaveNone(t *testing.T) {
	t.Parallel()
	db := openCounting(t)
	b := newBrowser(t, session.NewDatabase(db.DB), nil)
	b.wants("")
	b.ok(func(ctx context.Context) error { _, err := notice.Take(ctx); return err })
	b.ok(func(ctx context.Context) error { return errors.Join(session.Renew(ctx), name.Delete(ctx)) })
	b.ok(func(ctx context.Context) error { return session.Destroy(ctx) })
	if b.cookie != nil || db.queries.Load() != 0 {
		t.Errorf("cookie %v, queries %d", b.cookie, db.queries.Load())
	}
}

// A page costs one query, one that does not use the session none, and so it stays when
// the session is made to last longer.
func TestQueriesOfAPage(t *testing.T) {
	t.Parallel()
	db := openCounting(t)
	b := newBrowser(t, session.NewDatabase(db.DB), nil)
	b.put("Ann")
	queries := func(want int64, f func(context.Context) error) {
		t.Helper()
		before := db.queries.Load()
		b.ok(f)
		if n := db.queries.Load() - before; n != want {
			t.Errorf("%d queries, want %d", n, want)
		}
	}
	read := func(ctx context.Context) error { _, err := name.Get(ctx); return err }
	queries(0, func(context.Context) error { return nil })
	queries(1, read)
	queries(1, func(ctx context.Context) error { return errors.Join(read(ctx), read(ctx)) })
	token, _, _ := strings.Cut(b.cookie.Value, ".")
	b.cookie.Value = token // as if it had been sent long ago
	queries(1, read)
	if b.cookie.Value == token {
		t.Error("the cookie does not last longer")
	}
	queries(1, read)
	queries(2, func(ctx context.Context) error { return name.Put(ctx, "Bob") })
	b.cookie.Value = "nonsense.1"
	queries(0, read)
}

func TestRenewLeavesTheOldTokenWorthless(t *testing.T) {
	t.Parallel()
	each(t, true, func(t *testing.T, s session.Store) {
		b := newBrowser(t, s, nil)
		b.put("guest")
		attacker := b.copy()
		b.ok(func(ctx context.Context) error { return errors.Join(session.Renew(ctx), name.Put(ctx, "Ann")) })
		b.wants("Ann")
		attacker.wants("")
		b.ok(session.Renew) // alone, too
		b.wants("Ann")
	})
}

// Session fixation: a token that the server did not make is never used.
func TestAPlantedTokenIsNotAdopted(t *testing.T) {
	t.Parallel()
	each(t, false, func(t *testing.T, s session.Store) {
		for _, planted := range []string{"AAAAAAAAAAAAAAAAAAAAAAAAAA.1", "x", "", ".", strings.Repeat("A", 5000)} {
			victim := newBrowser(t, s, nil)
			victim.cookie = &http.Cookie{Name: "session", Value: planted}
			attacker := victim.copy()
			victim.ok(func(ctx context.Context) error { return errors.Join(session.Renew(ctx), name.Put(ctx, "Ann")) })
			if victim.cookie.Value == planted {
				t.Fatalf("the planted %q was adopted", planted)
			}
			victim.wants("Ann")
			attacker.wants("")
		}
	})
}

func TestDestroy(t *testing.T) {
	t.Parallel()
	each(t, true, func(t *testing.T, s session.Store) {
		b := newBrowser(t, s, nil)
		b.put("Ann")
		old := b.copy()
		b.ok(func(ctx context.Context) error {
			return errors.Join(session.Destroy(ctx), notice.Flash(ctx, "Bye."))
		})
		b.wants("")
		b.ok(func(ctx context.Context) error {
			got, err := notice.Take(ctx)
			if got != "Bye." {
				t.Errorf("flash %q", got)
			}
			return err
		})
		old.wants("")
		b.put("Ann")
		b.ok(session.Destroy)
		if b.cookie != nil {
			t.Errorf("the cookie is still %s", b.cookie)
		}
	})
}

// during lets another request of the visitor happen while one is under way.
func during(b *browser, before, other, after func(context.Context) error) *httptest.ResponseRecorder {
	return b.copy().do(func(ctx context.Context, _ http.ResponseWriter) error {
		if err := before(ctx); err != nil {
			return err
		}
		b.copy().ok(other)
		return after(ctx)
	})
}

func nothing(context.Context) error { return nil }

func TestConcurrentRequests(t *testing.T) {
	t.Parallel()
	read := func(ctx context.Context) error { _, err := name.Get(ctx); return err }
	put := func(v string) func(context.Context) error {
		return func(ctx context.Context) error { return name.Put(ctx, v) }
	}
	increment := func(ctx context.Context) error { return counter.Update(ctx, func(n int) int { return n + 1 }) }
	take := func(ctx context.Context) error { _, err := notice.Take(ctx); return err }
	tests := map[string]struct {
		before, other, after func(context.Context) error
		status               int
		name, notice         string
		counter              int
	}{
		"other values are kept":                     {increment, put("B"), nothing, 200, "B", "old", 2},
		"of two blind changes the last one stays":   {put("A"), put("B"), nothing, 200, "A", "old", 1},
		"a change of what was read is a conflict":   {read, put("B"), put("A"), 409, "B", "old", 1},
		"the same change is none":                   {read, put("A"), put("A"), 200, "A", "old", 1},
		"a function is applied again":               {increment, increment, nothing, 200, "X", "old", 3},
		"reading is no conflict":                    {read, put("B"), nothing, 200, "B", "old", 1},
		"what is taken twice is gone":               {take, take, nothing, 200, "X", "", 1},
		"a newer flash is not taken":                {take, func(ctx context.Context) error { return notice.Flash(ctx, "new") }, nothing, 200, "X", "new", 1},
		"deleting is applied to what is there":      {name.Delete, increment, nothing, 200, "", "old", 2},
		"a session that has ended does not return":  {put("A"), session.Destroy, nothing, 409, "", "", 0},
		"taking from one that has ended is no loss": {take, session.Destroy, nothing, 200, "", "", 0},
	}
	for store, open := range map[string]func(testing.TB) session.Store{"SQLite": stores["SQLite"], "Redis": stores["Redis"]} {
		for what, tt := range tests {
			t.Run(store+"/"+what, func(t *testing.T) {
				t.Parallel()
				b := newBrowser(t, open(t), nil)
				b.ok(func(ctx context.Context) error {
					return errors.Join(name.Put(ctx, "X"), counter.Put(ctx, 1), notice.Flash(ctx, "old"))
				})
				if w := during(b, tt.before, tt.other, tt.after); w.Code != tt.status {
					t.Errorf("answer %d, want %d: %s", w.Code, tt.status, w.Body)
				}
				b.ok(func(ctx context.Context) error {
					n, err1 := name.Get(ctx)
					c, err2 := counter.Get(ctx)
					f, err3 := notice.Take(ctx)
					if n != tt.name || c != tt.counter || f != tt.notice {
						t.Errorf("the session has %q, %d, %q", n, c, f)
					}
					return errors.Join(err1, err2, err3)
				})
			})
		}
	}
}

func TestACookieCannotBeUpdated(t *testing.T) {
	t.Parallel()
	b := newBrowser(t, session.NewCookies(appKey), nil)
	b.do(func(ctx context.Context, _ http.ResponseWriter) error {
		if err := counter.Update(ctx, func(n int) int { return n + 1 }); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("Update: %v", err)
		}
		return nil
	})
}

func TestMistakesAreErrors(t *testing.T) {
	t.Parallel()
	if err := name.Put(t.Context(), "x"); !errors.Is(err, session.ErrNoMiddleware) {
		t.Errorf("without the middleware: %v", err)
	}
	if _, err := name.Get(t.Context()); !errors.Is(err, session.ErrNoMiddleware) {
		t.Errorf("without the middleware: %v", err)
	}
	b := newBrowser(t, stores["SQLite"](t), nil)
	b.do(func(ctx context.Context, w http.ResponseWriter) error {
		_, _ = io.WriteString(w, "begun")
		if err := name.Put(ctx, "x"); !errors.Is(err, session.ErrTooLate) {
			t.Errorf("after the answer began: %v", err)
		}
		return nil
	})
	b.do(func(ctx context.Context, _ http.ResponseWriter) error {
		if err := session.Key[func()]("f").Put(ctx, func() {}); err == nil {
			t.Error("a function was put")
		}
		return nil
	})
	b.put("Ann")
	b.ok(func(ctx context.Context) error { // another release has another type
		n, err := session.Key[int]("name").Get(ctx)
		if n != 0 {
			t.Errorf("got %d", n)
		}
		return err
	})
	full := newBrowser(t, session.NewCookies(appKey), nil)
	full.put("Ann")
	if w := full.do(func(ctx context.Context, _ http.ResponseWriter) error {
		return name.Put(ctx, strings.Repeat("x", 4000))
	}); w.Code != 500 {
		t.Errorf("a session that does not fit: %d %q", w.Code, w.Body)
	}
	full.wants("Ann")
	full.ok(func(ctx context.Context) error {
		if err := name.Put(ctx, strings.Repeat("x", 4000)); !errors.Is(err, session.ErrTooLarge) {
			t.Errorf("there is room for it: %v", err)
		}
		return name.Put(ctx, "Bob")
	})
	full.wants("Bob")
}

// Whatever a handler says of caches, a session's cookie is kept by none that is shared.
func TestSharedCachesKeepNoSession(t *testing.T) {
	t.Parallel()
	sessions := session.New(stores["SQLite"](t), nil)
	for said, want := range map[string]string{
		"": "private, no-cache", "public, max-age=3600": "private, no-cache", "max-age=3600": "private, no-cache",
		"max-age=3600, must-revalidate": "private, no-cache", "Public, max-age=3600": "private, no-cache", "no-cache": "private, no-cache",
		"max-age=60|public": "private, no-cache", "private, s-maxage=60": "private, no-cache", `private="x-a", max-age=60`: "private, no-cache",
		"private, max-age=60": "private, max-age=60", "no-store": "no-store", "max-age=60|Private": "max-age=60|Private",
	} {
		w := httptest.NewRecorder()
		sessions.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := name.Put(r.Context(), "Ann"); err != nil {
				t.Error(err)
			}
			if said != "" {
				w.Header()["Cache-Control"] = strings.Split(said, "|")
			}
		})).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		if got := strings.Join(w.Header()["Cache-Control"], "|"); got != want || w.Header().Get("Set-Cookie") == "" {
			t.Errorf("%q: %q, want %q", said, got, want)
		}
	}
}

func TestTheCookie(t *testing.T) {
	t.Parallel()
	yes := true
	tests := map[string]struct {
		options *session.Options
		scheme  string
		want    string
	}{
		"default":  {nil, "http", "session=; Path=/; Max-Age=7200; HttpOnly; SameSite=Lax"},
		"https":    {nil, "https", "session=; Path=/; Max-Age=7200; HttpOnly; Secure; SameSite=Lax"},
		"all else": {&session.Options{Lifetime: session.Minutes(time.Hour), Cookie: "shop_session", Secure: &yes, SameSite: "strict"}, "http", "shop_session=; Path=/; Max-Age=3600; HttpOnly; Secure; SameSite=Strict"},
	}
	for what, tt := range tests {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			r := httptest.NewRequest("GET", tt.scheme+"://example.com/", nil)
			session.New(stores["SQLite"](t), tt.options).Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if err := name.Put(r.Context(), "Ann"); err != nil {
					t.Error(err)
				}
				w.Header().Set("Cache-Control", "public, max-age=60")
			})).ServeHTTP(w, r)
			got := w.Header().Get("Set-Cookie")
			before, after, _ := strings.Cut(got, ";")
			before, value, _ := strings.Cut(before, "=")
			if got := before + "=;" + after; got != tt.want || len(value) < 26 {
				t.Errorf("cookie %s, want %s", got, tt.want)
			}
			if h := w.Header(); h.Get("Cache-Control") != "private, no-cache" || h.Get("Vary") != "Cookie" {
				t.Errorf("an answer with a session is %q, Vary %q", h.Get("Cache-Control"), h.Get("Vary"))
			}
		})
	}
}

func TestOptionsAsText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{"120": 2 * time.Hour, "90s": 90 * time.Second, "0": 0, "-5": 0, "x": 0, "": 0} {
		var m session.Minutes
		if err := m.UnmarshalText([]byte(text)); (err == nil) != (want > 0) || err == nil && time.Duration(m) != want {
			t.Errorf("%q is %s, %v", text, m, err)
		}
	}
	for text, want := range map[string]session.SameSite{"lax": "Lax", "STRICT": "Strict", "None": "None", "x": ""} {
		var s session.SameSite
		if err := s.UnmarshalText([]byte(text)); (err == nil) != (want != "") || s != want {
			t.Errorf("%q is %s, %v", text, s, err)
		}
	}
}

// The cookie of a request may hold anything.
func FuzzCookie(f *testing.F) {
	manager := session.New(session.NewCookies(appKey), nil)
	seed := &browser{t: f, manager: manager}
	seed.put("Ann")
	good := seed.cookie.Value
	for _, text := range []string{good, good[:len(good)-3], "", ".", "a.b.c", "\x00", strings.Repeat("A", 4097), good + "." + good} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		b := &browser{t: t, manager: manager, cookie: &http.Cookie{Name: "session", Value: text}}
		var got string
		b.ok(func(ctx context.Context) (err error) { got, err = name.Get(ctx); return err })
		if got != "" && got != "Ann" { // another process may have sealed the seed
			t.Errorf("%q was taken for a session with %q", text, got)
		}
	})
}

func ExampleKey() {
	type Cart struct{ Items []string }
	cart := session.Key[Cart]("cart")
	handler := func(w http.ResponseWriter, r *http.Request) error {
		err := cart.Update(r.Context(), func(c Cart) Cart {
			c.Items = append(c.Items, "lamp")
			return c
		})
		if err != nil {
			return err
		}
		c, err := cart.Get(r.Context())
		fmt.Println(c.Items)
		return err
	}
	_ = handler
}
