//go:build unix

package dbtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Proxy carries TCP connections to a server until a test breaks them. Its methods
// may be called at the same time.
type Proxy struct {
	tb     testing.TB
	target string
	addr   string
	work   sync.WaitGroup

	mu       sync.Mutex
	listener *net.TCPListener // nil while connections are refused
	open     chan struct{}    // closed while bytes go through
	links    map[*link]struct{}
}

// link is one client's connection, and the one to the server that belongs to it.
type link struct {
	ctx    context.Context // ends when the connections break
	cancel context.CancelFunc
	ended  chan struct{}

	mu    sync.Mutex
	conns []*net.TCPConn
}

// StartProxy starts a proxy in front of an address such as 127.0.0.1:41234. It
// listens on a port of its own, and ends with the test.
func StartProxy(tb testing.TB, target string) *Proxy {
	tb.Helper()
	port, kept, err := reserve()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { kept.Close() })
	p := &Proxy{
		tb: tb, target: target, addr: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)),
		links: make(map[*link]struct{}), open: make(chan struct{}),
	}
	if err := p.resume(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		p.Cut()
		p.work.Wait()
	})
	return p
}

// Addr returns the proxy's address, such as 127.0.0.1:41235. It never changes.
func (p *Proxy) Addr() string { return p.addr }

// URL returns the URL with the proxy's host and port.
func (p *Proxy) URL(address string) string {
	p.tb.Helper()
	u, err := url.Parse(address)
	if err != nil {
		p.tb.Fatal(err)
	}
	u.Host = p.addr
	return u.String()
}

// Cut breaks all connections, on both sides with a TCP reset, and refuses new ones.
// When it returns they are broken.
func (p *Proxy) Cut() {
	p.mu.Lock()
	if p.listener != nil {
		endListening(p.listener)
		p.listener = nil
	}
	var links []*link
	for l := range p.links {
		links = append(links, l)
	}
	p.mu.Unlock()
	for _, l := range links {
		l.reset()
		<-l.ended
	}
}

// endListening closes the listener. A process that is being started may have a copy
// of its socket for a moment, which closing leaves open; hence the shutdown.
func endListening(listener *net.TCPListener) {
	if socket, err := listener.SyscallConn(); err == nil {
		_ = socket.Control(func(fd uintptr) { _ = syscall.Shutdown(int(fd), syscall.SHUT_RDWR) }) // only Linux can
	}
	_ = listener.Close() // it is ours, and open
}

// Hang stops the bytes in both directions. Connections stay open, and new ones are
// accepted, but nothing gets through.
func (p *Proxy) Hang() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isOpen() {
		p.open = make(chan struct{})
	}
}

// Resume ends [Proxy.Cut] and [Proxy.Hang]. Bytes that were held back go on their way.
func (p *Proxy) Resume() {
	p.tb.Helper()
	if err := p.resume(); err != nil {
		p.tb.Fatal(err)
	}
}

func (p *Proxy) resume() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.isOpen() {
		close(p.open)
	}
	if p.listener != nil {
		return nil
	}
	l, err := net.Listen("tcp", p.addr)
	if err != nil {
		return fmt.Errorf("listen for the proxy of %s: %w", p.target, err)
	}
	listener := l.(*net.TCPListener)
	p.listener = listener
	p.work.Go(func() { p.accept(listener) })
	return nil
}

// isOpen reports whether bytes go through. The caller holds the lock.
func (p *Proxy) isOpen() bool {
	select {
	case <-p.open:
		return true
	default:
		return false
	}
}

func (p *Proxy) accept(listener *net.TCPListener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return // Cut closed the listener
		}
		ctx, cancel := context.WithCancel(context.Background())
		l := &link{ctx: ctx, cancel: cancel, ended: make(chan struct{})}
		l.add(client)
		p.mu.Lock()
		if p.listener != listener {
			l.reset()
		}
		p.links[l] = struct{}{}
		p.mu.Unlock()
		p.work.Go(func() {
			p.carry(l)
			l.close()
			p.mu.Lock()
			delete(p.links, l)
			p.mu.Unlock()
			close(l.ended)
		})
	}
}

// carry connects the link to the server and copies until both directions have ended.
func (p *Proxy) carry(l *link) {
	if !p.pass(l.ctx) {
		return
	}
	dialer := net.Dialer{Timeout: 10 * time.Second}
	server, err := dialer.DialContext(l.ctx, "tcp", p.target)
	if err != nil {
		l.reset()
		return
	}
	l.add(server)
	client := l.conns[0]
	var other sync.WaitGroup
	other.Go(func() { p.copy(l, client, server.(*net.TCPConn)) })
	p.copy(l, server.(*net.TCPConn), client)
	other.Wait()
}

// copy copies one direction. The end of what the source sends ends only this
// direction; any other error ends the link.
func (p *Proxy) copy(l *link, to, from *net.TCPConn) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if !p.pass(l.ctx) {
			return
		}
		if _, failed := to.Write(buffer[:n]); failed != nil {
			l.reset()
			return
		}
		switch {
		case errors.Is(err, io.EOF):
			_ = to.CloseWrite() // fails when that side has gone, too
			return
		case err != nil:
			l.reset()
			return
		}
	}
}

// pass waits until bytes may go through. It returns false when the link is broken.
func (p *Proxy) pass(ctx context.Context) bool {
	p.mu.Lock()
	open := p.open
	p.mu.Unlock()
	select {
	case <-ctx.Done():
		return false
	case <-open:
		return ctx.Err() == nil
	}
}

// add gives the link a connection, and breaks it if the link is broken already.
func (l *link) add(conn net.Conn) {
	l.mu.Lock()
	l.conns = append(l.conns, conn.(*net.TCPConn))
	l.mu.Unlock()
	if l.ctx.Err() != nil {
		l.reset()
	}
}

// reset breaks the connections: their other ends see a reset, not an orderly end.
func (l *link) reset() {
	l.cancel()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, conn := range l.conns {
		_ = conn.SetLinger(0) // fails when the connection is closed
		_ = conn.Close()
	}
}

// close ends the connections in order, if they are not broken.
func (l *link) close() {
	l.cancel()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, conn := range l.conns {
		_ = conn.Close() // it may be closed already
	}
}
