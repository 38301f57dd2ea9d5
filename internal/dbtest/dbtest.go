//go:build unix

// Package dbtest gives tests real databases: SQLite files, and PostgreSQL
// servers of their own that are started from the installed programs.
//
//	func TestMain(m *testing.M) { os.Exit(dbtest.Run(m)) }
//
//	func TestSomething(t *testing.T) {
//		db, err := database.Open(dbtest.Postgres(t), nil)
//
// A server lives in a temporary folder, listens on a free port of 127.0.0.1 and
// ends with the test process, however that one ends. Servers that were there
// before are never touched.
package dbtest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// shared is the PostgreSQL server of the test process: tests share it, each with
// a database of its own. It has no owner but the process, hence the variable.
var shared struct {
	start     sync.Once
	server    *Server
	err       error
	databases atomic.Int64
}

// Run runs the tests of a package and then ends the PostgreSQL server that
// [Postgres] started for them, if it did. The result is the process's exit code.
func Run(m *testing.M) int {
	code := m.Run()
	if shared.server != nil {
		if err := shared.server.close(); err != nil {
			fmt.Fprintln(os.Stderr, "dbtest:", err)
			return max(code, 1)
		}
	}
	return code
}

// Postgres returns the URL of a fresh, empty PostgreSQL database. The database is
// dropped when the test ends, even when connections to it are still open.
func Postgres(tb testing.TB) string {
	tb.Helper()
	shared.start.Do(func() { shared.server, shared.err = startServer() })
	if shared.err != nil {
		tb.Fatal(shared.err)
	}
	name := fmt.Sprintf("test_%d", shared.databases.Add(1))
	shared.server.CreateDatabase(tb, name)
	tb.Cleanup(func() {
		if err := shared.server.exec("DROP DATABASE IF EXISTS " + pgx.Identifier{name}.Sanitize() + " WITH (FORCE)"); err != nil {
			tb.Error(err)
		}
	})
	return shared.server.URL(name)
}

// SQLite returns the URL of an SQLite database that does not exist yet, in a
// folder that is removed when the test ends.
func SQLite(tb testing.TB) string {
	tb.Helper()
	return "sqlite://" + filepath.Join(tb.TempDir(), "test.db")
}

// StartPostgres starts a PostgreSQL server for one test, which may stop it and
// start it again. It ends with the test. Most tests need only [Postgres].
func StartPostgres(tb testing.TB) *Server {
	tb.Helper()
	s, err := startServer()
	if err != nil {
		tb.Fatal(err)
	}
	s.tb = tb
	tb.Cleanup(func() {
		if err := s.close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// URL returns the URL of a database of the server, for its administrator, who
// needs no password. The database need not exist.
func (s *Server) URL(database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.User(admin),
		Host: fmt.Sprintf("127.0.0.1:%d", s.port), Path: "/" + database, RawQuery: "sslmode=disable",
	}
	return u.String()
}

// CreateDatabase creates an empty database.
func (s *Server) CreateDatabase(tb testing.TB, name string) {
	tb.Helper()
	if err := s.exec("CREATE DATABASE " + pgx.Identifier{name}.Sanitize()); err != nil {
		tb.Fatal(err)
	}
}

// WithPassword creates a user who owns the database and must give this password,
// and returns the URL of the database for that user.
func (s *Server) WithPassword(tb testing.TB, database, password string) string {
	tb.Helper()
	user := "owner_of_" + database
	quoted := pgx.Identifier{user}.Sanitize()
	for _, statement := range []string{
		"CREATE ROLE " + quoted + " LOGIN PASSWORD " + quoteLiteral(password),
		"ALTER DATABASE " + pgx.Identifier{database}.Sanitize() + " OWNER TO " + quoted,
	} {
		if err := s.exec(statement); err != nil {
			tb.Fatal(err)
		}
	}
	u, err := url.Parse(s.URL(database))
	if err != nil {
		tb.Fatal(err)
	}
	u.User = url.UserPassword(user, password)
	return u.String()
}

// Stop ends the server at once, as a crash would: connections break and no
// transaction gets to its end.
func (s *Server) Stop() {
	s.tb.Helper()
	if err := s.stop(); err != nil {
		s.tb.Fatal(err)
	}
}

// Start starts a stopped server again, with its data and on its port, and waits
// until it answers.
func (s *Server) Start() {
	s.tb.Helper()
	if err := s.start(); err != nil {
		s.tb.Fatal(err)
	}
}

// Freeze stops the server's processes in the middle of what they do, so that
// connections stay open and nothing is answered, as when a machine or a network
// hangs. Thaw lets them go on.
func (s *Server) Freeze() {
	s.tb.Helper()
	if err := s.signalAll("STOP"); err != nil {
		s.tb.Fatal(err)
	}
}

// Thaw ends [Server.Freeze].
func (s *Server) Thaw() {
	s.tb.Helper()
	if err := s.signalAll("CONT"); err != nil {
		s.tb.Fatal(err)
	}
}

// exec runs one statement as the administrator.
func (s *Server) exec(statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}
