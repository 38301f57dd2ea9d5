package kit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/kitgo/kit/health"
)

// databaseCheck is the name of the check that the database answers.
const databaseCheck = "database"

// checks returns what runs the checks of probes: whether the database answers, and
// those of the application; or the mistakes in them.
func (a *App) checks(changed func(health.Result)) (*health.Runner, error) {
	list := []health.Check{{Name: databaseCheck, Run: a.DB.Ping}}
	return health.New(append(list, a.Checks...), changed, "status", "timestamp", "phase", "migrating")
}

// logChange logs that a check has begun or ceased to fail; probes do not say why.
func (s *server) logChange(r health.Result) {
	if r.Err == nil {
		s.log.Info("a health check is well again", "check", r.Name)
		return
	}
	s.log.Warn("a health check fails", "check", r.Name, "error", r.Err)
}

// ServeHTTP is the server's outermost handler: the probes below /_kit answer at
// any time and before all middleware, the application once it is ready.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.at() == stopping || s.replaced.Load() {
		// A client that keeps this connection would race with its end.
		w.Header().Set("Connection", "close")
	}
	if r.URL.Path != "/_kit" && !strings.HasPrefix(r.URL.Path, "/_kit/") {
		s.gate(w, r)
		return
	}
	hurry(w, r)
	answer, ok := map[string]http.HandlerFunc{
		livePath:   s.live,
		readyPath:  s.ready,
		healthPath: s.health,
	}[r.URL.Path]
	if m := s.app.Metrics; m != nil && r.URL.Path == metricsPath {
		answer, ok = m.ServeHTTP, true
	}
	switch {
	case !ok:
		newProbe("not found").write(w, http.StatusNotFound)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		newProbe("method not allowed").write(w, http.StatusMethodNotAllowed)
	default:
		answer(w, r)
	}
}

// hurry gives a body that no handler reads and no middleware watches little time: before
// it answers, the server reads it away.
func hurry(w http.ResponseWriter, r *http.Request) {
	if r.Body != nil && r.Body != http.NoBody {
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(unreadTimeout))
	}
}

// unreadTimeout is how long a body may take to come that nobody wants.
const unreadTimeout = time.Second

// gate lets requests through to the application once it is ready, and until the
// listener closes.
func (s *server) gate(w http.ResponseWriter, r *http.Request) {
	if p := s.at(); p < ready {
		hurry(w, r)
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
	body, _ := json.Marshal(p) // strings only: cannot fail
	writeProbe(w, status, body)
}

func writeProbe(w http.ResponseWriter, status int, body []byte) {
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
	case s.checks.RunOne(r.Context(), databaseCheck).Err == nil:
		body := newProbe("ok")
		body.Database = "connected"
		body.write(w, http.StatusOK)
	default:
		body := newProbe("error")
		body.Database = "disconnected"
		body.write(w, http.StatusServiceUnavailable)
	}
}

// ready answers 200 when requests should be sent here, with one line a check. A check
// that fails does not say why: the log does.
func (s *server) ready(w http.ResponseWriter, r *http.Request) {
	p := s.at()
	status := "ok"
	lines := [][2]string{{"phase", p.String()}}
	if m := s.progress.Load(); p == migrating && m != nil {
		lines = append(lines, [2]string{"migrating", fmt.Sprintf("%d of %d", m.Number, m.Total)})
	}
	if p == connecting {
		lines = append(lines, [2]string{databaseCheck, "disconnected"})
	} else {
		for _, result := range s.checks.Run(r.Context()) {
			word := string(result.Status)
			if result.Name == databaseCheck {
				word = "connected"
				if result.Err != nil {
					word = "disconnected"
				}
			}
			lines = append(lines, [2]string{result.Name, word})
			if result.Status == health.Failed {
				status = "error"
			}
		}
	}
	switch {
	case p < ready:
		status = "starting"
	case p == stopping:
		status = "stopping"
	}
	code := http.StatusOK
	if status != "ok" {
		code = http.StatusServiceUnavailable
	}
	head := newProbe(status)
	lines = append([][2]string{{"status", head.Status}, {"timestamp", head.Timestamp}}, lines...)
	var body bytes.Buffer
	for i, line := range lines {
		end := ",\n"
		if i == len(lines)-1 {
			end = "\n"
		}
		fmt.Fprintf(&body, "  %q: %q%s", line[0], line[1], end)
	}
	writeProbe(w, code, []byte("{\n"+body.String()+"}"))
}
