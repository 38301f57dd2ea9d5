package kit

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"strings"
	"time"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/env"
	"github.com/kitgo/kit/internal/redisping"
	"github.com/kitgo/kit/schedule"
	"github.com/kitgo/kit/session"
	"github.com/kitgo/kit/web"
	"github.com/lmittmann/tint"
)

// Config is what every Kit application reads from the environment and from .env
// files. Embed it in your own struct to add settings. The defaults below are
// those of the variables; package env says which source wins.
type Config struct {
	// DatabaseURL is sqlite://path or postgres://user:password@host:5432/name.
	DatabaseURL string `env:"DATABASE_URL,required"`

	// Environment is development, production, testing or a name of your own.
	Environment string `env:"APP_ENV" default:"development"`

	// AppName is the name that people see, such as in the page's title.
	AppName string `env:"APP_NAME"`

	// Host and Port are where the server listens. The variable PORT, which many
	// platforms set, counts when SERVER_PORT is not set. Port 0 picks a free one.
	Host string `env:"SERVER_HOST" default:"0.0.0.0"`
	Port int    `env:"SERVER_PORT" fallback:"PORT" default:"8080"`

	// TLSCert and TLSKey are files with a certificate and its key, in PEM: the server then
	// speaks https itself. They are read again when they change.
	TLSCert string `env:"TLS_CERT_FILE"`
	TLSKey  string `env:"TLS_KEY_FILE" secret:"false"`

	// LogLevel is debug, info, warn or error. LogFormat is text or json; unset, it
	// is json in production and text elsewhere.
	LogLevel  string `env:"LOG_LEVEL" default:"info"`
	LogFormat string `env:"LOG_FORMAT"`

	// TrustedProxies are the addresses or CIDR ranges of the proxies in front, whose
	// X-Forwarded-* headers count; separated by commas in the variable.
	TrustedProxies []string `env:"TRUSTED_PROXIES"`

	// Hosts are the names under which the application is reached; *.example.com are the
	// sub-domains. Requests for others are refused. None are all.
	Hosts []string `env:"APP_HOSTS"`

	// TrustedOrigins are other sites, such as https://app.example.com, whose pages may
	// send writes.
	TrustedOrigins []string `env:"TRUSTED_ORIGINS"`

	// AccessLogSample is the share of requests that are logged, from above 0 to 1. Those
	// that failed or took long are in any case. 0 means 1.
	AccessLogSample float64 `env:"ACCESS_LOG_SAMPLE" default:"1"`

	// Database sets up the pool of connections.
	Database database.Options

	// Session sets up the sessions of visitors: see package session.
	Session session.Options

	// RedisURL is redis://user:password@host:6379/0, or rediss:// with TLS. Only what
	// uses Redis needs it.
	RedisURL string `env:"REDIS_URL"`

	// MigrateLockTimeout is how long a start waits for the migrations of another
	// process. 0 means the default of 10 minutes.
	MigrateLockTimeout time.Duration `env:"MIGRATE_LOCK_TIMEOUT" default:"10m"`

	// MigrateStatementLockTimeout is how long one statement of a migration may wait for
	// a lock on a table before it gives way to other queries and is tried again. 0
	// means the default of 5 seconds.
	MigrateStatementLockTimeout time.Duration `env:"MIGRATE_STATEMENT_LOCK_TIMEOUT" default:"5s"`

	// MigrateAhead is serve or refuse: what a start does when the database has
	// migrations that this program does not know, as after rolling back to an older
	// release. Empty means serve, which warns.
	MigrateAhead string `env:"MIGRATE_AHEAD" default:"serve"`

	// ViteURL is where Vite's development server answers, which then has the frontend
	// instead of the binary. `kit serve` sets it.
	ViteURL string `env:"VITE_URL"`

	// ShutdownDelay is how long the server still accepts requests after it was
	// told to stop and reports that it is not ready, so that load balancers notice.
	ShutdownDelay time.Duration `env:"SHUTDOWN_DELAY" default:"0s"`

	// ShutdownTimeout is how long requests and tasks under way may take to end.
	// 0 means the default of 30 seconds.
	ShutdownTimeout time.Duration `env:"SHUTDOWN_TIMEOUT" default:"30s"`

	// ReloadTimeout is how long a new process that is to take over from this one
	// (SIGUSR2, the command reload) may take until it is ready: it waits for the database
	// and migrates meanwhile. 0 means the default of 15 minutes.
	ReloadTimeout time.Duration `env:"RELOAD_TIMEOUT" default:"15m"`
}

// PreviousKeys are the values of APP_PREVIOUS_KEYS, as what encrypts for visitors takes
// them: inertia.NewCookies(cfg.Database.Key, cfg.PreviousKeys()...).
func (c Config) PreviousKeys() [][]byte {
	var list [][]byte
	for _, k := range c.Database.PreviousKeys {
		list = append(list, k)
	}
	return list
}

// Production reports whether the environment is "production".
func (c Config) Production() bool { return c.Environment == "production" }

// sessionCookie is the name of the session's cookie, unless SESSION_COOKIE says another:
// cookies do not know ports, so that two applications on one host need two names.
func (c Config) sessionCookie() string {
	word := func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		default:
			return '_'
		}
	}
	return cmp.Or(strings.Trim(strings.Map(word, c.AppName), "_"), "kit") + "_session"
}

// loadConfig reads a C from s and checks what the kit.Config in it says.
func loadConfig[C any](s env.Source) (C, error) {
	cfg, err := env.Load[C](s)
	if missing, ok := errors.AsType[*env.Error](err); ok && missing.Variable == "DATABASE_URL" {
		missing.Advice = "set it in the environment or in .env, such as DATABASE_URL=sqlite://database/app.db or DATABASE_URL=postgres://user:password@localhost:5432/app"
	}
	return cfg, err
}

// shutdownTimeout returns ShutdownTimeout or its default.
func (c Config) shutdownTimeout() time.Duration { return cmp.Or(c.ShutdownTimeout, 30*time.Second) }

// check reports values that parse but make no sense.
func (c Config) check() error {
	var list []error
	if c.Port < 0 || c.Port > 65535 {
		list = append(list, &env.Error{
			Variable: "SERVER_PORT", Value: fmt.Sprint(c.Port), Problem: "is not a port",
			Advice: "use a number from 1 to 65535, or 0 for any free port",
		})
	}
	if _, err := c.level(); err != nil {
		list = append(list, &env.Error{Variable: "LOG_LEVEL", Value: c.LogLevel, Problem: "is not a log level", Advice: "use debug, info, warn or error", Err: err})
	}
	if c.LogFormat != "" && c.LogFormat != "text" && c.LogFormat != "json" {
		list = append(list, &env.Error{Variable: "LOG_FORMAT", Value: c.LogFormat, Problem: "is not a log format", Advice: "use text or json"})
	}
	if c.MigrateAhead != "" && c.MigrateAhead != "serve" && c.MigrateAhead != "refuse" {
		list = append(list, &env.Error{Variable: "MIGRATE_AHEAD", Value: c.MigrateAhead, Problem: "is neither serve nor refuse", Advice: "use serve to start with a warning when the database is ahead of the program, or refuse"})
	}
	if _, err := c.proxies(); err != nil {
		list = append(list, &env.Error{Variable: "TRUSTED_PROXIES", Value: strings.Join(c.TrustedProxies, ","), Problem: "is not a list of addresses", Advice: "use addresses and CIDR ranges separated by commas, such as 10.0.0.0/8,192.0.2.7", Err: err})
	}
	if c.ViteURL != "" && c.Production() {
		list = append(list, &env.Error{Variable: "VITE_URL", Value: c.ViteURL, Problem: "is set in production", Advice: "unset it: in production the binary has the frontend"})
	}
	if _, err := c.tls(); err != nil {
		list = append(list, &env.Error{Variable: "TLS_CERT_FILE", Value: c.TLSCert, Problem: "and TLS_KEY_FILE cannot be used: " + err.Error(), Advice: "set both, to a certificate and its key in PEM that this user may read", Err: err})
	}
	for _, origin := range c.TrustedOrigins {
		if err := web.Origin(origin); err != nil {
			list = append(list, &env.Error{Variable: "TRUSTED_ORIGINS", Value: origin, Problem: "is no origin", Advice: "use scheme and host, such as https://app.example.com, separated by commas", Err: err})
		}
	}
	if c.AccessLogSample < 0 || c.AccessLogSample > 1 {
		list = append(list, &env.Error{Variable: "ACCESS_LOG_SAMPLE", Value: fmt.Sprint(c.AccessLogSample), Problem: "is no share", Advice: "use a number above 0, up to 1"})
	}
	if err := c.Session.Check(); err != nil {
		list = append(list, &env.Error{Variable: "SESSION_COOKIE", Value: c.Session.Cookie, Problem: "(SESSION_SAME_SITE=" + string(c.Session.SameSite) + ") cannot be set: " + err.Error(), Advice: "use a name of letters, digits and _; one that begins with __Host- and SESSION_SAME_SITE=None need https", Err: err})
	}
	if _, err := redisping.Parse(c.RedisURL); c.RedisURL != "" && err != nil {
		list = append(list, &env.Error{Variable: "REDIS_URL", Value: env.Redact(c.RedisURL), Problem: err.Error(), Advice: "use redis://user:password@host:6379/0, or rediss:// with TLS", Err: err})
	}
	for _, d := range []struct {
		variable string
		value    time.Duration
	}{
		{"MIGRATE_LOCK_TIMEOUT", c.MigrateLockTimeout}, {"MIGRATE_STATEMENT_LOCK_TIMEOUT", c.MigrateStatementLockTimeout},
		{"SHUTDOWN_DELAY", c.ShutdownDelay},
		{"SHUTDOWN_TIMEOUT", c.ShutdownTimeout}, {"RELOAD_TIMEOUT", c.ReloadTimeout}, {"DB_CONNECT_TIMEOUT", c.Database.ConnectTimeout},
	} {
		if d.value < 0 {
			list = append(list, &env.Error{Variable: d.variable, Value: d.value.String(), Problem: "is negative", Advice: "use a duration such as 30s"})
		}
	}
	if c.Database.MaxConnections < 0 {
		list = append(list, &env.Error{Variable: "DB_MAX_CONNECTIONS", Value: fmt.Sprint(c.Database.MaxConnections), Problem: "is negative", Advice: "use a number from 1"})
	}
	if c.Database.MinConnections < 0 {
		list = append(list, &env.Error{Variable: "DB_MIN_CONNECTIONS", Value: fmt.Sprint(c.Database.MinConnections), Problem: "is negative", Advice: "use a number from 0"})
	}
	return errors.Join(list...)
}

// proxies returns the ranges of TrustedProxies; an address is a range of one.
func (c Config) proxies() ([]netip.Prefix, error) {
	var list []netip.Prefix
	for _, text := range c.TrustedProxies {
		text = strings.TrimSpace(text)
		prefix, err := netip.ParsePrefix(text)
		if address, addressErr := netip.ParseAddr(text); addressErr == nil {
			prefix, err = netip.PrefixFrom(address, address.BitLen()), nil
		}
		if err != nil {
			return nil, err
		}
		list = append(list, prefix)
	}
	return list, nil
}

// level returns the log level; the zero value of LogLevel is info.
func (c Config) level() (slog.Level, error) {
	var level slog.Level
	if c.LogLevel == "" {
		return slog.LevelInfo, nil
	}
	err := level.UnmarshalText([]byte(c.LogLevel))
	return level, err
}

// logger returns the process's logger: JSON in production, lines for people
// elsewhere, coloured on a terminal.
func (c Config) logger(w io.Writer) *slog.Logger {
	level, _ := c.level() // check has reported the error
	if c.LogFormat == "json" || c.LogFormat == "" && c.Production() {
		return slog.New(schedule.Keep(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level})))
	}
	return slog.New(schedule.Keep(tint.NewTextHandler(w, &tint.Options{Level: level, TimeFormat: time.DateTime, NoColor: !console.Colors(w)})))
}
