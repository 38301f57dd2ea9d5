//go:build unix

package dbtest

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// redisSettings make the server keep what it has acknowledged when it crashes; a
// power cut, which tests do not need, would lose it.
const redisSettings = `bind 127.0.0.1
port %d
dir "%s"
save ""
appendonly yes
appendfsync no
auto-aof-rewrite-percentage 0
`

// RedisServer is a Redis server of a test.
type RedisServer struct {
	*Server
	path     string
	password string
}

// StartRedis starts an empty Redis server for one test. It ends with the test.
func StartRedis(tb testing.TB) *RedisServer {
	tb.Helper()
	return StartRedisWithPassword(tb, "")
}

// StartRedisWithPassword is [StartRedis] with a password that clients must give, as
// the server's URL does.
func StartRedisWithPassword(tb testing.TB, password string) *RedisServer {
	tb.Helper()
	path, err := find(errNoRedis, "redis-server")
	if err != nil {
		tb.Fatal(err)
	}
	s := &RedisServer{
		path: path, password: password,
		Server: &Server{name: "Redis", users: []string{"redis"}, crash: syscall.SIGKILL},
	}
	if err := s.launch(s); err != nil {
		tb.Fatal(err)
	}
	s.endWith(tb)
	return s
}

// URL returns the URL of the server's first database, such as
// redis://127.0.0.1:41234/0. It has the password, if there is one.
func (s *RedisServer) URL() string {
	u := url.URL{Scheme: "redis", Host: s.Addr(), Path: "/0"}
	if s.password != "" {
		u.User = url.UserPassword("", s.password)
	}
	return u.String()
}

func (s *RedisServer) create() error { return nil }

func (s *RedisServer) command() ([]string, error) {
	config := fmt.Sprintf(redisSettings, s.port, s.dir)
	if s.password != "" {
		config += fmt.Sprintf("requirepass %q\n", s.password)
	}
	file := filepath.Join(s.dir, "redis.conf")
	return []string{s.path, file}, os.WriteFile(file, []byte(config), 0o644)
}

// answer says who it is, if it must, and PING.
func (s *RedisServer) answer(ctx context.Context) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", s.Addr())
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return err
	}
	replies := bufio.NewReader(conn)
	ask := func(words ...string) error {
		request := fmt.Sprintf("*%d\r\n", len(words))
		for _, word := range words {
			request += fmt.Sprintf("$%d\r\n%s\r\n", len(word), word)
		}
		if _, err := conn.Write([]byte(request)); err != nil {
			return err
		}
		reply, err := replies.ReadString('\n')
		if err != nil {
			return err
		}
		if !strings.HasPrefix(reply, "+") {
			return fmt.Errorf("%s: %s", words[0], strings.TrimSpace(reply))
		}
		return nil
	}
	if s.password != "" {
		if err := ask("AUTH", s.password); err != nil {
			return err
		}
	}
	return ask("PING")
}
