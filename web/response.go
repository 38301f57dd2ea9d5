package web

import (
	"bufio"
	"net"
	"net/http"
)

// response observes what a handler answers. It hides nothing:
// [http.ResponseController] finds the writer below it.
type response struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *response) WriteHeader(status int) {
	// 1xx answers come before the real one, except a switch of protocols.
	if w.status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Flush sends what was written so far.
func (w *response) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

// Hijack hands the connection over, for libraries that do not know
// [http.ResponseController]. What is answered then is the handler's own: for the log, a
// switch of protocols.
func (w *response) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, in, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err == nil && w.status == 0 {
		w.status = http.StatusSwitchingProtocols
	}
	return c, in, err
}

// observes reports whether [Begun] can tell.
func observes(w http.ResponseWriter) bool {
	for w != nil {
		switch w.(type) {
		case *response, *compressed:
			return true
		}
		wrapper, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return false
		}
		w = wrapper.Unwrap()
	}
	return false
}

// Begun reports whether an answer has begun, so that its status can no longer
// change. It knows of writers that [Recover], [AccessLog] or [Compress] gave to the
// handler, also below wrappers that have an Unwrap method.
func Begun(w http.ResponseWriter) bool {
	for w != nil {
		switch seen := w.(type) {
		case *response:
			return seen.status != 0
		case *compressed:
			if seen.status != 0 {
				return true
			}
		}
		wrapper, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return false
		}
		w = wrapper.Unwrap()
	}
	return false
}
