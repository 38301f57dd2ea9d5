//go:build unix

package dbtest_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/kitgo/kit/internal/dbtest"
)

func TestPgBouncerPoolsTransactions(t *testing.T) {
	t.Parallel()
	s := dbtest.StartPgBouncer(t, dbtest.Postgres(t), &dbtest.PgBouncerOptions{PoolSize: 1})
	var conns [2]*pgx.Conn
	var backends [2]int
	for i := range conns {
		var err error
		if conns[i], err = connect(t.Context(), s.URL()); err != nil {
			t.Fatal(err)
		}
		defer conns[i].Close(context.Background())
		if err := conns[i].QueryRow(t.Context(), "SELECT pg_backend_pid()").Scan(&backends[i]); err != nil {
			t.Fatal(err)
		}
	}
	if backends[0] != backends[1] {
		t.Errorf("two connections ran on the connections %v of a pool of one", backends)
	}
	tx, err := conns[0].Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := conns[1].Exec(ctx, "SELECT 1"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a second statement beside a transaction in a pool of one: %v, want that it waits", err)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestPgBouncerGivesTheDatabaseOfTheURLAndRecoversWithPostgres(t *testing.T) {
	t.Parallel()
	server := dbtest.StartPostgres(t)
	server.CreateDatabase(t, "app")
	address := dbtest.PgBouncer(t, server.URL("app"))
	conn, err := connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var database string
	if err := conn.QueryRow(t.Context(), "SELECT current_database()").Scan(&database); err != nil || database != "app" {
		t.Errorf("the database is %q (%v), want app", database, err)
	}
	server.Stop()
	server.Start()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		err := answer(t.Context(), address)
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("10 s after PostgreSQL's start: %v", err)
		}
	}
}

func TestPgBouncerAsksForThePasswordOfTheURL(t *testing.T) {
	t.Parallel()
	server := dbtest.StartPostgres(t)
	server.CreateDatabase(t, "app")
	address := dbtest.PgBouncer(t, server.WithPassword(t, "app", `it's "right"`))
	if err := answer(t.Context(), address); err != nil {
		t.Error(err)
	}
	if err := answer(t.Context(), strings.Replace(address, "right", "wrong", 1)); err == nil || !strings.Contains(err.Error(), "SASL") {
		t.Errorf("a wrong password: %v", err)
	}
}

func TestPgBouncersConsoleAnswers(t *testing.T) {
	t.Parallel()
	s := dbtest.StartPgBouncer(t, dbtest.Postgres(t), nil)
	conn, err := pgx.Connect(t.Context(), s.AdminURL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	rows, err := conn.Query(t.Context(), "SHOW CONFIG")
	if err != nil {
		t.Fatal(err)
	}
	settings := map[string]string{}
	for rows.Next() {
		values, err := rows.Values()
		if err != nil {
			t.Fatal(err)
		}
		settings[values[0].(string)], _ = values[1].(string)
	}
	if rows.Err() != nil || settings["pool_mode"] != "transaction" || settings["default_pool_size"] != "20" {
		t.Errorf("%v: its settings are %v", rows.Err(), settings)
	}
}
