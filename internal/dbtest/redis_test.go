//go:build unix

package dbtest_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"testing"

	"github.com/kitgo/kit/internal/dbtest"
)

// askRedis sends one command and returns the first line of the reply that is no length.
func askRedis(ctx context.Context, address string, words ...string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	var commands [][]string
	if password, ok := u.User.Password(); ok {
		commands = append(commands, []string{"AUTH", password})
	}
	lines := bufio.NewScanner(conn)
	for _, words := range append(commands, words) {
		request := fmt.Sprintf("*%d\r\n", len(words))
		for _, word := range words {
			request += fmt.Sprintf("$%d\r\n%s\r\n", len(word), word)
		}
		if _, err := io.WriteString(conn, request); err != nil {
			return "", err
		}
		if !lines.Scan() {
			return "", errors.Join(lines.Err(), io.ErrUnexpectedEOF)
		}
		if text, ok := strings.CutPrefix(lines.Text(), "-"); ok {
			return "", errors.New(text)
		}
	}
	if strings.HasPrefix(lines.Text(), "$") && lines.Text() != "$-1" {
		lines.Scan()
	}
	return lines.Text(), lines.Err()
}

func TestARedisServerIsEmptyAndKeepsWhatItAcknowledgedWhenItCrashes(t *testing.T) {
	t.Parallel()
	s := dbtest.StartRedis(t)
	if size, err := askRedis(t.Context(), s.URL(), "DBSIZE"); size != ":0" {
		t.Errorf("a new server has %s keys (%v)", size, err)
	}
	if _, err := askRedis(t.Context(), s.URL(), "SET", "key", "value"); err != nil {
		t.Fatal(err)
	}
	s.Stop()
	s.Start()
	if value, err := askRedis(t.Context(), s.URL(), "GET", "key"); value != "value" {
		t.Errorf("after a crash the key has %q (%v)", value, err)
	}
}

func TestARedisServerWithAPasswordAsksForIt(t *testing.T) {
	t.Parallel()
	s := dbtest.StartRedisWithPassword(t, `it's "right" / \`)
	if _, err := askRedis(t.Context(), s.URL(), "SET", "key", "value"); err != nil {
		t.Error(err)
	}
	if _, err := askRedis(t.Context(), "redis://"+s.Addr()+"/0", "GET", "key"); err == nil || !strings.Contains(err.Error(), "NOAUTH") {
		t.Errorf("without a password: %v", err)
	}
	if _, err := askRedis(t.Context(), "redis://:wrong@"+s.Addr()+"/0", "GET", "key"); err == nil || !strings.Contains(err.Error(), "WRONGPASS") {
		t.Errorf("with a wrong password: %v", err)
	}
}
