package dbtest

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// reserve finds a free port of 127.0.0.1 and keeps it for a server until the file
// is closed, also while the server does not run: nobody else gets the port, and
// connecting to it is refused.
//
// Linux lets a socket listen beside one that is bound to the same address and does
// not listen, when both have SO_REUSEADDR, as the sockets of servers do.
func reserve() (port int, kept *os.File, err error) {
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, nil, fmt.Errorf("find a free port: %w", err)
	}
	kept = os.NewFile(uintptr(socket), "port")
	address := &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}
	err = errors.Join(
		syscall.SetsockoptInt(socket, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1),
		syscall.Bind(socket, address),
	)
	if err != nil {
		return 0, nil, errors.Join(fmt.Errorf("find a free port: %w", err), kept.Close())
	}
	bound, err := syscall.Getsockname(socket)
	if err != nil {
		return 0, nil, errors.Join(fmt.Errorf("find a free port: %w", err), kept.Close())
	}
	return bound.(*syscall.SockaddrInet4).Port, kept, nil
}
