package handover

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// The control socket has a name without a file: the kernel forgets it when the last
// process ends, and it is found from inside of a private /tmp, too (unix(7), abstract
// sockets). Everybody may connect to it, so that both sides look who the other one is.
func controlName(address string) string { return controlPrefix + address }

// Listen opens the socket on which the process that serves at address is asked to be
// replaced.
func Listen(address string) (net.Listener, error) {
	return net.Listen("unix", controlName(address))
}

// Ask asks the process that serves at address to be replaced, and returns who serves
// then. The error is a [Failure] when it says why not.
func Ask(ctx context.Context, address string, r Request, phase func(string)) (Done, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "unix", controlName(address))
	if err != nil {
		return Done{}, errors.Join(ErrNobody, err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	switch peer, err := peerOf(conn); {
	case err != nil:
		return Done{}, err
	case !peer.trusted() && os.Geteuid() != 0:
		return Done{}, &Failure{Code: 1, Message: fmt.Sprintf("the server at %s is of another user (uid %d)", address, peer.Uid), Advice: "run this as that user, or as root"}
	}
	if err := json.NewEncoder(conn).Encode(r); err != nil {
		return Done{}, fmt.Errorf("asking the server at %s: %w", address, err)
	}
	for lines := json.NewDecoder(conn); ; {
		var report Report
		if err := lines.Decode(&report); err != nil {
			if ctx.Err() != nil {
				return Done{}, ctx.Err()
			}
			return Done{}, &Failure{Code: 1, Message: "the server ended without an answer", Advice: "its log says more"}
		}
		switch {
		case report.Failure != nil:
			return Done{}, report.Failure
		case report.Done != nil:
			return *report.Done, nil
		case phase != nil:
			phase(report.Phase)
		}
	}
}

// Answer reads a request of conn, lets serve work on it, and answers. It refuses others
// than the user of this process and root.
func Answer(conn net.Conn, serve func(Request, func(string)) (Done, error)) {
	defer conn.Close()
	say := func(r Report) {
		_ = conn.SetWriteDeadline(time.Now().Add(5 * time.Second))
		_ = json.NewEncoder(conn).Encode(r) // who asked may be gone
	}
	if peer, err := peerOf(conn); err != nil || !peer.trusted() {
		say(Report{Failure: &Failure{Code: 1, Message: "the server is of another user", Advice: "run this as that user, or as root"}})
		return
	}
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	var r Request
	if err := json.NewDecoder(conn).Decode(&r); err != nil {
		return
	}
	done, err := serve(r, func(name string) { say(Report{Phase: name}) })
	if err == nil {
		say(Report{Done: &done})
		return
	}
	failure, ok := errors.AsType[*Failure](err)
	if !ok {
		failure = &Failure{Code: 1, Message: err.Error()}
	}
	say(Report{Failure: failure})
}

// peer is who is at the other end of a connection.
type peer unix.Ucred

func (p *peer) trusted() bool { return p.Uid == 0 || int(p.Uid) == os.Geteuid() }

func peerOf(conn net.Conn) (*peer, error) {
	raw, err := conn.(syscall.Conn).SyscallConn()
	if err != nil {
		return nil, err
	}
	var who *unix.Ucred
	var asked error
	err = raw.Control(func(fd uintptr) { who, asked = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) })
	if err = errors.Join(err, asked); err != nil {
		return nil, fmt.Errorf("asking who is at the other end: %w", err)
	}
	return (*peer)(who), nil
}
