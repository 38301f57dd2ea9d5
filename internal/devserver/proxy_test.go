package devserver

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestPagesGetTheClient(t *testing.T) {
	t.Parallel()
	s := New(Options{Out: io.Discard})
	const page = "<html><head><title>x</title></head><body>y</body></html>"
	tag := `<script src="/_kit/dev/client.js" data-version="0"`
	tests := map[string]struct {
		contentType, encoding, policy, body string
		want                                string
	}{
		"a page":                {"text/html; charset=utf-8", "", "", page, strings.Replace(page, "</head>", tag+"></script>\n</head>", 1)},
		"capitals":              {"text/html", "", "", "<HEAD></HEAD>", "<HEAD>" + tag + "></script>\n</HEAD>"},
		"a policy with a nonce": {"text/html", "", "default-src 'self'; script-src 'self' 'nonce-a/b+c='", page, strings.Replace(page, "</head>", tag+" nonce=\"a/b+c=\"></script>\n</head>", 1)},
		"JSON":                  {"application/json", "", "", page, page},
		"compressed":            {"text/html", "gzip", "", page, page},
		"a part of a page":      {"text/html", "", "", "<p>Hello</p>", "<p>Hello</p>"},
		"nothing":               {"text/html", "", "", "", ""},
		"a late head":           {"text/html", "", "", strings.Repeat("x", headSize+5) + "</head>", strings.Repeat("x", headSize+5) + "</head>"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			w.Header().Set("Content-Type", tt.contentType)
			w.Header().Set("Content-Encoding", tt.encoding)
			w.Header().Set("Content-Security-Policy", tt.policy)
			_, _ = io.WriteString(w, tt.body)
			answer := w.Result()
			answer.Request = httptest.NewRequest(http.MethodGet, "/", nil)
			// One byte at a time, as a slow program sends it.
			answer.Body = io.NopCloser(oneByte{strings.NewReader(tt.body)})
			if err := s.addClient(answer); err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(answer.Body); err != nil || string(got) != tt.want {
				t.Errorf("%.300s (%v)", got, err)
			}
		})
	}
}

type oneByte struct{ io.Reader }

func (r oneByte) Read(p []byte) (int, error) { return r.Reader.Read(p[:min(1, len(p))]) }

// A request that no program can answer is told why, as it wants to read it.
func TestWithoutAProgram(t *testing.T) {
	t.Parallel()
	s := New(Options{Out: io.Discard})
	s.board.fail("The Go code does not compile", nil, "main.go:1:1: <b>")
	for accept, want := range map[string]string{
		"text/html": "<pre>The Go code does not compile\n\nmain.go:1:1: &lt;b&gt;</pre>",
		"*/*":       "The Go code does not compile\n\nmain.go:1:1: <b>\n",
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept", accept)
		w := httptest.NewRecorder()
		s.handler().ServeHTTP(w, r)
		if w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", accept, w.Code, w.Body)
		}
	}
}

// Another site may not run migrations.
func TestMigratingFromAnotherSite(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodPost, "http://localhost:8000/_kit/dev/migrate", nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	w := httptest.NewRecorder()
	New(Options{Out: io.Discard, Binary: "/nothing"}).handler().ServeHTTP(w, r)
	if w.Code != http.StatusForbidden {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestPublicFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir+"/public/icons/a b.svg", "x")
	write(t, dir+"/secret.txt", "x")
	f := newFrontend(dir, freePort, VitePath, io.Discard)
	for path, found := range map[string]bool{"/icons/a b.svg": true, "/icons": false, "/": false, "": false, "/../secret.txt": false, "/icons/../../secret.txt": false, "//etc/passwd": false} {
		if got := f.public(path); (got != "") != found {
			t.Errorf("%q is %q", path, got)
		}
	}
}

func TestOutput(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	p := &printer{out: &out, only: []string{"app", "vite"}}
	app, vite, build := p.from("app", nil), p.from("vite", viteBanner), p.from("build", nil)
	for _, text := range []string{"half a ", "line\r\nand ", "one\nthe rest"} {
		_, _ = io.WriteString(app, text)
	}
	_, _ = io.WriteString(vite, "\n  \x1b[32mVITE v8.3.8\x1b[0m  ready\n  ➜  Local: http://x\n\x1b[2m5:41\x1b[0m hmr update\n")
	_, _ = io.WriteString(build, "not asked for\n")
	p.line("app", "two\nlines")
	if want := "app   │ half a line\napp   │ and one\nvite  │ 5:41 hmr update\napp   │ two\napp   │ lines\n"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}
