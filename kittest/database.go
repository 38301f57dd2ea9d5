package kittest

import (
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/kitgo/kit"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/migrate"
)

// variable names the server on which the databases of tests are.
const variable = "TEST_DATABASE_URL"

// connections is how many a test may have: tests that run in parallel, in several test
// binaries, share the 100 that PostgreSQL allows by default.
const connections = 4

// binary has the templates of this process. Tests have no other place in common, hence
// the variable.
var binary templates

// Config returns the configuration of an application under test: APP_ENV is testing,
// and the database is a new one, which ends with the test. It is empty, or, when a set
// of migrations is given, has these applied. Nothing is read from the environment or
// from .env files, but for TEST_DATABASE_URL. A database that cannot be made fails the
// test.
func Config(tb testing.TB, migrations ...migrate.Set) kit.Config {
	tb.Helper()
	return config(binary.url(tb, os.Getenv(variable), one(tb, migrations)))
}

// DB returns a new database with migrations applied. It is closed and removed when the
// test ends. Warnings, such as of slow queries, go to the test's output. A database that
// cannot be made fails the test.
//
// For other options, such as the key of encrypted columns, open the DatabaseURL of
// [Config].
func DB(tb testing.TB, migrations migrate.Set) *database.DB {
	tb.Helper()
	cfg := Config(tb, migrations)
	cfg.Database.Logger = logger(tb)
	return open(tb, cfg)
}

// one returns the set that was given, or an empty one.
func one(tb testing.TB, sets []migrate.Set) migrate.Set {
	tb.Helper()
	switch len(sets) {
	case 0:
		return migrate.Set{}
	case 1:
		return sets[0]
	}
	tb.Fatalf("kittest.Config takes one set of migrations, not %d: a database has one history", len(sets))
	return migrate.Set{}
}

func config(url string) kit.Config {
	return kit.Config{
		DatabaseURL:     url,
		Environment:     "testing",
		AppName:         "Test",
		Host:            "127.0.0.1",
		LogLevel:        "warn",
		Database:        database.Options{MaxConnections: connections, ConnectTimeout: 5 * time.Second},
		ShutdownTimeout: 5 * time.Second,
	}
}

func open(tb testing.TB, cfg kit.Config) *database.DB {
	tb.Helper()
	db, err := database.Open(cfg.DatabaseURL, &cfg.Database)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := db.Close(); err != nil {
			tb.Error(err)
		}
	})
	return db
}

// logger writes warnings to the test's output.
func logger(tb testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(testWriter{tb}, &slog.HandlerOptions{Level: slog.LevelWarn}))
}
