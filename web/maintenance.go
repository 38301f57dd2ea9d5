package web

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Maintenance says that an application is down for maintenance.
type Maintenance struct {
	Since      time.Time
	RetryAfter time.Duration // what clients are told; 0 tells nothing
	Message    string        // what they are shown; empty is "Down for maintenance."
	Pass       string        // who may in all the same: see [MaintenancePass]; empty is nobody
}

// MaintenancePass returns what a [Maintenance] has of a secret: not the secret itself.
func MaintenancePass(secret string) string {
	sum := sha256.Sum256([]byte("kit maintenance pass\x00" + secret))
	return hex.EncodeToString(sum[:])
}

const passCookie = "kit_pass"

// DownForMaintenance answers 503 while look returns a [Maintenance]. Who opens the path
// that is the secret gets a cookie that lets them in. look is called for each request,
// and so must be quick.
func DownForMaintenance(look func(context.Context) *Maintenance) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			m := look(r.Context())
			if m == nil {
				next.ServeHTTP(w, r)
				return
			}
			if cookie, err := r.Cookie(passCookie); err == nil && m.opens(cookie.Value) {
				next.ServeHTTP(w, r)
				return
			}
			if pass := MaintenancePass(strings.TrimPrefix(r.URL.Path, "/")); m.opens(pass) {
				if s := scopeOf(r.Context()); s != nil {
					s.secret = true
				}
				if err := SetCookie(w, r, Cookie(passCookie, pass)); err != nil {
					WriteError(w, r, err)
					return
				}
				w.Header().Set("Cache-Control", "no-store")
				http.Redirect(w, r, "/", http.StatusSeeOther)
				return
			}
			if m.RetryAfter > 0 {
				w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(m.RetryAfter.Seconds()))))
			}
			WriteError(w, r, &downError{m.Message})
		})
	}
}

// opens reports whether somebody with a pass may in.
func (m *Maintenance) opens(pass string) bool {
	return m.Pass != "" && subtle.ConstantTimeCompare([]byte(pass), []byte(m.Pass)) == 1
}

// downError is the error of an application that is down on purpose: nothing to log, and
// nothing to show to developers.
type downError struct{ message string }

func (e *downError) Error() string {
	if e.message == "" {
		return "Down for maintenance."
	}
	return e.message
}

func (*downError) StatusCode() int { return http.StatusServiceUnavailable }
