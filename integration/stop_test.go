package integration_test

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/kitgo/kit/internal/dbtest"
)

func TestStoppingDrains(t *testing.T) {
	t.Parallel()
	p := start(t, fixture(t), []string{"DATABASE_URL=" + dbtest.SQLite(t), "SHUTDOWN_DELAY=2s"}).untilReady()
	slow := make(chan string, 1)
	go func() {
		_, body := p.get("/slow?for=3s")
		slow <- body
	}()
	time.Sleep(200 * time.Millisecond)
	p.signal(syscall.SIGTERM)
	p.until(1500*time.Millisecond, "not ready", func() bool {
		status, body := p.get("/_kit/health")
		return status == 503 && strings.Contains(body, `"status":"stopping"`)
	})
	if status, _ := p.get("/_kit/live"); status != 200 {
		t.Errorf("live = %d while stopping, want 200", status)
	}
	if status, body := p.get("/"); status != 200 {
		t.Errorf("a request during SHUTDOWN_DELAY = %d %s, want 200", status, body)
	}
	if body := <-slow; body != "done" {
		t.Errorf("the request under way got %q, want done", body)
	}
	if code := p.wait(10 * time.Second); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	if status, _ := p.get("/"); status != 0 {
		t.Errorf("GET / = %d after the end", status)
	}
}

func TestRequestsThatDoNotEndAreCut(t *testing.T) {
	t.Parallel()
	p := start(t, fixture(t), []string{"DATABASE_URL=" + dbtest.SQLite(t), "SHUTDOWN_TIMEOUT=500ms"}).untilReady()
	go p.get("/slow?for=1m")
	time.Sleep(200 * time.Millisecond)
	p.signal(syscall.SIGINT)
	if code := p.wait(5 * time.Second); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
}

func TestASecondSignalStopsAtOnce(t *testing.T) {
	t.Parallel()
	p := start(t, fixture(t), []string{"DATABASE_URL=" + dbtest.SQLite(t), "SHUTDOWN_DELAY=1m"}).untilReady()
	p.signal(syscall.SIGTERM)
	p.until(5*time.Second, "stopping", func() bool {
		status, _ := p.get("/_kit/health")
		return status == 503
	})
	p.signal(syscall.SIGTERM)
	if code := p.wait(2 * time.Second); code == 0 {
		t.Error("exit code 0 although the stop was cut short")
	}
}

// No request is dropped when a server stops under load behind a balancer that asks
// /_kit/ready and sends nothing more when the answer is no.
func TestNoRequestIsDroppedBehindABalancer(t *testing.T) {
	t.Parallel()
	p := start(t, fixture(t), []string{"DATABASE_URL=" + dbtest.SQLite(t), "SHUTDOWN_DELAY=500ms", "LOG_LEVEL=warn"}).untilReady()
	var out atomic.Bool // of the balancer's rotation
	var served, failed atomic.Int64
	var clients sync.WaitGroup
	for n := range 8 {
		clients.Go(func() {
			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: n%2 == 0}}
			for !out.Load() {
				response, err := client.Get(p.url + "/slow?for=5ms")
				if err != nil {
					t.Error(err)
					failed.Add(1)
					return
				}
				if _, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != 200 {
					t.Errorf("%s, %v", response.Status, err)
					failed.Add(1)
				}
				response.Body.Close()
				served.Add(1)
			}
		})
	}
	clients.Go(func() {
		for !out.Load() {
			if status, _ := p.get("/_kit/ready"); status != 200 {
				out.Store(true)
			}
			time.Sleep(50 * time.Millisecond)
		}
	})
	time.Sleep(300 * time.Millisecond)
	p.signal(syscall.SIGTERM)
	clients.Wait()
	if code := p.wait(10 * time.Second); code != 0 {
		t.Errorf("exit code %d, want 0", code)
	}
	if failed.Load() > 0 || served.Load() < 20 {
		t.Errorf("of %d requests %d failed", served.Load(), failed.Load())
	}
}

func TestHealthAnswers(t *testing.T) {
	t.Parallel()
	p := start(t, fixture(t), []string{"DATABASE_URL=" + dbtest.SQLite(t)}).untilReady()
	timestamp := `"timestamp":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"`
	tests := map[string]struct {
		method, path string
		status       int
		body         string
	}{
		"health":                 {"GET", "/_kit/health", 200, `^\{"status":"ok",` + timestamp + `\}\n$`},
		"health with database":   {"GET", "/_kit/health?db=true", 200, `^\{"status":"ok",` + timestamp + `,"database":"connected"\}\n$`},
		"HEAD has no body":       {"HEAD", "/_kit/health", 200, `^$`},
		"live":                   {"GET", "/_kit/live", 200, `^\{"status":"ok",` + timestamp + `\}\n$`},
		"ready":                  {"GET", "/_kit/ready", 200, `"database": "connected"`},
		"only GET and HEAD":      {"POST", "/_kit/health", 405, `method not allowed`},
		"the rest is nobody's":   {"GET", "/_kit/other", 404, `not found`},
		"the prefix itself also": {"GET", "/_kit", 404, `not found`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			request, _ := http.NewRequestWithContext(t.Context(), tt.method, p.url+tt.path, nil)
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			body := new(strings.Builder)
			if _, err := io.Copy(body, response.Body); err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != tt.status || !regexp.MustCompile(tt.body).MatchString(body.String()) {
				t.Errorf("%s %s = %d %q, want %d %s", tt.method, tt.path, response.StatusCode, body, tt.status, tt.body)
			}
			if got := response.Header.Get("Content-Type"); got != "application/json" {
				t.Errorf("Content-Type = %q", got)
			}
			if got := response.Header.Get("Cache-Control"); got != "no-store" {
				t.Errorf("Cache-Control = %q", got)
			}
		})
	}
	if strings.Contains(p.stderr.String(), "_kit") {
		t.Errorf("probes are in the access log:\n%s", p.stderr)
	}
}

func TestErrorsTellClientsNothing(t *testing.T) {
	t.Parallel()
	p := start(t, fixture(t), []string{"DATABASE_URL=" + dbtest.SQLite(t), "APP_ENV=production"}).untilReady()
	for _, path := range []string{"/panic", "/broken"} {
		status, body := p.get(path)
		if status != 500 || strings.Contains(body, "secret") || strings.Contains(body, "goroutine") {
			t.Errorf("GET %s = %d %q", path, status, body)
		}
	}
	for _, secret := range []string{"a handler's secret", "a driver's secret"} {
		p.until(time.Second, "logging "+secret, func() bool { return strings.Contains(p.stderr.String(), secret) })
	}
	if n := strings.Count(p.stderr.String(), "request failed"); n != 1 {
		t.Errorf("%d lines of failed requests, want 1: the panic has a line of its own", n)
	}
	if status, _ := p.get("/"); status != 200 {
		t.Errorf("GET / = %d after a panic, want 200", status)
	}
}
