package session_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/internal/dbtest"
	"github.com/kitgo/kit/session"
	"github.com/kitgo/kit/web"
)

// counting is a database that counts its queries.
type counting struct {
	*database.DB
	queries *atomic.Int64
}

func openCounting(t testing.TB) counting {
	t.Helper()
	n := new(atomic.Int64)
	return counting{open(t, dbtest.SQLite(t), &database.Options{Logging: true, Logger: slog.New(count{n})}), n}
}

// count is a log handler that counts.
type count struct{ n *atomic.Int64 }

func (c count) Enabled(context.Context, slog.Level) bool { return true }
func (c count) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "query" {
		c.n.Add(1)
	}
	return nil
}
func (c count) WithAttrs([]slog.Attr) slog.Handler { return c }
func (c count) WithGroup(string) slog.Handler      { return c }

// crowd is how many visitors there are at once.
const crowd = 3000

// TestNobodySeesAnothersData is the test for what the framework's ancestor got wrong:
// thousands of visitors at the same time, each signing in, asking who they are, and
// counting, some of it in parallel.
func TestNobodySeesAnothersData(t *testing.T) {
	t.Parallel()
	for _, store := range []string{"SQLite", "Postgres", "Redis", "cookies"} {
		t.Run(store, func(t *testing.T) {
			t.Parallel()
			manager := session.New(stores[store](t), nil)
			r := web.NewRouter()
			r.Use(manager.Middleware)
			r.Post("/in/{name}", func(_ http.ResponseWriter, r *http.Request) error {
				if err := session.Renew(r.Context()); err != nil {
					return err
				}
				return name.Put(r.Context(), r.PathValue("name"))
			})
			r.Post("/count", func(_ http.ResponseWriter, r *http.Request) error {
				return counter.Update(r.Context(), func(n int) int { return n + 1 })
			})
			r.Get("/me", func(w http.ResponseWriter, r *http.Request) error {
				who, err := name.Get(r.Context())
				if err != nil {
					return err
				}
				n, err := counter.Get(r.Context())
				if err != nil {
					return err
				}
				return web.Text(w, 200, fmt.Sprint(who, n))
			})
			server := httptest.NewServer(r)
			defer server.Close()
			transport := &http.Transport{MaxConnsPerHost: 64}
			defer transport.CloseIdleConnections()
			visitors := crowd
			if store == "Postgres" || store == "cookies" {
				visitors = crowd / 6
			}
			counts := 3
			if store == "cookies" {
				counts = 0 // which Update refuses
			}
			var wg sync.WaitGroup
			for i := range visitors {
				wg.Go(func() {
					jar, _ := cookiejar.New(nil)
					client := &http.Client{Jar: jar, Transport: transport}
					// A database that is too busy says so, with 503: then nothing was promised.
					var unknown atomic.Int64
					call := func(method, path string) string {
						for {
							request, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, nil)
							if err != nil {
								t.Error(err)
								return ""
							}
							response, err := client.Do(request)
							if err != nil {
								t.Error(err)
								return ""
							}
							body, err := io.ReadAll(response.Body)
							response.Body.Close()
							switch {
							case err == nil && response.StatusCode == http.StatusServiceUnavailable && path == "/count":
								unknown.Add(1)
								return ""
							case err == nil && response.StatusCode == http.StatusServiceUnavailable:
								continue
							case err != nil || response.StatusCode != 200:
								t.Errorf("%s %s: %d %s %v", method, path, response.StatusCode, body, err)
							}
							return string(body)
						}
					}
					if got := call("GET", "/me"); got != "0" && got != " 0" {
						t.Errorf("a new visitor is %q", got)
					}
					who := fmt.Sprintf("user-%d-", i)
					call("POST", "/in/"+who)
					var parallel sync.WaitGroup
					for range counts {
						parallel.Go(func() { call("POST", "/count") })
					}
					parallel.Wait()
					got := call("GET", "/me")
					n, err := strconv.Atoi(strings.TrimPrefix(got, who))
					if err != nil || n > counts || n < counts-int(unknown.Load()) {
						t.Errorf("visitor %q sees %q after %d counts, of which %d may not have been stored", who, got, counts, unknown.Load())
					}
				})
			}
			wg.Wait()
		})
	}
}
