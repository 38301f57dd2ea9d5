package web

import (
	"log/slog"
	"math/rand/v2"
	"net/http"
	"runtime"
	"time"
)

// AccessLogOptions are the settings of [AccessLog].
type AccessLogOptions struct {
	// Sample is the share of answers below status 500 that are logged, from 0 to 1; such a line
	// then says so. 0 is all.
	Sample float64

	// Slow is from which duration on an answer is logged in any case; 0 is 1 second.
	Slow time.Duration
}

// AccessLog logs each request when it has been answered: method, path, status,
// bytes, duration, client address and request id; aborted, if the connection was cut
// before the end, and then a status of 0 if there was no answer at all. The query is left out; it may hold
// secrets. A nil o stands for the defaults.
func AccessLog(log *slog.Logger, o *AccessLogOptions) Middleware {
	options := AccessLogOptions{}
	if o != nil {
		options = *o
	}
	if options.Sample <= 0 || options.Sample > 1 {
		options.Sample = 1
	}
	if options.Slow <= 0 {
		options.Slow = time.Second
	}
	var here [1]uintptr
	runtime.Callers(1, here[:])
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			begin := time.Now()
			s, r := scoped(r)
			seen := s.observe(w)
			whole := false
			// Deferred, so that an answer that was cut is logged, too.
			defer func() {
				now := time.Now()
				took := now.Sub(begin)
				status := seen.status
				if status == 0 && whole {
					status = http.StatusOK
				}
				certain := status >= 500 || !whole || took >= options.Slow || options.Sample == 1
				if !certain && rand.Float64() >= options.Sample { //nolint:gosec // not for secrets
					return
				}
				handler := log.Handler()
				if !handler.Enabled(r.Context(), slog.LevelInfo) {
					return
				}
				path := r.URL.Path
				if s.secret {
					path = "/(secret)"
				}
				attrs := [9]slog.Attr{
					slog.String("method", r.Method), slog.String("path", path), slog.Int("status", status),
					slog.Int64("bytes", seen.bytes), slog.Duration("duration", took),
					slog.String("client", clientOf(r)), slog.String("request_id", s.id),
				}
				n := 7
				if !whole {
					attrs[n] = slog.Bool("aborted", true)
					n++
				}
				if !certain {
					attrs[n] = slog.Float64("sample", options.Sample)
					n++
				}
				// Not LogAttrs, which asks for the time again, and at each call for the
				// line of code, which is this one.
				record := slog.NewRecord(now, slog.LevelInfo, "request", here[0])
				record.AddAttrs(attrs[:n]...)
				_ = handler.Handle(r.Context(), record)
			}()
			next.ServeHTTP(seen, r)
			whole = true
		})
	}
}
