package session_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/internal/dbtest"
	"github.com/kitgo/kit/internal/leaktest"
	"github.com/kitgo/kit/redis"
	"github.com/kitgo/kit/session"
)

func TestMain(m *testing.M) { os.Exit(leaktest.Run(func() int { return dbtest.Run(m) })) }

var appKey = bytes.Repeat([]byte{7}, 32)

// stores are all that there are; those on servers remember by token.
var stores = map[string]func(testing.TB) session.Store{
	"cookies": func(testing.TB) session.Store { return session.NewCookies(appKey) },
	"SQLite":  func(t testing.TB) session.Store { return session.NewDatabase(open(t, dbtest.SQLite(t), nil)) },
	"cached": func(t testing.TB) session.Store {
		return session.Cached(session.NewDatabase(open(t, dbtest.SQLite(t), nil)), time.Hour)
	},
	"memory":   func(t testing.TB) session.Store { return session.NewDatabase(open(t, "sqlite://:memory:", nil)) },
	"Postgres": func(t testing.TB) session.Store { return session.NewDatabase(open(t, dbtest.Postgres(t), nil)) },
	"MariaDB":  func(t testing.TB) session.Store { return session.NewDatabase(open(t, dbtest.MariaDB(t), nil)) },
	"Redis":    func(t testing.TB) session.Store { return session.NewRedis(openRedis(t), "test:") },
}

func open(t testing.TB, url string, o *database.Options) *database.DB {
	t.Helper()
	db, err := database.Open(url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func openRedis(t testing.TB) *redis.Client {
	t.Helper()
	client, err := redis.Open(dbtest.StartRedis(t).URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// each runs a test with every store, or those that are on a server.
func each(t *testing.T, onServer bool, test func(*testing.T, session.Store)) {
	t.Helper()
	for name, open := range stores {
		if onServer && name == "cookies" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func record(data string, version int64) session.Record {
	return session.Record{Data: []byte(data), Version: version, Expires: time.Now().Add(time.Hour)}
}

// want fails unless a token has this data.
func want(t *testing.T, s session.Store, token, data string) session.Record {
	t.Helper()
	r, err := s.Load(t.Context(), token, time.Time{})
	if err != nil || string(r.Data) != data {
		t.Fatalf("loaded %q, %v, want %q", r.Data, err, data)
	}
	return r
}

func wantNone(t *testing.T, s session.Store, token string) {
	t.Helper()
	if r, err := s.Load(t.Context(), token, time.Time{}); !errors.Is(err, session.ErrNone) {
		t.Errorf("loaded %q, %v, want none", r.Data, err)
	}
}

func save(t *testing.T, s session.Store, token string, r session.Record, renew bool) string {
	t.Helper()
	token, err := s.Save(t.Context(), token, r, renew)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestAStoreKeepsSessions(t *testing.T) {
	t.Parallel()
	each(t, false, func(t *testing.T, s session.Store) {
		a, b := save(t, s, "", record(`{"a":1}`, 0), false), save(t, s, "", record(`{"b":1}`, 0), false)
		if a == b || len(a) < 26 {
			t.Fatalf("tokens %q and %q", a, b)
		}
		r := want(t, s, a, `{"a":1}`)
		if left := time.Until(r.Expires); left < 59*time.Minute || left > 61*time.Minute {
			t.Errorf("expires in %s", left)
		}
		a = save(t, s, a, record(`{"a":2}`, r.Version), false)
		want(t, s, a, `{"a":2}`)
		want(t, s, b, `{"b":1}`)
		for _, token := range []string{"", "x", a + "x", a[1:], "AAAAAAAAAAAAAAAAAAAAAAAAAA", "'; DROP TABLE kit_sessions; --", "\x00"} {
			wantNone(t, s, token)
		}
		expired := save(t, s, "", session.Record{Data: []byte(`{}`), Expires: time.Now().Add(-time.Second)}, false)
		wantNone(t, s, expired)
	})
}

func TestAStoreOnAServerNoticesConflicts(t *testing.T) {
	t.Parallel()
	each(t, true, func(t *testing.T, s session.Store) {
		token := save(t, s, "", record(`{}`, 0), false)
		r := want(t, s, token, `{}`)
		save(t, s, token, record(`{"first":1}`, r.Version), false)
		if _, err := s.Save(t.Context(), token, record(`{"second":1}`, r.Version), false); !errors.Is(err, session.ErrConflict) {
			t.Errorf("saved an old version: %v", err)
		}
		if _, err := s.Save(t.Context(), token, record(`{"second":1}`, r.Version), true); !errors.Is(err, session.ErrConflict) {
			t.Errorf("renewed an old version: %v", err)
		}
		if err := s.Delete(t.Context(), token, r.Version); !errors.Is(err, session.ErrConflict) {
			t.Errorf("deleted an old version: %v", err)
		}
		r = want(t, s, token, `{"first":1}`)
		renewed := save(t, s, token, record(`{"third":1}`, r.Version), true)
		wantNone(t, s, token)
		want(t, s, renewed, `{"third":1}`)
		if err := s.Delete(t.Context(), renewed, 0); err != nil {
			t.Fatal(err)
		}
		wantNone(t, s, renewed)
		if _, err := s.Save(t.Context(), renewed, r, false); !errors.Is(err, session.ErrConflict) {
			t.Errorf("a deleted session came back: %v", err)
		}
	})
}

func TestOfManyWhoSaveTheSameVersionOneSucceeds(t *testing.T) {
	t.Parallel()
	each(t, true, func(t *testing.T, s session.Store) {
		token := save(t, s, "", record(`{}`, 0), false)
		r := want(t, s, token, `{}`)
		var wg sync.WaitGroup
		var saved atomic.Int64
		for range 16 {
			wg.Go(func() {
				switch _, err := s.Save(context.WithoutCancel(t.Context()), token, r, false); {
				case err == nil:
					saved.Add(1)
				case !errors.Is(err, session.ErrConflict):
					t.Error(err)
				}
			})
		}
		if wg.Wait(); saved.Load() != 1 {
			t.Errorf("%d saved", saved.Load())
		}
	})
}

func TestLoadingMakesASessionLast(t *testing.T) {
	t.Parallel()
	each(t, true, func(t *testing.T, s session.Store) {
		token, until := save(t, s, "", record(`{}`, 0), false), time.Now().Add(5*time.Hour)
		r, err := s.Load(t.Context(), token, until)
		if err != nil {
			t.Fatal(err)
		}
		again := want(t, s, token, `{}`)
		if d := again.Expires.Sub(r.Expires).Abs(); d > time.Second || r.Version != again.Version {
			t.Errorf("it says that it expires %s and does %s", r.Expires, again.Expires)
		}
	})
}

func TestPrune(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]func(testing.TB) string{"SQLite": dbtest.SQLite, "Postgres": dbtest.Postgres, "MariaDB": dbtest.MariaDB} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := session.NewDatabase(open(t, url(t), nil))
			if n, err := s.Prune(t.Context()); n != 0 || err != nil {
				t.Fatalf("without a table: %d, %v", n, err)
			}
			keep := save(t, s, "", record(`{}`, 0), false)
			for range 3 {
				save(t, s, "", session.Record{Data: []byte(`{}`), Expires: time.Now().Add(-time.Second)}, false)
			}
			if n, err := s.Prune(t.Context()); n != 3 || err != nil {
				t.Errorf("pruned %d, %v", n, err)
			}
			want(t, s, keep, `{}`)
		})
	}
}

func TestTheTableIsMadeByManyAtOnce(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]func(testing.TB) string{"SQLite": dbtest.SQLite, "Postgres": dbtest.Postgres, "MariaDB": dbtest.MariaDB} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := session.NewDatabase(open(t, url(t), nil))
			wantNone(t, s, "AAAAAAAAAAAAAAAAAAAAAAAAAA")
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					if _, err := s.Save(t.Context(), "", record(`{}`, 0), false); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
		})
	}
}
