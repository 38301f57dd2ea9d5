package pages_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/kitgo/kit"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/inertia"
	"github.com/kitgo/kit/vite"
	"github.com/kitgo/kit/web"
)

// The test binary is a server when these are set: of which kind, and of which build.
const kindVariable, buildVariable = "PAGES_SERVE", "PAGES_BUILD"

func TestMain(m *testing.M) {
	if kind := os.Getenv(kindVariable); kind != "" {
		if err := serve(kind, os.Getenv(buildVariable)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// buildFrom reads a build into memory and opens it.
func buildFrom(dir string) (*vite.Build, error) {
	files := fstest.MapFS{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		files[name] = &fstest.MapFile{Data: text}
		return err
	})
	if err != nil {
		return nil, err
	}
	return vite.New(files)
}

// serve serves the assets of a build until standard input ends, and prints its address:
// as an application with all that stands around its requests, or with package vite alone.
func serve(kind, dir string) error {
	build, err := buildFrom(dir)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	go func() { _, _ = io.Copy(io.Discard, os.Stdin); stop() }()
	if kind == "application" {
		db, err := database.Open("sqlite://:memory:", nil)
		if err != nil {
			return err
		}
		app := &kit.App{
			Config: kit.Config{DatabaseURL: "sqlite://:memory:", Environment: "production", Host: "127.0.0.1"},
			DB:     db, Pages: inertia.New(build, nil), Routes: func(*web.Router) {},
			Logger: slog.New(&announce{slog.NewJSONHandler(io.Discard, nil)}),
		}
		return app.Serve(ctx, kit.ServeOptions{})
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("http://%s\n", listener.Addr())
	handler := build.Handler(http.NotFoundHandler())
	if kind == "least" {
		if handler, err = least(dir); err != nil {
			return err
		}
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() { <-ctx.Done(); _ = server.Close() }()
	_ = server.Serve(listener)
	return nil
}

// least is the least that net/http can do for these answers: it looks at nothing but the
// two headers that change the answer, and writes what it has in memory.
func least(dir string) (http.Handler, error) {
	type answer struct {
		header http.Header
		body   []byte
	}
	answers := map[string]answer{}
	for encoding, suffix := range map[string]string{"br": ".br", "gzip": ".gz", "identity": ""} {
		body, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(script)+suffix))
		if err != nil {
			return nil, err
		}
		header := http.Header{
			"Content-Type": {"text/javascript; charset=utf-8"}, "Content-Length": {strconv.Itoa(len(body))}, "Vary": {"Accept-Encoding"},
			"Cache-Control": {"public, max-age=31536000, immutable"}, "Etag": {`"` + encoding + `"`},
		}
		if encoding != "identity" {
			header["Content-Encoding"] = []string{encoding}
		}
		answers[encoding] = answer{header, body}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := answers[r.Header["Accept-Encoding"][0]]
		if len(r.Header["If-None-Match"]) > 0 {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		maps.Copy(w.Header(), a.header)
		_, _ = w.Write(a.body)
	}), nil
}

// announce prints the address that Kit logs.
type announce struct{ slog.Handler }

func (a *announce) Handle(ctx context.Context, r slog.Record) error {
	if r.Message == "server running" {
		r.Attrs(func(at slog.Attr) bool {
			if at.Key == "url" {
				fmt.Println(at.Value)
			}
			return true
		})
	}
	return a.Handler.Handle(ctx, r)
}

// server serves the script of a build.
type server struct {
	name, address string
	pids          []int // that answer
}

// startGo starts this binary as a server with one CPU, which ends with the test.
func startGo(t *testing.T, name, kind, dir string) *server {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), kindVariable+"="+kind, buildVariable+"="+dir, "GOMAXPROCS=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("%s does not serve: %v", name, err)
	}
	address := strings.TrimPrefix(strings.TrimSpace(line), "http://")
	return &server{name, strings.Replace(address, "localhost", "127.0.0.1", 1), []int{cmd.Process.Pid}}
}

// startNginx starts nginx with one worker that serves what the build has compressed, as
// Kit does: with sendfile, open files kept, and no log.
func startNginx(t *testing.T, dir string) *server {
	t.Helper()
	program, err := exec.LookPath("nginx")
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/nginx"); err != nil {
			t.Fatal("nginx is missing: run scripts/test-tools bench, or `apt-get install nginx-light libnginx-mod-http-brotli-static`")
		}
	}
	place := t.TempDir()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	for parent := dir; parent != "/" && parent != "."; parent = filepath.Dir(parent) {
		_ = os.Chmod(parent, 0o755) //nolint:gosec // for the worker, which is somebody else
	}
	config := filepath.Join(place, "nginx.conf")
	text := fmt.Sprintf(nginxConfig, place, address, dir)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-c", config, "-g", "daemon off;")
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Signal(os.Interrupt); _ = cmd.Wait() })
	s := &server{name: "nginx", address: address}
	for begun := time.Now(); time.Since(begun) < time.Minute; time.Sleep(20 * time.Millisecond) {
		children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", cmd.Process.Pid, cmd.Process.Pid))
		var worker int
		if _, scanErr := fmt.Sscan(string(children), &worker); err != nil || scanErr != nil {
			continue
		}
		if c, err := net.Dial("tcp", address); err == nil {
			_ = c.Close()
			s.pids = []int{worker}
			return s
		}
	}
	t.Fatal("nginx does not serve")
	return nil
}

const nginxConfig = `load_module /usr/lib/nginx/modules/ngx_http_brotli_static_module.so;
worker_processes 1;
pid %[1]s/nginx.pid;
error_log stderr;
events { worker_connections 1024; }
http {
	types { text/javascript js; }
	access_log off;
	sendfile on;
	tcp_nopush on;
	keepalive_requests 10000000;
	open_file_cache max=100;
	client_body_temp_path %[1]s/body;
	proxy_temp_path %[1]s/proxy;
	fastcgi_temp_path %[1]s/fastcgi;
	uwsgi_temp_path %[1]s/uwsgi;
	scgi_temp_path %[1]s/scgi;
	server {
		listen %[2]s;
		root %[3]s;
		gzip_static on;
		brotli_static on;
		location /assets/ { add_header Cache-Control "public, max-age=31536000, immutable"; }
	}
}
`
