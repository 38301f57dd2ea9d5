package inertia_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/kitgo/kit/inertia"
	"github.com/kitgo/kit/vite"
)

func TestTwoSlashesInFrontAreNoOtherHost(t *testing.T) {
	t.Parallel()
	pages, version := renderer(t)
	get := func(h http.Handler, headers ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "/", nil)
		r.URL.Path = "//evil.example/x"
		r.Header.Set("X-Inertia", "true")
		for i := 0; i+1 < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		pages.Middleware(h).ServeHTTP(w, r)
		return w
	}
	stale := get(http.NotFoundHandler())
	if location := stale.Header().Get("X-Inertia-Location"); stale.Code != 409 || location != "/evil.example/x" {
		t.Errorf("a client with other assets is sent to %q", location)
	}
	page := get(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := pages.Render(w, r, "Show", nil); err != nil {
			t.Error(err)
		}
	}), "X-Inertia-Version", version)
	if !strings.Contains(page.Body.String(), `"url":"/evil.example/x"`) {
		t.Errorf("page %s", page.Body)
	}
}

func TestARenderOutsideOfTheMiddlewareVariesToo(t *testing.T) {
	t.Parallel()
	pages, _ := renderer(t)
	w := httptest.NewRecorder()
	if err := pages.Render(w, httptest.NewRequest("GET", "/", nil), "Show", nil); err != nil {
		t.Fatal(err)
	}
	if vary := w.Header().Values("Vary"); len(vary) != 1 || vary[0] != "X-Inertia" {
		t.Errorf("Vary = %q", vary)
	}
}

func TestARootOfItsOwn(t *testing.T) {
	t.Parallel()
	build, err := vite.New(fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	if err := inertia.New(build, &inertia.Options{RootID: "shop", Lang: "de"}).Render(w, httptest.NewRequest("GET", "/", nil), "Show", nil); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<html lang="de">`, `<script data-page="shop" type="application/json">`, `<div id="shop">`, "<title>Kit</title>"} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s is not in %s", want, w.Body)
		}
	}
}

func TestVisitsCanStream(t *testing.T) {
	t.Parallel()
	pages, version := renderer(t)
	release := make(chan struct{})
	server := httptest.NewServer(pages.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("first"))
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		<-release
	})))
	defer server.Close()
	defer close(release)
	r, err := http.NewRequestWithContext(t.Context(), "GET", server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Inertia", "true")
	r.Header.Set("X-Inertia-Version", version)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	part := make([]byte, 5)
	if _, err := io.ReadFull(response.Body, part); err != nil || string(part) != "first" {
		t.Errorf("%q, %v", part, err)
	}
}
