package kit

import (
	"net/http"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/web"
)

// Chain is Kit's own middleware, in the order in which it runs. See docs/security.md for
// what each part is for.
type Chain struct {
	Queries         web.Middleware // in development: what the page for an error shows
	Errors          web.Middleware
	TrustProxies    web.Middleware
	RequestID       web.Middleware
	AccessLog       web.Middleware
	Recover         web.Middleware // also after Pages, so that the page for an error has the session
	SecureHeaders   web.Middleware
	StrictTransport web.Middleware // in production
	SlowBodies      web.Middleware
	SlowAnswers     web.Middleware
	Hosts           web.Middleware // with APP_HOSTS
	MaxBody         web.Middleware
	Compress        web.Middleware
	Assets          web.Middleware // of Pages
	Sessions        web.Middleware
	Pages           web.Middleware
	CrossOrigin     web.Middleware
	Maintenance     web.Middleware // after `app down`

	own []web.Middleware // the application's
}

// The defaults of what a request may ask for.
const (
	maxBody = 10 << 20 // the bytes of a body

	// slowTimeout is how long a client may take to send or to take something, and
	// slowRate the bytes a second that earn it more time.
	slowTimeout = 30 * time.Second
	slowRate    = 500

	// maxHeader is the size in bytes above which the header of a request is refused.
	maxHeader = 64 << 10

	hstsAge = 365 * 24 * time.Hour
)

// chain returns the middleware of the application.
func (a *App) chain() (*Chain, error) {
	proxies, err := a.Config.proxies()
	if err != nil {
		return nil, err
	}
	c := &Chain{
		Errors:        a.errors().Middleware,
		TrustProxies:  web.TrustProxies(proxies),
		RequestID:     web.RequestID,
		AccessLog:     web.AccessLog(a.log(), &web.AccessLogOptions{Sample: a.Config.AccessLogSample}),
		Recover:       web.Recover,
		SecureHeaders: web.SecureHeaders,
		SlowBodies:    web.SlowBodies(slowTimeout, slowRate),
		SlowAnswers:   web.SlowAnswers(slowTimeout, slowRate),
		MaxBody:       web.MaxBody(maxBody),
		Compress:      web.Compress,
		CrossOrigin:   web.CrossOrigin(a.Config.TrustedOrigins...),
		Maintenance:   web.DownForMaintenance((&maintenance{db: a.DB, log: a.log()}).look),
	}
	switch a.Config.Environment {
	case "development":
		c.Queries = watchQueries
	case "production":
		c.StrictTransport = web.StrictTransport(hstsAge)
	}
	if len(a.Config.Hosts) > 0 {
		c.Hosts = web.Hosts(a.Config.Hosts...)
	}
	if a.Sessions != nil {
		a.Sessions.Default(a.Config.sessionCookie(), a.Config.Production())
		c.Sessions = a.Sessions.Middleware
	}
	if a.Pages != nil {
		c.Assets, c.Pages = a.Pages.Assets, a.Pages.Middleware
	}
	if a.Chain != nil {
		a.Chain(c)
	}
	c.own = a.Middleware
	return c, nil
}

// list returns the parts that there are, and then the application's own.
func (c *Chain) list() []web.Middleware {
	var list []web.Middleware
	for _, m := range []web.Middleware{
		c.Queries, c.Errors, c.TrustProxies, c.RequestID, c.AccessLog, c.Recover, c.SecureHeaders, c.StrictTransport,
		c.SlowBodies, c.SlowAnswers, c.Hosts, c.MaxBody, c.Compress, c.Assets, c.Sessions, c.Pages, c.Recover, c.CrossOrigin, c.Maintenance,
	} {
		if m != nil {
			list = append(list, m)
		}
	}
	return append(list, c.own...)
}

// watchQueries keeps the queries of a request for the page with details, and makes the
// log speak of one that runs again and again.
func watchQueries(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(database.Trace(database.WatchRepeats(r.Context()))))
	})
}
