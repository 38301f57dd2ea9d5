package database_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/internal/dbtest"
)

func TestConnectErrors(t *testing.T) {
	t.Parallel()
	server := dbtest.StartPostgres(t)
	server.CreateDatabase(t, "app")
	withPassword := server.WithPassword(t, "app", "correct")
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() })
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte(strings.Repeat("this is not a database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}

	for name, tt := range map[string]struct {
		url, reason string
		timeout     time.Duration // a minute for what is known at once
	}{
		"no server":               {"postgres://app:hush@" + closed.Addr().String() + "/app", "connection refused (waited 300ms)", 300 * time.Millisecond},
		"a server that is silent": {"postgres://app:hush@" + silent.Addr().String() + "/app", "no answer (waited 300ms)", 300 * time.Millisecond},
		"a wrong password":        {strings.Replace(withPassword, "correct", "hush", 1), `password refused for user "owner_of_app"`, time.Minute},
		"no password":             {strings.Replace(withPassword, ":correct", "", 1), `password refused for user "owner_of_app"`, time.Minute},
		"no database":             {server.URL("missing"), `database "missing" does not exist`, time.Minute},
		"no TLS":                  {strings.Replace(server.URL("app"), "disable", "require", 1), "server refused TLS connection (waited 3s)", 3 * time.Second},
		"a file as directory":     {"sqlite://" + file + "/app.db", "not a directory for directory " + file, time.Minute},
		"a directory as file":     {"sqlite://" + dir, dir + " is a directory", time.Minute},
		"no directory possible":   {"sqlite:///proc/nowhere/app.db", "no such file or directory for directory /proc/nowhere", time.Minute},
		"not a database":          {"sqlite://" + file, file + " is not an SQLite database", time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := slog.New(slog.DiscardHandler)
			start := time.Now()
			err := open(t, tt.url, &database.Options{ConnectTimeout: tt.timeout, Logger: log}).Connect(t.Context())
			e, ok := errors.AsType[*database.ConnectError](err)
			if !ok {
				t.Fatalf("%v, want a *ConnectError", err)
			}
			if e.Reason != tt.reason {
				t.Errorf("reason %q, want %q (from: %v)", e.Reason, tt.reason, e.Err)
			}
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("took %s", took)
			}
			text := e.Error() + e.Hint() + e.Unwrap().Error()
			if !strings.HasPrefix(text, "DATABASE_URL=") || strings.Contains(text, "hush") || strings.Contains(e.Error(), "\n") {
				t.Errorf("text: %s", text)
			}
			if e.ExitCode() != 69 || e.Hint() == "" {
				t.Errorf("exit code %d, hint %q", e.ExitCode(), e.Hint())
			}
		})
	}
}

func TestConnectWaitsForTheDatabase(t *testing.T) {
	t.Parallel()
	postgres, mariadb := dbtest.StartPostgres(t), dbtest.StartMariaDB(t)
	for url, server := range map[string]interface {
		Start()
		Stop()
	}{postgres.URL("postgres"): postgres, mariadb.URL("mysql"): mariadb} {
		t.Run(url, func(t *testing.T) {
			t.Parallel()
			server.Stop()
			var log bytes.Buffer
			db := open(t, url, &database.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
			start := time.Now()
			connected := make(chan error)
			go func() { connected <- db.Connect(t.Context()) }()
			time.Sleep(200 * time.Millisecond)
			server.Start()
			if err := <-connected; err != nil {
				t.Error(err)
			}
			// One at once, then one each 5 seconds.
			if n := strings.Count(log.String(), "connection refused"); n < 1 || n > 1+int(time.Since(start)/(5*time.Second)) {
				t.Errorf("%d log lines:\n%s", n, log.String())
			}

			server.Stop()
			if err := db.Ping(t.Context()); err == nil {
				t.Error("Ping succeeds without a server")
			}
			server.Start()
			if err := db.Connect(t.Context()); err != nil {
				t.Errorf("connecting again: %v", err)
			}
		})
	}
}

func TestConnectEndsWithItsContext(t *testing.T) {
	t.Parallel()
	server := dbtest.StartPostgres(t)
	server.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	log := slog.New(slog.DiscardHandler)
	if err := open(t, server.URL("postgres"), &database.Options{Logger: log}).Connect(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want the context's", err)
	}
}

func TestOpenConnectsToNothing(t *testing.T) {
	t.Parallel()
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	for _, scheme := range []string{"postgres", "mysql"} {
		open(t, scheme+"://app@"+listener.Addr().String()+"/app", nil)
	}
	if err := listener.SetDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if c, err := listener.Accept(); err == nil {
		c.Close()
		t.Error("Open connects")
	}
}
