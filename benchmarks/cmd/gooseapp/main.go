// Command gooseapp is what the benchmarks compare with: a server that migrates at its
// start with the goose library and its locks.
package main

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	_ "github.com/go-sql-driver/mysql" // the driver mysql
	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx
	"github.com/kitgo/kit/benchmarks/history"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

// run serves from the first moment, as Kit does, and answers 200 when the migrations
// are done.
func run(ctx context.Context) error {
	listener, err := net.Listen("tcp", net.JoinHostPort(os.Getenv("SERVER_HOST"), os.Getenv("SERVER_PORT")))
	if err != nil {
		return err
	}
	var ready atomic.Bool
	http.HandleFunc("/_kit/health", func(w http.ResponseWriter, _ *http.Request) {
		if !ready.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte(`{"status":"ok"}`))
	})
	migrated := make(chan error, 1)
	go func() {
		err := migrate(ctx)
		ready.Store(err == nil)
		migrated <- err
	}()
	served := make(chan error, 1)
	go func() { served <- http.Serve(listener, nil) }()
	if err := <-migrated; err != nil {
		return err
	}
	return <-served
}

func migrate(ctx context.Context) error {
	address, err := url.Parse(os.Getenv("DATABASE_URL"))
	if err != nil {
		return err
	}
	driver, source := "pgx", address.String()
	dialect, locking := goose.DialectPostgres, sessionLock
	if address.Scheme == "mysql" {
		driver, source = "mysql", address.User.String()+"@tcp("+address.Host+")"+address.Path+"?parseTime=true"
		dialect, locking = goose.DialectMySQL, tableLock
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		return err
	}
	lock, err := locking(os.Getenv("LOCK_PERIOD"))
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(dialect, db, nil, lock, goose.WithGoMigrations(migrations(string(dialect))...), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// sessionLock returns the lock of a session of PostgreSQL. The period is how often it
// asks, in seconds; goose decides when it is empty.
func sessionLock(period string) (goose.ProviderOption, error) {
	var options []lock.SessionLockerOption
	if period != "" {
		seconds, err := strconv.ParseUint(period, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("LOCK_PERIOD: %w", err)
		}
		options = append(options, lock.WithLockTimeout(seconds, 300))
	}
	l, err := lock.NewPostgresSessionLocker(options...)
	return goose.WithSessionLocker(l), err
}

// tableLock returns the lock in a table of MySQL; goose has none of a session there.
func tableLock(period string) (goose.ProviderOption, error) {
	var options []lock.TableLockerOption
	if period != "" {
		interval, err := time.ParseDuration(period + "s")
		if err != nil {
			return nil, fmt.Errorf("LOCK_PERIOD: %w", err)
		}
		options = append(options, lock.WithTableLockTimeout(interval, 300))
	}
	l, err := lock.NewMySQLTableLocker(options...)
	return goose.WithLocker(l), err
}

func migrations(dialect string) []*goose.Migration {
	var list []*goose.Migration
	for _, step := range history.Steps(dialect) {
		list = append(list, goose.NewGoMigration(int64(step.Date), execute(step.Up), execute(step.Down)))
	}
	return list
}

func execute(statement string) *goose.GoFunc {
	return &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, statement)
		return err
	}}
}
