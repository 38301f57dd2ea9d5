package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Stream answers with what f writes, as it writes it; nothing is kept in memory. If f
// fails after it has written something, the connection is cut: the client must see that
// the answer is not whole.
func Stream(w http.ResponseWriter, r *http.Request, contentType string, f func(io.Writer) error) error {
	s := &stream{w: w, contentType: contentType}
	err := f(s)
	switch {
	case err == nil:
		_, err = s.Write(nil)
		return err
	case !s.begun:
		return err
	}
	WriteError(w, r, err)
	panic(http.ErrAbortHandler)
}

// stream begins the answer at the first write, and flushes each.
type stream struct {
	w           http.ResponseWriter
	contentType string
	begun       bool
}

func (s *stream) Write(b []byte) (int, error) {
	if !s.begun {
		s.begun = true
		s.w.Header().Set("Content-Type", s.contentType)
		s.w.WriteHeader(http.StatusOK)
	}
	n, err := s.w.Write(b)
	if err != nil {
		return n, err
	}
	return n, flush(s.w)
}

// flush sends what was written; a writer that keeps nothing back has nothing to do.
func flush(w http.ResponseWriter) error {
	if err := http.NewResponseController(w).Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// Event is an event for the client's EventSource.
type Event struct {
	ID    string        // what the client sends as Last-Event-ID when it comes again
	Name  string        // the type of the event; empty is message
	Data  any           // a string or []byte as it is, anything else as JSON
	Retry time.Duration // after which the client comes again when the connection ends; 0 leaves it
}

// Events are the server-sent events of one client. It is safe for concurrent use.
type Events struct {
	mu     sync.Mutex
	w      http.ResponseWriter
	lastID string
}

// heartbeat is how often a stream of events that has nothing to say is kept alive:
// proxies close connections on which nothing happens, often after 30 or 60 seconds.
const heartbeat = 15 * time.Second

// SendEvents answers with server-sent events: f sends them until ctx ends, because the
// client has gone or the server is told to stop. The client comes again by itself.
func SendEvents(w http.ResponseWriter, r *http.Request, f func(ctx context.Context, e *Events) error) error {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would keep events back
	w.WriteHeader(http.StatusOK)
	if err := flush(w); err != nil || r.Method == http.MethodHead {
		return err // to HEAD there is nothing to send, and nothing would tell that the client has gone
	}
	ctx, cancel := context.WithCancel(r.Context())
	e := &Events{w: w, lastID: r.Header.Get("Last-Event-Id")}
	var beating sync.WaitGroup
	beating.Go(func() {
		defer cancel()
		e.beat(ctx)
	})
	defer beating.Wait()
	defer cancel()
	err := f(ctx, e)
	if ctx.Err() != nil && (err == nil || errors.Is(err, context.Canceled)) {
		return nil // it was to end
	}
	return err
}

// beat keeps the connection alive until ctx ends, the server stops, or the client has
// gone.
func (e *Events) beat(ctx context.Context) {
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	stopping := Stopping(ctx)
	for {
		select {
		case <-ctx.Done():
			return
		case <-stopping:
			return
		case <-ticker.C:
			if e.write(":\n\n") != nil {
				return
			}
		}
	}
}

// LastID returns the ID of the last event that the client has got, if it comes again.
func (e *Events) LastID() string { return e.lastID }

// Send sends an event.
func (e *Events) Send(event Event) error {
	if strings.ContainsAny(event.ID, "\r\n\x00") || strings.ContainsAny(event.Name, "\r\n") {
		return errors.New("send an event: its ID or name has a line break")
	}
	var data string
	switch d := event.Data.(type) {
	case string:
		data = d
	case []byte:
		data = string(d)
	default:
		text, err := json.Marshal(d)
		if err != nil {
			return fmt.Errorf("send an event: %w", err)
		}
		data = string(text)
	}
	var b strings.Builder
	if event.ID != "" {
		b.WriteString("id: " + event.ID + "\n")
	}
	if event.Name != "" {
		b.WriteString("event: " + event.Name + "\n")
	}
	if event.Retry > 0 {
		b.WriteString("retry: " + strconv.FormatInt(event.Retry.Milliseconds(), 10) + "\n")
	}
	data = strings.ReplaceAll(strings.ReplaceAll(data, "\r\n", "\n"), "\r", "\n")
	for line := range strings.SplitSeq(data, "\n") {
		b.WriteString("data: " + line + "\n")
	}
	b.WriteString("\n")
	return e.write(b.String())
}

func (e *Events) write(text string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, err := io.WriteString(e.w, text); err != nil {
		return err
	}
	return flush(e.w)
}

type stoppingKey struct{}

// WithStopping returns a context whose requests learn by [Stopping] that the server is
// told to stop.
func WithStopping(ctx context.Context, stopping <-chan struct{}) context.Context {
	return context.WithValue(ctx, stoppingKey{}, stopping)
}

// Stopping returns a channel that is closed when the server of the request is told to
// stop; nil, on which one waits for ever, if that is not known. A request that goes on
// for long should end then: ctx itself ends only when the time for that is over.
func Stopping(ctx context.Context) <-chan struct{} {
	stopping, _ := ctx.Value(stoppingKey{}).(<-chan struct{})
	return stopping
}
