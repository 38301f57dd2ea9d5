package kit

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/kitgo/kit/console"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/health"
	"github.com/kitgo/kit/internal/findings"
	"github.com/kitgo/kit/internal/redisping"
)

// doctorTimeout is how long doctor waits for what may not answer.
const doctorTimeout = 3 * time.Second

func (p *program) examineDatabase(ctx context.Context, app *App) []finding {
	const name = "database"
	if err := app.DB.ConnectWithin(ctx, doctorTimeout); err != nil {
		return findings.BrokenAll(name, err)
	}
	list := []finding{examineLatency(ctx, app.DB)}
	if app.DB.Dialect() != database.SQLite {
		list = append(list, examineClock(ctx, app.DB), examineConnections(ctx, app))
	}
	m, err := app.migrator(nil)
	if err != nil {
		return list // the configuration's check has said it
	}
	list = append(list, p.examineMigrations(ctx, m)...)
	return append(list, examineSchedule(ctx, app)...)
}

func examineLatency(ctx context.Context, db *database.DB) finding {
	const name = "database"
	var times []time.Duration
	for range 5 {
		start := time.Now()
		if err := db.Ping(ctx); err != nil {
			return broken(name, err)
		}
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	query := map[database.Dialect]string{
		database.Postgres: "SELECT 'PostgreSQL ' || current_setting('server_version')",
		database.MySQL:    "SELECT version()",
		database.SQLite:   "SELECT 'SQLite ' || sqlite_version()",
	}[db.Dialect()]
	var version string
	if err := db.QueryRowContext(ctx, query).Scan(&version); err != nil {
		return broken(name, err)
	}
	return well(name, "%s, answers within %s (%s)", version, times[2].Round(10*time.Microsecond), db)
}

// examineClock compares this clock with that of the database: times in rows come from
// both.
func examineClock(ctx context.Context, db *database.DB) finding {
	const name = "clock"
	query := "SELECT clock_timestamp()"
	if db.Dialect() == database.MySQL {
		query = "SELECT utc_timestamp(6)"
	}
	var there time.Time
	before := time.Now()
	if err := db.QueryRowContext(ctx, query).Scan(&there); err != nil {
		return broken(name, err)
	}
	after := time.Now()
	// The answer is from some moment in between.
	difference := there.Sub(before.Add(after.Sub(before) / 2)).Abs()
	text := fmt.Sprintf("differs from the database's by %s", difference.Round(time.Millisecond))
	if difference > time.Second+after.Sub(before) {
		return doubtful(name, "let both machines get their time from NTP", "%s", text)
	}
	return well(name, "%s", text)
}

func (p *program) examineMigrations(ctx context.Context, m *migrate.Migrator) []finding {
	const name = "migrations"
	status, err := m.Status(ctx)
	if err != nil {
		return []finding{broken(name, err)}
	}
	counts := map[migrate.State]int{}
	late := 0
	for _, s := range status {
		counts[s.Status]++
		if s.Late {
			late++
		}
	}
	look := fmt.Sprintf("run `%s migrate:status`", p.name)
	var list []finding
	if n := counts[migrate.Dirty]; n > 0 {
		f := doubtful(name, look, "%s dirty: nothing is migrated until that is resolved", plural(n, "migration"))
		f.Status, f.Code = health.Failed, console.Failed
		list = append(list, f)
	}
	var doubts []string
	for _, d := range []struct {
		n    int
		text string
	}{
		{counts[migrate.Pending], "pending"}, {late, "pending and older than the newest applied one"},
		{counts[migrate.Missing], "applied that this program does not know"}, {counts[migrate.Changed], "changed after it was applied"},
	} {
		if d.n > 0 {
			doubts = append(doubts, fmt.Sprintf("%d %s", d.n, d.text))
		}
	}
	if len(doubts) > 0 {
		list = append(list, doubtful(name, look, "%s", strings.Join(doubts, ", ")))
	}
	if len(list) == 0 {
		list = append(list, well(name, "%d applied, none pending", counts[migrate.AppliedState]))
	}
	lock, err := m.Lock(ctx)
	switch {
	case err != nil:
		list = append(list, broken("migration-lock", err))
	case lock != nil:
		list = append(list, well("migration-lock", "held by %s", describe(lock)))
	default:
		list = append(list, well("migration-lock", "free"))
	}
	return list
}

func examineRedis(ctx context.Context, cfg Config) []finding {
	if cfg.RedisURL == "" {
		return nil
	}
	server, err := redisping.Parse(cfg.RedisURL)
	if err != nil {
		return nil // the configuration's check has said it
	}
	ctx, cancel := context.WithTimeout(ctx, doctorTimeout)
	defer cancel()
	took, err := server.Ping(ctx)
	if err != nil {
		return []finding{broken("redis", &console.Error{Code: console.Unavailable, Message: err.Error(), Advice: "start Redis, or correct REDIS_URL", Err: err})}
	}
	return []finding{well("redis", "answers within %s", took.Round(10*time.Microsecond))}
}

// examineOwn runs the application's own checks.
func examineOwn(ctx context.Context, app *App) []finding {
	runner, err := health.New(app.Checks, nil)
	if err != nil {
		return nil // the configuration's check has said it
	}
	var list []finding
	for _, r := range runner.Run(ctx) {
		f := well(r.Name, "ok")
		if r.Err != nil {
			f = broken(r.Name, r.Err)
			f.Status = r.Status
		}
		list = append(list, f)
	}
	return list
}

func examinePort(cfg Config) finding {
	const name = "port"
	address := net.JoinHostPort(cfg.Host, strconv.Itoa(cfg.Port))
	listener, err := listen(cfg.Host, cfg.Port)
	if err == nil {
		_ = listener.Close()
		return well(name, "%s is free", address)
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		return well(name, "%s is in use, as when the application is running", address)
	}
	return broken(name, err)
}
