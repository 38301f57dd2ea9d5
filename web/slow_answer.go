package web

import (
	"bufio"
	"net"
	"net/http"
	"sync"
	"time"
)

// SlowAnswers ends HTTP/2 requests whose client takes the answer too slowly: each 16 KiB
// that the handler writes must be taken within a time-out, and their bytes at rate a second
// on top. A stream that has nothing to say is not ended.
//
// It is to streams what [SlowReaders] is to connections, and does nothing for HTTP/1: an
// HTTP/2 client that is read from, and answers pings, but opens no window for a stream
// (RFC 9113, section 5.2) would hold its handler for ever.
func SlowAnswers(timeout time.Duration, rate int) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.ProtoMajor != 2 {
				next.ServeHTTP(w, r)
				return
			}
			s := &slowAnswer{ResponseWriter: w, control: http.NewResponseController(w), timeout: timeout, each: time.Second / time.Duration(rate)}
			defer s.end()
			next.ServeHTTP(s, r)
		})
	}
}

// slowAnswer watches over the writes of a handler: a deadline of the stream itself would
// also end one on which nothing is written.
type slowAnswer struct {
	http.ResponseWriter
	control *http.ResponseController
	timeout time.Duration
	each    time.Duration // that a byte may take

	mu    sync.Mutex
	until time.Time   // when the write must have ended; zero while there is none
	watch *time.Timer // nil until the first write
	armed bool
}

func (s *slowAnswer) Unwrap() http.ResponseWriter { return s.ResponseWriter }

func (s *slowAnswer) Write(b []byte) (written int, err error) {
	for {
		piece := b[:min(len(b), pieceSize)]
		s.begin(len(piece))
		n, err := s.ResponseWriter.Write(piece)
		s.done()
		written += n
		if b = b[len(piece):]; err != nil || len(b) == 0 {
			return written, err
		}
	}
}

// FlushError sends what was written so far.
func (s *slowAnswer) FlushError() error {
	s.begin(0)
	err := s.control.Flush()
	s.done()
	return err
}

// Flush sends what was written so far.
func (s *slowAnswer) Flush() { _ = s.FlushError() }

// Hijack says that HTTP/2 has no connection to take over.
func (s *slowAnswer) Hijack() (net.Conn, *bufio.ReadWriter, error) { return s.control.Hijack() }

func (s *slowAnswer) begin(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	left := s.timeout + time.Duration(n)*s.each
	s.until = time.Now().Add(left)
	switch {
	case s.watch == nil:
		s.watch = time.AfterFunc(left, s.look)
	case !s.armed:
		s.watch.Reset(left)
	}
	s.armed = true // or else it goes off earlier, and looks again
}

func (s *slowAnswer) done() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.until = time.Time{}
}

// look ends the request if the write that is under way has taken too long.
func (s *slowAnswer) look() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.until.IsZero() {
		s.armed = false
		return
	}
	if left := time.Until(s.until); left > 0 {
		s.watch.Reset(left)
		return
	}
	s.armed = false
	_ = s.control.SetWriteDeadline(time.Now().Add(-time.Second))
}

// end gives what the server still holds back, which is little, the time-out: it is sent
// when the handler has returned.
func (s *slowAnswer) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.watch != nil {
		s.watch.Stop()
	}
	_ = s.control.SetWriteDeadline(time.Now().Add(s.timeout))
}
