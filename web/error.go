package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
)

// Error is an error whose message may be shown to the client.
type Error struct {
	Status  int    // the HTTP status of the answer; 0 is 500
	Message string // shown to the client
	Err     error  // the cause: logged, never shown; may be nil
}

// Error returns the message and the cause, for logs.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Message
	}
	return fmt.Sprintf("%s: %v", e.Message, e.Err)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// StatusCode returns the HTTP status of the answer.
func (e *Error) StatusCode() int {
	if e.Status == 0 {
		return http.StatusInternalServerError
	}
	return e.Status
}

// statusClientGone is what the access log shows for a request whose client left
// before it was answered. No RFC has it; nginx made it common.
const statusClientGone = 499

// WriteError answers with the status of err: what its StatusCode() int method
// says, 413 for a body that [MaxBody] cut off, else 500. The client is told the
// message of an [*Error], for any other error only the text of the status: as
// {"error":"…"} if it prefers JSON, else as plain text. Errors from 500 on are
// logged. A request that ended because its client has gone is no error: it is not
// logged, and its status is 499. If the answer has begun, it is too late to tell
// the client.
func WriteError(w http.ResponseWriter, r *http.Request, err error) {
	begun := Begun(w)
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		if !begun {
			w.WriteHeader(statusClientGone)
		}
		return
	}
	status := statusOf(err)
	message := http.StatusText(status)
	if e, ok := errors.AsType[*Error](err); ok && e.Message != "" {
		message = e.Message
	}
	if status >= 500 || begun {
		slog.ErrorContext(r.Context(), "request failed", "error", err, "method", r.Method, "path", r.URL.Path,
			"status", status, "request_id", RequestIDOf(r.Context()))
	}
	if !begun {
		answerError(w, r, status, message)
	}
}

// statusOf returns the status of an answer that reports err. What cannot be one,
// which net/http would panic at, is 500.
func statusOf(err error) int {
	if coder, ok := errors.AsType[interface {
		error
		StatusCode() int
	}](err); ok {
		if status := coder.StatusCode(); status >= 400 && status <= 599 {
			return status
		}
		return http.StatusInternalServerError
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return http.StatusRequestEntityTooLarge
	}
	return http.StatusInternalServerError
}

// answerError tells the client of an error. Nothing may have been written yet.
func answerError(w http.ResponseWriter, r *http.Request, status int, message string) {
	h := w.Header()
	for _, name := range []string{"Content-Length", "Content-Encoding", "ETag", "Last-Modified"} {
		h.Del(name)
	}
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if prefersJSON(r) {
		_ = JSON(w, status, map[string]string{"error": message})
		return
	}
	_ = Text(w, status, message+"\n")
}

// prefersJSON reports whether the client names JSON, and no HTML, among what it
// accepts.
func prefersJSON(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return strings.Contains(accept, "json") && !strings.Contains(accept, "html")
}

// JSON answers with v. An error of encoding comes before anything is written.
func JSON(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encoding the JSON answer: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, err = w.Write(append(body, '\n'))
	return err
}

// Text answers with plain text.
func Text(w http.ResponseWriter, status int, text string) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, err := w.Write([]byte(text))
	return err
}

// Redirect answers 303 See Other: the browser, and the Inertia client, then GET
// url, whatever the method of this request was.
func Redirect(w http.ResponseWriter, r *http.Request, url string) error {
	http.Redirect(w, r, url, http.StatusSeeOther)
	return nil
}
