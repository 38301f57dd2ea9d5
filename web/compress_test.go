package web_test

import (
	"compress/gzip"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/web"
)

var long = strings.Repeat("All work and no play makes Jack a dull boy.\n", 100)

func TestCompress(t *testing.T) {
	t.Parallel()
	text := func(w http.ResponseWriter, _ *http.Request) error { return web.Text(w, 200, long) }
	of := func(contentType string) web.Handler {
		return func(w http.ResponseWriter, _ *http.Request) error {
			w.Header().Set("Content-Type", contentType)
			_, err := io.WriteString(w, long)
			return err
		}
	}
	header := func(name, value string) web.Handler {
		return func(w http.ResponseWriter, r *http.Request) error {
			w.Header().Set(name, value)
			return text(w, r)
		}
	}
	const accepts, cookie = "gzip, deflate, br", "session=x"
	tests := map[string]struct {
		handler web.Handler
		headers []string // of the request
		gzip    bool
	}{
		"text":                          {text, []string{"Accept-Encoding", accepts}, true},
		"JSON":                          {of("application/json"), []string{"Accept-Encoding", accepts}, true},
		"a problem":                     {of("application/problem+json"), []string{"Accept-Encoding", accepts}, true},
		"a type that nobody gave":       {func(w http.ResponseWriter, _ *http.Request) error { _, err := io.WriteString(w, long); return err }, []string{"Accept-Encoding", accepts}, true},
		"in small pieces":               {func(w http.ResponseWriter, _ *http.Request) error { return pieces(w, long) }, []string{"Accept-Encoding", accepts}, true},
		"an image":                      {of("image/png"), []string{"Accept-Encoding", accepts}, false},
		"a short text":                  {func(w http.ResponseWriter, _ *http.Request) error { return web.Text(w, 200, "short") }, []string{"Accept-Encoding", accepts}, false},
		"for who does not take it":      {text, []string{"Accept-Encoding", "br"}, false},
		"for who says nothing":          {text, nil, false},
		"for who refuses it":            {text, []string{"Accept-Encoding", "gzip;q=0, *"}, false},
		"for who takes anything":        {text, []string{"Accept-Encoding", "*"}, true},
		"compressed already":            {header("Content-Encoding", "br"), []string{"Accept-Encoding", accepts}, false},
		"not to be transformed":         {header("Cache-Control", "no-transform"), []string{"Accept-Encoding", accepts}, false},
		"signed in":                     {text, []string{"Accept-Encoding", accepts, "Cookie", cookie, "Sec-Fetch-Site", "same-origin"}, true},
		"signed in, typed":              {text, []string{"Accept-Encoding", accepts, "Cookie", cookie, "Sec-Fetch-Site", "none"}, true},
		"sent by another site":          {text, []string{"Accept-Encoding", accepts, "Cookie", cookie, "Sec-Fetch-Site", "cross-site"}, false},
		"sent by a sub-domain":          {text, []string{"Accept-Encoding", accepts, "Cookie", cookie, "Sec-Fetch-Site", "same-site"}, false},
		"sent by another, not signed":   {text, []string{"Accept-Encoding", accepts, "Sec-Fetch-Site", "cross-site"}, true},
		"an old browser, another site":  {text, []string{"Accept-Encoding", accepts, "Cookie", cookie, "Referer", "https://evil.example/"}, false},
		"an old browser, the same site": {text, []string{"Accept-Encoding", accepts, "Cookie", cookie, "Referer", "http://example.com/a"}, true},
		"a part of a file":              {func(w http.ResponseWriter, r *http.Request) error { return web.File(w, r, files, "a.txt") }, []string{"Accept-Encoding", accepts, "Range", "bytes=0-2000"}, false},
		"a file":                        {func(w http.ResponseWriter, r *http.Request) error { return web.File(w, r, files, "a.txt") }, []string{"Accept-Encoding", accepts}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := web.NewRouter()
			r.Get("/", tt.handler)
			w := httptest.NewRecorder()
			web.Compress(r).ServeHTTP(w, request("GET", "http://example.com/", tt.headers...))
			encoding := w.Header().Get("Content-Encoding")
			if (encoding == "gzip") != tt.gzip {
				t.Fatalf("encoding %q", encoding)
			}
			if !tt.gzip {
				return
			}
			z, err := gzip.NewReader(w.Body)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(z)
			if h := w.Header(); err != nil || string(body) != long || h.Get("Vary") != "Accept-Encoding" || h.Get("Content-Length") != "" || h.Get("Content-Type") == "" {
				t.Errorf("%d bytes, %v, headers %v", len(body), err, h)
			}
		})
	}
}

var files = fstest.MapFS{"a.txt": {Data: []byte(long)}}

func pieces(w io.Writer, text string) error {
	for len(text) > 0 {
		n, err := io.WriteString(w, text[:min(7, len(text))])
		if err != nil {
			return err
		}
		text = text[n:]
	}
	return nil
}

func TestCompressedAnswersAreWholeOrCut(t *testing.T) {
	t.Parallel()
	quiet := &web.Errors{Logger: slog.New(slog.DiscardHandler)}
	r := web.NewRouter()
	r.Get("/held", func(w http.ResponseWriter, _ *http.Request) error {
		_, _ = io.WriteString(w, "half ")
		return errors.New("secret")
	})
	r.Get("/short", func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Content-Length", strconv.Itoa(2*len(long))) // as of a file that cannot be read to its end
		w.Header().Set("Content-Type", "text/plain")
		_, err := io.WriteString(w, long)
		return err
	})
	r.Get("/panic", func(w http.ResponseWriter, _ *http.Request) error {
		_, _ = io.WriteString(w, "half ")
		panic("secret")
	})
	r.Get("/late", func(w http.ResponseWriter, _ *http.Request) error {
		_, _ = io.WriteString(w, long)
		panic("secret")
	})
	r.Get("/flushed", func(w http.ResponseWriter, _ *http.Request) error {
		_, _ = io.WriteString(w, "a")
		if err := http.NewResponseController(w).Flush(); err != nil {
			return err
		}
		_, err := io.WriteString(w, "b")
		return err
	})
	r.Get("/none", func(w http.ResponseWriter, _ *http.Request) error { w.WriteHeader(204); return nil })
	server := httptest.NewServer(web.Chain(quiet.Middleware, web.AccessLog(slog.New(slog.DiscardHandler), nil), web.Recover, web.Compress)(r))
	defer server.Close()
	tests := map[string]string{"/held": "cut", "/short": "cut", "/panic": "500 Internal Server Error\n <nil>", "/late": "cut", "/flushed": "200 ab <nil>", "/none": "204  <nil>"}
	for path, want := range tests {
		response, err := http.Get(server.URL + path) // which asks for gzip by itself
		got := "cut"
		if err == nil {
			body, err := io.ReadAll(response.Body)
			response.Body.Close()
			if err == nil {
				got = response.Status[:3] + " " + string(body) + " <nil>"
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

// HEAD, and the answers for who has some of it, have the headers that the whole would
// have.
func TestHeadersDoNotDependOnTheMethod(t *testing.T) {
	t.Parallel()
	h := web.Compress(handler(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"v1"`)
		web.Content(w, r, "a.txt", time.Time{}, strings.NewReader(long))
	}))
	headers := func(method string, of ...string) http.Header {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, request(method, "/", append(of, "Accept-Encoding", "gzip, br")...))
		if method == "HEAD" && w.Body.Len() != 0 {
			t.Error("HEAD has a body")
		}
		return w.Header()
	}
	whole := headers("GET")
	if whole.Get("Content-Encoding") != "gzip" || whole.Get("ETag") != `W/"v1"` {
		t.Fatalf("headers %v", whole)
	}
	if diff := cmp.Diff(whole, headers("HEAD")); diff != "" {
		t.Error(diff)
	}
	for _, has := range []string{`W/"v1"`, `"v0", W/"v1"`} {
		if h := headers("GET", "If-None-Match", has); h.Get("ETag") != `W/"v1"` || h.Get("Vary") != "Accept-Encoding" {
			t.Errorf("304: %v", h)
		}
	}
	if h := headers("GET", "If-None-Match", `"v1"`); h.Get("ETag") != `"v1"` {
		t.Errorf("304: %v", h)
	}
	for _, ranges := range []string{"bytes=0-9", "bytes=0-9,20-29"} {
		if h := headers("GET", "Range", ranges); h.Get("Vary") != "Accept-Encoding" || h.Get("Content-Encoding") != "" || h.Get("Content-Range") == "" && ranges == "bytes=0-9" {
			t.Errorf("206: %v", h)
		}
	}
	small := web.Compress(handler(func(w http.ResponseWriter, r *http.Request) {
		web.Content(w, r, "a.txt", time.Time{}, strings.NewReader("small"))
	}))
	w := httptest.NewRecorder()
	small.ServeHTTP(w, request("HEAD", "/", "Accept-Encoding", "gzip"))
	if h := w.Header(); h.Get("Content-Length") != "5" || h.Get("Content-Encoding") != "" {
		t.Errorf("HEAD of what is small: %v", h)
	}
}
