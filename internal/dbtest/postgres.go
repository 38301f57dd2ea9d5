//go:build unix

package dbtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// postgresAccess lets the administrator in without a password and asks all others
// for one.
const postgresAccess = `
local all all trust
host all ` + admin + ` 127.0.0.1/32 trust
host all all 127.0.0.1/32 scram-sha-256
`

// postgresSettings trade safety against a power cut, which tests do not need, for speed.
const postgresSettings = `
listen_addresses = '127.0.0.1'
max_connections = 300
fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = 32MB
autovacuum = off
password_encryption = 'scram-sha-256'
`

// PostgresServer is a PostgreSQL server of a test.
type PostgresServer struct {
	*Server
	bin string
}

// Postgres returns the URL of a fresh, empty PostgreSQL database on a server that
// the tests of the process share. The database is dropped when the test ends, even
// when connections to it are still open.
func Postgres(tb testing.TB) string {
	tb.Helper()
	server, name := sharedPostgres.database(tb, startPostgres)
	server.CreateDatabase(tb, name)
	tb.Cleanup(func() {
		if err := server.exec("DROP DATABASE IF EXISTS " + pgx.Identifier{name}.Sanitize() + " WITH (FORCE)"); err != nil {
			tb.Error(err)
		}
	})
	return server.URL(name)
}

// StartPostgres starts a PostgreSQL server for one test, which may stop it and
// start it again. It ends with the test. Most tests need only [Postgres].
func StartPostgres(tb testing.TB) *PostgresServer {
	tb.Helper()
	s, err := startPostgres()
	if err != nil {
		tb.Fatal(err)
	}
	s.endWith(tb)
	return s
}

func startPostgres() (*PostgresServer, error) {
	bin, err := postgresDir()
	if err != nil {
		return nil, err
	}
	// The postmaster takes SIGQUIT as "immediate shutdown".
	s := &PostgresServer{bin: bin, Server: &Server{name: "PostgreSQL", users: []string{"postgres"}, crash: syscall.SIGQUIT}}
	if err := s.launch(s); err != nil {
		return nil, err
	}
	return s, nil
}

// URL returns the URL of a database of the server, for its administrator, who
// needs no password. The database need not exist.
func (s *PostgresServer) URL(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User(admin), Host: s.Addr(), Path: "/" + database, RawQuery: "sslmode=disable"}
	return u.String()
}

// CreateDatabase creates an empty database.
func (s *PostgresServer) CreateDatabase(tb testing.TB, name string) {
	tb.Helper()
	if err := s.exec("CREATE DATABASE " + pgx.Identifier{name}.Sanitize()); err != nil {
		tb.Fatal(err)
	}
}

// WithPassword creates a user who owns the database and must give this password,
// and returns the URL of the database for that user.
func (s *PostgresServer) WithPassword(tb testing.TB, database, password string) string {
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

func (s *PostgresServer) create() error {
	initdb := s.run(filepath.Join(s.bin, "initdb"), "--pgdata", s.data(), "--username", admin, "--auth", "trust",
		"--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions")
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	config, err := os.OpenFile(filepath.Join(s.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(config, "%sunix_socket_directories = '%s'\n", postgresSettings, s.dir)
	return errors.Join(err, config.Close(), os.WriteFile(filepath.Join(s.data(), "pg_hba.conf"), []byte(postgresAccess), 0o600))
}

func (s *PostgresServer) command() ([]string, error) {
	return []string{filepath.Join(s.bin, "postgres"), "-D", s.data(), "-p", strconv.Itoa(s.port)}, nil
}

func (s *PostgresServer) answer(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// exec runs one statement as the administrator.
func (s *PostgresServer) exec(statement string) error {
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

func quoteLiteral(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
