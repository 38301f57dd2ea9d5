package web

import (
	"errors"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// SlowReaders returns a listener whose connections are cut when the client takes what is
// written too slowly: each 16 KiB have the time-out, up to half of it more, and their bytes
// at rate a second on top. So an answer may take as long as it needs, and one who takes
// nothing holds no handler; a stream that has nothing to say is not cut.
func SlowReaders(l net.Listener, timeout time.Duration, rate int) net.Listener {
	return slowListener{l, timeout, time.Second / time.Duration(rate)}
}

type slowListener struct {
	net.Listener
	timeout, each time.Duration
}

func (l slowListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &slowConn{Conn: c, timeout: l.timeout, each: l.each}, nil
}

type slowConn struct {
	net.Conn
	timeout, each time.Duration

	until atomic.Int64 // the deadline that is set, in nanoseconds since 1970
	own   atomic.Bool  // the deadline is a handler's
}

// pieceSize is for how many bytes a client has one time-out: of a larger piece, one who
// takes nothing would have the time of them all.
const pieceSize = 16 << 10

// Write writes all of b in one system call if the client takes it. When a deadline passes
// meanwhile, who has taken a piece since the last one may go on.
func (c *slowConn) Write(b []byte) (written int, err error) {
	for {
		if err := c.allow(min(len(b), pieceSize)); err != nil {
			return written, err
		}
		n, err := c.Conn.Write(b)
		written += n
		b = b[n:]
		if err == nil || n < pieceSize || c.own.Load() || !errors.Is(err, os.ErrDeadlineExceeded) {
			return written, err
		}
	}
}

// allow moves the deadline when what is left of it is too little for n bytes. A deadline
// that passes while nothing is written does no harm: the next write moves it.
func (c *slowConn) allow(n int) error {
	if c.own.Load() {
		return nil
	}
	now := time.Now()
	needed := now.Add(c.timeout + time.Duration(n)*c.each)
	if c.until.Load() >= needed.UnixNano() {
		return nil
	}
	until := needed.Add(c.timeout / 2)
	c.until.Store(until.UnixNano())
	return c.Conn.SetWriteDeadline(until)
}

// SetWriteDeadline lets a handler have a deadline of its own. net/http takes it away
// after each request; that ends nothing but a handler's own.
func (c *slowConn) SetWriteDeadline(t time.Time) error {
	c.own.Store(!t.IsZero())
	if t.IsZero() {
		return nil
	}
	c.until.Store(0)
	return c.Conn.SetWriteDeadline(t)
}

// SetDeadline is SetWriteDeadline with the same for reading. net/http takes both away when
// a handler takes the connection over.
func (c *slowConn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}
