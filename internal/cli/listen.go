package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strconv"

	"github.com/kitgo/kit/console"
)

// listen binds a port, or one of the next ones when it is in use and nobody asked for it.
func listen(host string, port int, given bool) (net.Listener, error) {
	if port < 0 || port > 65535 {
		return nil, &console.Error{Code: console.Usage, Message: fmt.Sprintf("port %d is not a port", port), Advice: "use a number from 1 to 65535, or 0 for any free port"}
	}
	last := port
	if !given {
		last = min(port+20, 65535)
	}
	for n := port; ; n++ {
		l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(n)))
		if err == nil {
			return l, nil
		}
		if err := checkHost(host); err != nil {
			return nil, err
		}
		e := &console.Error{Code: console.Unavailable, Message: fmt.Sprintf("port %d cannot be used: %v", n, err), Err: err}
		switch {
		case errors.Is(err, fs.ErrPermission):
			e.Advice = "choose one above 1023 with --port or --frontend-port: this one is for administrators"
		case n < last:
			continue
		default:
			e.Advice = "stop what uses it, or choose another one with --port or --frontend-port"
		}
		return nil, e
	}
}

// checkHost reports why no port of a host can be bound. The errors for that have other
// numbers on other systems, and are not looked at.
func checkHost(host string) error {
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err == nil {
		return l.Close()
	}
	e := &console.Error{Code: console.Unavailable, Err: err, Advice: "use an address of this machine with --host: localhost, or 0.0.0.0 to let other machines in"}
	if lookup, ok := errors.AsType[*net.DNSError](err); ok {
		e.Message = fmt.Sprintf("the host %s cannot be found: %s", host, lookup.Err)
	} else {
		e.Message = fmt.Sprintf("the host %s is not this machine: %v", host, err)
	}
	return e
}
