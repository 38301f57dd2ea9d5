package database_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/internal/dbtest"
)

// running counts the statements with a text in a server.
var running = map[database.Dialect]string{
	database.Postgres: "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE ? AND pid <> pg_backend_pid()",
	database.MySQL:    "SELECT count(*) FROM information_schema.processlist WHERE db = database() AND info LIKE ? AND id <> connection_id()",
}

// long is a condition that takes hours. Not SLEEP of MariaDB, which looks every five
// seconds whether its client is still there, as nothing else does.
var long = map[database.Dialect]string{
	database.Postgres: "pg_sleep(10000) IS NOT NULL",
	database.MySQL:    "BENCHMARK(1000000000000, SHA2('x', 512)) IS NOT NULL",
}

// waitRunning waits until as many statements with a text run in the server.
func waitRunning(t *testing.T, db *database.DB, text string, want int) {
	t.Helper()
	for until := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		var n int
		if err := db.QueryRowContext(t.Context(), running[db.Dialect()], "%"+text+"%").Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n == want {
			return
		}
		if time.Now().After(until) {
			t.Fatalf("%d statements run in the server, want %d", n, want)
		}
	}
}

// A context that ends stops the statement in the server, whatever ran it.
func TestACancelledQueryStopsInTheServer(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{"postgres": dbtest.Postgres(t), "mariadb": dbtest.MariaDB(t)} {
		watch := blog(t, url)
		condition := long[watch.Dialect()]
		for what, run := range map[string]func(ctx context.Context, db *database.DB, mark string) error{
			"a query of a model": func(ctx context.Context, db *database.DB, mark string) error {
				_, err := database.From[Author](db).Where(condition + " AND name <> '" + mark + "'").All(ctx)
				return err
			},
			"SQL": func(ctx context.Context, db *database.DB, mark string) error {
				_, err := db.ExecContext(ctx, "UPDATE authors SET name = name WHERE "+condition+" AND name <> '"+mark+"'")
				return err
			},
			"a transaction": func(ctx context.Context, db *database.DB, mark string) error {
				return database.Tx(ctx, db, func(ctx context.Context) error {
					_, err := database.From[Author](db).Where(condition + " AND name <> '" + mark + "'").Count(ctx)
					return err
				})
			},
			"a prepared statement": func(ctx context.Context, db *database.DB, mark string) error {
				s, err := db.SQL().PrepareContext(ctx, "SELECT name FROM authors WHERE "+condition+" AND name <> '"+mark+"'")
				if err != nil {
					return err
				}
				defer s.Close()
				var author string
				return s.QueryRowContext(ctx).Scan(&author)
			},
			"a session": func(ctx context.Context, db *database.DB, mark string) error {
				s, err := db.Session(ctx)
				if err != nil {
					return err
				}
				defer s.Close()
				_, err = s.ExecContext(ctx, "UPDATE authors SET name = name WHERE "+condition+" AND name <> '"+mark+"'")
				return err
			},
		} {
			t.Run(name+"/"+what, func(t *testing.T) {
				t.Parallel()
				db := open(t, url, nil)
				mark := strings.ReplaceAll(t.Name(), "/", " ")
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan error, 1)
				go func() { done <- run(ctx, db, mark) }()
				waitRunning(t, watch, mark, 1)
				cancel()
				if err := <-done; !errors.Is(err, context.Canceled) {
					t.Errorf("the error of a cancelled statement: %v", err)
				}
				waitRunning(t, watch, mark, 0)
				if _, err := database.From[Author](db).Find(t.Context(), 1); err != nil {
					t.Errorf("afterwards: %v", err)
				}
			})
		}
	}
}

// As when the deadline of many requests comes, and the process ends.
func TestManyCancelledQueriesHaveStoppedWhenTheDatabaseIsClosed(t *testing.T) {
	t.Parallel()
	url := dbtest.MariaDB(t)
	watch := blog(t, url)
	db, err := database.Open(url, &database.Options{MaxConnections: 20})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err = database.Tx(t.Context(), watch, func(locked context.Context) error {
		if _, err := database.From[Author](watch).ForUpdate().Find(locked, 1); err != nil {
			return err
		}
		var requests sync.WaitGroup
		for i := range 20 {
			requests.Go(func() {
				_, err := db.ExecContext(ctx, fmt.Sprintf("UPDATE authors SET name = 'crowd %d' WHERE id = 1", i))
				if !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			})
		}
		waitRunning(t, watch, "crowd", 20)
		cancel()
		requests.Wait()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		waitRunning(t, watch, "crowd", 0)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestADeadlineIsATimeout(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{"postgres": dbtest.Postgres(t), "mariadb": dbtest.MariaDB(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := blog(t, url)
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			_, err := database.From[Author](db).Where(long[db.Dialect()]).All(ctx)
			if _, ok := errors.AsType[*database.TimeoutError](err); !ok || !errors.Is(err, context.DeadlineExceeded) || status(err) != 503 {
				t.Errorf("a query that takes too long: %v", err)
			}
		})
	}
}

// SQLite runs in the process: what was cancelled has ended when the call returns, and
// the connection that writes is free.
func TestACancelledStatementOfSQLiteStops(t *testing.T) {
	t.Parallel()
	db := blog(t, dbtest.SQLite(t))
	const endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) "
	for what, sql := range map[string]string{
		"a query":     endless + "SELECT count(*) FROM n",
		"a statement": "INSERT INTO authors (name, rank) " + endless + "SELECT 'x' || x, x FROM n",
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := db.ExecContext(ctx, sql); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", what, err)
		}
		if n, err := database.From[Author](db).Count(t.Context()); err != nil || n != 3 {
			t.Errorf("after %s: %d authors, %v", what, n, err)
		}
		if err := database.Insert(t.Context(), db, &Profile{AuthorID: 2, Bio: what}); err != nil {
			t.Errorf("after %s: %v", what, err)
		}
	}
}

// The network has stopped: the caller does not wait for that, and what was cancelled
// stops when the server can be reached again.
func TestACancelledQueryStopsWhenTheServerIsReachedAgain(t *testing.T) {
	t.Parallel()
	url := dbtest.MariaDB(t)
	watch := blog(t, url)
	proxy := proxyFor(t, url)
	db := open(t, proxy.URL(url), nil)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := db.ExecContext(ctx, "SELECT "+long[database.MySQL]+", 'hanging'")
		done <- err
	}()
	waitRunning(t, watch, "hanging", 1)
	proxy.Hang()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	proxy.Resume()
	waitRunning(t, watch, "hanging", 0)
}

func TestWhatCannotBeStoppedIsInTheLog(t *testing.T) {
	t.Parallel()
	url := dbtest.MariaDB(t)
	watch := blog(t, url)
	proxy := proxyFor(t, url)
	var log strings.Builder
	db, err := database.Open(proxy.URL(url), &database.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := db.ExecContext(ctx, "SELECT "+long[database.MySQL]+", 'out of reach'")
		done <- err
	}()
	waitRunning(t, watch, "out of reach", 1)
	var id int64
	if err := watch.QueryRowContext(t.Context(), "SELECT id FROM information_schema.processlist WHERE info LIKE '%out of reach%' AND id <> connection_id()").Scan(&id); err != nil {
		t.Fatal(err)
	}
	proxy.Hang()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	waitRunning(t, watch, "out of reach", 1)
	exec(t, watch, fmt.Sprintf("KILL %d", id))
	if !strings.Contains(log.String(), "a cancelled query may go on in the server") {
		t.Errorf("the log:\n%s", log.String())
	}
}

func proxyFor(t *testing.T, address string) *dbtest.Proxy {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return dbtest.StartProxy(t, u.Host)
}
