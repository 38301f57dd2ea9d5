package inertia_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/kitgo/kit/inertia"
	"github.com/kitgo/kit/session"
)

func TestWhatIsLeftInASession(t *testing.T) {
	t.Parallel()
	manager := session.New(session.NewCookies(bytes.Repeat([]byte{1}, 32)), nil)
	pages := inertia.New(emptyBuild(t), &inertia.Options{Store: inertia.Sessions{}})
	var cookie *http.Cookie
	call := func(method string, h func(http.ResponseWriter, *http.Request) error) string {
		t.Helper()
		r := httptest.NewRequest(method, "/", nil)
		r.Header.Set("X-Inertia", "true")
		r.Header.Set("X-Inertia-Version", "")
		if cookie != nil {
			r.AddCookie(cookie)
		}
		w := httptest.NewRecorder()
		manager.Middleware(pages.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := h(w, r); err != nil {
				t.Error(err)
			}
		}))).ServeHTTP(w, r)
		for _, c := range w.Result().Cookies() {
			if cookie = c; c.MaxAge < 0 {
				cookie = nil
			}
		}
		return w.Body.String()
	}
	render := func(w http.ResponseWriter, r *http.Request) error { return pages.Render(w, r, "Form", nil) }
	call("POST", func(w http.ResponseWriter, r *http.Request) error { return pages.Flash(w, r, "saved", true) })
	if cookie == nil {
		t.Fatal("nothing is kept")
	}
	version := emptyBuild(t).Version()
	if version != "" {
		t.Fatalf("the build has version %q", version)
	}
	if page := call("GET", render); !bytes.Contains([]byte(page), []byte(`"flash":{"saved":true}`)) {
		t.Errorf("the page is %s", page)
	}
	if cookie != nil {
		t.Error("the session is kept without need")
	}
	if page := call("GET", render); bytes.Contains([]byte(page), []byte("flash")) {
		t.Errorf("the second page is %s", page)
	}
}

// The messages of a form with more mistakes than a cookie can hold: a person sees some.
func TestMoreMistakesThanACookieHolds(t *testing.T) {
	t.Parallel()
	many := inertia.Invalid{}
	for i := range 200 {
		many[fmt.Sprintf("field%03d", i)] = "This field is not known, and should be left out."
	}
	huge := inertia.Invalid{"field": strings.Repeat("too long ", 1000)}
	key := bytes.Repeat([]byte{1}, 32)
	for name, store := range map[string]inertia.Store{"its own": inertia.NewCookies(key), "the session's": inertia.Sessions{}} {
		pages := inertia.New(emptyBuild(t), &inertia.Options{Store: store})
		manager := session.New(session.NewCookies(key), nil)
		send := func(invalid error, cookies []*http.Cookie) (*http.Response, string, error) {
			r := httptest.NewRequest("POST", "/form", nil)
			r.Header.Set("X-Inertia", "true")
			r.Header.Set("Referer", "http://example.com/form")
			for _, c := range cookies {
				r.AddCookie(c)
			}
			w := httptest.NewRecorder()
			var err error
			manager.Middleware(pages.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if invalid != nil {
					err = pages.Error(w, r, invalid)
				} else {
					err = pages.Render(w, r, "Form", nil)
				}
			}))).ServeHTTP(w, r)
			return w.Result(), w.Body.String(), err
		}
		response, _, err := send(many, nil)
		if err != nil || response.StatusCode != 303 {
			t.Errorf("%s: %d, %v", name, response.StatusCode, err)
			continue
		}
		if _, page, err := send(nil, response.Cookies()); err != nil || !strings.Contains(page, `"field000":`) || !strings.Contains(page, `"field012":`) {
			t.Errorf("%s: the page is %s, %v", name, page, err)
		}
		if response, _, err := send(huge, nil); err == nil || err.Error() != huge.Error() || len(response.Cookies()) != 0 {
			t.Errorf("%s: an error for which there is no room is %v; want it as it was", name, err)
		}
	}
}
