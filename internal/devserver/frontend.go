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
	"sync/atomic"
	"time"
)

// VitePath is below what Vite's development server answers, at the address of the
// application.
const VitePath = "/_kit/vite"

// frontend is Vite's development server.
type frontend struct {
	dir   string // of the frontend
	port  int
	base  string
	out   io.Writer
	proxy *httputil.ReverseProxy
	ready atomic.Bool
}

func newFrontend(dir string, port int, base string, out io.Writer) *frontend {
	f := &frontend{dir: dir, port: port, base: base, out: out}
	target := &url.URL{Scheme: "http", Host: f.address()}
	f.proxy = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host // Vite refuses names that are not its own
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, "Vite did not answer: "+err.Error(), http.StatusBadGateway)
		},
	}
	return f
}

func (f *frontend) address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(f.port)) }

// run runs Vite until ctx ends, again when it stops by itself.
func (f *frontend) run(ctx context.Context) {
	for pause := time.Second; ctx.Err() == nil; pause = min(2*pause, 10*time.Second) {
		begun := time.Now()
		p, err := start(f.dir, nil, f.out, "node", filepath.Join("node_modules", "vite", "bin", "vite.js"),
			"--port", strconv.Itoa(f.port), "--strictPort", "--host", "127.0.0.1", "--base", f.base+"/", "--clearScreen", "false")
		if err == nil {
			f.wait(ctx, p)
			f.ready.Store(true)
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

// wait waits until Vite accepts connections, or ends.
func (f *frontend) wait(ctx context.Context, p *process) {
	for ctx.Err() == nil && p.alive() {
		if c, err := net.DialTimeout("tcp", f.address(), time.Second); err == nil {
			c.Close()
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
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
	newFrontend(dir, port, "", print.from("vite", viteBanner)).run(ctx)
}
