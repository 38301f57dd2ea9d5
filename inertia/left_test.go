package inertia_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kitgo/kit/inertia"
)

var appKey = []byte(strings.Repeat("k", 32))

// site is an application with a page and forms, and a browser that keeps cookies.
type site struct {
	t      *testing.T
	server *httptest.Server
	client *http.Client
}

func newSite(t *testing.T, o *inertia.Options) *site {
	t.Helper()
	pages := inertia.New(emptyBuild(t), o)
	mux := http.NewServeMux()
	handle := func(pattern string, h func(w http.ResponseWriter, r *http.Request) error) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			err := h(w, r)
			if err != nil {
				err = pages.Error(w, r, err)
			}
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
			}
		})
	}
	redirect := func(w http.ResponseWriter, r *http.Request, to string) error {
		http.Redirect(w, r, to, http.StatusSeeOther)
		return nil
	}
	page := func(w http.ResponseWriter, r *http.Request) error { return pages.Render(w, r, "Form", nil) }
	handle("GET /form", page)
	handle("GET /", page)
	handle("GET /again", func(w http.ResponseWriter, r *http.Request) error {
		return errors.Join(pages.Flash(w, r, "again", true), redirect(w, r, "/form"))
	})
	handle("GET /now", func(w http.ResponseWriter, r *http.Request) error {
		pages.EncryptHistory(r, r.URL.Query().Get("encrypt") != "no")
		return errors.Join(pages.Flash(w, r, "now", 1), pages.Render(w, r, "Form", nil))
	})
	handle("POST /save", func(w http.ResponseWriter, r *http.Request) error {
		if err := pages.Flash(w, r, "saved", map[string]int{"id": 7}); err != nil {
			return err
		}
		return redirect(w, r, "/again")
	})
	handle("POST /sign-out", func(w http.ResponseWriter, r *http.Request) error {
		return errors.Join(pages.ClearHistory(w, r), pages.PreserveFragment(w, r), redirect(w, r, "/form"))
	})
	invalid := func(_ http.ResponseWriter, r *http.Request) error {
		err := inertia.Validated(r, inertia.Invalid{"name": "is missing", "items.0.n": "is too small"})
		return fmt.Errorf("saving: %w", err)
	}
	handle("GET /invalid", invalid)
	handle("POST /invalid", invalid)
	handle("POST /valid", func(w http.ResponseWriter, r *http.Request) error {
		if err := inertia.Validated(r, nil); err != nil {
			return err
		}
		return pages.Flash(w, r, "done", 1)
	})
	handle("POST /invalid/bag", func(w http.ResponseWriter, r *http.Request) error {
		return inertia.InBag("login", inertia.Invalid{"name": "is wrong"})
	})
	handle("POST /large", func(w http.ResponseWriter, r *http.Request) error {
		return pages.Flash(w, r, "large", strings.Repeat("x", 5000))
	})
	handle("POST /odd", func(w http.ResponseWriter, r *http.Request) error {
		return pages.Flash(w, r, "odd", make(chan int))
	})
	server := httptest.NewServer(pages.Middleware(mux))
	t.Cleanup(server.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &site{t, server, &http.Client{Jar: jar}}
}

// do sends a request with headers in pairs and follows redirects, repeating the
// headers as browsers do.
func (s *site) do(method, path string, headers ...string) (*http.Response, string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.server.URL+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], strings.ReplaceAll(headers[i+1], "SITE", s.server.URL))
	}
	response, err := s.client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return response, string(body)
}

// want sends a visit and compares the page object it ends in.
func (s *site) want(page, method, path string, headers ...string) {
	s.t.Helper()
	_, body := s.do(method, path, append([]string{"X-Inertia", "true"}, headers...)...)
	if !strings.HasPrefix(body, "{") || !equal(s.t, withoutHead(s.t, body), page) {
		s.t.Errorf("%s %s: %s\nwant %s", method, path, body, page)
	}
}

const blank = `{"props":{"errors":{}}}`

func store() *inertia.Options { return &inertia.Options{Store: inertia.NewCookies(appKey)} }

func TestFlashIsShownOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t, store())
	s.want(`{"props":{"errors":{}},"flash":{"saved":{"id":7},"again":true}}`, "POST", "/save")
	s.want(blank, "GET", "/form")
	s.want(`{"props":{"errors":{}},"flash":{"now":1},"encryptHistory":true}`, "GET", "/now")
	s.want(blank, "GET", "/form")
}

func TestAPrefetchLeavesTheFlash(t *testing.T) {
	t.Parallel()
	s := newSite(t, store())
	s.want(blank, "POST", "/save", "Purpose", "prefetch")
	s.want(`{"props":{"errors":{}},"flash":{"saved":{"id":7},"again":true}}`, "GET", "/form")
}

func TestHistory(t *testing.T) {
	t.Parallel()
	s := newSite(t, &inertia.Options{Store: inertia.NewCookies(appKey), EncryptHistory: true})
	s.want(`{"props":{"errors":{}},"encryptHistory":true,"clearHistory":true,"preserveFragment":true}`, "POST", "/sign-out")
	s.want(`{"props":{"errors":{}},"encryptHistory":true}`, "GET", "/form")
	s.want(`{"props":{"errors":{}},"flash":{"now":1}}`, "GET", "/now?encrypt=no")
}

func TestErrorsGoBackToTheForm(t *testing.T) {
	t.Parallel()
	s := newSite(t, store())
	s.want(`{"props":{"errors":{"name":"is missing","items.0.n":"is too small"}}}`, "POST", "/invalid", "Referer", "SITE/form?x=1")
	s.want(blank, "GET", "/form")
	s.want(`{"props":{"errors":{"edit":{"name":"is missing","items.0.n":"is too small"}}}}`, "POST", "/invalid", "Referer", "SITE/form", "X-Inertia-Error-Bag", "edit")
	s.want(`{"props":{"errors":{"login":{"name":"is wrong"}}}}`, "POST", "/invalid/bag", "Referer", "SITE/form")
	s.want(`{"props":{"errors":{"login":{"name":"is wrong"}}}}`, "POST", "/invalid/bag", "Referer", "SITE/form", "X-Inertia-Error-Bag", "edit")
	s.want(`{"props":{"errors":{"name":"is missing","items.0.n":"is too small"}}}`, "GET", "/invalid", "Referer", "SITE/form", onShow, "Form", only, "x")

	response, body := s.do("POST", "/invalid", "Accept", "text/html", "Referer", "SITE/form")
	if !strings.Contains(body, `"errors":{"items.0.n":"is too small","name":"is missing"}`) || response.Request.URL.Path != "/form" {
		t.Errorf("the form of a browser without scripts: %s", body)
	}
	response, _ = s.do("POST", "/invalid", "Accept", "text/html", "Referer", "https://evil.example/x")
	if response.Request.URL.Host != strings.TrimPrefix(s.server.URL, "http://") || response.Request.URL.Path != "/" {
		t.Errorf("a form of another site went to %s", response.Request.URL)
	}
	for name, headers := range map[string][]string{
		"a program":             {"Accept", "application/json", "Referer", "SITE/form"},
		"a page that is itself": {"X-Inertia", "true", "Referer", "SITE/invalid"},
	} {
		if response, body := s.do("GET", "/invalid", headers...); response.StatusCode != 500 || !strings.Contains(body, "saving: invalid: items.0.n, name") {
			t.Errorf("%s: %s %s; want the error, for the application to answer", name, response.Status, body)
		}
	}
}

func TestAWriteThatAnswersNothingGoesBack(t *testing.T) {
	t.Parallel()
	s := newSite(t, store())
	s.want(`{"props":{"errors":{}},"flash":{"done":1}}`, "POST", "/valid", "Referer", "SITE/form")
}

func TestPrecognition(t *testing.T) {
	t.Parallel()
	s := newSite(t, store())
	tests := []struct {
		name, path string
		headers    []string
		status     int
		body       string
	}{
		{"valid", "/valid", nil, 204, ""},
		{"invalid", "/invalid", nil, 422, `{"errors":{"items.0.n":"is too small","name":"is missing"},"message":"The form is not valid."}`},
		{"the fields that count", "/invalid", []string{"Precognition-Validate-Only", "name,email"}, 422, `{"errors":{"name":"is missing"},"message":"The form is not valid."}`},
		{"fields that are valid", "/invalid", []string{"Precognition-Validate-Only", "email"}, 204, ""},
	}
	for _, tt := range tests {
		response, body := s.do("POST", tt.path, append([]string{"Precognition", "true", "Accept", "application/json"}, tt.headers...)...)
		h := response.Header
		success := map[bool]string{true: "true"}[tt.status == 204]
		if response.StatusCode != tt.status || body != tt.body || h.Get("Precognition") != "true" || h.Get("Precognition-Success") != success || strings.Join(h.Values("Vary"), ", ") != "X-Inertia, Precognition" {
			t.Errorf("%s: %s %v %s", tt.name, response.Status, h, body)
		}
	}
	s.want(blank, "GET", "/form")
}

func TestWithoutAStoreNothingIsLostSilently(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]*inertia.Options{
		"no store": nil, "a short key": {Store: inertia.NewCookies([]byte("short"))},
	} {
		s := newSite(t, o)
		s.want(blank, "GET", "/form")
		for _, path := range []string{"/save", "/invalid"} {
			response, body := s.do("POST", path, "X-Inertia", "true")
			want := map[string]string{"no store": "inertia.NewCookies(cfg.Database.Key)", "a short key": "5 bytes, not 32"}[name]
			if response.StatusCode != 500 || !strings.Contains(body, want) {
				t.Errorf("%s, %s: %s %q, want %q", name, path, response.Status, body, want)
			}
		}
	}
}

func TestWithoutAKeyAProcessUnderstandsItself(t *testing.T) {
	t.Parallel()
	one, other := inertia.NewCookies(nil), inertia.NewCookies(nil)
	w := httptest.NewRecorder()
	if err := one.Save(w, httptest.NewRequest("POST", "/", nil), inertia.Left{ClearHistory: true}); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/", nil)
	for _, c := range w.Result().Cookies() {
		r.AddCookie(c)
	}
	for store, want := range map[*inertia.Cookies]bool{one: true, other: false} {
		if left, err := store.Load(r); err != nil || left.ClearHistory != want {
			t.Errorf("what was left is %+v, %v, want %v", left, err, want)
		}
	}
	for want, o := range map[bool]*inertia.Options{true: {Store: one}, false: {Store: inertia.Sessions{}}} {
		if got := inertia.New(emptyBuild(t), o).NeedsKey(); got != want {
			t.Errorf("%T needs a key: %v, want %v", o.Store, got, want)
		}
	}
}

func TestFlashThatCannotBeKept(t *testing.T) {
	t.Parallel()
	s := newSite(t, store())
	for path, want := range map[string]string{"/large": "browsers take", "/odd": "flash odd"} {
		if response, body := s.do("POST", path, "X-Inertia", "true"); response.StatusCode != 500 || !strings.Contains(body, want) {
			t.Errorf("%s: %s %s", path, response.Status, body)
		}
	}
	s.want(blank, "GET", "/form")
}

func TestCookies(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		left := inertia.Left{ClearHistory: true}
		save := func(c *inertia.Cookies, target string) *http.Cookie {
			w := httptest.NewRecorder()
			w.Header().Add("Set-Cookie", "other=1")
			r := httptest.NewRequest("POST", target, nil)
			for range 2 { // the second one replaces the first
				if err := c.Save(w, r, left); err != nil {
					t.Fatal(err)
				}
			}
			cookies := w.Result().Cookies()
			if len(cookies) != 2 || cookies[0].Name != "other" {
				t.Fatalf("cookies %v", cookies)
			}
			return cookies[1]
		}
		load := func(c *inertia.Cookies, value string) bool {
			r := httptest.NewRequest("GET", "/", nil)
			r.AddCookie(&http.Cookie{Name: "kit_left", Value: value})
			left, err := c.Load(r)
			if err != nil {
				t.Error(err)
			}
			return left.ClearHistory
		}
		next := []byte(strings.Repeat("n", 32))
		old := inertia.NewCookies(appKey)
		cookie := save(old, "http://x/")
		if !cookie.HttpOnly || cookie.Secure || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" || cookie.MaxAge != 300 {
			t.Errorf("the cookie is %v", cookie)
		}
		if !save(old, "https://x/").Secure {
			t.Error("the cookie of a secure site is not Secure")
		}
		if strings.Contains(cookie.Value, "clear") || !load(old, cookie.Value) {
			t.Errorf("the cookie %s", cookie.Value)
		}
		if !load(inertia.NewCookies(next, appKey), cookie.Value) || load(inertia.NewCookies(next), cookie.Value) {
			t.Error("a key that was replaced must still decrypt, and only that")
		}
		changed := []byte(cookie.Value)
		changed[20] ^= 1
		for _, value := range []string{string(changed), "", "AAAA", "!", cookie.Value[:40]} {
			if load(old, value) {
				t.Errorf("the cookie %q was taken", value)
			}
		}
		time.Sleep(5 * time.Minute)
		if load(old, cookie.Value) {
			t.Error("an old cookie was taken")
		}
	})
}

// withoutHead is a page object without what is the same in all.
func withoutHead(t *testing.T, body string) map[string]any {
	t.Helper()
	page := parsed(t, body)
	for _, name := range []string{"component", "url", "version"} {
		delete(page, name)
	}
	return page
}
