//go:build measure

package integration_test

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestMeasureReload prints how long requests take while a server is replaced, beside the
// same load without that, for docs/benchmarks.md. Requests begin at a fixed rate, however
// long the others take; half of them use a new connection.
func TestMeasureReload(t *testing.T) {
	const perSecond, reloads = 500, 5
	for _, kind := range []string{"sqlite", "postgres"} {
		s := startService(t, nil, "DATABASE_URL="+fresh(t, kind))
		s.untilReady()
		eventually(t, 10*time.Second, "the command reload finds the server", func() bool { return s.reload(t).code == 0 })
		during := func(name string, what func()) {
			took, failed := paced(s.url+"/notes", perSecond, what)
			slices.Sort(took)
			at := func(share float64) time.Duration {
				return took[min(int(share*float64(len(took))), len(took)-1)].Round(10 * time.Microsecond)
			}
			fmt.Printf("| %s, %s | %d | %d | %s | %s | %s |\n", kind, name, len(took), failed, at(0.5), at(0.99), at(1))
		}
		pause := 10 * time.Second / reloads
		during("nothing else", func() { time.Sleep(10 * time.Second) })
		during(fmt.Sprint(reloads, " reloads"), func() {
			for range reloads {
				s.reloaded(t)
				time.Sleep(pause)
			}
		})
	}
}

// paced sends requests until what returns, and says how long each took and how many failed.
func paced(url string, perSecond int, what func()) (took []time.Duration, failed int64) {
	clients := []*http.Client{
		{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: time.Minute},
		{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute},
	}
	var mu sync.Mutex
	var bad atomic.Int64
	var requests sync.WaitGroup
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(time.Second / time.Duration(perSecond))
		defer tick.Stop()
		for n := 0; ; n++ {
			select {
			case <-done:
				return
			case <-tick.C:
			}
			requests.Go(func() {
				begin := time.Now()
				response, err := clients[n%len(clients)].Get(url)
				if err == nil {
					response.Body.Close()
				}
				if err != nil || response.StatusCode != http.StatusOK {
					bad.Add(1)
				}
				mu.Lock()
				defer mu.Unlock()
				took = append(took, time.Since(begin))
			})
		}
	}()
	what() // which may end the test
	close(done)
	<-ended
	requests.Wait()
	for _, c := range clients {
		c.CloseIdleConnections()
	}
	return took, bad.Load()
}
