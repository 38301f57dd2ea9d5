package tasks_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/kittest"

	"github.com/kitgo/kit/examples/uptime/migrations"
	"github.com/kitgo/kit/examples/uptime/models"
	"github.com/kitgo/kit/examples/uptime/tasks"
)

// watch returns the sites of a database that has one with each address.
func watch(t *testing.T, addresses ...string) (*database.DB, *models.Sites) {
	t.Helper()
	db := kittest.DB(t, migrations.All)
	sites := models.NewSites(db)
	for _, address := range addresses {
		if err := sites.Save(t.Context(), &models.Site{Name: address, URL: address}); err != nil {
			t.Fatal(err)
		}
	}
	return db, sites
}

func serve(t *testing.T, f http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return server.URL
}

func TestWhatSitesAnswer(t *testing.T) {
	t.Parallel()
	refusing, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refusing.Close()
	ok := serve(t, func(http.ResponseWriter, *http.Request) {})
	for name, tt := range map[string]struct {
		address string
		timeout time.Duration
		cause   string // "" is up
	}{
		"it is there":      {ok, time.Minute, ""},
		"it redirects":     {serve(t, http.RedirectHandler(ok, http.StatusFound).ServeHTTP), time.Minute, ""},
		"it fails":         {serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }), time.Minute, "status 500 Internal Server Error"},
		"it is gone":       {serve(t, http.NotFound), time.Minute, "status 404 Not Found"},
		"it is too slow":   {serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), 50 * time.Millisecond, "no answer within 50ms"},
		"nobody listens":   {"http://" + refusing.Addr().String(), time.Minute, "connection refused"},
		"it has no name":   {"http://nowhere.invalid", time.Minute, "nowhere.invalid"},
		"it hangs up":      {serve(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }), time.Minute, "EOF"},
		"it goes in rings": {serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusFound) }), time.Minute, "10 redirects"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, sites := watch(t, tt.address)
			if err := tasks.NewCheckSites(sites, 1, tt.timeout).Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			checks, err := sites.ChecksSince(t.Context(), 0, time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			if len(checks) != 1 || checks[0].Up != (tt.cause == "") || !strings.Contains(checks[0].Cause, tt.cause) {
				t.Errorf("recorded %+v, want the cause %q", checks, tt.cause)
			}
		})
	}
}

func TestNoMoreSitesAreAskedAtOnceThanThereAreWorkers(t *testing.T) {
	t.Parallel()
	const workers = 3
	var now, most atomic.Int32
	full := make(chan struct{})
	address := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for before := most.Load(); n > before && !most.CompareAndSwap(before, n); before = most.Load() {
		}
		if n == workers {
			close(full) // the others are waiting
		}
		select {
		case <-full:
		case <-r.Context().Done():
		}
	})
	addresses := make([]string, 7)
	for i := range addresses {
		addresses[i] = address + strings.Repeat("/", i+1)
	}
	db, sites := watch(t, addresses...)
	if err := tasks.NewCheckSites(sites, workers, time.Minute).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	kittest.AssertCount[models.Check](t, db, len(addresses), "up")
	if most.Load() != workers {
		t.Errorf("%d were asked at the same time, want %d", most.Load(), workers)
	}
}

// A deployment in the middle of a run must not look like a site that is down.
func TestAnInterruptedRunRecordsNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	db, sites := watch(t, serve(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}))
	if err := tasks.NewCheckSites(sites, 1, time.Minute).Run(ctx); err == nil {
		t.Error("no error")
	}
	kittest.AssertCount[models.Check](t, db, 0, "")
}

func TestOldChecksAreForgotten(t *testing.T) {
	t.Parallel()
	db, sites := watch(t, "http://a.example")
	for _, days := range []int{6, 8} {
		if err := sites.Record(t.Context(), models.Check{SiteID: 1, Up: true, CreatedAt: time.Now().UTC().AddDate(0, 0, -days)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := (tasks.PruneChecks{Sites: sites}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	kittest.AssertCount[models.Check](t, db, 1, "")
}
