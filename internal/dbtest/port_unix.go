//go:build unix && !linux

package dbtest

import (
	"fmt"
	"net"
	"os"
)

// reserve finds a free port of 127.0.0.1. The file keeps nothing here: these systems
// let no two sockets have one address.
func reserve() (port int, kept *os.File, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, nil, fmt.Errorf("find a free port: %w", err)
	}
	port = listener.Addr().(*net.TCPAddr).Port
	if err := listener.Close(); err != nil {
		return 0, nil, fmt.Errorf("find a free port: %w", err)
	}
	kept, err = os.Open(os.DevNull)
	return port, kept, err
}
