package web

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// hosts are the hosts that routes are registered for. The mux knows only those that
// are written out; one with parameters is given to it as *.example.com, which no client
// may send, and a request for it is changed to that.
type hosts struct {
	exact    map[string]bool
	patterns []string // those with more parts first, then with fewer parameters
}

// add notes a host, and returns what is wrong with it.
func (h *hosts) add(host string) (problem string) {
	for label := range strings.SplitSeq(host, ".") {
		name, isParameter := parameter(label)
		switch {
		case isParameter && (name == "" || strings.ContainsAny(name, "{}.")):
			return "a parameter has a name, such as {tenant}.example.com"
		case !isParameter && (label == "" || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != ""):
			return "it has letters, digits and hyphens, and no port"
		}
	}
	if !strings.Contains(host, "{") {
		if h.exact == nil {
			h.exact = map[string]bool{}
		}
		h.exact[host] = true
		return ""
	}
	for _, other := range h.patterns {
		if other != host && literal(other) == literal(host) {
			return "it means the same as " + other
		}
	}
	if !slices.Contains(h.patterns, host) {
		h.patterns = append(h.patterns, host)
		slices.SortStableFunc(h.patterns, func(a, b string) int {
			if parts := strings.Count(b, ".") - strings.Count(a, "."); parts != 0 {
				return parts
			}
			return strings.Count(a, "{") - strings.Count(b, "{")
		})
	}
	return ""
}

// parameter returns the name of a label or segment that is a parameter.
func parameter(part string) (name string, ok bool) {
	name, ok = strings.CutPrefix(part, "{")
	if !ok {
		return "", false
	}
	name, ok = strings.CutSuffix(name, "}")
	return strings.TrimSuffix(name, "..."), ok
}

// parameters returns the names of the parameters of a host or path.
func parameters(pattern string) []string {
	var names []string
	for part := range strings.FieldsFuncSeq(pattern, func(r rune) bool { return r == '/' }) {
		if !strings.HasPrefix(pattern, "/") {
			for label := range strings.SplitSeq(part, ".") {
				if name, ok := parameter(label); ok {
					names = append(names, name)
				}
			}
			continue
		}
		if name, ok := parameter(part); ok && name != "$" {
			names = append(names, name)
		}
	}
	return names
}

// literal returns a host as the mux knows it.
func literal(host string) string {
	if !strings.Contains(host, "{") {
		return host
	}
	labels := strings.Split(host, ".")
	for i, label := range labels {
		if _, ok := parameter(label); ok {
			labels[i] = "*"
		}
	}
	return strings.Join(labels, ".")
}

// find returns the host that routes are registered for, and the values of its
// parameters, in their order; "" if there is none for it.
func (h *hosts) find(host string) (found string, values []string) {
	if h.exact == nil && h.patterns == nil {
		return "", nil
	}
	host, ok := hostName(host)
	if !ok {
		return "", nil
	}
	host = strings.ToLower(host)
	if h.exact[host] {
		return host, nil
	}
	labels := strings.Split(host, ".")
next:
	for _, pattern := range h.patterns {
		wanted := strings.Split(pattern, ".")
		if len(wanted) != len(labels) {
			continue
		}
		values = values[:0]
		for i, label := range wanted {
			switch _, ok := parameter(label); {
			case ok:
				values = append(values, labels[i])
			case label != labels[i]:
				continue next
			}
		}
		return pattern, values
	}
	return "", nil
}

// prepare returns the request as the mux finds its host.
func (h *hosts) prepare(r *http.Request) *http.Request {
	if h.exact == nil && h.patterns == nil {
		return r
	}
	found, values := h.find(r.Host)
	changed := new(http.Request)
	*changed = *r
	if changed.Host = literal(found); found == "" {
		changed.Host = "*" // none of ours, whatever the client has sent
	}
	for i, name := range parameters(found) {
		changed.SetPathValue(name, values[i])
	}
	return changed
}

// hostName returns the name or address in a Host header, or an :authority: without its
// port, the brackets of IPv6, and a dot at the end. It is not ok if there is anything else
// in it: net/http lets pass some of what would lead to another host in an address, such as
// evil.example/.example.com over HTTP/2.
func hostName(host string) (name string, ok bool) {
	name, port := host, ""
	if end := strings.LastIndexByte(host, ':'); end > strings.LastIndexByte(host, ']') {
		name, port = host[:end], host[end+1:]
	}
	if strings.Trim(port, "0123456789") != "" {
		return "", false
	}
	if address, bracketed := strings.CutPrefix(name, "["); bracketed {
		address, bracketed = strings.CutSuffix(address, "]")
		ip, err := netip.ParseAddr(address)
		return address, bracketed && err == nil && ip.Is6() && ip.Zone() == ""
	}
	name = strings.TrimSuffix(name, ".")
	label := 0
	for _, c := range []byte(name) {
		switch {
		case c == '.' && label == 0:
			return "", false
		case c == '.':
			label = 0
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_':
			label++
		default:
			return "", false
		}
	}
	return name, label > 0
}
