//go:build unix

package dbtest_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/kitgo/kit/internal/dbtest"
)

// echo is a server that sends every line back, and tells how each connection ended.
func echo(t *testing.T) (address string, ends <-chan error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	ended := make(chan error, 10)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_, err := io.Copy(conn, conn)
				ended <- err
			}()
		}
	}()
	return listener.Addr().String(), ended
}

func dial(t *testing.T, address string) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn.(*net.TCPConn)
}

// say sends a line and waits that long for it to come back.
func say(conn net.Conn, line string, wait time.Duration) error {
	if _, err := fmt.Fprintln(conn, line); err != nil {
		return err
	}
	return hear(conn, line, wait)
}

func hear(conn net.Conn, line string, wait time.Duration) error {
	if err := conn.SetReadDeadline(time.Now().Add(wait)); err != nil {
		return err
	}
	back, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil && back != line+"\n" {
		err = fmt.Errorf("%q came back, want %q", back, line)
	}
	return err
}

func TestAProxyCarriesBytesAndTheEndOfEachSide(t *testing.T) {
	t.Parallel()
	server, ends := echo(t)
	conn := dial(t, dbtest.StartProxy(t, server).Addr())
	long := strings.Repeat("long ", 100_000)
	go fmt.Fprintln(conn, long)
	if err := hear(conn, long, 10*time.Second); err != nil {
		t.Error(err)
	}
	if err := conn.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("after the end the client reads %v", err)
	}
	if err := <-ends; err != nil {
		t.Errorf("the server's connection ended with %v", err)
	}
}

func TestACutProxyResetsBothSidesAndRefusesUntilItResumes(t *testing.T) {
	t.Parallel()
	server, ends := echo(t)
	p := dbtest.StartProxy(t, server)
	address := p.Addr()
	conn := dial(t, address)
	if err := say(conn, "one", 10*time.Second); err != nil {
		t.Fatal(err)
	}
	p.Cut()
	p.Cut()
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the client reads %v, want a reset", err)
	}
	if err := <-ends; !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the server's connection ended with %v, want a reset", err)
	}
	if _, err := net.Dial("tcp", address); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("a new connection: %v, want that it is refused", err)
	}
	p.Resume()
	if p.Addr() != address {
		t.Errorf("the address was %s and is %s", address, p.Addr())
	}
	if err := say(dial(t, address), "two", 10*time.Second); err != nil {
		t.Error(err)
	}
}

func TestAHangingProxyHoldsOldAndNewConnectionsUntilItResumes(t *testing.T) {
	t.Parallel()
	server, _ := echo(t)
	p := dbtest.StartProxy(t, server)
	old := dial(t, p.Addr())
	if err := say(old, "one", 10*time.Second); err != nil {
		t.Fatal(err)
	}
	p.Hang()
	p.Hang()
	conns := []net.Conn{old, dial(t, p.Addr())}
	for _, conn := range conns {
		if err := say(conn, "two", 100*time.Millisecond); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("a line through a hanging proxy: %v, want no answer", err)
		}
	}
	p.Resume()
	for _, conn := range conns {
		if err := hear(conn, "two", 10*time.Second); err != nil {
			t.Errorf("the line after it resumed: %v", err)
		}
	}
	p.Hang()
	p.Cut() // it breaks what hangs, too
	if _, err := fmt.Fprintln(old, "three"); err == nil {
		if err := hear(old, "three", 10*time.Second); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("the client reads %v, want a reset", err)
		}
	}
}

func TestAProxyResetsClientsWhoseServerIsNotThere(t *testing.T) {
	t.Parallel()
	server := dbtest.StartRedis(t)
	p := dbtest.StartProxy(t, server.Addr())
	if err := answer(t.Context(), p.URL(server.URL())); err != nil {
		t.Error(err)
	}
	server.Stop()
	conn, err := net.Dial("tcp", p.Addr())
	if err == nil {
		defer conn.Close()
		_, err = conn.Read(make([]byte, 1))
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the client sees %v, want a reset", err)
	}
}

func TestAProxysURLsAreThoseOfTheServersButForTheAddress(t *testing.T) {
	t.Parallel()
	p := dbtest.StartProxy(t, "127.0.0.1:1")
	if got, want := p.URL("mysql://kit:a%2Fb@127.0.0.1:1/test_1?x=1"), "mysql://kit:a%2Fb@"+p.Addr()+"/test_1?x=1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for _, address := range []string{dbtest.Postgres(t), dbtest.MariaDB(t)} {
		host := strings.Split(strings.Split(address, "@")[1], "/")[0]
		if err := answer(t.Context(), dbtest.StartProxy(t, host).URL(address)); err != nil {
			t.Error(err)
		}
	}
}
