package kit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// databaseTimeout is how long a probe waits for the database.
const databaseTimeout = 2 * time.Second

// ServeHTTP is the server's outermost handler: the probes below /_kit answer at
// any time and before all middleware, the application once it is ready.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.at() == stopping {
		// A client that keeps this connection would race with its end.
		w.Header().Set("Connection", "close")
	}
	answer, ok := map[string]http.HandlerFunc{
		"/_kit/live":   s.live,
		"/_kit/ready":  s.ready,
		"/_kit/health": s.health,
	}[r.URL.Path]
	switch {
	case !ok && r.URL.Path != "/_kit" && !strings.HasPrefix(r.URL.Path, "/_kit/"):
		s.gate(w, r)
	case !ok:
		newProbe("not found").write(w, http.StatusNotFound)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		newProbe("method not allowed").write(w, http.StatusMethodNotAllowed)
	default:
		answer(w, r)
	}
}

// gate lets requests through to the application once it is ready, and until the
// listener closes.
func (s *server) gate(w http.ResponseWriter, r *http.Request) {
	if p := s.at(); p < ready {
		w.Header().Set("Retry-After", "2")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintf(w, "starting: %s\n", p)
		return
	}
	s.handler.ServeHTTP(w, r)
}

// probe is the body of a probe's answer; the order of its keys is part of the
// contract.
type probe struct {
	Status    string `json:"status"`
	Timestamp string `json:"timestamp"`
	Phase     string `json:"phase,omitempty"`
	Database  string `json:"database,omitempty"`
}

func newProbe(status string) probe {
	return probe{Status: status, Timestamp: time.Now().UTC().Format("2006-01-02T15:04:05Z")}
}

func (p probe) write(w http.ResponseWriter, status int) {
	body, _ := json.Marshal(p)             // strings only: cannot fail
	if p.Phase != "" && p.Database != "" { // ready: one line a check
		body, _ = json.MarshalIndent(p, "", "  ")
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n'))
}

// live answers 200 as long as the process runs.
func (s *server) live(w http.ResponseWriter, _ *http.Request) {
	newProbe("ok").write(w, http.StatusOK)
}

// health answers 200 when the application is ready; asked with ?db=true, when the
// database answers as well.
func (s *server) health(w http.ResponseWriter, r *http.Request) {
	switch p := s.at(); {
	case p == stopping:
		newProbe("stopping").write(w, http.StatusServiceUnavailable)
	case p < ready:
		body := newProbe("starting")
		body.Phase = p.String()
		body.write(w, http.StatusServiceUnavailable)
	case r.URL.Query().Get("db") != "true":
		newProbe("ok").write(w, http.StatusOK)
	case s.databaseAnswers(r.Context()):
		body := newProbe("ok")
		body.Database = "connected"
		body.write(w, http.StatusOK)
	default:
		body := newProbe("error")
		body.Database = "disconnected"
		body.write(w, http.StatusServiceUnavailable)
	}
}

// ready answers 200 when requests should be sent here, with one line a check.
func (s *server) ready(w http.ResponseWriter, r *http.Request) {
	p := s.at()
	body, status := newProbe("ok"), http.StatusOK
	body.Phase, body.Database = p.String(), "connected"
	if p == connecting || !s.databaseAnswers(r.Context()) {
		body.Status, body.Database, status = "error", "disconnected", http.StatusServiceUnavailable
	}
	if p < ready {
		body.Status, status = "starting", http.StatusServiceUnavailable
	} else if p == stopping {
		body.Status, status = "stopping", http.StatusServiceUnavailable
	}
	body.write(w, status)
}

func (s *server) databaseAnswers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, databaseTimeout)
	defer cancel()
	err := s.app.DB.Ping(ctx)
	if err != nil && !errors.Is(context.Cause(ctx), context.Canceled) {
		s.log.Warn("a probe found that the database does not answer", "error", err)
	}
	return err == nil
}
