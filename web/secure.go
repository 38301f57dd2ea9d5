package web

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// The values are shared by all answers: their capacity is their length, so that adding
// to one copies it.
var secureHeaders = [...]struct {
	name  string
	value []string
}{
	{"X-Content-Type-Options", []string{"nosniff"}},
	{"X-Frame-Options", []string{"SAMEORIGIN"}},
	{"Referrer-Policy", []string{"strict-origin-when-cross-origin"}},
	{"Cross-Origin-Opener-Policy", []string{"same-origin-allow-popups"}},
}

// SecureHeaders sets headers that every page wants; a handler may replace them: browsers
// do not guess types (nosniff), other sites do not show the page in a frame, are not
// told more than the host it came from, and have no hold of its window.
func SecureHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		for i := range secureHeaders {
			h[secureHeaders[i].name] = secureHeaders[i].value
		}
		next.ServeHTTP(w, r)
	})
}

// StrictTransport makes browsers that came over https come so again, for a time (HSTS,
// RFC 6797). Sub-domains are not concerned.
func StrictTransport(age time.Duration) Middleware {
	value := []string{fmt.Sprintf("max-age=%d", int64(age.Seconds()))}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if isHTTPS(r) {
				w.Header()["Strict-Transport-Security"] = value
			}
			next.ServeHTTP(w, r)
		})
	}
}

// ContentPolicy sets the Content-Security-Policy. {nonce} in the policy stands for a
// value that is another one each time, which scripts and styles in the page may have:
// [NonceOf].
//
//	web.ContentPolicy("default-src 'self'; script-src 'self' {nonce}")
func ContentPolicy(policy string) Middleware {
	return contentPolicy("Content-Security-Policy", policy)
}

// ContentPolicyReport is [ContentPolicy] for a policy that browsers only report about,
// to where its report-to says.
func ContentPolicyReport(policy string) Middleware {
	return contentPolicy("Content-Security-Policy-Report-Only", policy)
}

func contentPolicy(header, policy string) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			value := policy
			if strings.Contains(policy, "{nonce}") {
				s, scopedRequest := scoped(r)
				if s.nonce == "" {
					s.nonce = rand.Text()
				}
				r = scopedRequest
				value = strings.ReplaceAll(policy, "{nonce}", "'nonce-"+s.nonce+"'")
			}
			w.Header().Set(header, value)
			next.ServeHTTP(w, r)
		})
	}
}

// CrossOrigin refuses writes that a browser sends from another site with 403, by
// [http.CrossOriginProtection]: it needs no tokens in forms. Trusted origins, such as
// https://app.example.com, may send them. It panics if one of them is none.
func CrossOrigin(trusted ...string) Middleware {
	protection := http.NewCrossOriginProtection()
	for _, origin := range trusted {
		if err := protection.AddTrustedOrigin(origin); err != nil {
			panic("web.CrossOrigin: " + err.Error())
		}
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := protection.Check(r); err != nil {
				WriteError(w, r, &Error{Status: http.StatusForbidden, Message: "This request comes from another site.", Err: err})
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// Origin returns why an origin is none that [CrossOrigin] can trust, or nil.
func Origin(origin string) error { return http.NewCrossOriginProtection().AddTrustedOrigin(origin) }

// Hosts answers requests for other hosts with 421, so that nobody can make the
// application believe in a host of theirs, such as in the links of its mails. A host
// that begins with *. stands for its sub-domains. Ports do not count.
func Hosts(hosts ...string) Middleware {
	hosts = slices.Clone(hosts)
	for i, host := range hosts {
		parent, star := strings.CutPrefix(host, "*.")
		if name, ok := hostName(parent); ok && star {
			hosts[i] = "*." + name
		} else if ok {
			hosts[i] = name
		}
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !knownHost(hosts, r.Host) {
				WriteError(w, r, refusal(http.StatusMisdirectedRequest, fmt.Errorf("the host %q is not this application's", r.Host)))
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

func knownHost(hosts []string, host string) bool {
	host, ok := hostName(host)
	if !ok {
		return false
	}
	for _, known := range hosts {
		if parent, ok := strings.CutPrefix(known, "*"); ok {
			if len(host) > len(parent) && strings.EqualFold(host[len(host)-len(parent):], parent) {
				return true
			}
		} else if strings.EqualFold(host, known) {
			return true
		}
	}
	return false
}
