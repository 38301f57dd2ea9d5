package kit

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// connections knows how many connections of a server are in which state. The zero value
// is one of none.
type connections struct {
	in [http.StateClosed + 1]atomic.Int64
}

// tracked is a connection and its state.
type tracked struct {
	net.Conn
	state atomic.Int32
}

// trackedListener accepts connections that [connections.moved] knows.
type trackedListener struct{ net.Listener }

func (l trackedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	t := &tracked{Conn: c}
	t.state.Store(int32(http.StateClosed)) // which nobody asks about
	return t, nil
}

// moved is the server's [http.Server.ConnState].
func (n *connections) moved(c net.Conn, state http.ConnState) {
	if secure, ok := c.(*tls.Conn); ok {
		c = secure.NetConn()
	}
	t, ok := c.(*tracked)
	if !ok {
		return
	}
	n.in[t.state.Swap(int32(state))].Add(-1)
	n.in[state].Add(1)
}

// unserved is how long a connection on which nothing was asked yet is waited for: its
// request may be under way.
const unserved = 500 * time.Millisecond

// settle returns when all that was asked for is answered, and idle connections have had
// their time; or when ctx ends. It is to come before [http.Server.Shutdown], when no
// connection is accepted any more and each answer closes its own: a request that net/http
// reads after that was called is dropped without an answer.
func (n *connections) settle(ctx context.Context, idle time.Duration) {
	begin := time.Now()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for {
		waited := time.Since(begin)
		if n.in[http.StateActive].Load() == 0 &&
			(n.in[http.StateNew].Load() == 0 || waited >= unserved) &&
			(n.in[http.StateIdle].Load() == 0 || waited >= idle) {
			return
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return
		}
	}
}
