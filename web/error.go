package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
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

// refusal is the Error with the text of its status.
func refusal(status int, err error) *Error {
	return &Error{Status: status, Message: http.StatusText(status), Err: err}
}

// Panic is the error that [Recover] makes of a panic. Its status is 500, whatever the
// value.
type Panic struct {
	Value any
	Stack []byte // as debug.Stack prints it

	callers []uintptr
}

// Error returns the value as text.
func (p *Panic) Error() string { return fmt.Sprint("panic: ", p.Value) }

// StatusCode returns 500.
func (*Panic) StatusCode() int { return http.StatusInternalServerError }

// Failure is an error as the client is told of it. Everything but Err may be shown.
type Failure struct {
	Status    int
	Message   string
	Fields    map[string][]string // messages by field, if the error is about a form
	RequestID string              // so that a person can name it

	Err error // the error itself, for code that looks at its type: never to be shown
}

// Errors says how errors are answered. Its Middleware comes first in the chain, so that
// all others, and the router, find it with [WriteError]. The zero value is the default.
type Errors struct {
	// Logger gets a line for each error from status 500 on; nil is slog.Default().
	Logger *slog.Logger

	// Details shows browsers the error itself, the lines of the program that it comes
	// from, the request and its queries, and tells other clients the error's text. It
	// is for development.
	Details bool

	// Queries returns the queries of the request of ctx, for Details; may be nil.
	Queries func(ctx context.Context) []Query

	// First may answer an error in a way of its own; it returns nil when it has, and
	// else the error to go on with. May be nil.
	First func(w http.ResponseWriter, r *http.Request, err error) error

	// Page answers browsers, such as with an Inertia page. It is not asked for errors
	// that Details shows. If it is nil, or fails before it has written anything, they
	// get a plain page.
	Page func(w http.ResponseWriter, r *http.Request, f Failure) error
}

// Query is a query as a page with details shows it.
type Query struct {
	SQL      string
	Duration string
	At       string // the line of the program, such as controllers/posts.go:17
	Failed   bool
}

var plainErrors = new(Errors)

// Middleware makes [WriteError] answer as e says.
func (e *Errors) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, r := scoped(r)
		s.errors = e
		if !s.ends {
			s.ends = true
			defer s.end()
		}
		next.ServeHTTP(w, r)
	})
}

// statusClientGone is what the access log shows for a request whose client left
// before it was answered. No RFC has it; nginx made it common.
const statusClientGone = 499

// WriteError answers with the status of err: what its StatusCode() int method
// says, 413 for a body that [MaxBody] cut off, 503 for what took longer than its context
// allows, else 500. The client is told the
// message of an [*Error], and the fields of an error that has them; of any other error
// only the text of the status. The form is the one that the client prefers: see
// [Errors] for browsers; JSON; problem details (RFC 9457) if it names them; else plain
// text.
//
// Errors from 500 on are logged, with the id of the request. A request that ended because its client has gone is no
// error: it is not logged, and its status is 499. If the answer has begun, it is too
// late to tell the client.
func WriteError(w http.ResponseWriter, r *http.Request, err error) {
	begun := Begun(w)
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		if !begun {
			w.WriteHeader(statusClientGone)
		}
		return
	}
	e := plainErrors
	if s := scopeOf(r.Context()); s != nil && s.errors != nil {
		e = s.errors
	}
	status := statusOf(err)
	if status < 500 && !begun && e.First != nil {
		if err = e.First(w, r, err); err == nil {
			return
		}
		status, begun = statusOf(err), Begun(w)
	}
	if _, onPurpose := errors.AsType[*downError](err); status >= 500 && !onPurpose || begun {
		e.log(r, err, status)
	}
	if !begun {
		e.answer(w, r, failure(r, err, status))
	}
}

func (e *Errors) log(r *http.Request, err error, status int) {
	log := e.Logger
	if log == nil {
		log = slog.Default()
	}
	message := "request failed"
	attrs := []slog.Attr{
		slog.Any("error", err), slog.String("method", r.Method), slog.String("path", r.URL.Path),
		slog.Int("status", status), slog.String("request_id", RequestIDOf(r.Context())),
	}
	if p, ok := errors.AsType[*Panic](err); ok {
		message = "panic"
		attrs[0] = slog.String("error", fmt.Sprint(p.Value))
		attrs = append(attrs, slog.String("stack", string(p.Stack)))
	}
	log.LogAttrs(r.Context(), slog.LevelError, message, attrs...)
}

// failure returns what the client may know of an error.
func failure(r *http.Request, err error, status int) Failure {
	f := Failure{Status: status, Message: http.StatusText(status), RequestID: RequestIDOf(r.Context()), Err: err}
	if f.Message == "" {
		f.Message = fmt.Sprint("Error ", status)
	}
	if _, ok := errors.AsType[*Panic](err); ok {
		return f
	}
	if e, ok := errors.AsType[*Error](err); ok && e.Message != "" {
		f.Message = e.Message
	}
	if e, ok := errors.AsType[*downError](err); ok {
		f.Message = e.Error()
	}
	if status == http.StatusUnprocessableEntity {
		f.Fields = fieldsOf(err)
	}
	return f
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
	if errors.Is(err, context.DeadlineExceeded) {
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// fieldsOf returns the messages of an error about fields; nil if it is about none.
func fieldsOf(err error) map[string][]string {
	if e, ok := errors.AsType[interface {
		error
		All() map[string][]string
	}](err); ok {
		return e.All()
	}
	var single map[string]string
	if e, ok := errors.AsType[interface {
		error
		Fields() map[string]string
	}](err); ok {
		single = e.Fields()
	} else if e, ok := errors.AsType[interface {
		error
		FieldErrors() map[string]string
	}](err); ok {
		single = e.FieldErrors()
	}
	if len(single) == 0 {
		return nil
	}
	fields := make(map[string][]string, len(single))
	for field, message := range single {
		fields[field] = []string{message}
	}
	return fields
}
