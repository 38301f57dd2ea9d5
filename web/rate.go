package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"
)

// Counter counts requests in windows of time. The client of package redis is one that
// several instances share.
type Counter interface {
	// Count adds one to the counter of key in the window with this number, counted from
	// 1970, and returns it and the counter of the window before.
	Count(ctx context.Context, key string, window int64, length time.Duration) (now, before int64, err error)
}

// RateOptions are the settings of [RateLimit].
type RateOptions struct {
	// Name keeps limits that share a Counter apart; empty is rate.
	Name string

	// Key says for whom requests are counted, such as the user who is signed in; an empty
	// one is not counted. Nil is the client's address; of version 6 its network of 64
	// bits, which is what one client has.
	Key func(*http.Request) string

	// Counter is where requests are counted; nil is the memory of this process.
	Counter Counter
}

// RateLimit answers 429 to more than limit requests of one client within a time, with
// Retry-After. It goes with a route, a group, or all. The time slides: the requests of
// the window before count as far as they are within it. Refused requests count, too. If the counter
// fails, requests pass, and the log says so. A nil o stands for the defaults. It panics if
// limit is negative or per is not positive.
func RateLimit(limit int, per time.Duration, o *RateOptions) Middleware {
	if limit < 0 || per <= 0 {
		panic(fmt.Sprintf("web.RateLimit: %d requests in %s are no limit", limit, per))
	}
	options := RateOptions{}
	if o != nil {
		options = *o
	}
	if options.Name == "" {
		options.Name = "rate"
	}
	if options.Key == nil {
		options.Key = clientKey
	}
	if options.Counter == nil {
		options.Counter = new(memoryCounter)
	}
	limitText := strconv.Itoa(limit)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			key := options.Key(r)
			if key == "" {
				next.ServeHTTP(w, r)
				return
			}
			at := time.Now().UnixNano()
			window, into := at/int64(per), time.Duration(at%int64(per))
			now, before, err := options.Counter.Count(r.Context(), options.Name+":"+key, window, per)
			if err != nil {
				slog.WarnContext(r.Context(), "requests are not counted, so their rate is not limited", "error", err, "request_id", RequestIDOf(r.Context()))
				next.ServeHTTP(w, r)
				return
			}
			used := now + int64(float64(before)*(1-float64(into)/float64(per)))
			h := w.Header()
			h.Set("X-RateLimit-Limit", limitText)
			h.Set("X-RateLimit-Remaining", strconv.FormatInt(max(int64(limit)-used, 0), 10))
			if used > int64(limit) {
				h.Set("Retry-After", strconv.Itoa(1+int(retryAfter(int64(limit), now, before, into, per).Seconds())))
				WriteError(w, r, refusal(http.StatusTooManyRequests, nil))
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// retryAfter returns after which time one more request is within the limit again, if
// there is none before; into is how much of the window has passed.
func retryAfter(limit, now, before int64, into, per time.Duration) time.Duration {
	// part is how much of a window passes until the requests of the one before, of which
	// it leaves room for some, count as few.
	part := func(room, requests int64) time.Duration {
		return time.Duration(float64(per) * (1 - float64(room)/float64(requests)))
	}
	if now < limit {
		return part(limit-now, before) - into
	}
	return per - into + part(limit, now)
}

// clientKey returns the client's address, or its network.
func clientKey(r *http.Request) string {
	address, ok := addressOf(r)
	if !ok {
		return clientOf(r)
	}
	if address.Is6() {
		if network, err := address.WithZone("").Prefix(64); err == nil {
			return network.String()
		}
	}
	return address.String()
}

// addressOf returns the address of the request's other end.
func addressOf(r *http.Request) (netip.Addr, bool) {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	return at.Addr().Unmap(), err == nil
}

// memoryCounter counts in this process.
type memoryCounter struct {
	mu            sync.Mutex
	window        int64
	now, previous map[string]int64
}

// mostCounted is how many clients a window knows apart: those that come later share one
// counter, so that nobody fills the memory.
const mostCounted = 200_000

func (c *memoryCounter) Count(_ context.Context, key string, window int64, _ time.Duration) (now, before int64, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if window > c.window {
		c.previous = c.now
		if window > c.window+1 {
			c.previous = nil
		}
		c.window, c.now = window, map[string]int64{}
	}
	if _, known := c.now[key]; !known && len(c.now) >= mostCounted {
		key = ""
	}
	c.now[key]++
	return c.now[key], c.previous[key], nil
}
