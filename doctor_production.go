package kit

import (
	"cmp"
	"context"
	"net/netip"
	"os"

	"github.com/kitgo/kit/database"
)

// examineProduction looks at settings that work, and that production should not have.
func examineProduction(app *App) []finding {
	const name = "production"
	cfg := app.Config
	if !cfg.Production() {
		return nil
	}
	var list []finding
	doubt := func(advice, format string, args ...any) { list = append(list, doubtful(name, advice, format, args...)) }
	if app.DB.Dialect() == database.SQLite && app.DB.Path() == "" {
		doubt("set DATABASE_URL to a file on a disk that stays, or to a server", "the database is in memory, and gone with the process")
	}
	if cfg.LogLevel == "debug" || cfg.Database.Logging {
		doubt("set LOG_LEVEL to info and DB_LOGGING to false", "the log has what only development needs, such as the values of statements")
	}
	if app.Sessions != nil && cfg.Session.Secure != nil && !*cfg.Session.Secure {
		doubt("set SESSION_SECURE to true, or leave it unset", "SESSION_SECURE is false: http carries the session's cookie, too")
	}
	if app.Pages != nil && app.Pages.NeedsKey() && cfg.Database.Key == nil {
		doubt("set APP_KEY to "+new(database.Key).Expected(),
			"APP_KEY is not set: errors and messages of forms are lost at a restart, and when the next request comes to another process")
	}
	proxies, _ := cfg.proxies() // the configuration's check has said it
	for _, p := range proxies {
		if p.Bits() == 0 {
			doubt("name the addresses of the proxies", "TRUSTED_PROXIES has %s: everybody may claim to be another address", p)
		}
	}
	if len(proxies) == 0 && isLoopback(cfg.Host) {
		doubt("set TRUSTED_PROXIES to 127.0.0.1,::1", "only this machine reaches SERVER_HOST=%s, and TRUSTED_PROXIES is not set: every visitor has the proxy's address", cfg.Host)
	}
	if os.Geteuid() == 0 {
		doubt("run it as a user without rights", "the process is root's")
	}
	if len(list) == 0 {
		list = append(list, well(name, "nothing that only development should have"))
	}
	return list
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback() || host == "localhost"
}

// examineConnections compares DB_MAX_CONNECTIONS with what the server allows all
// together.
func examineConnections(ctx context.Context, app *App) finding {
	const name = "connections"
	query := "SELECT current_setting('max_connections')::int"
	if app.DB.Dialect() == database.MySQL {
		query = "SELECT @@max_connections"
	}
	var allowed int
	if err := app.DB.QueryRowContext(ctx, query).Scan(&allowed); err != nil {
		return broken(name, err)
	}
	each := cmp.Or(app.Config.Database.MaxConnections, 10)
	if each >= allowed {
		return doubtful(name, "lower DB_MAX_CONNECTIONS, or raise max_connections of the server", "up to %d for this process, and the server allows %d to all together", each, allowed)
	}
	return well(name, "up to %d for this process; the server allows %d to all together", each, allowed)
}
