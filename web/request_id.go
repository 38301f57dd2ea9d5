package web

import (
	"context"
	"crypto/rand"
	"net/http"
	"regexp"
)

type requestIDKey struct{}

// sane is what an id that comes with a request may look like: it goes into logs.
var sane = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// RequestID gives every request an id: that of its X-Request-ID header if it is
// sane, else a new one. The answer has it in X-Request-ID, logs as request_id.
func RequestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get("X-Request-ID")
		if !sane.MatchString(id) {
			id = rand.Text()
		}
		w.Header().Set("X-Request-ID", id)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestIDKey{}, id)))
	})
}

// RequestIDOf returns the id that [RequestID] gave to the request of ctx, or "".
func RequestIDOf(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}
