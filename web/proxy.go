package web

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// TrustProxies takes the client's address, the scheme and the host from the headers
// X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Host of requests that come from
// one of the proxies. The headers of all other requests are ignored: anybody can
// send them.
//
// The client is the last address in X-Forwarded-For that is not a proxy's; what
// stands before it was written by the client. It becomes the request's RemoteAddr,
// with port 0.
func TrustProxies(proxies []netip.Prefix) Middleware {
	trusted := func(address netip.Addr) bool {
		address = address.WithZone("") // a prefix has none
		return slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(address) })
	}
	return func(next http.Handler) http.Handler {
		if len(proxies) == 0 {
			return next
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if peer, ok := addressOf(r); ok && trusted(peer) {
				r = forwarded(r, trusted)
			}
			next.ServeHTTP(w, r)
		})
	}
}

// forwarded returns the request as the proxy got it.
func forwarded(r *http.Request, trusted func(netip.Addr) bool) *http.Request {
	r = r.Clone(r.Context())
	list := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, text := range slices.Backward(list) {
		address, ok := parseAddress(strings.TrimSpace(text))
		if !ok {
			break // what comes before was not written by a proxy that we know
		}
		r.RemoteAddr = net.JoinHostPort(address.Unmap().String(), "0")
		if !trusted(address.Unmap()) {
			break
		}
	}
	if scheme := lastOf(r.Header, "X-Forwarded-Proto"); scheme == "http" || scheme == "https" {
		r.URL.Scheme, r.URL.Host = scheme, ""
	}
	host := lastOf(r.Header, "X-Forwarded-Host")
	if _, ok := hostName(host); ok {
		r.Host = host
	}
	return r
}

// parseAddress reads an address of X-Forwarded-For, to which some proxies add the port.
func parseAddress(text string) (netip.Addr, bool) {
	if address, err := netip.ParseAddr(text); err == nil {
		return address, true
	}
	at, err := netip.ParseAddrPort(text)
	return at.Addr(), err == nil
}

// lastOf returns the last value of a header that is a list: the nearest proxy's.
func lastOf(h http.Header, name string) string {
	values := h.Values(name)
	if len(values) == 0 {
		return ""
	}
	list := strings.Split(values[len(values)-1], ",")
	return strings.TrimSpace(list[len(list)-1])
}

// clientOf returns the client's address for logs, without its port.
func clientOf(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		return host
	}
	return r.RemoteAddr
}
