package kit

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/env"
	"github.com/kitgo/kit/internal/dbtest"
	"github.com/kitgo/kit/web"
)

// logged is what a server logs.
type logged struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

var running = regexp.MustCompile(`url=(\S+)`)

// serving serves an application on a port of its own until the test ends, and returns
// its address and its log. change may change it before.
func serving(t *testing.T, vars map[string]string, change func(*App)) (address string, log *logged) {
	t.Helper()
	all := map[string]string{"DATABASE_URL": dbtest.SQLite(t), "SERVER_HOST": "127.0.0.1", "SERVER_PORT": "0", "APP_ENV": "testing"}
	for name, value := range vars {
		all[name] = value
	}
	cfg, err := loadConfig[Config](env.Files(t.TempDir(), all))
	if err != nil {
		t.Fatal(err)
	}
	db, err := database.Open(cfg.DatabaseURL, &cfg.Database)
	if err != nil {
		t.Fatal(err)
	}
	log = new(logged)
	app := &App{Config: cfg, DB: db, Logger: slog.New(slog.NewTextHandler(log, nil))}
	change(app)
	if err := app.check(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- app.Serve(ctx, ServeOptions{}) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if found := running.FindStringSubmatch(log.String()); found != nil {
			return found[1], log
		}
		if time.Now().After(end) {
			t.Fatalf("it does not serve: %s", log)
		}
	}
}

func greet(a *App) {
	a.Routes = func(r *web.Router) {
		r.Get("/", func(w http.ResponseWriter, r *http.Request) error { return web.Text(w, 200, "Hello over "+r.Proto) })
	}
}

func get(t *testing.T, client *http.Client, url string) (int, string) {
	t.Helper()
	response, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// protocol returns a client that speaks only one.
func protocol(t *testing.T, set func(*http.Protocols)) *http.Client {
	p := new(http.Protocols)
	set(p)
	transport := &http.Transport{Protocols: p, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} //nolint:gosec // a test's own certificate
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func TestHTTP2WithoutTLS(t *testing.T) {
	t.Parallel()
	address, _ := serving(t, nil, greet)
	for want, set := range map[string]func(*http.Protocols){
		"Hello over HTTP/1.1": func(p *http.Protocols) { p.SetHTTP1(true) },
		"Hello over HTTP/2.0": func(p *http.Protocols) { p.SetUnencryptedHTTP2(true) },
	} {
		if _, got := get(t, protocol(t, set), address); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
