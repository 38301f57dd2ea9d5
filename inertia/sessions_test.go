package inertia_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
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
