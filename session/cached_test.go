package session_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/kitgo/kit/internal/dbtest"
	"github.com/kitgo/kit/session"
)

// A page whose session was read a moment ago costs no query; one that changes it costs
// one, and the next page one.
func TestACachedPageCostsNoQuery(t *testing.T) {
	t.Parallel()
	db := openCounting(t)
	b := newBrowser(t, session.Cached(session.NewDatabase(db.DB), time.Hour), nil)
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
	queries(1, read)
	for range 3 {
		queries(0, read)
	}
	queries(1, func(ctx context.Context) error { return name.Put(ctx, "Bob") })
	queries(1, read)
	queries(0, read)
	b.wants("Bob")
}

// instances are two processes on one database.
func instances(t *testing.T, age time.Duration) [2]*browser {
	url := dbtest.SQLite(t)
	var list [2]*browser
	for i := range list {
		list[i] = newBrowser(t, session.Cached(session.NewDatabase(open(t, url, nil)), age), nil)
	}
	return list
}

func TestACacheAndAnotherInstance(t *testing.T) {
	t.Parallel()
	both := instances(t, time.Second)
	here, there := both[0], both[1]
	here.put("Ann")
	there.cookie = here.cookie
	here.wants("Ann")
	there.wants("Ann")

	// What was computed from what is old is refused, as without a cache.
	here.put("Bob")
	w := there.do(func(ctx context.Context, _ http.ResponseWriter) error {
		was, err := name.Get(ctx)
		if err != nil || was == "Bob" { // the age has passed
			return err
		}
		return name.Put(ctx, was+"!")
	})
	if w.Code != http.StatusConflict && w.Code != http.StatusOK {
		t.Errorf("a change of what is old: %d", w.Code)
	}
	here.wants("Bob")

	// Who has signed out is out: here at once, there when the age has passed.
	old := here.copy()
	here.ok(session.Destroy)
	old.wants("")
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		var got string
		there.copy().ok(func(ctx context.Context) (err error) { got, err = name.Get(ctx); return err })
		if got == "" {
			break
		}
		if time.Now().After(end) {
			t.Fatal("a session that has ended is still good elsewhere")
		}
	}
}

// Two instances that remember, and many requests at once: each count is there, and none
// is overtaken until it gives up.
func TestACacheLosesNoUpdate(t *testing.T) {
	t.Parallel()
	list := instances(t, time.Hour)
	list[0].ok(func(ctx context.Context) error { return counter.Put(ctx, 0) })
	list[1].cookie = list[0].cookie
	const each, atOnce = 96, 32
	var wg sync.WaitGroup
	for _, b := range list {
		for range atOnce {
			wg.Go(func() {
				for range each / atOnce {
					b.copy().ok(func(ctx context.Context) error {
						if _, err := name.Get(ctx); err != nil { // so that it is remembered
							return err
						}
						return counter.Update(ctx, func(n int) int { return n + 1 })
					})
				}
			})
		}
	}
	wg.Wait()
	last := list[0].copy()
	last.ok(func(ctx context.Context) error { return counter.Update(ctx, func(n int) int { return n + 1 }) })
	last.ok(func(ctx context.Context) error {
		n, err := counter.Get(ctx)
		if n != 2*each+1 {
			t.Errorf("%d updates are there, want %d", n, 2*each+1)
		}
		return err
	})
}

// slow is a store whose reading takes until it is let go, after it has been done.
type slow struct {
	session.Store
	read, release chan struct{}
}

func (s *slow) Load(ctx context.Context, token string, until time.Time) (session.Record, error) {
	r, err := s.Store.Load(ctx, token, until)
	if s.read != nil {
		s.read <- struct{}{}
		<-s.release
	}
	return r, err
}

// A request that reads a session before another one ends it must not bring it back.
func TestACacheIsNotFilledWithWhatWasBefore(t *testing.T) {
	t.Parallel()
	s := &slow{Store: session.NewDatabase(open(t, dbtest.SQLite(t), nil))}
	c := session.Cached(s, time.Hour)
	token := save(t, c, "", record(`{"a":1}`, 0), false)
	s.read, s.release = make(chan struct{}), make(chan struct{})
	late := make(chan string)
	go func() {
		r, err := c.Load(t.Context(), token, time.Time{})
		late <- fmt.Sprint(string(r.Data), err)
	}()
	<-s.read
	if err := c.Delete(t.Context(), token, 0); err != nil {
		t.Fatal(err)
	}
	s.release <- struct{}{}
	if got := <-late; got != `{"a":1}<nil>` {
		t.Fatal(got)
	}
	s.read = nil
	if r, err := c.Load(t.Context(), token, time.Time{}); !errors.Is(err, session.ErrNone) {
		t.Errorf("it is back: %s, %v", r.Data, err)
	}
}

func TestACacheHasItsSize(t *testing.T) {
	t.Parallel()
	db := openCounting(t)
	c := session.Cached(session.NewDatabase(db.DB), time.Hour)
	data := fmt.Sprintf(`{"a":"%01000000d"}`, 1)
	var tokens []string
	for range 20 {
		tokens = append(tokens, save(t, c, "", record(data, 0), false))
	}
	for range 2 {
		for _, token := range tokens {
			want(t, c, token, data)
		}
	}
	before := db.queries.Load()
	for _, token := range tokens {
		want(t, c, token, data)
	}
	if n := db.queries.Load() - before; n < 4 {
		t.Errorf("of 20 MB all but %d were remembered", n)
	}
	want(t, c, tokens[19], data)
	before = db.queries.Load()
	want(t, c, tokens[19], data)
	if n := db.queries.Load() - before; n != 0 {
		t.Errorf("the last one costs %d queries", n)
	}
	if _, ok := session.Cached(session.NewCookies(appKey), time.Hour).(*session.Cookies); !ok {
		t.Error("cookies were cached")
	}
	if _, ok := c.(session.Pruner); !ok {
		t.Error("expired sessions are not pruned")
	}
}
