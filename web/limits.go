package web

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"
)

// SlowBodies ends requests whose body comes too slowly: a body has a time-out to begin
// with, and each byte, of at least rate a second, earns more, up to the same again.
// Reading on is then an [*Error] with status 408. A body that comes quickly enough may
// take as long as it likes.
//
// A server that reads the whole of a body before it looks at the clock, as
// http.Server.ReadTimeout does, would cut large uploads, too.
func SlowBodies(timeout time.Duration, rate int) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Body == nil || r.Body == http.NoBody {
				next.ServeHTTP(w, r)
				return
			}
			b := &slowBody{
				ReadCloser: r.Body, control: http.NewResponseController(w),
				timeout: timeout, each: time.Second / time.Duration(rate), until: time.Now().Add(timeout),
			}
			// From now on, also for what nobody reads: the server reads it away.
			_ = b.control.SetReadDeadline(b.until)
			r.Body = b
			next.ServeHTTP(w, r)
		})
	}
}

type slowBody struct {
	io.ReadCloser
	control *http.ResponseController
	timeout time.Duration
	each    time.Duration // that a byte earns
	until   time.Time
	ended   bool
}

func (b *slowBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	switch {
	case err == nil:
		now := time.Now()
		b.until = b.until.Add(time.Duration(n) * b.each)
		if latest := now.Add(b.timeout); b.until.After(latest) {
			b.until = latest
		}
		_ = b.control.SetReadDeadline(b.until)
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = refusal(http.StatusRequestTimeout, err)
	case !b.ended:
		// What the server reads next tells it whether the client is still there.
		b.ended = true
		_ = b.control.SetReadDeadline(time.Time{})
	}
	return n, err
}
