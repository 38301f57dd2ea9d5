package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/web"
)

func TestTrustProxies(t *testing.T) {
	t.Parallel()
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	tests := map[string]struct {
		peer    string
		headers []string
		want    []string // address, scheme, host
	}{
		"a client without a proxy":          {"203.0.113.9:5000", nil, []string{"203.0.113.9:5000", "", "app.example"}},
		"a client that pretends":            {"203.0.113.9:5000", []string{"X-Forwarded-For", "1.2.3.4", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "evil.example"}, []string{"203.0.113.9:5000", "", "app.example"}},
		"a client behind a proxy":           {"10.1.2.3:80", []string{"X-Forwarded-For", "203.0.113.9", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "shop.example"}, []string{"203.0.113.9:0", "https", "shop.example"}},
		"behind two proxies":                {"10.1.2.3:80", []string{"X-Forwarded-For", "203.0.113.9, 10.9.9.9"}, []string{"203.0.113.9:0", "", "app.example"}},
		"what the client wrote is ignored":  {"10.1.2.3:80", []string{"X-Forwarded-For", "1.2.3.4, 203.0.113.9"}, []string{"203.0.113.9:0", "", "app.example"}},
		"nonsense before the proxy's part":  {"10.1.2.3:80", []string{"X-Forwarded-For", "<script>, 10.9.9.9"}, []string{"10.9.9.9:0", "", "app.example"}},
		"only nonsense":                     {"10.1.2.3:80", []string{"X-Forwarded-For", "unknown"}, []string{"10.1.2.3:80", "", "app.example"}},
		"no header":                         {"10.1.2.3:80", nil, []string{"10.1.2.3:80", "", "app.example"}},
		"version 6":                         {"[fd00::1]:80", []string{"X-Forwarded-For", "2001:db8::7"}, []string{"[2001:db8::7]:0", "", "app.example"}},
		"version 4 mapped into version 6":   {"[::ffff:10.1.2.3]:80", []string{"X-Forwarded-For", "203.0.113.9"}, []string{"203.0.113.9:0", "", "app.example"}},
		"the nearest proxy's scheme counts": {"10.1.2.3:80", []string{"X-Forwarded-Proto", "http, https"}, []string{"10.1.2.3:80", "https", "app.example"}},
		"an odd scheme and host":            {"10.1.2.3:80", []string{"X-Forwarded-Proto", "javascript", "X-Forwarded-Host", "a/b"}, []string{"10.1.2.3:80", "", "app.example"}},
		"with a port":                       {"10.1.2.3:80", []string{"X-Forwarded-For", "203.0.113.9:4711"}, []string{"203.0.113.9:0", "", "app.example"}},
		"version 6 with a port":             {"10.1.2.3:80", []string{"X-Forwarded-For", "[2001:db8::7]:4711"}, []string{"[2001:db8::7]:0", "", "app.example"}},
		"a host that is a query":            {"10.1.2.3:80", []string{"X-Forwarded-Host", "evil.example?x"}, []string{"10.1.2.3:80", "", "app.example"}},
		"a host with a user":                {"10.1.2.3:80", []string{"X-Forwarded-Host", "app.example:x@evil.example"}, []string{"10.1.2.3:80", "", "app.example"}},
		"a host that is markup":             {"10.1.2.3:80", []string{"X-Forwarded-Host", "\"><script>"}, []string{"10.1.2.3:80", "", "app.example"}},
		"a host with a port":                {"10.1.2.3:80", []string{"X-Forwarded-Host", "shop.example:8443"}, []string{"10.1.2.3:80", "", "shop.example:8443"}},
		"a unix socket":                     {"@", []string{"X-Forwarded-For", "1.2.3.4"}, []string{"@", "", "app.example"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := request("GET", "/", tt.headers...)
			r.RemoteAddr, r.Host = tt.peer, "app.example"
			var got []string
			web.TrustProxies(proxies)(handler(func(_ http.ResponseWriter, r *http.Request) {
				got = []string{r.RemoteAddr, r.URL.Scheme, r.Host}
			})).ServeHTTP(httptest.NewRecorder(), r)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
