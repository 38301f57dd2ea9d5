package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// CORSOptions say which other sites' scripts may read answers (Cross-Origin Resource
// Sharing, https://fetch.spec.whatwg.org/#http-cors-protocol).
type CORSOptions struct {
	// Origins are those of the sites, such as https://app.example.com; * is every site,
	// which excludes Credentials.
	Origins []string

	// Below narrows it to paths that begin with this, such as /api/; empty is all.
	Below string

	// Methods and Headers are what scripts may send besides GET, HEAD, POST and the
	// headers that every page may send. No Methods are all of GET, HEAD, POST, PUT,
	// PATCH and DELETE; no Headers are those that the browser asks for.
	Methods, Headers []string

	// Expose are the headers of answers that scripts may read besides the usual ones.
	Expose []string

	// Credentials lets the scripts send cookies. Their writes must be allowed by
	// [CrossOrigin], too.
	Credentials bool

	// MaxAge is how long a browser need not ask again; 0 is 10 minutes.
	MaxAge time.Duration
}

// CORS lets scripts of other sites read answers, and answers the OPTIONS requests in which
// browsers ask: so it goes around the routes or into a group, where it comes before what
// wants people to be signed in, and not with a single route. It panics for options that no
// browser would accept: every site, with credentials.
func CORS(o CORSOptions) Middleware {
	all := slices.Contains(o.Origins, "*")
	if all && o.Credentials {
		panic("web.CORS: every site, with credentials, would be open to all")
	}
	if len(o.Methods) == 0 {
		o.Methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}
	}
	if o.MaxAge == 0 {
		o.MaxAge = 10 * time.Minute
	}
	methods, headers, expose := strings.Join(o.Methods, ", "), strings.Join(o.Headers, ", "), strings.Join(o.Expose, ", ")
	age := strconv.Itoa(int(o.MaxAge.Seconds()))
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasPrefix(r.URL.Path, o.Below) {
				next.ServeHTTP(w, r)
				return
			}
			h, origin := w.Header(), r.Header.Get("Origin")
			if !all {
				addVary(h, "Origin")
			}
			allowed := origin != "" && (all || slices.Contains(o.Origins, origin))
			asks := r.Method == http.MethodOptions && origin != "" && r.Header.Get("Access-Control-Request-Method") != ""
			if allowed {
				h.Set("Access-Control-Allow-Origin", origin)
				if all {
					h.Set("Access-Control-Allow-Origin", "*")
				}
				if o.Credentials {
					h.Set("Access-Control-Allow-Credentials", "true")
				}
			}
			if !asks {
				if allowed && expose != "" {
					h.Set("Access-Control-Expose-Headers", expose)
				}
				next.ServeHTTP(w, r)
				return
			}
			addVary(h, "Access-Control-Request-Method")
			addVary(h, "Access-Control-Request-Headers")
			if allowed {
				h.Set("Access-Control-Allow-Methods", methods)
				h.Set("Access-Control-Max-Age", age)
				if asked := r.Header.Get("Access-Control-Request-Headers"); headers != "" || asked != "" {
					if headers != "" {
						asked = headers
					}
					h.Set("Access-Control-Allow-Headers", asked)
				}
			}
			w.WriteHeader(http.StatusNoContent)
		})
	}
}
