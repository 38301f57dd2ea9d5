package web

import (
	"errors"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
	"slices"
	"time"
)

// Chain returns the middleware that runs all of mw, the first one first.
func Chain(mw ...Middleware) Middleware {
	return func(next http.Handler) http.Handler {
		for _, m := range slices.Backward(mw) {
			next = m(next)
		}
		return next
	}
}

// Recover turns a panic into an answer with status 500, as [WriteError] does with a
// [*Panic]. [http.ErrAbortHandler] passes: it means that the connection should be cut.
func Recover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, r := scoped(r)
		seen := s.observe(w)
		defer func() {
			value := recover()
			if value == nil {
				return
			}
			if err, ok := value.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(value)
			}
			begun := seen.status != 0
			callers := make([]uintptr, 32)
			p := &Panic{Value: value, Stack: debug.Stack(), callers: callers[:runtime.Callers(3, callers)]}
			WriteError(seen, r, p)
			if begun {
				// The client must see that the answer is not whole.
				panic(http.ErrAbortHandler)
			}
		}()
		next.ServeHTTP(seen, r)
	})
}

// AccessLog logs each request when it has been answered: method, path, status,
// bytes, duration, client address and request id. The query is left out; it may hold secrets.
func AccessLog(log *slog.Logger) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			begin := time.Now()
			s, r := scoped(r)
			seen := s.observe(w)
			defer func() {
				status := seen.status
				if status == 0 {
					status = http.StatusOK
				}
				log.LogAttrs(r.Context(), slog.LevelInfo, "request",
					slog.String("method", r.Method), slog.String("path", r.URL.Path), slog.Int("status", status),
					slog.Int64("bytes", seen.bytes), slog.Duration("duration", time.Since(begin)),
					slog.String("client", clientOf(r)), slog.String("request_id", RequestIDOf(r.Context())))
			}()
			next.ServeHTTP(seen, r)
		})
	}
}

// MaxBody refuses to read more than n bytes of a request's body: reading on is an
// [*http.MaxBytesError], and a body that announces more is answered 413 at once.
func MaxBody(n int64) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.ContentLength > n {
				WriteError(w, r, refusal(http.StatusRequestEntityTooLarge, nil))
				return
			}
			r.Body = http.MaxBytesReader(w, r.Body, n)
			next.ServeHTTP(w, r)
		})
	}
}

// SecureHeaders sets headers that every page wants; a handler may replace them.
func SecureHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "SAMEORIGIN")
		h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
		next.ServeHTTP(w, r)
	})
}

// CrossOrigin refuses writes that a browser sends from another site with 403, by
// [http.CrossOriginProtection]: it needs no tokens in forms.
func CrossOrigin() Middleware {
	protection := http.NewCrossOriginProtection()
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := protection.Check(r); err != nil {
				WriteError(w, r, &Error{Status: http.StatusForbidden, Message: "This request comes from another site.", Err: err})
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}
