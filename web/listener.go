package web

import (
	"net"
	"time"
)

// SlowReaders returns a listener whose connections are cut when the client takes what is
// written too slowly: each piece has a time-out, and its bytes at rate a second on top.
// So an answer may take as long as it needs, and one who takes nothing holds no handler;
// a stream that has nothing to say is not cut.
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
	return &slowConn{c, l.timeout, l.each}, nil
}

type slowConn struct {
	net.Conn
	timeout, each time.Duration
}

// pieceSize is how much is written under one deadline.
const pieceSize = 64 << 10

func (c *slowConn) Write(b []byte) (written int, err error) {
	for {
		piece := b[:min(len(b), pieceSize)]
		if err := c.SetWriteDeadline(time.Now().Add(c.timeout + time.Duration(len(piece))*c.each)); err != nil {
			return written, err
		}
		n, err := c.Conn.Write(piece)
		written += n
		if b = b[len(piece):]; err != nil || len(b) == 0 {
			return written, err
		}
	}
}
