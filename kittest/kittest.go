// Package kittest tests Kit applications: each test has a real database of its own,
// with the application's migrations applied, and a client that needs no network.
//
//	func TestHome(t *testing.T) {
//		app, err := newApp(t.Context(), Config{Config: kittest.Config(t, migrations.All)})
//		if err != nil {
//			t.Fatal(err)
//		}
//		page := kittest.New(t, app).Page("/")
//		if page.Component != "Home" {
//			t.Errorf("component = %s, want Home", page.Component)
//		}
//	}
//
// [DB] is for what needs only a database, [AssertHas] and its like for what should be
// in one.
//
// # Databases
//
// The migrations run once in a test binary. Each test gets a copy of what they made,
// within milliseconds, so tests can run in parallel and need not clean up.
//
// Databases are SQLite files, unless the environment variable TEST_DATABASE_URL names
// a database of a PostgreSQL or MySQL server. That database is only a way in: nothing
// is written to it. The tests' databases are made beside it, their names begin with
// kit_test_, and they are dropped when their test ends; those that a killed test run
// left behind are dropped by the first run that begins an hour later. The user needs
// the right to create databases, and the server must not be behind a pooler such as
// PgBouncer.
package kittest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/kitgo/kit"
)

// Client sends requests to an application without a network. Like a browser it keeps
// the cookies that it gets, so that who signs in with it stays signed in.
type Client struct {
	tb      testing.TB
	handler http.Handler
	cookies http.CookieJar
}

// New migrates the database of app and returns a client for it. Logs go to the
// test's output. The database is closed when the test ends.
func New(tb testing.TB, app *kit.App) *Client {
	tb.Helper()
	if app.Logger == nil {
		app.Logger = logger(tb)
	}
	tb.Cleanup(func() {
		if err := app.DB.Close(); err != nil {
			tb.Errorf("closing the database: %v", err)
		}
	})
	if err := app.Migrate(tb.Context()); err != nil {
		tb.Fatalf("migrating: %v", err)
	}
	if app.Pages != nil {
		app.Pages.AnyComponent() // the last build may be older than a page
	}
	handler, err := app.Handler()
	if err != nil {
		tb.Fatal(err)
	}
	cookies, err := cookiejar.New(nil)
	if err != nil {
		tb.Fatal(err)
	}
	return &Client{tb, handler, cookies}
}

// Do sends request, with the cookies of the answers before, and returns what the
// application answered.
func (c *Client) Do(request *http.Request) *httptest.ResponseRecorder {
	c.tb.Helper()
	address := &url.URL{Scheme: "http", Host: request.Host, Path: request.URL.Path}
	if request.TLS != nil {
		address.Scheme = "https"
	}
	for _, cookie := range c.cookies.Cookies(address) {
		request.AddCookie(cookie)
	}
	response := httptest.NewRecorder()
	c.handler.ServeHTTP(response, request)
	c.cookies.SetCookies(address, response.Result().Cookies())
	return response
}

// Get requests target, a path with or without a query.
func (c *Client) Get(target string) *httptest.ResponseRecorder {
	c.tb.Helper()
	return c.Do(httptest.NewRequestWithContext(c.tb.Context(), http.MethodGet, target, nil))
}

// Post sends form to target as a browser's form does.
func (c *Client) Post(target string, form url.Values) *httptest.ResponseRecorder {
	c.tb.Helper()
	request := httptest.NewRequestWithContext(c.tb.Context(), http.MethodPost, target, strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return c.Do(request)
}

// Page is an Inertia page as the browser's client gets it.
type Page struct {
	Component string          `json:"component"`
	Props     json.RawMessage `json:"props"`
	URL       string          `json:"url"`
	Version   string          `json:"version"`

	tb testing.TB
}

// Page opens target as a first visit and returns the page in the document. It
// fails the test if the answer is not a page with status 200.
func (c *Client) Page(target string) Page {
	c.tb.Helper()
	response := c.Get(target)
	if response.Code != http.StatusOK {
		c.tb.Fatalf("GET %s = %d, want 200:\n%s", target, response.Code, response.Body)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		c.tb.Fatal(err)
	}
	_, rest, found := strings.Cut(string(body), `<script data-page="app" type="application/json">`)
	text, _, closed := strings.Cut(rest, "</script>")
	if !found || !closed {
		c.tb.Fatalf("GET %s did not answer with an Inertia page:\n%s", target, body)
	}
	page := Page{tb: c.tb}
	if err := json.Unmarshal([]byte(text), &page); err != nil {
		c.tb.Fatalf("the page of GET %s: %v\n%s", target, err, text)
	}
	return page
}

// Decode stores the page's props in v, as [json.Unmarshal] does.
func (p Page) Decode(v any) {
	p.tb.Helper()
	if err := json.Unmarshal(p.Props, v); err != nil {
		p.tb.Fatalf("the props of %s: %v\n%s", p.Component, err, p.Props)
	}
}

// testWriter writes log lines to a test's output.
type testWriter struct{ tb testing.TB }

func (w testWriter) Write(line []byte) (int, error) {
	w.tb.Log(strings.TrimRight(string(line), "\n"))
	return len(line), nil
}
