//go:build measure

package integration_test

import (
	"fmt"
	"net/http"
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
			stop := paced(s.url+"/notes", perSecond,
				&http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}, Timeout: time.Minute},
				&http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute})
			defer stop()
			what() // which may end the test
			l := stop()
			at := func(share float64) time.Duration { return l.at(share).Round(10 * time.Microsecond) }
			fmt.Printf("| %s, %s | %d | %d | %s | %s | %s |\n", kind, name, len(l.took), len(l.failed), at(0.5), at(0.99), at(1))
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
