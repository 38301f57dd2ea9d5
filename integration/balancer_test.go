package integration_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// balancer is a load balancer as platforms have them: it asks each instance on
// /_kit/ready, and sends requests to those that are ready, in turn. It does not try a
// request again.
type balancer struct {
	t   *testing.T
	url string

	mu    sync.Mutex
	ready []*process
	turn  int

	load           sync.WaitGroup
	done           chan struct{}
	served, failed atomic.Int64
}

// probeEvery is how often a balancer asks; SHUTDOWN_DELAY must be longer.
const probeEvery = 100 * time.Millisecond

func startBalancer(t *testing.T) *balancer {
	b := &balancer{t: t, done: make(chan struct{})}
	forward := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			target, _ := url.Parse("http://none.invalid")
			if p := b.next(); p != nil {
				target, _ = url.Parse(p.url)
			}
			r.SetURL(target)
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			t.Errorf("the balancer: %v", err)
			w.WriteHeader(http.StatusBadGateway)
		},
	}
	server := httptest.NewServer(forward)
	t.Cleanup(server.Close)
	b.url = server.URL
	return b
}

func (b *balancer) next() *process {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.ready) == 0 {
		return nil
	}
	b.turn++
	return b.ready[b.turn%len(b.ready)]
}

// watch asks an instance until it has ended.
func (b *balancer) watch(p *process) {
	b.load.Go(func() {
		for {
			status, _ := p.get("/_kit/ready")
			b.set(p, status == http.StatusOK)
			select {
			case <-p.ended:
				b.set(p, false)
				return
			case <-b.done:
				return
			case <-time.After(probeEvery):
			}
		}
	})
}

func (b *balancer) set(p *process, ready bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch at := slices.Index(b.ready, p); {
	case ready && at < 0:
		b.ready = append(b.ready, p)
	case !ready && at >= 0:
		b.ready = slices.Delete(b.ready, at, at+1)
	}
}

func (b *balancer) isReady(p *process) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Contains(b.ready, p)
}

// client sends requests all the time.
func (b *balancer) client(path string) {
	b.load.Go(func() {
		client := &http.Client{Transport: &http.Transport{}}
		defer client.CloseIdleConnections()
		for {
			select {
			case <-b.done:
				return
			case <-time.After(5 * time.Millisecond):
			}
			response, err := client.Get(b.url + path)
			if err != nil {
				b.failed.Add(1)
				b.t.Errorf("GET %s: %v", path, err)
				continue
			}
			_, err = io.Copy(io.Discard, response.Body)
			response.Body.Close()
			b.served.Add(1)
			if err != nil || response.StatusCode != http.StatusOK {
				b.failed.Add(1)
				b.t.Errorf("GET %s = %s, %v", path, response.Status, err)
			}
		}
	})
}

// stop ends the clients and returns how many requests they made.
func (b *balancer) stop() (served, failed int64) {
	close(b.done)
	b.load.Wait()
	return b.served.Load(), b.failed.Load()
}
