package main

import (
	"bytes"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kitgo/kit"
	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/kittest"

	"github.com/kitgo/kit/examples/uptime/migrations"
	"github.com/kitgo/kit/examples/uptime/models"
)

const email, password = "ann@example.com", "correct horse battery"

// start returns the application on a database with one account, and a client for it.
func start(t *testing.T) (*kit.App, *kittest.Client) {
	t.Helper()
	cfg := Config{Config: kittest.Config(t, migrations.All)}
	cfg.Database.Key = bytes.Repeat([]byte{1}, 32)
	app, err := newApp(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	client := kittest.New(t, app)
	if err := models.NewUsers(app.DB).Add(t.Context(), email, password); err != nil {
		t.Fatal(err)
	}
	return app, client
}

// signIn signs the client in.
func signIn(t *testing.T, client *kittest.Client) {
	t.Helper()
	wants(t, client.Post("/sign-in", url.Values{"email": {email}, "password": {password}}), http.StatusSeeOther, "/sites")
}

// wants checks status and target of an answer.
func wants(t *testing.T, r *httptest.ResponseRecorder, status int, location string) {
	t.Helper()
	if got := r.Header().Get("Location"); r.Code != status || got != location {
		t.Fatalf("answer %d to %q, want %d to %q\n%s", r.Code, got, status, location, r.Body)
	}
}

// send sends a form with any method.
func send(t *testing.T, client *kittest.Client, method, target string, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return client.Do(request)
}

func TestSigningInAndOut(t *testing.T) {
	t.Parallel()
	_, client := start(t)

	wants(t, client.Get("/sites?page=2"), http.StatusSeeOther, "/sign-in?next=%2Fsites%3Fpage%3D2")
	wants(t, client.Post("/sites", nil), http.StatusSeeOther, "/sign-in")
	for _, form := range []url.Values{
		{"email": {email}, "password": {"wrong"}},
		{"email": {"nobody@example.com"}, "password": {password}},
		{"email": {email}},
	} {
		wants(t, client.Post("/sign-in", form), http.StatusUnprocessableEntity, "")
	}
	wants(t, client.Post("/sign-in", url.Values{"email": {"Ann@Example.com"}, "password": {password}, "next": {"/sites?page=2"}}), http.StatusSeeOther, "/sites?page=2")

	var props struct{ SignedIn bool }
	client.Page("/sites").Decode(&props)
	if !props.SignedIn {
		t.Error("the page does not know that somebody is signed in")
	}
	wants(t, client.Post("/sign-out", nil), http.StatusSeeOther, "/")
	wants(t, client.Get("/sites"), http.StatusSeeOther, "/sign-in?next=%2Fsites")
}

func TestSigningInLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	_, client := start(t)
	wants(t, client.Post("/sign-in", url.Values{"email": {email}, "password": {password}, "next": {"https://elsewhere.example"}}), http.StatusBadRequest, "")
}

func TestLookingAfterSites(t *testing.T) {
	t.Parallel()
	app, client := start(t)
	signIn(t, client)

	wants(t, client.Post("/sites", url.Values{"name": {"Shop"}, "url": {"https://shop.example"}}), http.StatusSeeOther, "/sites")
	kittest.AssertHas[models.Site](t, app.DB, "name = 'Shop'")
	for _, form := range []url.Values{
		{"name": {"Shop"}, "url": {"https://other.example"}},
		{"name": {"Files"}, "url": {"file:///etc/passwd"}},
		{"url": {"https://other.example"}},
	} {
		wants(t, client.Post("/sites", form), http.StatusUnprocessableEntity, "")
	}

	page := client.Page("/sites/1")
	var props struct{ Name, State string }
	page.Decode(&props)
	if page.Component != "Sites/Show" || props.Name != "Shop" || props.State != "unknown" {
		t.Errorf("page %s with %+v", page.Component, props)
	}
	// Its own name is not taken.
	wants(t, send(t, client, http.MethodPut, "/sites/1", url.Values{"name": {"Shop"}, "url": {"https://new.example"}}), http.StatusSeeOther, "/sites")
	kittest.AssertHas[models.Site](t, app.DB, "url = 'https://new.example'")

	wants(t, send(t, client, http.MethodDelete, "/sites/1", nil), http.StatusSeeOther, "/sites")
	kittest.AssertCount[models.Site](t, app.DB, 0, "")
	wants(t, client.Get("/sites/1"), http.StatusNotFound, "")
}

// The scheduler asks a real server each minute, which fails and comes back.
func TestIncidents(t *testing.T) {
	t.Parallel()
	app, client := start(t)
	var broken atomic.Bool
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if broken.Load() {
			http.Error(w, "sorry", http.StatusServiceUnavailable)
		}
	}))
	defer site.Close()
	if err := models.NewSites(app.DB).Save(t.Context(), &models.Site{Name: "Shop", URL: site.URL}); err != nil {
		t.Fatal(err)
	}

	clock := kittest.NewSchedule(t, app, time.Now())
	for _, step := range []struct {
		broken          bool
		state           string
		incidents, open int
	}{
		{false, "up", 0, 0},
		{true, "up", 0, 0}, // once may be chance
		{true, "down", 1, 1},
		{true, "down", 1, 1},
		{false, "up", 1, 0},
	} {
		broken.Store(step.broken)
		clock.Advance(time.Minute)
		kittest.AssertCount[models.Incident](t, app.DB, step.incidents, "")
		kittest.AssertCount[models.Incident](t, app.DB, step.open, "closed_at IS NULL")

		var props struct {
			Sites []struct {
				State        string
				Availability float64
			}
			Incidents []struct{ Site string }
		}
		page := client.Page("/")
		page.Decode(&props)
		if len(props.Sites) != 1 || props.Sites[0].State != step.state || len(props.Incidents) != step.incidents {
			t.Errorf("after %+v the page shows %s", step, page.Props)
		}
		if strings.Contains(string(page.Props), "cause") || strings.Contains(string(page.Props), site.URL) {
			t.Errorf("the public page tells too much: %s", page.Props)
		}
	}
	clock.AssertRan("sites:check", 5)

	signIn(t, client)
	var props struct {
		Availability float64
		Incidents    []struct{ Cause string }
	}
	client.Page("/sites/1").Decode(&props)
	if props.Availability != 40 || len(props.Incidents) != 1 || props.Incidents[0].Cause != "status 503 Service Unavailable" {
		t.Errorf("the page of the site shows %+v", props)
	}
}

// Each migration can be undone and done again.
func TestMigrationsGoBackAndForth(t *testing.T) {
	t.Parallel()
	app, client := start(t)
	migrator, err := migrate.New(app.DB, app.Migrations, &migrate.Options{Logger: app.Logger})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := migrator.Rollback(t.Context(), migrate.RollbackOptions{Steps: math.MaxInt}); err != nil {
		t.Fatal(err)
	}
	if err := app.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	client.Page("/")
}
