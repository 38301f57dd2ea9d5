package web

import (
	"context"
	"crypto/rand"
	"net/http"
)

// RequestID gives every request an id: that of its X-Request-ID header if it is
// sane, else a new one. The answer has it in X-Request-ID, logs as request_id.
func RequestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get("X-Request-Id")
		if !sane(id) {
			id = rand.Text()
		}
		w.Header()["X-Request-Id"] = []string{id}
		s, r := scoped(r)
		s.id = id
		next.ServeHTTP(w, r)
	})
}

// sane reports whether an id that comes with a request may go into logs and headers.
func sane(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	for _, c := range []byte(id) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '.' && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

// RequestIDOf returns the id that [RequestID] gave to the request of ctx, or "".
func RequestIDOf(ctx context.Context) string {
	if s := scopeOf(ctx); s != nil {
		return s.id
	}
	return ""
}
