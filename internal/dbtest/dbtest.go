//go:build unix

// Package dbtest gives tests real servers: SQLite files, and PostgreSQL, MariaDB,
// PgBouncer and Redis servers of their own that are started from the installed
// programs. It has a [Proxy], too, to break what is between a program and a server.
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
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

// Tests share a server of each kind, each test with a database of its own. These
// servers have no owner but the process, hence the variables.
var (
	sharedPostgres shared[*PostgresServer]
	sharedMariaDB  shared[*MariaDBServer]
)

// shared is a server that is started when a test needs it.
type shared[S interface{ close() error }] struct {
	start     sync.Once
	started   bool
	server    S
	err       error
	databases atomic.Int64
}

// database returns the server and the name of a database that it does not have yet.
func (s *shared[S]) database(tb testing.TB, start func() (S, error)) (server S, name string) {
	tb.Helper()
	s.start.Do(func() {
		s.server, s.err = start()
		s.started = s.err == nil
	})
	if s.err != nil {
		tb.Fatal(s.err)
	}
	return s.server, fmt.Sprintf("test_%d", s.databases.Add(1))
}

// close ends the server if it was started.
func (s *shared[S]) close() error {
	if !s.started {
		return nil
	}
	return s.server.close()
}

// Run runs the tests of a package and then ends the servers that [Postgres] and
// [MariaDB] started for them, if they did. The result is the process's exit code.
func Run(m *testing.M) int {
	code := m.Run()
	for _, close := range []func() error{sharedPostgres.close, sharedMariaDB.close} {
		if err := close(); err != nil {
			fmt.Fprintln(os.Stderr, "dbtest:", err)
			code = max(code, 1)
		}
	}
	return code
}

// SQLite returns the URL of an SQLite database that does not exist yet, in a
// folder that is removed when the test ends.
func SQLite(tb testing.TB) string {
	tb.Helper()
	return "sqlite://" + filepath.Join(tb.TempDir(), "test.db")
}
