package devserver

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// drain is how long requests of a program that was replaced may take.
	drain = 2 * time.Second
	// statusTimeout is how long the pending migrations are asked for.
	statusTimeout = 5 * time.Second
	// tailSize is how much of what a program printed is shown when it ends.
	tailSize = 8 << 10
)

// backend is a program that answers requests.
type backend struct {
	sum     [sha256.Size]byte
	process *process
	tail    *tail
	proxy   *httputil.ReverseProxy
	address string
}

// program runs the application's binary.
type program struct {
	dir, binary string
	env         []string
	out         io.Writer
}

// start starts the program on a free port and waits until it is ready for requests. Its
// answers pass through page.
func (p program) start(ctx context.Context, sum [sha256.Size]byte, page func(*http.Response) error) (*backend, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	b := &backend{sum: sum, tail: new(tail), address: net.JoinHostPort("127.0.0.1", strconv.Itoa(port))}
	b.process, err = start(p.dir, p.env, io.MultiWriter(p.out, b.tail), p.binary, "serve", "--no-migrate", "--host", "127.0.0.1", "--port", strconv.Itoa(port))
	if err != nil {
		return nil, err
	}
	b.proxy = b.reverseProxy(page)
	client := &http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	for pause := 2 * time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
		if r, err := client.Get("http://" + b.address + "/_kit/health"); err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return b, nil
			}
		}
		select {
		case <-ctx.Done():
			b.process.stop(0)
			return nil, ctx.Err()
		case <-b.process.ended:
			return nil, &stoppedError{b.process.err, b.tail.String()}
		case <-time.After(pause):
		}
	}
}

// stoppedError is a program that has ended by itself.
type stoppedError struct {
	err    error
	output string
}

func (e *stoppedError) Error() string {
	if e.err == nil {
		return "the application has stopped"
	}
	return "the application has stopped: " + e.err.Error()
}

func (b *backend) reverseProxy(page func(*http.Response) error) *httputil.ReverseProxy {
	target := &url.URL{Scheme: "http", Host: b.address}
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host
			// So that pages can be added to.
			r.Out.Header.Del("Accept-Encoding")
		},
		FlushInterval:  -1,
		ModifyResponse: page,
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if errors.Is(err, context.Canceled) {
				return
			}
			http.Error(w, "The application did not answer: "+err.Error(), http.StatusBadGateway)
		},
	}
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("finding a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// command runs a command of the program and returns what it printed to stdout, and to
// both.
func (p program) command(ctx context.Context, args ...string) (stdout []byte, all string, err error) {
	c := exec.CommandContext(ctx, p.binary, args...)
	c.Dir = p.dir
	c.Env = append(os.Environ(), p.env...)
	c.WaitDelay = time.Second
	var out, both bytes.Buffer
	c.Stdout, c.Stderr = io.MultiWriter(&out, &both), &both
	err = c.Run()
	return out.Bytes(), both.String(), err
}

// pending returns the names of the migrations that have not run; none when the database
// does not tell.
func (p program) pending(ctx context.Context) (names []string) {
	ctx, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	out, _, err := p.command(ctx, "migrate:status", "--json")
	var status struct {
		Migrations []struct{ Name, Status string }
	}
	if err != nil || json.Unmarshal(out, &status) != nil {
		return nil
	}
	for _, m := range status.Migrations {
		if m.Status == "pending" {
			names = append(names, m.Name)
		}
	}
	return names
}

// tail keeps the end of what is written to it.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, p...)
	if over := len(t.buf) - tailSize; over > 0 {
		t.buf = append(t.buf[:0], t.buf[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(escapes.ReplaceAllString(string(t.buf), ""))
}
