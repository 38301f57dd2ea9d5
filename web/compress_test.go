package web_test

import (
	"compress/gzip"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

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
	tests := map[string]string{"/held": "200 half  <nil>", "/panic": "500 Internal Server Error\n <nil>", "/late": "cut", "/flushed": "200 ab <nil>", "/none": "204  <nil>"}
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
