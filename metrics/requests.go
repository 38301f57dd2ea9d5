package metrics

import (
	"bufio"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// methods are the methods that are told apart: a client may send any word.
var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

// Requests counts and times requests by method, route and status. It knows the route when
// it is the last middleware before the routes, or when those after it pass their request
// on as it is; else the route is "".
func (m *Metrics) Requests(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.flying.Inc()
		begin := time.Now()
		seen := &answer{ResponseWriter: w, status: http.StatusInternalServerError} // of a panic
		defer func() {
			m.flying.Dec()
			method := r.Method
			if !slices.Contains(methods, method) {
				method = "other"
			}
			m.requests.WithLabelValues(method, route(r.Pattern), strconv.Itoa(seen.status)).Observe(time.Since(begin).Seconds())
		}()
		next.ServeHTTP(seen, r)
		if !seen.begun {
			seen.status = http.StatusOK
		}
	})
}

// route is the pattern of a route without its method.
func route(pattern string) string {
	if _, path, ok := strings.Cut(pattern, " "); ok {
		pattern = path
	}
	return strings.TrimSuffix(pattern, "{$}")
}

// answer notes the status of an answer.
type answer struct {
	http.ResponseWriter
	status int
	begun  bool
}

func (a *answer) WriteHeader(status int) {
	// 1xx are followed by another status, but for 101.
	if !a.begun && (status >= 200 || status == http.StatusSwitchingProtocols) {
		a.status, a.begun = status, true
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(p []byte) (int, error) {
	if !a.begun {
		a.status, a.begun = http.StatusOK, true
	}
	return a.ResponseWriter.Write(p)
}

// Unwrap lets [http.ResponseController] reach what is below.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// Flush sends what was written so far.
func (a *answer) Flush() {
	if !a.begun {
		a.status, a.begun = http.StatusOK, true
	}
	_ = http.NewResponseController(a.ResponseWriter).Flush()
}

// Hijack hands the connection over, which counts as a switch of protocols.
func (a *answer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, in, err := http.NewResponseController(a.ResponseWriter).Hijack()
	if err == nil && !a.begun {
		a.status, a.begun = http.StatusSwitchingProtocols, true
	}
	return c, in, err
}
