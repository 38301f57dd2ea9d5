// Package redis connects to a Redis server (or Valkey) for what Kit keeps there:
// sessions and rate limits.
//
//	client, err := redis.Open(cfg.RedisURL)
//	if err != nil {
//		return nil, err
//	}
//	sessions := session.New(session.NewRedis(client, "shop:session:"), &cfg.Session)
//
// It is a thin layer over rueidis, which [Client.Do] gives for everything else. An
// application that does not import this package does not link that library.
package redis

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/redis/rueidis"
)

// Client is connected when it is used first, and again after the server was away. It is
// safe for concurrent use. Create it with [Open].
type Client struct {
	option  rueidis.ClientOption
	scripts sync.Map // text: *rueidis.Lua

	mu     sync.Mutex
	client rueidis.Client // nil until it is connected
}

// Open returns a client of the server at redis://user:password@host:6379/0, or rediss://
// with TLS. It connects to nothing yet.
func Open(address string) (*Client, error) {
	option, err := rueidis.ParseURL(address)
	if err != nil {
		if u, ok := err.(*url.Error); ok { //nolint:errorlint // its text has the password
			err = u.Err
		}
		return nil, fmt.Errorf("the URL of Redis is not valid: %w", err)
	}
	// Caching in the client needs a connection mode that proxies and old servers lack.
	option.DisableCache = true
	option.Dialer.Timeout = 5 * time.Second
	return &Client{option: option}, nil
}

// connect returns the connected client.
func (c *Client) connect() (rueidis.Client, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.client == nil {
		client, err := rueidis.NewClient(c.option)
		if err != nil {
			return nil, fmt.Errorf("connect to Redis: %w", err)
		}
		c.client = client
	}
	return c.client, nil
}

// Do calls f with the connected client.
func (c *Client) Do(ctx context.Context, f func(context.Context, rueidis.Client) error) error {
	client, err := c.connect()
	if err != nil {
		return err
	}
	return f(ctx, client)
}

// Eval runs a Lua script about one key and returns its list of texts. The server keeps
// the script, so that its text travels once.
func (c *Client) Eval(ctx context.Context, script, key string, args ...string) (list []string, err error) {
	err = c.Do(ctx, func(ctx context.Context, client rueidis.Client) error {
		lua, ok := c.scripts.Load(script)
		if !ok {
			lua, _ = c.scripts.LoadOrStore(script, rueidis.NewLuaScript(script))
		}
		list, err = lua.(*rueidis.Lua).Exec(ctx, client, []string{key}, args).AsStrSlice()
		if err != nil {
			return fmt.Errorf("run a script in Redis: %w", err)
		}
		return nil
	})
	return list, err
}

const countScript = `local n = redis.call('INCR', KEYS[1])
if n == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
local before = redis.call('GET', ARGV[2])
return {tostring(n), before or '0'}`

// Count adds one to the counter of a key in the window with this number, and returns it
// and that of the window before. The counters of a key are forgotten after two windows.
func (c *Client) Count(ctx context.Context, key string, window int64, length time.Duration) (now, before int64, err error) {
	// The braces keep both keys in one place of a cluster.
	at := func(window int64) string { return "{" + key + "}:" + strconv.FormatInt(window, 10) }
	list, err := c.Eval(ctx, countScript, at(window), strconv.FormatInt((2*length).Milliseconds(), 10), at(window-1))
	if err != nil {
		return 0, 0, err
	}
	if len(list) != 2 {
		return 0, 0, fmt.Errorf("redis: a counter is %q", list)
	}
	if now, err = strconv.ParseInt(list[0], 10, 64); err != nil {
		return 0, 0, err
	}
	before, err = strconv.ParseInt(list[1], 10, 64)
	return now, before, err
}

// Ping asks whether the server answers; it is a check for [health.Check].
//
// [health.Check]: https://pkg.go.dev/github.com/kitgo/kit/health#Check
func (c *Client) Ping(ctx context.Context) error {
	return c.Do(ctx, func(ctx context.Context, client rueidis.Client) error {
		return client.Do(ctx, client.B().Ping().Build()).Error()
	})
}

// Close ends the connections.
func (c *Client) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.client != nil {
		c.client.Close()
		c.client = nil
	}
	return nil
}
