package devserver

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// VitePath is below what Vite's development server answers, at the address of the
// application.
const VitePath = "/_kit/vite"

// frontend is Vite's development server.
type frontend struct {
	dir   string              // of the frontend
	pick  func() (int, error) // a port, at each start
	base  string
	out   io.Writer
	proxy *httputil.ReverseProxy
	port  atomic.Int64
	ready atomic.Bool
}

func newFrontend(dir string, pick func() (int, error), base string, out io.Writer) *frontend {
	f := &frontend{dir: dir, pick: pick, base: base, out: out}
	f.proxy = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: net.JoinHostPort("127.0.0.1", strconv.FormatInt(f.port.Load(), 10))})
			r.Out.Host = r.In.Host // Vite refuses names that are not its own
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, "Vite did not answer: "+err.Error(), http.StatusBadGateway)
		},
	}
	return f
}

// run runs Vite until ctx ends, again when it stops by itself.
func (f *frontend) run(ctx context.Context) {
	for pause := time.Second; ctx.Err() == nil; pause = min(2*pause, 10*time.Second) {
		begun := time.Now()
		p, ready, err := f.start()
		if err == nil {
			select {
			case <-ready:
				f.ready.Store(true)
			case <-ctx.Done():
			case <-p.ended:
			}
			select {
			case <-ctx.Done():
				p.stop(drain)
				return
			case <-p.ended:
				err = p.err
			}
			f.ready.Store(false)
		}
		if time.Since(begun) > time.Minute {
			pause = time.Second
		}
		fmt.Fprintf(f.out, "Vite has stopped (%v); it is started again in %s\n", err, pause)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// start starts Vite on a free port. It is ready when it says so: somebody else may have
// taken the port meanwhile.
func (f *frontend) start() (p *process, ready <-chan struct{}, err error) {
	port, err := f.pick()
	if err != nil {
		return nil, nil, err
	}
	f.port.Store(int64(port))
	words := &waiting{text: "ready in", seen: make(chan struct{})}
	p, err = start(f.dir, nil, io.MultiWriter(f.out, words), "node", filepath.Join("node_modules", "vite", "bin", "vite.js"),
		"--port", strconv.Itoa(port), "--strictPort", "--host", "127.0.0.1", "--base", f.base+"/", "--clearScreen", "false")
	return p, words.seen, err
}

// waiting waits for a text in what is written to it.
type waiting struct {
	text  string
	seen  chan struct{}
	buf   []byte
	found bool
}

func (w *waiting) Write(p []byte) (int, error) {
	if w.found {
		return len(p), nil
	}
	w.buf = append(w.buf, p...)
	if strings.Contains(escapes.ReplaceAllString(string(w.buf), ""), w.text) {
		w.found, w.buf = true, nil
		close(w.seen)
	}
	return len(p), nil
}

// ServeHTTP waits for Vite for a while.
func (f *frontend) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for deadline := time.Now().Add(longestWait); !f.ready.Load() && time.Now().Before(deadline) && r.Context().Err() == nil; {
		time.Sleep(20 * time.Millisecond)
	}
	f.proxy.ServeHTTP(w, r)
}

// public returns the file of frontend/public that a path names, which Vite's build would
// put beside the pages; "" when there is none.
func (f *frontend) public(path string) string {
	name := filepath.FromSlash(path[min(1, len(path)):])
	if name == "" || !filepath.IsLocal(name) {
		return ""
	}
	file := filepath.Join(f.dir, "public", name)
	if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
		return ""
	}
	return file
}

// RunFrontend runs Vite alone at a port until ctx ends, for an application that is started
// otherwise.
func RunFrontend(ctx context.Context, dir string, port int, out io.Writer, colors bool) {
	print := &printer{out: out, colors: colors}
	newFrontend(dir, func() (int, error) { return port, nil }, "", print.from("vite", viteBanner)).run(ctx)
}
