package web_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/kitgo/kit/web"
)

// through asks a handler that answers 200 through middleware.
func through(r *http.Request, mw ...web.Middleware) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	web.Chain(mw...)(handler(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200) })).ServeHTTP(w, r)
	return w
}

func TestContentPolicy(t *testing.T) {
	t.Parallel()
	nonces := map[string]bool{}
	for range 3 {
		w := httptest.NewRecorder()
		var nonce string
		web.Chain(web.ContentPolicy("script-src 'self' {nonce}; style-src {nonce}"), web.ContentPolicyReport("default-src {nonce}"))(
			handler(func(_ http.ResponseWriter, r *http.Request) { nonce = web.NonceOf(r.Context()) })).ServeHTTP(w, request("GET", "/"))
		if want := "script-src 'self' 'nonce-" + nonce + "'; style-src 'nonce-" + nonce + "'"; w.Header().Get("Content-Security-Policy") != want || len(nonce) < 22 {
			t.Errorf("%q, want %q", w.Header().Get("Content-Security-Policy"), want)
		}
		if got := w.Header().Get("Content-Security-Policy-Report-Only"); got != "default-src 'nonce-"+nonce+"'" {
			t.Errorf("to report: %q", got)
		}
		nonces[nonce] = true
	}
	if len(nonces) != 3 {
		t.Errorf("nonces %v", nonces)
	}
	if web.NonceOf(t.Context()) != "" {
		t.Error("a nonce without a policy")
	}
}

func TestStrictTransport(t *testing.T) {
	t.Parallel()
	https := request("GET", "/")
	https.TLS = new(tls.ConnectionState)
	if got := through(https, web.StrictTransport(time.Hour)).Header().Get("Strict-Transport-Security"); got != "max-age=3600" {
		t.Errorf("https: %q", got)
	}
	if got := through(request("GET", "/"), web.StrictTransport(time.Hour)).Header().Get("Strict-Transport-Security"); got != "" {
		t.Errorf("http: %q", got)
	}
}

func TestHostsMiddleware(t *testing.T) {
	t.Parallel()
	for host, status := range map[string]int{
		"shop.example": 200, "SHOP.example": 200, "shop.example:8080": 200, "shop.example.": 200, "a.shop.example": 200, "a.b.shop.example": 200,
		"evil.example": 421, "shop.example.evil.tld": 421, "xshop.example": 421, ".shop.example": 421, "": 421, "shop.example:evil@x": 421, "[::1]": 421,
	} {
		r := request("GET", "/")
		r.Host = host
		if w := through(r, web.Hosts("shop.example", "*.shop.example")); w.Code != status {
			t.Errorf("%q: %d, want %d", host, w.Code, status)
		}
	}
}

func TestTrustedOrigins(t *testing.T) {
	t.Parallel()
	for origin, status := range map[string]int{"https://app.example": 200, "https://evil.example": 403, "null": 403, "http://app.example": 403, "https://app.example:444": 403} {
		if w := through(request("POST", "/", "Origin", origin, "Sec-Fetch-Site", "cross-site"), web.CrossOrigin("https://app.example")); w.Code != status {
			t.Errorf("%s: %d, want %d", origin, w.Code, status)
		}
	}
	if web.Origin("https://app.example") != nil || web.Origin("app.example/x") == nil {
		t.Error("what is an origin?")
	}
	defer func() {
		if recover() == nil {
			t.Error("an origin that is none is no mistake")
		}
	}()
	web.CrossOrigin("app.example")
}

func TestCORS(t *testing.T) {
	t.Parallel()
	some := web.CORS(web.CORSOptions{Origins: []string{"https://app.example"}, Below: "/api/", Credentials: true, Expose: []string{"X-Total"}})
	every := web.CORS(web.CORSOptions{Origins: []string{"*"}, Methods: []string{"PUT"}, Headers: []string{"X-Key"}, MaxAge: time.Hour})
	ask := func(path, origin string) *http.Request {
		return request("OPTIONS", path, "Origin", origin, "Access-Control-Request-Method", "PUT", "Access-Control-Request-Headers", "x-key, content-type")
	}
	tests := map[string]struct {
		cors   web.Middleware
		r      *http.Request
		status int
		want   map[string]string
	}{
		"a request":           {some, request("GET", "/api/x", "Origin", "https://app.example"), 200, map[string]string{"Access-Control-Allow-Origin": "https://app.example", "Access-Control-Allow-Credentials": "true", "Access-Control-Expose-Headers": "X-Total", "Vary": "Origin"}},
		"of another site":     {some, request("GET", "/api/x", "Origin", "https://evil.example"), 200, map[string]string{"Access-Control-Allow-Origin": "", "Access-Control-Allow-Credentials": "", "Vary": "Origin"}},
		"of no site":          {some, request("GET", "/api/x"), 200, map[string]string{"Access-Control-Allow-Origin": "", "Vary": "Origin"}},
		"of a null origin":    {some, request("GET", "/api/x", "Origin", "null"), 200, map[string]string{"Access-Control-Allow-Origin": ""}},
		"elsewhere":           {some, request("GET", "/x", "Origin", "https://app.example"), 200, map[string]string{"Access-Control-Allow-Origin": "", "Vary": ""}},
		"it asks":             {some, ask("/api/x", "https://app.example"), 204, map[string]string{"Access-Control-Allow-Origin": "https://app.example", "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE", "Access-Control-Allow-Headers": "x-key, content-type", "Access-Control-Max-Age": "600"}},
		"another asks":        {some, ask("/api/x", "https://evil.example"), 204, map[string]string{"Access-Control-Allow-Origin": "", "Access-Control-Allow-Methods": "", "Access-Control-Allow-Headers": ""}},
		"OPTIONS of ones own": {some, request("OPTIONS", "/api/x", "Origin", "https://app.example"), 200, map[string]string{"Access-Control-Allow-Methods": ""}},
		"every site":          {every, request("GET", "/", "Origin", "https://any.example"), 200, map[string]string{"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Credentials": "", "Vary": ""}},
		"every site asks":     {every, ask("/", "https://any.example"), 204, map[string]string{"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "PUT", "Access-Control-Allow-Headers": "X-Key", "Access-Control-Max-Age": "3600"}},
	}
	for name, tt := range tests {
		w := through(tt.r, tt.cors)
		for header, want := range tt.want {
			if got := w.Header().Get(header); got != want || w.Code != tt.status {
				t.Errorf("%s: %d, %s: %q, want %d, %q", name, w.Code, header, got, tt.status, want)
			}
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("every site with credentials is no mistake")
		}
	}()
	web.CORS(web.CORSOptions{Origins: []string{"*"}, Credentials: true})
}

func from(address string) *http.Request {
	r := request("GET", "/")
	r.RemoteAddr = address
	return r
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Now().Truncate(time.Minute).Add(time.Minute))) // a window begins
		limit := web.RateLimit(3, time.Minute, nil)
		h := limit(handler(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200) }))
		try := func(address string, want int, remaining string) *httptest.ResponseRecorder {
			t.Helper()
			w := httptest.NewRecorder()
			h.ServeHTTP(w, from(address))
			if got := w.Header().Get("X-RateLimit-Remaining"); w.Code != want || got != remaining {
				t.Errorf("%s: %d, %s left, want %d, %s", address, w.Code, got, want, remaining)
			}
			return w
		}
		try("192.0.2.1:1", 200, "2")
		try("192.0.2.1:2", 200, "1")
		try("[::ffff:192.0.2.1]:2", 200, "0")
		if w := try("192.0.2.1:3", 429, "0"); w.Header().Get("Retry-After") != "76" || w.Header().Get("X-RateLimit-Limit") != "3" {
			t.Errorf("headers %v", w.Header())
		}
		try("192.0.2.2:1", 200, "2")
		try("[2001:db8::1]:1", 200, "2")
		try("[2001:db8::2]:1", 200, "1") // of the same network
		try("[2001:db8:0:1::1]:1", 200, "2")
		time.Sleep(time.Minute + 15*time.Second) // 4 before count for 3
		try("192.0.2.1:1", 429, "0")
		time.Sleep(30 * time.Second) // 4 before count for 1
		try("192.0.2.1:1", 200, "0")
		time.Sleep(2 * time.Minute)
		try("192.0.2.1:1", 200, "2")
	})
}

// Who waits for as long as Retry-After says gets an answer, and who waits for two seconds
// less does not.
func TestRetryAfterIsTrue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		limit int
		per   time.Duration
		begin time.Duration // into a window
		gaps  []time.Duration
	}{
		{limit: 5, per: 2 * time.Second},
		{limit: 1, per: time.Minute},
		{limit: 1, per: time.Minute, begin: 59 * time.Second},
		{limit: 3, per: time.Minute, begin: 50 * time.Second, gaps: []time.Duration{time.Second, 12 * time.Second}},
		{limit: 100, per: time.Hour, begin: 10 * time.Minute},
		{limit: 10, per: time.Minute, begin: 55 * time.Second, gaps: []time.Duration{0, 0, 0, 0, 0, 0, 0, 0, 0, 20 * time.Second}},
	} {
		synctest.Test(t, func(t *testing.T) {
			for _, early := range []time.Duration{0, 2 * time.Second} {
				time.Sleep(time.Until(time.Now().Truncate(c.per).Add(2*c.per + c.begin)))
				h := web.RateLimit(c.limit, c.per, nil)(handler(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200) }))
				var w *httptest.ResponseRecorder
				for i := 0; w == nil || w.Code == 200; i++ {
					if i < len(c.gaps) {
						time.Sleep(c.gaps[i])
					}
					w = httptest.NewRecorder()
					h.ServeHTTP(w, from("192.0.2.1:1"))
				}
				after, err := strconv.Atoi(w.Header().Get("Retry-After"))
				if err != nil || after < 1 {
					t.Fatalf("%+v: Retry-After %q", c, w.Header().Get("Retry-After"))
				}
				wait := time.Duration(after)*time.Second - early
				if wait <= 0 {
					continue
				}
				time.Sleep(wait)
				w = httptest.NewRecorder()
				if h.ServeHTTP(w, from("192.0.2.1:1")); (w.Code == 200) != (early == 0) {
					t.Errorf("%+v: %d after %s, Retry-After was %d", c, w.Code, wait, after)
				}
			}
		})
	}
}

func TestRateLimitsThatAreNone(t *testing.T) {
	t.Parallel()
	for _, limit := range []func(){
		func() { web.RateLimit(-1, time.Minute, nil) },
		func() { web.RateLimit(5, 0, nil) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			limit()
		}()
	}
}

func TestRateLimitByAnotherKey(t *testing.T) {
	t.Parallel()
	limit := web.RateLimit(1, time.Hour, &web.RateOptions{Key: func(r *http.Request) string { return r.Header.Get("X-User") }})
	codes := func(user string) (list []int) {
		h := limit(handler(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200) }))
		for range 2 {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, request("GET", "/", "X-User", user))
			list = append(list, w.Code)
		}
		return list
	}
	if got := codes("ann"); got[0] != 200 || got[1] != 429 {
		t.Errorf("%v", got)
	}
	if got := codes(""); got[0] != 200 || got[1] != 200 {
		t.Errorf("without a key: %v", got)
	}
}

type broken struct{}

func (broken) Count(context.Context, string, int64, time.Duration) (now, before int64, err error) {
	return 0, 0, errors.New("gone")
}

func TestRateLimitWhoseCounterFailsLetsPass(t *testing.T) {
	t.Parallel()
	if w := through(request("GET", "/"), web.RateLimit(0, time.Minute, &web.RateOptions{Counter: broken{}})); w.Code != 200 {
		t.Errorf("%d", w.Code)
	}
}

func TestRateLimitCountsEachOfManyAtOnce(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	passed := 0
	h := web.RateLimit(50, 24*365*time.Hour, nil)(handler(func(http.ResponseWriter, *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		passed++
	}))
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() { h.ServeHTTP(httptest.NewRecorder(), from("192.0.2.1:1")) })
	}
	if wg.Wait(); passed != 50 {
		t.Errorf("%d passed", passed)
	}
}

func TestAccessLogOfAShare(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := web.AccessLog(slog.New(slog.NewTextHandler(&out, nil)), &web.AccessLogOptions{Sample: 0.000001})
	for range 100 {
		through(request("GET", "/"), log)
	}
	if strings.Count(out.String(), "\n") > 2 {
		t.Errorf("logged %s", &out)
	}
	out.Reset()
	log(handler(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) })).ServeHTTP(httptest.NewRecorder(), request("GET", "/"))
	if got := out.String(); !strings.Contains(got, "status=503") || strings.Contains(got, "sample=") {
		t.Errorf("a failure: %q", got)
	}
	out.Reset()
	synctest.Test(t, func(*testing.T) {
		log(handler(func(http.ResponseWriter, *http.Request) { time.Sleep(2 * time.Second) })).ServeHTTP(httptest.NewRecorder(), request("GET", "/"))
	})
	if !strings.Contains(out.String(), "duration=2s") {
		t.Errorf("a slow one: %q", out.String())
	}
	out.Reset()
	half := web.AccessLog(slog.New(slog.NewTextHandler(&out, nil)), &web.AccessLogOptions{Sample: 0.5})
	for range 1000 {
		through(request("GET", "/"), half)
	}
	if n := strings.Count(out.String(), "sample=0.5"); n < 300 || n > 700 {
		t.Errorf("%d of 1,000 logged at a half", n)
	}
}

// net/http lets pass over HTTP/2 what is no host; in an address it would lead elsewhere.
func TestHostsThatAreNone(t *testing.T) {
	t.Parallel()
	r := web.NewRouter()
	r.Host("{team}.example.com", func(r *web.Router) {
		r.Get("/", func(w http.ResponseWriter, r *http.Request) error { return web.Text(w, 200, r.PathValue("team")) })
	})
	r.Get("/", func(w http.ResponseWriter, _ *http.Request) error { return web.Text(w, 200, "none") })
	known := web.Hosts("*.example.com:443", "[2001:db8::1]", "shop.test")(r)
	for host, want := range map[string]string{
		"a.example.com": "a", "A.Example.com:8080": "A", "a.example.com.": "a", "[2001:db8::1]:80": "none", "[2001:db8::1]": "none", "shop.test": "none", "SHOP.test.:1": "none",
		"evil.com/.example.com": "", "evil.com#.example.com": "", "evil.com?.example.com": "", `evil.com\.example.com`: "", "evil.com:443/.example.com": "",
		"evil.com:.example.com": "", "a..example.com": "", ".example.com": "", "u@a.example.com": "", "<b>.example.com": "", "*.example.com": "", "a.example.com:x": "",
		"": "", ".": "", "[2001:db8::2]": "", "[2001:db8::1": "", "2001:db8::1": "", "[shop.test]": "", "ü.example.com": "", "a b.example.com": "",
	} {
		ask := request("GET", "/")
		ask.Host = host
		w := httptest.NewRecorder()
		if known.ServeHTTP(w, ask); w.Code == 421 != (want == "") || want != "" && !strings.EqualFold(w.Body.String(), want) {
			t.Errorf("%q: %d %q, want %q", host, w.Code, w.Body, want)
		}
		w = httptest.NewRecorder()
		if r.ServeHTTP(w, ask); want == "" && w.Body.String() != "none" {
			t.Errorf("%q is the host of %q", host, w.Body)
		}
	}
}
