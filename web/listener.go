package web

import (
	"errors"
	"net"
	"sync/atomic"
	"time"
)

// SlowReaders returns a listener whose connections are cut when the client takes what is
// written too slowly: each piece of at most 128 KiB has the time-out, up to half of it
// more, and its bytes at rate a second on top. So an answer may take as long as it needs,
// and one who takes nothing holds no handler; a stream that has nothing to say is not
// cut.
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

// pieceSize is how much is written under one deadline: most compressed scripts in one
// system call. A larger piece would hold a client that takes nothing longer.
const pieceSize = 128 << 10

func (c *slowConn) Write(b []byte) (written int, err error) {
	for {
		piece := b[:min(len(b), pieceSize)]
		if err := c.allow(len(piece)); err != nil {
			return written, err
		}
		n, err := c.Conn.Write(piece)
		written += n
		if b = b[len(piece):]; err != nil || len(b) == 0 {
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
	return errors.Join(c.Conn.SetReadDeadline(t), c.SetWriteDeadline(t))
}
