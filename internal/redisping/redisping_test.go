package redisping_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/kitgo/kit/internal/dbtest"
	"github.com/kitgo/kit/internal/redisping"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Run(m)) }

func ping(t *testing.T, url string) error {
	t.Helper()
	s, err := redisping.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	took, err := s.Ping(ctx)
	if err == nil && took <= 0 {
		t.Errorf("took %s", took)
	}
	return err
}

func TestPing(t *testing.T) {
	t.Parallel()
	server := dbtest.StartRedis(t)
	for _, url := range []string{server.URL(), strings.TrimSuffix(server.URL(), "/0"), strings.TrimSuffix(server.URL(), "0") + "3"} {
		if err := ping(t, url); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
	if err := ping(t, strings.TrimSuffix(server.URL(), "0")+"99"); err == nil || !strings.Contains(err.Error(), "choose the database") {
		t.Errorf("a database that does not exist: %v", err)
	}
	server.Freeze()
	start := time.Now()
	if err := ping(t, server.URL()); err == nil || time.Since(start) > 2*time.Second {
		t.Errorf("a frozen server: %v after %s", err, time.Since(start))
	}
	server.Thaw()
	server.Stop()
	if err := ping(t, server.URL()); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("a stopped server: %v", err)
	}
}

func TestPingWithAPassword(t *testing.T) {
	t.Parallel()
	server := dbtest.StartRedisWithPassword(t, "it's: secret")
	if err := ping(t, server.URL()); err != nil {
		t.Error(err)
	}
	if err := ping(t, "redis://:wrong@"+server.Addr()+"/0"); err == nil || !strings.Contains(err.Error(), "log in") {
		t.Errorf("a wrong password: %v", err)
	}
	if err := ping(t, "redis://"+server.Addr()); err == nil || !strings.Contains(err.Error(), "NOAUTH") {
		t.Errorf("no password: %v", err)
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"localhost:6379":         "has no scheme",
		"http://localhost":       "has no scheme",
		"redis://":               "has no host",
		"redis://h/x":            `the database "x" is not a number`,
		"redis://:hush%@h":       "is not a valid URL",
		"rediss://u:p@h:6380/15": "",
	} {
		_, err := redisping.Parse(url)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush")) {
			t.Errorf("Parse(%q) = %v, want %q", url, err, want)
		}
	}
}
