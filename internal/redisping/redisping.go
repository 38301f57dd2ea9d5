// Package redisping asks a Redis server whether it answers. It speaks the three
// commands that this takes, so that applications which do not use Redis do not link a
// client of it. The protocol is RESP: https://redis.io/docs/latest/develop/reference/protocol-spec/.
package redisping

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Server is where a Redis server is.
type Server struct {
	address        string
	tls            bool
	user, password string
	database       int
}

// Parse reads a URL of the form redis://user:password@host:6379/0; rediss:// is with
// TLS. The error has no part of the password.
func Parse(raw string) (Server, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return Server{}, errors.New("is not a valid URL; special characters in the password must be percent-encoded")
	}
	s := Server{tls: u.Scheme == "rediss"}
	if u.Scheme != "redis" && u.Scheme != "rediss" {
		return s, errors.New("has no scheme redis:// or rediss://")
	}
	if u.Hostname() == "" {
		return s, errors.New("has no host")
	}
	port := u.Port()
	if port == "" {
		port = "6379"
	}
	s.address = net.JoinHostPort(u.Hostname(), port)
	s.user = u.User.Username()
	s.password, _ = u.User.Password()
	if path := strings.Trim(u.Path, "/"); path != "" {
		if s.database, err = strconv.Atoi(path); err != nil || s.database < 0 {
			return s, fmt.Errorf("the database %q is not a number", path)
		}
	}
	return s, nil
}

// Ping connects, logs in, chooses the database and asks for an answer; it returns how
// long the answer took.
func (s Server) Ping(ctx context.Context) (time.Duration, error) {
	c, err := s.dial(ctx)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := c.SetDeadline(deadline); err != nil {
			return 0, err
		}
	}
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer stop()
	in := bufio.NewReader(c)
	if s.password != "" {
		login := []string{"AUTH", s.password}
		if s.user != "" {
			login = []string{"AUTH", s.user, s.password}
		}
		if err := call(c, in, login...); err != nil {
			return 0, fmt.Errorf("log in: %w", err)
		}
	}
	if s.database != 0 {
		if err := call(c, in, "SELECT", strconv.Itoa(s.database)); err != nil {
			return 0, fmt.Errorf("choose the database: %w", err)
		}
	}
	start := time.Now()
	if err := call(c, in, "PING"); err != nil {
		return 0, err
	}
	return time.Since(start), nil
}

func (s Server) dial(ctx context.Context) (net.Conn, error) {
	if s.tls {
		return new(tls.Dialer).DialContext(ctx, "tcp", s.address)
	}
	return new(net.Dialer).DialContext(ctx, "tcp", s.address)
}

// call sends a command and reads its answer, which is one line.
func call(c net.Conn, in *bufio.Reader, command ...string) error {
	request := fmt.Sprintf("*%d\r\n", len(command))
	for _, word := range command {
		request += fmt.Sprintf("$%d\r\n%s\r\n", len(word), word)
	}
	if _, err := c.Write([]byte(request)); err != nil {
		return err
	}
	answer, err := in.ReadString('\n')
	if err != nil {
		return err
	}
	answer = strings.TrimSpace(answer)
	if !strings.HasPrefix(answer, "+") {
		return errors.New(strings.TrimPrefix(answer, "-"))
	}
	return nil
}
