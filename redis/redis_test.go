package redis_test

import (
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kitgo/kit/internal/dbtest"
	"github.com/kitgo/kit/redis"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Run(m)) }

func TestOpenRefusesWhatIsNoURL(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "http://localhost", "redis://u:secret@host:x/0", "redis://u:sec ret%zz@host"} {
		if _, err := redis.Open(address); err == nil || strings.Contains(err.Error(), "sec") {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestTheServerComesAndGoes(t *testing.T) {
	t.Parallel()
	server := dbtest.StartRedisWithPassword(t, "secret")
	client, err := redis.Open(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	server.Stop()
	if err := client.Ping(t.Context()); err == nil || strings.Contains(err.Error(), "secret") {
		t.Fatalf("a server that is not there: %v", err)
	}
	server.Start()
	if err := client.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	for want := range 3 {
		list, err := client.Eval(t.Context(), "return {tostring(redis.call('INCR', KEYS[1])), ARGV[1]}", "n", "x")
		if err != nil || len(list) != 2 || list[0] != string(rune('1'+want)) || list[1] != "x" {
			t.Fatalf("%q %v", list, err)
		}
	}
	server.Stop()
	server.Start() // it has forgotten the script, not the data
	list, err := client.Eval(t.Context(), "return {tostring(redis.call('INCR', KEYS[1])), ARGV[1]}", "n", "x")
	if err != nil || list[0] != "4" {
		t.Fatalf("after a restart: %q %v", list, err)
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	server := dbtest.StartRedis(t)
	client, err := redis.Open(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if _, _, err := client.Count(t.Context(), "k", 7, time.Minute); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	now, before, err := client.Count(t.Context(), "k", 8, time.Minute)
	if err != nil || now != 1 || before != 50 {
		t.Errorf("%d, before %d: %v", now, before, err)
	}
	if now, before, err = client.Count(t.Context(), "other", 8, time.Minute); err != nil || now != 1 || before != 0 {
		t.Errorf("another key: %d, before %d: %v", now, before, err)
	}
}
