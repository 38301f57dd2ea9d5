package kit

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	neturl "net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/kitgo/kit/session"
	"github.com/kitgo/kit/web"
)

// victim is an application with something of everything, on a listener of its own. Each
// test here is what somebody with bad intentions would send.
type victim struct {
	t        *testing.T
	address  string // host and port
	written  atomic.Int64
	smuggled atomic.Int64
}

func newVictim(t *testing.T, vars map[string]string, changes ...func(*App)) *victim {
	t.Helper()
	v := &victim{t: t}
	folder := t.TempDir()
	for name, text := range map[string]string{"secret.txt": "TOP SECRET", "public/a.txt": "hello"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(folder, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	who := session.Key[string]("who")
	address, _ := serving(t, vars, func(a *App) {
		for _, change := range changes {
			change(a)
		}
		a.Sessions = session.New(session.NewDatabase(a.DB), &a.Config.Session)
		a.Routes = func(r *web.Router) {
			r.Get("/", func(w http.ResponseWriter, _ *http.Request) error { return web.Text(w, 200, "home") })
			write := func(w http.ResponseWriter, r *http.Request) error {
				v.written.Add(1)
				n, err := io.Copy(io.Discard, r.Body)
				if _, large := errors.AsType[*http.MaxBytesError](err); err != nil && !large {
					err = &web.Error{Status: 400, Err: err}
				}
				if err != nil {
					return err
				}
				return web.Text(w, 200, fmt.Sprint("read ", n))
			}
			r.Post("/write", write)
			r.Put("/write", write)
			r.Patch("/write", write)
			r.Delete("/write", write)
			r.Get("/smuggled", func(w http.ResponseWriter, _ *http.Request) error {
				v.smuggled.Add(1)
				return web.Text(w, 200, "smuggled")
			})
			r.Get("/go", func(w http.ResponseWriter, r *http.Request) error {
				return web.Redirect(w, r, r.URL.Query().Get("to"))
			})
			r.Get("/cookie", func(w http.ResponseWriter, r *http.Request) error {
				return web.SetCookie(w, r, web.Cookie("chosen", r.URL.Query().Get("v")))
			})
			r.Get("/download", func(w http.ResponseWriter, r *http.Request) error {
				web.Attachment(w, r.URL.Query().Get("as"))
				return web.Text(w, 200, "x")
			})
			r.Post("/bind", func(w http.ResponseWriter, r *http.Request) error {
				form, err := web.Bind[hostileForm](r)
				if err != nil {
					return err
				}
				v.written.Add(1)
				if form.Photo != nil {
					return web.Text(w, 200, "photo "+form.Photo.Name)
				}
				return web.Text(w, 200, "bound "+form.Name)
			})
			files := os.DirFS(filepath.Join(folder, "public"))
			r.Get("/files/{name...}", func(w http.ResponseWriter, r *http.Request) error {
				return web.File(w, r, files, r.PathValue("name"))
			})
			r.Get("/client", func(w http.ResponseWriter, r *http.Request) error {
				host, _, _ := net.SplitHostPort(r.RemoteAddr)
				return web.Text(w, 200, host+" "+r.Host+" "+r.URL.Scheme)
			})
			r.Get("/me", func(w http.ResponseWriter, r *http.Request) error {
				name, err := who.Get(r.Context())
				if err != nil {
					return err
				}
				return web.Text(w, 200, "you are "+name)
			})
			r.Post("/in", func(_ http.ResponseWriter, r *http.Request) error {
				if err := session.Renew(r.Context()); err != nil {
					return err
				}
				return who.Put(r.Context(), "Ann")
			})
			r.Group("/limited", func(r *web.Router) {
				r.Use(web.RateLimit(3, 24*365*60*60*1e9, nil))
				r.Get("/", func(w http.ResponseWriter, _ *http.Request) error { return web.Text(w, 200, "ok") })
			})
		}
	})
	v.address = strings.TrimPrefix(address, "http://")
	return v
}

// hostileForm is what the victim's form takes.
type hostileForm struct {
	Name  string         `json:"name" validate:"max=100"`
	Age   int            `json:"age"`
	Tags  []string       `json:"tags" validate:"max=10"`
	More  map[string]any `json:"more"`
	Photo *web.Upload    `json:"photo" file:"max=1MB,types=image/png"`
}

// send sends bytes as they are and returns all the answers, until the server closes.
func (v *victim) send(raw string) []*http.Response {
	v.t.Helper()
	c, err := net.Dial("tcp", v.address)
	if err != nil {
		v.t.Fatal(err)
	}
	defer c.Close()
	go func() {
		_, _ = io.WriteString(c, raw)
		// For the server, a client that closes its half has gone.
		if half, ok := c.(*net.TCPConn); ok && !strings.Contains(raw, "Connection: close") {
			_ = half.CloseWrite()
		}
	}()
	var list []*http.Response
	for in := bufio.NewReader(c); ; {
		response, err := http.ReadResponse(in, nil)
		if err != nil {
			return list
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		response.Body = io.NopCloser(bytes.NewReader(body))
		list = append(list, response)
	}
}

// request sends one request with headers, and returns the answer and its body.
func (v *victim) request(method, target string, headers ...string) (*http.Response, string) {
	v.t.Helper()
	raw := method + " " + target + " HTTP/1.1\r\nConnection: close\r\n"
	if !slices.Contains(headers, "Host") {
		raw += "Host: " + v.address + "\r\n"
	}
	for i := 0; i+1 < len(headers); i += 2 {
		raw += headers[i] + ": " + headers[i+1] + "\r\n"
	}
	answers := v.send(raw + "\r\n")
	if len(answers) != 1 {
		v.t.Fatalf("%s %s: %d answers", method, target, len(answers))
	}
	body, _ := io.ReadAll(answers[0].Body)
	return answers[0], string(body)
}

// TestSmuggling: what a proxy in front could read in another way must be refused, and
// the connection closed.
func TestSmuggling(t *testing.T) {
	t.Parallel()
	v := newVictim(t, nil)
	const next = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
	post := func(headers, body string) string {
		return "POST /write HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n\r\n" + body
	}
	tests := map[string]string{
		"two lengths":                   post("Content-Length: 3\r\nContent-Length: 4", "abc"+next),
		"two lengths in a line":         post("Content-Length: 3, 4", "abc"+next),
		"a signed length":               post("Content-Length: +3", "abc"+next),
		"a negative length":             post("Content-Length: -1", next),
		"a length that is none":         post("Content-Length: 3x", "abc"+next),
		"a length in hex":               post("Content-Length: 0x3", "abc"+next),
		"a length with a blank":         post("Content-Length: 1 2", "abc"+next),
		"an unknown coding":             post("Transfer-Encoding: xchunked", "0\r\n\r\n"+next),
		"two codings":                   post("Transfer-Encoding: chunked, identity", "0\r\n\r\n"+next),
		"two lines of codings":          post("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "0\r\n\r\n"+next),
		"a coding with a vertical tab":  post("Transfer-Encoding: \vchunked", "0\r\n\r\n"+next),
		"a blank before the colon":      post("Transfer-Encoding : chunked", "0\r\n\r\n"+next),
		"a blank in a name":             post("Content Length: 3", "abc"+next),
		"a folded header":               post("X: a\r\n b\r\nContent-Length: 3\r\n : x", "abc"+next),
		"a chunk of a negative size":    post("Transfer-Encoding: chunked", "-1\r\n\r\n"+next),
		"a chunk size in hex with 0x":   post("Transfer-Encoding: chunked", "0x3\r\nabc\r\n0\r\n\r\n"+next),
		"a chunk size that overflows":   post("Transfer-Encoding: chunked", "ffffffffffffffff1\r\nabc\r\n0\r\n\r\n"+next),
		"a chunk longer than its size":  post("Transfer-Encoding: chunked", "1\r\nabc\r\n0\r\n\r\n"+next),
		"a zero byte in a header":       post("X: a\x00b\r\nContent-Length: 0", next),
		"a line break alone in a value": post("X: a\rContent-Length: 0", next),
		"no host":                       "GET / HTTP/1.1\r\n\r\n" + next,
		"two hosts":                     "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + next,
		"a host with a blank":           "GET / HTTP/1.1\r\nHost: a b\r\n\r\n" + next,
		"a host with a path":            "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n" + next,
		"no version":                    "GET /\r\n\r\n" + next,
		"another version":               "GET / HTTP/9.9\r\nHost: x\r\n\r\n" + next,
		"a method with a blank":         "GE T / HTTP/1.1\r\nHost: x\r\n\r\n" + next,
		"a target with a blank":         "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n" + next,
	}
	for name, raw := range tests {
		answers := v.send(raw)
		if len(answers) != 1 || answers[0].StatusCode < 400 || answers[0].StatusCode > 505 {
			t.Errorf("%s: %d answers, %v", name, len(answers), answers)
		}
	}
	if n := v.smuggled.Load(); n != 0 {
		t.Errorf("%d requests were smuggled in", n)
	}
	// Both a length and chunks: the chunks count (RFC 9112, section 6.3), whoever wrote the
	// length, so that the rest is no part of the body.
	answers := v.send(post("Content-Length: 100\r\nTransfer-Encoding: chunked", "3\r\nabc\r\n0\r\n\r\n"))
	if len(answers) != 1 || answers[0].StatusCode != 200 && answers[0].StatusCode != 400 {
		t.Errorf("chunks and a length: %v", answers)
	}
	// No way into HTTP/2 but from the start.
	response, body := v.request("GET", "/", "Upgrade", "h2c", "HTTP2-Settings", "AAMAAABkAARAAAAAAAIAAAAA")
	if response.StatusCode != 200 || body != "home" {
		t.Errorf("an upgrade to h2c: %s %s", response.Status, body)
	}
}

func TestPathTraversal(t *testing.T) {
	t.Parallel()
	v := newVictim(t, nil)
	if _, body := v.request("GET", "/files/a.txt"); body != "hello" {
		t.Fatalf("a file that is there: %q", body)
	}
	for _, target := range []string{
		"/files/../secret.txt", "/files/../../secret.txt", "/files/%2e%2e/secret.txt", "/files/..%2fsecret.txt", "/files/%2e%2e%2fsecret.txt",
		"/files/..%252fsecret.txt", "/files/..%5csecret.txt", "/files/....//secret.txt", "/files/.%00./secret.txt", "/files/a.txt%00/../../secret.txt",
		"/files//etc/passwd", "/files/%2fetc%2fpasswd", "/files/..;/secret.txt", "/files/%c0%ae%c0%ae/secret.txt", "/files/.", "/files/", "/../secret.txt", "//files/../../secret.txt",
	} {
		response, body := v.request("GET", target)
		if response.StatusCode == 200 || strings.Contains(body, "SECRET") || strings.Contains(body, "root:") {
			t.Errorf("%s: %s %q", target, response.Status, body)
		}
	}
}

func TestHeaderInjectionAndOpenRedirects(t *testing.T) {
	t.Parallel()
	v := newVictim(t, nil)
	inject := neturl.QueryEscape("x\r\nInjected: yes\r\n\r\n<script>")
	for _, target := range []string{"/go?to=/" + inject, "/cookie?v=" + inject, "/download?as=" + inject, "/x%0d%0aInjected:%20yes"} {
		response, body := v.request("GET", target)
		if response.Header.Get("Injected") != "" || strings.Contains(body, "<script>") {
			t.Errorf("%s: %v %q", target, response.Header, body)
		}
	}
	for _, to := range []string{"https://evil.example", "//evil.example", `/\evil.example`, `\\evil.example`, "https:evil.example", "javascript:alert(1)", "/\t/evil.example", "http://" + v.address + "@evil.example", " //evil.example", "///evil.example", "https://evil.example#http://" + v.address} {
		response, _ := v.request("GET", "/go?to="+neturl.QueryEscape(to))
		if response.StatusCode != 400 || response.Header.Get("Location") != "" {
			t.Errorf("to %q: %s, Location %q", to, response.Status, response.Header.Get("Location"))
		}
	}
	// A path that the mux cleans must not become another host.
	for _, target := range []string{"//evil.example/..", "//evil.example/%2e%2e", "/\\evil.example/.."} {
		response, _ := v.request("GET", target)
		location := response.Header.Get("Location")
		if to, err := neturl.Parse(location); err != nil || to.Host != "" || strings.HasPrefix(location, "//") || strings.HasPrefix(location, `/\`) {
			t.Errorf("%s leads to %q", target, location)
		}
	}
}

func TestTooMuch(t *testing.T) {
	t.Parallel()
	v := newVictim(t, nil)
	tests := map[string]struct {
		raw    string
		status int
	}{
		"a large header": {"GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("a", 200<<10) + "\r\n\r\n", 431},
		"many headers":   {"GET / HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("X: a\r\n", 40_000) + "\r\n", 431},
		"a long address": {"GET /" + strings.Repeat("a", 200<<10) + " HTTP/1.1\r\nHost: x\r\n\r\n", 431},
		"a large body":   {"POST /write HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n", 413},
		"endless chunks": {"POST /write HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("100000\r\n"+strings.Repeat("a", 1<<20)+"\r\n", 12), 413},
		"a method":       {strings.Repeat("A", 200<<10) + " / HTTP/1.1\r\nHost: x\r\n\r\n", 431},
	}
	for name, tt := range tests {
		if answers := v.send(tt.raw); len(answers) != 1 || answers[0].StatusCode != tt.status {
			t.Errorf("%s: %v, want %d", name, answers, tt.status)
		}
	}
	// What is compressed is not unpacked, so that nothing can burst.
	if answers := v.send("POST /write HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nabcde"); len(answers) != 1 || read(answers[0]) != "read 5" {
		t.Errorf("a compressed body: %v", answers)
	}
	ranges := "bytes=" + strings.TrimSuffix(strings.Repeat("0-,", 2000), ",")
	if response, body := v.request("GET", "/files/a.txt", "Range", ranges); len(body) > 1000 {
		t.Errorf("2,000 ranges: %s, %d bytes", response.Status, len(body))
	}
	if response, _ := v.request("TRACE", "/"); response.StatusCode != 405 {
		t.Errorf("TRACE: %s", response.Status)
	}
}

// TestBombs: bodies that are small to send and large to understand, and files that are
// not what they say.
func TestBombs(t *testing.T) {
	t.Parallel()
	v := newVictim(t, nil)
	deep := func(n int) string { return strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) }
	file := func(name, contentType, content string) string {
		return "--b\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"" + name + "\"\r\nContent-Type: " + contentType + "\r\n\r\n" + content + "\r\n--b--\r\n"
	}
	const multipart, json = "multipart/form-data; boundary=b", "application/json"
	zip := "PK\x03\x04" + strings.Repeat("\x00", 1000)
	tests := map[string]struct{ contentType, body string }{
		"deep objects":             {json, `{"more":` + deep(100_000) + "}"},
		"deep lists":               {json, `{"more":{"a":` + strings.Repeat("[", 1_000_000) + "}}"},
		"a name twice":             {json, `{"name":"a","name":"b"}`},
		"a name twice, in a map":   {json, `{"more":{"a":1,"a":2}}`},
		"a number that is large":   {json, `{"age":1e999999999}`},
		"a number of many digits":  {json, `{"age":` + strings.Repeat("9", 1_000_000) + "}"},
		"a fraction":               {json, `{"age":1.5}`},
		"a field too many":         {json, `{"name":"a","admin":true}`},
		"another type":             {json, `{"name":{"$ne":""}}`},
		"two documents":            {json, `{"name":"a"}{"name":"b"}`},
		"no end":                   {json, `{"name":"a"`},
		"not UTF-8":                {json, "{\"name\":\"\xff\"}"},
		"many values":              {json, `{"tags":[` + strings.TrimSuffix(strings.Repeat(`"x",`, 1_000_000), ",") + "]}"},
		"many fields":              {"application/x-www-form-urlencoded", strings.TrimSuffix(strings.Repeat("tags=x&", 200_000), "&")},
		"XML":                      {"text/xml", "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"},
		"no type":                  {"", `{"name":"a"}`},
		"a zip that says image":    {multipart, file("a.png", "image/png", zip)},
		"a page that says image":   {multipart, file("a.png", "image/png", "<html><script>alert(1)</script>")},
		"a program":                {multipart, file("a.exe", "application/octet-stream", "MZ"+strings.Repeat("\x00", 1000))},
		"a file too large":         {multipart, file("a.png", "image/png", "\x89PNG\r\n\x1a\n"+strings.Repeat("x", 2<<20))},
		"many parts":               {multipart, strings.Repeat("--b\r\nContent-Disposition: form-data; name=\"tags\"\r\n\r\nx\r\n", 50_000) + "--b--\r\n"},
		"a part with large header": {multipart, "--b\r\nContent-Disposition: form-data; name=\"name\"\r\nX: " + strings.Repeat("x", 1<<20) + "\r\n\r\nx\r\n--b--\r\n"},
		"parts without an end":     {multipart, "--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nx"},
	}
	for name, tt := range tests {
		header := ""
		if tt.contentType != "" {
			header = "Content-Type: " + tt.contentType + "\r\n"
		}
		answers := v.send(fmt.Sprintf("POST /bind HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%sContent-Length: %d\r\n\r\n%s", header, len(tt.body), tt.body))
		if len(answers) != 1 || answers[0].StatusCode < 400 || answers[0].StatusCode > 499 {
			t.Errorf("%s: %v", name, answers)
		}
	}
	if n := v.written.Load(); n != 0 {
		t.Errorf("%d were taken", n)
	}
	png := "\x89PNG\r\n\x1a\n" + strings.Repeat("x", 100)
	body := file("../../etc/passwd.png", "image/png", png)
	answers := v.send(fmt.Sprintf("POST /bind HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", multipart, len(body), body))
	if len(answers) != 1 || read(answers[0]) != "photo passwd.png" {
		t.Errorf("the name of a file: %v", answers)
	}
}

func read(r *http.Response) string {
	body, _ := io.ReadAll(r.Body)
	return string(body)
}
