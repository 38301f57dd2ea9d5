package web

import (
	"cmp"
	"io"
	"math"
	"net/http"
)

// MaxBody refuses to read more than n bytes of a request's body: reading on, or reading
// one that announces more, is an [*http.MaxBytesError], whose answer is 413. An [Input]
// of a route may allow more.
func MaxBody(n int64) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Body != nil && r.Body != http.NoBody {
				r.Body = &limitedBody{w: w, body: r.Body, announced: r.ContentLength, limit: n}
			}
			next.ServeHTTP(w, r)
		})
	}
}

// limitedBody is a body that is cut off. The limit is settled by the first Read: before
// it, the route may say another.
type limitedBody struct {
	w         http.ResponseWriter
	body      io.ReadCloser
	announced int64 // as in http.Request
	limit     int64
	begun     io.ReadCloser // once it is read
}

func (l *limitedBody) Read(p []byte) (int, error) {
	if l.begun == nil {
		l.begun = http.MaxBytesReader(l.w, l.body, l.limit)
	}
	if l.announced > l.limit {
		return 0, &http.MaxBytesError{Limit: l.limit}
	}
	return l.begun.Read(p)
}

func (l *limitedBody) Close() error { return l.body.Close() }

// limited returns the body with a limit of [Input]; when that is zero, with a default
// that [MaxBody] may lower.
func limited(r *http.Request, setting, standard int64) io.Reader {
	l, ok := r.Body.(*limitedBody)
	if !ok {
		l = &limitedBody{body: r.Body, announced: r.ContentLength, limit: math.MaxInt64}
	}
	if l.begun == nil {
		l.limit = cmp.Or(setting, min(l.limit, standard))
	}
	return l
}
