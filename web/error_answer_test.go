package web_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/validate"
	"github.com/kitgo/kit/web"
)

const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

type fieldErrors map[string]string

func (fieldErrors) Error() string                    { return "invalid" }
func (fieldErrors) StatusCode() int                  { return 422 }
func (f fieldErrors) FieldErrors() map[string]string { return f }

func TestErrorsHaveTheFormThatTheClientPrefers(t *testing.T) {
	t.Parallel()
	var invalid validate.Errors
	invalid.Add("name", "The name is missing.")
	invalid.Add("items.0.n", "It is too small.")
	tests := map[string]struct {
		accept, contentType string // of the request
		err                 error
		answer, body        string
	}{
		"text for who says nothing":     {"", "", &web.Error{Status: 403}, "text/plain; charset=utf-8", "Forbidden\n"},
		"text for who takes anything":   {"*/*", "", &web.Error{Status: 403}, "text/plain; charset=utf-8", "Forbidden\n"},
		"JSON for who sends it":         {"*/*", "application/json; charset=utf-8", &web.Error{Status: 404}, "application/json", `{"error":"Not Found"}`},
		"JSON":                          {"application/json", "", &web.Error{Status: 409, Message: "Sold out."}, "application/json", `{"error":"Sold out."}`},
		"JSON of the usual client":      {"application/json, text/plain, */*", "", errors.New("secret"), "application/json", `{"error":"Internal Server Error"}`},
		"JSON, not signed in":           {"application/json", "", &web.Error{Status: 401}, "application/json", `{"message":"Unauthenticated."}`},
		"JSON, not allowed":             {"application/json", "", &web.Error{Status: 403}, "application/json", `{"message":"This action is unauthorized."}`},
		"JSON, with a message":          {"application/json", "", &web.Error{Status: 403, Message: "Not yours."}, "application/json", `{"message":"Not yours."}`},
		"JSON, invalid":                 {"application/json", "", fmt.Errorf("binding: %w", invalid.Err()), "application/json", `{"message":"The given data was invalid.","errors":{"items.0.n":["It is too small."],"name":["The name is missing."]}}`},
		"JSON, invalid in another way":  {"application/json", "", fieldErrors{"a": "b"}, "application/json", `{"message":"The given data was invalid.","errors":{"a":["b"]}}`},
		"problem details":               {"application/problem+json", "", &web.Error{Status: 409, Message: "Sold out."}, "application/problem+json", `{"type":"about:blank","title":"Conflict","status":409,"detail":"Sold out."}`},
		"problem details, with JSON":    {"application/json, application/problem+json", "", errors.New("secret"), "application/problem+json", `{"type":"about:blank","title":"Internal Server Error","status":500}`},
		"problem details, invalid":      {"application/problem+json", "", fieldErrors{"a": "b"}, "application/problem+json", `{"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"The given data was invalid.","errors":{"a":["b"]}}`},
		"JSON before problem details":   {"application/json, application/problem+json;q=0.5", "", &web.Error{Status: 404}, "application/json", `{"error":"Not Found"}`},
		"a page for who prefers it":     {"text/html, application/json;q=0.9", "", &web.Error{Status: 404, Message: "<b>"}, "text/html; charset=utf-8", "<p>&lt;b&gt;</p>"},
		"JSON for who prefers it":       {"text/html;q=0.5, application/json", "", &web.Error{Status: 404}, "application/json", `{"error":"Not Found"}`},
		"a page for a browser":          {browser, "", errors.New("secret"), "text/html; charset=utf-8", "<h1>500</h1>\n<p>Internal Server Error</p>"},
		"text for who refuses all else": {"text/html;q=0, application/json;q=0", "", &web.Error{Status: 404}, "text/plain; charset=utf-8", "Not Found\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := request("POST", "/")
			for name, value := range map[string]string{"Accept": tt.accept, "Content-Type": tt.contentType} {
				if value != "" {
					r.Header.Set(name, value)
				}
			}
			w := httptest.NewRecorder()
			quiet := &web.Errors{Logger: slog.New(slog.DiscardHandler)}
			quiet.Middleware(handler(func(w http.ResponseWriter, r *http.Request) { web.WriteError(w, r, tt.err) })).ServeHTTP(w, r)
			body, want := w.Body.String(), tt.body
			if strings.Contains(tt.answer, "json") {
				want += "\n"
			}
			if got := w.Header().Get("Content-Type"); got != tt.answer || body != want && (!strings.Contains(tt.answer, "html") || !strings.Contains(body, want)) {
				t.Errorf("%s %q, want %s %q", got, body, tt.answer, want)
			}
			if strings.Contains(body, "secret") || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Vary") != "Accept" {
				t.Errorf("%q, headers %v", body, w.Header())
			}
		})
	}
}

func TestAccepts(t *testing.T) {
	t.Parallel()
	tests := map[string]string{ // Accept: which of text/html, text/csv, application/json
		"":                             "",
		"*/*":                          "text/html",
		"text/csv":                     "text/csv",
		"TEXT/CSV; charset=x":          "text/csv",
		"text/*":                       "text/html",
		"text/*;q=0.5, */*;q=0.8":      "application/json",
		"text/html;q=0, */*":           "text/csv",
		"text/html;q=0.2,text/csv;q=1": "text/csv",
		"image/png":                    "",
		"text/csv;q=2, text/html;q=x":  "",
		"text/csv;q=NaN":               "",
		",;,":                          "",
	}
	offers := []string{"text/html", "text/csv", "application/json"}
	for accept, want := range tests {
		if got := web.Accepts(request("GET", "/", "Accept", accept), offers...); got != want {
			t.Errorf("%q: %q, want %q", accept, got, want)
		}
	}
	if got := web.Accepts(request("GET", "/"), offers...); got != "text/html" {
		t.Errorf("without the header: %q", got)
	}
	two := request("GET", "/")
	two.Header["Accept"] = []string{"text/html;q=0.1", "text/csv"}
	if got := web.Accepts(two, offers...); got != "text/csv" {
		t.Errorf("in two lines: %q", got)
	}
}

func FuzzAccepts(f *testing.F) {
	f.Add("text/*;q=0.3, text/html;q=0.7, */*;q=0.5")
	f.Add("text/html;q=;;=,/*;q=1e400")
	f.Fuzz(func(t *testing.T, accept string) {
		r := request("GET", "/")
		r.Header["Accept"] = []string{accept}
		got := web.Accepts(r, "text/html", "application/json")
		if got != "" && got != "text/html" && got != "application/json" {
			t.Errorf("%q: %q", accept, got)
		}
	})
}

// fail asks through e for a page that fails, with an Accept header.
func fail(e *web.Errors, accept string, h web.Handler) *httptest.ResponseRecorder {
	r := web.NewRouter()
	r.Get("/posts/{id}", h)
	w := httptest.NewRecorder()
	web.Chain(e.Middleware, web.RequestID, web.Recover)(r).ServeHTTP(w, request("GET", "/posts/1?q=x", "Accept", accept, "Cookie", "session="+strings.Repeat("hid", 2), "X-Request-ID", "id-1"))
	return w
}

type posts struct{}

func (posts) show(http.ResponseWriter, *http.Request) error { return errors.New("out of ink") }

func panics(http.ResponseWriter, *http.Request) error { panic("secret: out of ink") }

func TestDevelopersSeeWhatHappened(t *testing.T) {
	t.Parallel()
	e := &web.Errors{Details: true, Logger: slog.New(slog.DiscardHandler), Queries: func(context.Context) []web.Query {
		return []web.Query{{SQL: "SELECT '<'", Duration: "3ms", At: "error_answer_test.go:1", Failed: true}}
	}}
	page := fail(e, browser, panics).Body.String()
	for _, want := range []string{
		"panic: secret: out of ink", "func panics(", "error_answer_test.go:", "<mark>", // the line
		"/posts/1?q=x", "id-1", "SELECT &#39;&lt;&#39;", "package web_test", "goroutine", "*web.Panic",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not show %q:\n%s", want, page)
		}
	}
	if strings.Contains(page, "hidhid") {
		t.Error("the page shows the cookie")
	}
	wrapped := func(http.ResponseWriter, *http.Request) error {
		return fmt.Errorf("loading <posts>: %w", errors.Join(os.ErrNotExist, errors.New("and more")))
	}
	page = fail(e, browser, wrapped).Body.String()
	for _, want := range []string{"<h1>loading &lt;posts&gt;: file does not exist\nand more</h1>", "*errors.errorString", "and more"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not show %q:\n%s", want, page)
		}
	}
	if !strings.Contains(page, "fmt.Errorf(&#34;loading") || !strings.Contains(page, "error_answer_test.go:") {
		t.Errorf("the page does not show the handler:\n%s", page)
	}
	page = fail(e, browser, posts{}.show).Body.String()
	for _, want := range []string{"<mark>", "func (posts) show(", "posts.show"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not show the method %q:\n%s", want, page)
		}
	}
	if got := fail(e, "application/json", wrapped).Body.String(); got != `{"error":"Internal Server Error","detail":"loading \u003cposts\u003e: file does not exist\nand more"}`+"\n" {
		t.Errorf("JSON: %s", got)
	}
	if got := fail(e, browser, func(http.ResponseWriter, *http.Request) error { return status(404) }).Body.String(); strings.Contains(got, "secret") {
		t.Errorf("a 404: %s", got)
	}
}

func TestNobodyElseSeesIt(t *testing.T) {
	t.Parallel()
	for _, accept := range []string{browser, "application/json", "application/problem+json", "*/*", "image/png"} {
		var log bytes.Buffer
		w := fail(&web.Errors{Logger: slog.New(slog.NewJSONHandler(&log, nil))}, accept, panics)
		if w.Code != 500 || strings.Contains(w.Body.String(), "secret") || strings.Contains(w.Body.String(), "goroutine") {
			t.Errorf("%s: %d %s", accept, w.Code, w.Body)
		}
		for _, want := range []string{`"msg":"panic"`, "secret: out of ink", `"request_id":"id-1"`, "error_answer_test.go", `"path":"/posts/1"`} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("the log has no %s: %s", want, &log)
			}
		}
		if strings.Count(log.String(), "\n") != 1 {
			t.Errorf("the log has more than a line: %s", &log)
		}
	}
}

func TestAPageOfOnesOwn(t *testing.T) {
	t.Parallel()
	var got web.Failure
	e := &web.Errors{Logger: slog.New(slog.DiscardHandler), Page: func(w http.ResponseWriter, _ *http.Request, f web.Failure) error {
		got = f
		if f.Status == 404 {
			return errors.New("secret: no template")
		}
		return web.HTML(w, f.Status, "own "+f.Message)
	}}
	w := fail(e, browser, panics)
	if w.Code != 500 || w.Body.String() != "own Internal Server Error" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if diff := cmp.Diff([]any{500, "Internal Server Error", "id-1"}, []any{got.Status, got.Message, got.RequestID}); diff != "" {
		t.Error(diff)
	}
	w = fail(e, browser, func(http.ResponseWriter, *http.Request) error { return &web.Error{Status: 404, Message: "No post."} })
	if w.Code != 404 || !strings.Contains(w.Body.String(), "<p>No post.</p>") || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("when the page fails: %d %s", w.Code, w.Body)
	}
	panicking := &web.Errors{Logger: slog.New(slog.DiscardHandler), Page: func(http.ResponseWriter, *http.Request, web.Failure) error { panic("secret: no page") }}
	for _, h := range []web.Handler{panics, posts{}.show} {
		if w := fail(panicking, browser, h); w.Code != 500 || !strings.Contains(w.Body.String(), "<h1>500</h1>") || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("when the page panics: %d %s", w.Code, w.Body)
		}
	}
	if w = fail(e, "application/json", panics); w.Body.String() != `{"error":"Internal Server Error"}`+"\n" {
		t.Errorf("JSON: %s", w.Body)
	}
}

func TestFirstMayAnswer(t *testing.T) {
	t.Parallel()
	e := &web.Errors{Logger: slog.New(slog.DiscardHandler), First: func(w http.ResponseWriter, r *http.Request, err error) error {
		if _, ok := errors.AsType[fieldErrors](err); ok {
			return web.Redirect(w, r, "/form")
		}
		return err
	}}
	if w := fail(e, browser, func(http.ResponseWriter, *http.Request) error { return fieldErrors{} }); w.Code != 303 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := fail(e, "*/*", func(http.ResponseWriter, *http.Request) error { return status(404) }); w.Code != 404 || w.Body.String() != "Not Found\n" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// A panic with an error that has a status is still a mistake of the program.
func TestAPanicIs500WhateverItsValue(t *testing.T) {
	t.Parallel()
	w := fail(&web.Errors{Logger: slog.New(slog.DiscardHandler)}, "*/*", func(http.ResponseWriter, *http.Request) error {
		panic(&web.Error{Status: 404, Message: "secret"})
	})
	if w.Code != 500 || w.Body.String() != "Internal Server Error\n" {
		t.Errorf("%d %q", w.Code, w.Body)
	}
}
