package dbtest

import (
	"errors"
	"fmt"
	"net"
	"syscall"
	"testing"
)

func TestAKeptPortIsForTheServerAndRefusesWhenTheServerIsAway(t *testing.T) {
	t.Parallel()
	port, kept, err := reserve()
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	address := fmt.Sprintf("127.0.0.1:%d", port)
	if _, err := net.Dial("tcp", address); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("connecting before the server runs: %v, want that it is refused", err)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatalf("the server cannot listen: %v", err)
	}
	defer listener.Close()
	if conn, err := net.Dial("tcp", address); err != nil {
		t.Error(err)
	} else {
		conn.Close()
	}
	// A process that does not know the port must not get it.
	other, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(other)
	endListening(listener.(*net.TCPListener))
	if err := syscall.Bind(other, &syscall.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("another process binds the port: %v", err)
	}
}
