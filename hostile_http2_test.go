package kit

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kitgo/kit/web"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// stranger is a client of HTTP/2 that keeps no rule.
type stranger struct {
	t       *testing.T
	framer  *http2.Framer
	encoder *hpack.Encoder
	header  bytes.Buffer
	stream  uint32
}

func newStranger(t *testing.T, address string) *stranger {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, http2.ClientPreface); err != nil {
		t.Fatal(err)
	}
	s := &stranger{t: t, framer: http2.NewFramer(c, c)}
	s.framer.AllowIllegalWrites = true
	s.framer.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	s.encoder = hpack.NewEncoder(&s.header)
	if err := s.framer.WriteSettings(); err != nil {
		t.Fatal(err)
	}
	return s
}

// send sends the head of a request, and its body as one frame.
func (s *stranger) send(body string, fields ...string) error {
	s.header.Reset()
	for i := 0; i+1 < len(fields); i += 2 {
		if err := s.encoder.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]}); err != nil {
			return err
		}
	}
	s.stream += 2
	id, block := s.stream-1, s.header.Bytes()
	first := block[:min(len(block), 16<<10)]
	err := s.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: first, EndStream: body == "", EndHeaders: len(first) == len(block)})
	for rest := block[len(first):]; err == nil && len(rest) > 0; {
		piece := rest[:min(len(rest), 16<<10)]
		rest = rest[len(piece):]
		err = s.framer.WriteContinuation(id, len(rest) == 0, piece)
	}
	if err == nil && body != "" {
		err = s.framer.WriteData(id, true, []byte(body))
	}
	return err
}

// answer returns the status of the last request; "reset" if the server ends the stream,
// "closed" if it ends the connection.
func (s *stranger) answer() string {
	for {
		frame, err := s.framer.ReadFrame()
		if err != nil {
			return "closed"
		}
		switch f := frame.(type) {
		case *http2.MetaHeadersFrame:
			if f.StreamID == s.stream-1 {
				return f.PseudoValue("status")
			}
		case *http2.RSTStreamFrame:
			if f.StreamID == s.stream-1 {
				return "reset"
			}
		case *http2.GoAwayFrame:
			return "closed"
		}
	}
}

// TestHostileHTTP2 is what a proxy may hand on, or a client say by itself (RFC 9113,
// sections 8.1 to 8.3): nothing of it may reach a handler, but for what is good.
func TestHostileHTTP2(t *testing.T) {
	t.Parallel()
	v := newVictim(t, nil)
	head := func(method, path string, more ...string) []string {
		return append([]string{":method", method, ":scheme", "http", ":authority", v.address, ":path", path}, more...)
	}
	tests := map[string]struct {
		fields []string
		body   string
		want   string // statuses that are right
	}{
		"a good one":                     {head("GET", "/"), "", "200"},
		"a coding of HTTP/1":             {head("POST", "/write", "transfer-encoding", "chunked"), "0\r\n\r\n", "400 reset closed"},
		"a connection of HTTP/1":         {head("GET", "/smuggled", "connection", "keep-alive"), "", "400 reset closed"},
		"a length that is too small":     {head("POST", "/write", "content-length", "1"), "abc", "400 reset closed"},
		"a length that is none":          {head("POST", "/write", "content-length", "-1"), "abc", "400 reset closed"},
		"a name in capitals":             {head("GET", "/smuggled", "X-Y", "z"), "", "400 reset closed"},
		"a line break in a value":        {head("GET", "/smuggled", "x", "a\r\nb: c"), "", "400 reset closed"},
		"a line break in a name":         {head("GET", "/smuggled", "x: y\r\nz", "a"), "", "400 reset closed"},
		"a colon in a name":              {head("GET", "/smuggled", "x:y", "a"), "", "400 reset closed"},
		"a line break in the path":       {head("GET", "/smuggled HTTP/1.1\r\nx: y", "x", "y"), "", "400 404 reset closed"},
		"a path without a slash":         {head("GET", "smuggled"), "", "400 404 reset closed"},
		"no path":                        {[]string{":method", "GET", ":scheme", "http", ":authority", "x"}, "", "400 reset closed"},
		"two paths":                      {head("GET", "/smuggled", ":path", "/"), "", "400 reset closed"},
		"two methods":                    {append([]string{":method", "GET"}, head("POST", "/smuggled")...), "", "400 reset closed"},
		"a path after the headers":       {[]string{":method", "GET", ":scheme", "http", "x", "y", ":path", "/smuggled"}, "", "400 reset closed"},
		"a pseudo header of nobody's":    {head("GET", "/smuggled", ":protocol", "websocket"), "", "400 reset closed"},
		"a method that is none":          {head("GE T", "/smuggled"), "", "400 405 reset closed"},
		"a large header":                 {head("GET", "/smuggled", "x", strings.Repeat("ab0", 100<<10)), "", "431 reset closed"},
		"a body larger than it may be":   {head("POST", "/write", "content-length", "99999999999"), "x", "413 400 reset closed"},
		"a write of another site":        {head("POST", "/write", "sec-fetch-site", "cross-site"), "", "403"},
		"a forged address of the client": {head("GET", "/limited", "x-forwarded-for", "203.0.113.7"), "", "200"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStranger(t, v.address)
			_ = s.send(tt.body, tt.fields...) // the server may have closed already
			if got := s.answer(); !strings.Contains(tt.want, got) || got == "" {
				t.Errorf("%q, want one of %s", got, tt.want)
			}
		})
	}
	t.Cleanup(func() {
		if n := v.smuggled.Load(); n != 0 {
			t.Errorf("%d requests were smuggled in", n)
		}
	})
}

// net/http asks less of :authority than of HTTP/1's Host: what would lead elsewhere in a
// link must not pass for a known host.
func TestForeignHostsOverHTTP2(t *testing.T) {
	t.Parallel()
	v := newVictim(t, map[string]string{"APP_HOSTS": "*.example.com"})
	for host, want := range map[string]string{
		"a.example.com": "200", "evil.test": "421",
		"evil.test/.example.com": "421", "evil.test#.example.com": "421", "evil.test?.example.com": "421", `evil.test\.example.com`: "421", "evil.test:443/.example.com": "421",
	} {
		s := newStranger(t, v.address)
		if err := s.send("", ":method", "GET", ":scheme", "http", ":authority", host, ":path", "/"); err != nil {
			t.Fatal(err)
		}
		if got := s.answer(); got != want && (want == "200" || got != "400" && got != "reset") {
			t.Errorf("%s: %s, want %s", host, got, want)
		}
	}
}

// TestFloodsOfHTTP2 sends what costs the client little and the server much.
func TestFloodsOfHTTP2(t *testing.T) {
	t.Parallel()
	var running, most atomic.Int64
	release := make(chan struct{})
	address, _ := serving(t, nil, func(a *App) {
		a.Routes = func(r *web.Router) {
			r.Get("/", func(w http.ResponseWriter, _ *http.Request) error { return web.Text(w, 200, "home") })
			r.Get("/held", func(http.ResponseWriter, *http.Request) error {
				if n := running.Add(1); n > most.Load() {
					most.Store(n)
				}
				defer running.Add(-1)
				<-release
				return nil
			})
		}
	})
	defer close(release)
	address = strings.TrimPrefix(address, "http://")
	request := func(path string) []string {
		return []string{":method", "GET", ":scheme", "http", ":authority", address, ":path", path}
	}
	floods := map[string]func(s *stranger, n int) error{
		"rapid reset": func(s *stranger, _ int) error {
			if err := s.send("", request("/held")...); err != nil {
				return err
			}
			return s.framer.WriteRSTStream(s.stream-1, http2.ErrCodeCancel)
		},
		"header without an end": func(s *stranger, n int) error {
			if n == 0 {
				return s.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: []byte{0x82}})
			}
			return s.framer.WriteContinuation(1, false, bytes.Repeat([]byte{0x82}, 1000))
		},
		"windows of nothing": func(s *stranger, _ int) error { return s.framer.WriteWindowUpdate(0, 0) },
	}
	for name, flood := range floods {
		s := newStranger(t, address)
		ended := make(chan string, 1)
		go func() { ended <- s.answer() }()
		var err error
		for n := 0; err == nil && n < 100_000; n++ {
			err = flood(s, n)
		}
		if got := <-ended; got != "closed" {
			t.Errorf("%s: %s, want the end of the connection", name, got)
		}
	}
	if n := most.Load(); n > 250 {
		t.Errorf("%d handlers ran for one connection", n)
	}
	s := newStranger(t, address)
	if err := s.send("", request("/")...); err != nil {
		t.Fatal(err)
	}
	if got := s.answer(); got != "200" {
		t.Errorf("afterwards somebody else gets %q", got)
	}
}

// TestAConnectionCanBeTakenOver: libraries for WebSockets ask for it in two ways, and
// nothing of the chain may stand between.
func TestAConnectionCanBeTakenOver(t *testing.T) {
	t.Parallel()
	takeOver := func(hijack func(http.ResponseWriter) (net.Conn, *bufio.ReadWriter, error)) web.Handler {
		return func(w http.ResponseWriter, _ *http.Request) error {
			c, in, err := hijack(w)
			if err != nil {
				return err
			}
			defer c.Close()
			if _, err := io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"); err != nil {
				return nil
			}
			line, err := in.ReadString('\n')
			if err == nil {
				_, _ = io.WriteString(c, line)
			}
			return nil
		}
	}
	v := newVictim(t, nil, func(a *App) {
		a.Middleware = []web.Middleware{func(next http.Handler) http.Handler {
			mux := http.NewServeMux()
			mux.Handle("/", next)
			for path, hijack := range map[string]func(http.ResponseWriter) (net.Conn, *bufio.ReadWriter, error){
				"/controller": func(w http.ResponseWriter) (net.Conn, *bufio.ReadWriter, error) {
					return http.NewResponseController(w).Hijack()
				},
				"/interface": func(w http.ResponseWriter) (net.Conn, *bufio.ReadWriter, error) {
					h, ok := w.(http.Hijacker)
					if !ok {
						return nil, nil, errors.ErrUnsupported
					}
					return h.Hijack()
				},
			} {
				r := web.NewRouter()
				r.Get(path, takeOver(hijack))
				mux.Handle(path, r)
			}
			return mux
		}}
	})
	for _, path := range []string{"/controller", "/interface"} {
		c, err := net.Dial("tcp", v.address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\nAccept-Encoding: gzip\r\n\r\n", path)
		in := bufio.NewReader(c)
		response, err := http.ReadResponse(in, nil)
		if err != nil || response.StatusCode != http.StatusSwitchingProtocols {
			t.Fatalf("%s: %v %v", path, response, err)
		}
		fmt.Fprint(c, "hello\n")
		if line, err := in.ReadString('\n'); line != "hello\n" {
			t.Errorf("%s: %q %v", path, line, err)
		}
	}
}
