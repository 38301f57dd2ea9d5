package web_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/kitgo/kit/web"
)

func TestFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root := filepath.Join(dir, "public")
	for name, text := range map[string]string{"secret.txt": "secret", "public/a.txt": "hello", "public/sub/b.html": "<b>"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../secret.txt", filepath.Join(root, "link.txt")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("circle", filepath.Join(root, "circle")); err != nil {
		t.Fatal(err)
	}
	confined, err := os.OpenRoot(root)
	if err != nil {
		t.Fatal(err)
	}
	defer confined.Close()
	tests := map[string]struct {
		name   string
		header [2]string
		status int
		body   string
	}{
		"a file":              {"a.txt", [2]string{}, 200, "hello"},
		"in a folder":         {"sub/b.html", [2]string{}, 200, "<b>"},
		"a part":              {"a.txt", [2]string{"Range", "bytes=1-2"}, 206, "el"},
		"not there":           {"x.txt", [2]string{}, 404, ""},
		"a folder":            {"sub", [2]string{}, 404, ""},
		"the root":            {".", [2]string{}, 404, ""},
		"above":               {"../secret.txt", [2]string{}, 404, ""},
		"above and back":      {"sub/../../secret.txt", [2]string{}, 404, ""},
		"absolute":            {filepath.Join(dir, "secret.txt"), [2]string{}, 404, ""},
		"with other slashes":  {`..\secret.txt`, [2]string{}, 404, ""},
		"encoded":             {"%2e%2e/secret.txt", [2]string{}, 404, ""},
		"with a zero byte":    {"a.txt\x00.html", [2]string{}, 404, ""},
		"no name":             {"", [2]string{}, 404, ""},
		"a link that leaves":  {"link.txt", [2]string{}, 404, ""},
		"links in a circle":   {"circle", [2]string{}, 404, ""},
		"below a file":        {"a.txt/b", [2]string{}, 404, ""},
		"a name too long":     {strings.Repeat("a", 300), [2]string{}, 404, ""},
		"a path too long":     {strings.Repeat("a/", 3000) + "a", [2]string{}, 404, ""},
		"a range that is not": {"a.txt", [2]string{"Range", "bytes=9-"}, 416, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := request("GET", "/", tt.header[0], tt.header[1])
			w := httptest.NewRecorder()
			if err := web.File(w, r, confined.FS(), tt.name); err != nil {
				quiet := &web.Errors{Logger: slog.New(slog.DiscardHandler)}
				quiet.Middleware(handler(func(w http.ResponseWriter, r *http.Request) { web.WriteError(w, r, err) })).ServeHTTP(w, r)
			}
			if w.Code != tt.status || tt.body != "" && w.Body.String() != tt.body || strings.Contains(w.Body.String(), "secret") {
				t.Errorf("%d %q, want %d %q", w.Code, w.Body, tt.status, tt.body)
			}
		})
	}
}

func TestDownload(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{"uploads/7": {Data: []byte("<script>"), ModTime: time.Unix(1, 0)}}
	for as, want := range map[string]string{
		"report.pdf":             "attachment; filename=report.pdf",
		"a b.txt":                `attachment; filename="a b.txt"`,
		"Übersicht.csv":          "attachment; filename*=utf-8''%C3%9Cbersicht.csv",
		"":                       "attachment; filename=7",
		"../../etc/passwd":       "attachment; filename=_.._etc_passwd",
		"a\r\nSet-Cookie: x=y":   `attachment; filename="a__Set-Cookie_ x=y"`,
		"a\"; filename=evil.exe": `attachment; filename="a_; filename=evil.exe"`,
		"...":                    "attachment; filename=download",
		"\xff":                   "attachment; filename=_",
	} {
		w := httptest.NewRecorder()
		if err := web.Download(w, request("GET", "/"), files, "uploads/7", as); err != nil {
			t.Fatal(err)
		}
		if got := w.Header().Get("Content-Disposition"); got != want || w.Body.String() != "<script>" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%q: %s %q", as, got, w.Body)
		}
	}
}

// Headers of requests for parts may hold anything.
func FuzzFile(f *testing.F) {
	f.Add("bytes=0-1,3-", `"a", W/"b"`, "Mon, 02 Jan 2006 15:04:05 GMT")
	f.Add("bytes=-1", "*", "x")
	f.Add("bytes=0-0,0-0,0-0,0-0,0-0,0-0,0-0", `W/`, "")
	files := fstest.MapFS{"a.txt": {Data: []byte(strings.Repeat("0123456789", 100)), ModTime: time.Unix(1000, 0)}}
	f.Fuzz(func(t *testing.T, part, match, since string) {
		r := request("GET", "/")
		r.Header["Range"], r.Header["If-None-Match"], r.Header["If-Modified-Since"] = []string{part}, []string{match}, []string{since}
		w := httptest.NewRecorder()
		w.Header().Set("ETag", `"v1"`)
		if err := web.File(w, r, files, "a.txt"); err != nil {
			t.Fatal(err)
		}
		if w.Code != 200 && w.Code != 206 && w.Code != 304 && w.Code != 416 || w.Body.Len() > 20_000 {
			t.Errorf("%q %q %q: %d with %d bytes", part, match, since, w.Code, w.Body.Len())
		}
	})
}

// serve starts a server that stops telling when the test ends.
func serve(t *testing.T, h web.Handler) string {
	t.Helper()
	r := web.NewRouter()
	r.Get("/", h)
	quiet := &web.Errors{Logger: slog.New(slog.DiscardHandler)}
	server := httptest.NewServer(web.Chain(quiet.Middleware, web.AccessLog(slog.New(slog.DiscardHandler), nil), web.Recover)(r))
	t.Cleanup(server.Close)
	return server.URL
}

func TestStream(t *testing.T) {
	t.Parallel()
	next := make(chan string)
	url := serve(t, func(w http.ResponseWriter, r *http.Request) error {
		return web.Stream(w, r, "text/csv", func(w io.Writer) error {
			for line := range next {
				if line == "fail" {
					return errors.New("the database has gone")
				}
				if _, err := io.WriteString(w, line+"\n"); err != nil {
					return err
				}
			}
			return nil
		})
	})
	get := func() (*http.Response, *bufio.Reader) {
		response, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { response.Body.Close() })
		return response, bufio.NewReader(response.Body)
	}
	go func() { next <- "a" }()
	response, body := get()
	if line, err := body.ReadString('\n'); line != "a\n" || err != nil || response.Header.Get("Content-Type") != "text/csv" {
		t.Fatalf("%q %v %v", line, err, response.Header)
	}
	next <- "fail"
	if rest, err := io.ReadAll(body); err == nil {
		t.Errorf("the client takes %q for all of it", rest)
	}
	go func() { next <- "fail" }()
	if response, _ := get(); response.StatusCode != 500 {
		t.Errorf("nothing was written yet: %d", response.StatusCode)
	}
	close(next)
	if response, body := get(); response.StatusCode != 200 || response.Header.Get("Content-Type") != "text/csv" {
		rest, _ := io.ReadAll(body)
		t.Errorf("an empty stream: %d %v %q", response.StatusCode, response.Header, rest)
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	ended := make(chan error, 2)
	url := serve(t, func(w http.ResponseWriter, r *http.Request) error {
		err := web.SendEvents(w, r, func(ctx context.Context, e *web.Events) error {
			for _, event := range []web.Event{
				{ID: "8", Name: "price", Data: map[string]int{"lamp": 3}, Retry: 2 * time.Second},
				{Data: "two\r\nlines\rand\nmore"},
				{Data: []byte("after " + e.LastID())},
			} {
				if err := e.Send(event); err != nil {
					return err
				}
			}
			for _, wrong := range []web.Event{{ID: "a\nb"}, {Name: "a\r"}, {Data: func() {}}} {
				if e.Send(wrong) == nil {
					return errors.New("a wrong event was sent")
				}
			}
			<-ctx.Done()
			return ctx.Err()
		})
		ended <- err
		return err
	})
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Last-Event-ID", "7")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	want := "id: 8\nevent: price\nretry: 2000\ndata: {\"lamp\":3}\n\ndata: two\ndata: lines\ndata: and\ndata: more\n\ndata: after 7\n\n"
	got := make([]byte, len(want))
	if _, err := io.ReadFull(response.Body, got); err != nil || string(got) != want || response.Header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("%q %v", got, err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("a client that goes is no error: %v", err)
	}
}

// HEAD is answered by what answers GET: net/http drops what is written to it, so nobody
// would notice that the client has gone.
func TestEventsOfHeadEnd(t *testing.T) {
	t.Parallel()
	url := serve(t, func(w http.ResponseWriter, r *http.Request) error {
		return web.SendEvents(w, r, func(ctx context.Context, _ *web.Events) error {
			if r.Method == http.MethodHead {
				t.Error("HEAD has no events")
			}
			<-ctx.Done()
			return ctx.Err()
		})
	})
	response, err := http.Head(url)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != 200 || response.Header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("%d %v", response.StatusCode, response.Header)
	}
}

func TestEventsEndWhenTheServerStops(t *testing.T) {
	t.Parallel()
	stop := make(chan struct{})
	w := httptest.NewRecorder()
	r := request("GET", "/")
	r = r.WithContext(web.WithStopping(r.Context(), stop))
	err := web.SendEvents(w, r, func(ctx context.Context, _ *web.Events) error {
		close(stop)
		<-ctx.Done()
		return ctx.Err()
	})
	if err != nil {
		t.Error(err)
	}
}
