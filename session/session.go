// Package session keeps data of a visitor between requests.
//
//	sessions := session.New(session.NewDatabase(db), &cfg.Session)
//	return &kit.App{Sessions: sessions, ...}
//
// A [Key] names a value and says its type:
//
//	var cart = session.Key[Cart]("cart")
//
//	items, err := cart.Get(r.Context())
//	err = cart.Update(r.Context(), func(c Cart) Cart { return c.With(item) })
//
// A session is read when a request first asks for something in it, in one query, and
// written before the answer begins, if the request has changed it. A visitor for whom
// nothing is kept has no session, no cookie and no row.
//
// Two requests of a visitor at the same time do not undo each other's changes: what a
// request changed is applied to what the other has stored. If it was computed from a
// value that the other has changed, that is [ErrConflict], unless it is a function, see
// [Key.Update].
//
// Call [Renew] when somebody signs in or gets more rights, and [Destroy] when they sign
// out.
package session

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Options are the settings of a [Manager], as an application reads them from the
// environment. The zero value of each has a default.
type Options struct {
	// Lifetime is how long a session lasts after it was last used; 0 is 120 minutes.
	// A plain number in the variable is minutes.
	Lifetime Minutes `env:"SESSION_LIFETIME" default:"120"`

	// Cookie is the name of the cookie; empty means session, and in an application the
	// name of its program with _session behind.
	Cookie string `env:"SESSION_COOKIE"`

	// Secure lets browsers send the cookie only over https. Nil means: if the request
	// came over https, and in an application always in production.
	Secure *bool `env:"SESSION_SECURE"`

	// SameSite is Lax, Strict or None; the zero value is Lax.
	SameSite SameSite `env:"SESSION_SAME_SITE" default:"Lax"`
}

// Manager keeps the sessions of an application. Create it with [New].
type Manager struct {
	store   Store
	options Options
	lines   lines
}

// New returns a Manager that keeps sessions in a store. A nil o stands for the defaults.
func New(store Store, o *Options) *Manager {
	m := &Manager{store: store}
	if o != nil {
		m.options = *o
	}
	if m.options.Lifetime <= 0 {
		m.options.Lifetime = Minutes(2 * time.Hour)
	}
	return m
}

// Default sets options that were left open: the name of the cookie, and whether only
// https may carry it. It must be called before the first request.
func (m *Manager) Default(cookie string, secure bool) {
	if m.options.Cookie == "" {
		m.options.Cookie = cookie
	}
	if m.options.Secure == nil && secure {
		m.options.Secure = &secure
	}
}

// Prune deletes the sessions that have expired. The schedule should call it, such as
// every hour; a store that forgets by itself makes it do nothing.
func (m *Manager) Prune(ctx context.Context) error {
	if p, ok := m.store.(Pruner); ok {
		_, err := p.Prune(ctx)
		return err
	}
	return nil
}

// Middleware gives each request its session. It needs no query for a request that does
// not use it.
func (m *Manager) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := &state{manager: m}
		r = r.WithContext(context.WithValue(r.Context(), stateKey{}, s))
		s.answer = answer{ResponseWriter: w, request: r, state: s}
		next.ServeHTTP(&s.answer, r)
		s.answer.begin()
	})
}

type stateKey struct{}

// stateOf returns the session of the request of ctx.
func stateOf(ctx context.Context) (*state, error) {
	s, ok := ctx.Value(stateKey{}).(*state)
	if !ok {
		return nil, ErrNoMiddleware
	}
	return s, nil
}

// Renew gives the session another token, so that whoever knew the old one is left with
// nothing. Call it when somebody signs in, or gets more rights: else a token that an
// attacker has planted before would be worth as much (session fixation).
func Renew(ctx context.Context) error {
	return change(ctx, func(s *state) { s.renew = true })
}

// Destroy forgets all that the session holds, here and at the visitor. What is put into
// it afterwards begins a new one.
func Destroy(ctx context.Context) error {
	return change(ctx, func(s *state) {
		s.destroyed, s.renew = true, true
		s.changes, s.values, s.base = nil, nil, nil
	})
}

// cookie returns the cookie of a token, or the one that makes the browser forget it. It
// has the time of its making behind the token, so that a request shows, without a query,
// whether the session should be made to last longer.
func (m *Manager) cookie(r *http.Request, token string, now time.Time) *http.Cookie {
	c := &http.Cookie{
		Name: m.cookieName(), Path: "/", HttpOnly: true, SameSite: m.options.SameSite.mode(),
		Secure: r.TLS != nil || r.URL.Scheme == "https" && r.URL.Host == "", MaxAge: int(time.Duration(m.options.Lifetime).Seconds()),
	}
	if m.options.Secure != nil {
		c.Secure = *m.options.Secure
	}
	c.Secure = c.Secure || m.options.mustBeSecure()
	if token == "" {
		c.MaxAge = -1
		return c
	}
	c.Value = token + "." + strconv.FormatInt(now.Unix(), 36)
	return c
}

func (m *Manager) cookieName() string {
	if m.options.Cookie == "" {
		return "session"
	}
	return m.options.Cookie
}

// longestCookie is the longest value that is looked at; browsers send no longer one.
const longestCookie = 4096

// tokenOf returns what the visitor's cookie holds: a token, and when it was sent. The
// visitor may have written anything: a wrong time only decides whether the session is
// made to last longer, which any request may ask for.
func (m *Manager) tokenOf(r *http.Request) (token string, sent time.Time) {
	c, err := r.Cookie(m.cookieName())
	if err != nil || len(c.Value) > longestCookie {
		return "", time.Time{}
	}
	token, text, _ := strings.Cut(c.Value, ".")
	seconds, err := strconv.ParseInt(text, 36, 64)
	if err != nil {
		return token, time.Time{}
	}
	return token, time.Unix(seconds, 0)
}
