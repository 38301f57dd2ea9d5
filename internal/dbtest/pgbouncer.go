//go:build unix

package dbtest

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

// pgbouncerSettings are the program's defaults but for the mode, the numbers, and
// the last line: it tries to reach a PostgreSQL server that was away after a second,
// not after fifteen.
const pgbouncerSettings = `[databases]
* = host=%s port=%s
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = %s
auth_file = %s
admin_users = %s
pool_mode = transaction
default_pool_size = %d
max_client_conn = 500
server_login_retry = 1
`

// PgBouncerServer is a PgBouncer of a test.
type PgBouncerServer struct {
	*Server
	path     string
	upstream *url.URL
	poolSize int
}

// PgBouncerOptions changes how [StartPgBouncer] starts it. The zero value is for
// most tests.
type PgBouncerOptions struct {
	// PoolSize is the most connections to PostgreSQL for each database and user.
	// The default is 20, as PgBouncer's.
	PoolSize int
}

// PgBouncer starts a PgBouncer for one test in front of the server of a PostgreSQL
// URL, and returns the URL of the same database through it. It pools transactions:
// each one of a connection may run on another connection of PostgreSQL's. It ends
// with the test.
func PgBouncer(tb testing.TB, postgresURL string) string {
	tb.Helper()
	return StartPgBouncer(tb, postgresURL, nil).URL()
}

// StartPgBouncer is [PgBouncer] for tests that stop it, or want other options. A
// nil o means the defaults.
//
// Clients must give the user and the password of the URL; where it has no password,
// none is asked for.
func StartPgBouncer(tb testing.TB, postgresURL string, o *PgBouncerOptions) *PgBouncerServer {
	tb.Helper()
	path, err := find(errNoPgBouncer, "pgbouncer", "/opt/homebrew/opt/pgbouncer/bin", "/usr/local/opt/pgbouncer/bin")
	if err != nil {
		tb.Fatal(err)
	}
	upstream, err := url.Parse(postgresURL)
	if err != nil {
		tb.Fatal(err)
	}
	s := &PgBouncerServer{
		path: path, upstream: upstream, poolSize: 20,
		Server: &Server{name: "PgBouncer", users: []string{"postgres"}, crash: syscall.SIGKILL},
	}
	if o != nil {
		s.poolSize = cmp.Or(o.PoolSize, s.poolSize)
	}
	if err := s.launch(s); err != nil {
		tb.Fatal(err)
	}
	s.endWith(tb)
	return s
}

// URL returns the URL it was started for, through this PgBouncer.
func (s *PgBouncerServer) URL() string {
	u := *s.upstream
	u.Host = s.Addr()
	return u.String()
}

// AdminURL returns the URL of PgBouncer's console, for statements such as SHOW POOLS
// and PAUSE. The console knows only the simple protocol, which the URL asks pgx for.
func (s *PgBouncerServer) AdminURL() string {
	u := *s.upstream
	u.Host, u.Path = s.Addr(), "/pgbouncer"
	query := u.Query()
	query.Set("default_query_exec_mode", "simple_protocol")
	u.RawQuery = query.Encode()
	return u.String()
}

func (s *PgBouncerServer) create() error { return nil }

func (s *PgBouncerServer) command() ([]string, error) {
	access := "trust"
	password, ok := s.upstream.User.Password()
	if ok {
		access = "scram-sha-256"
	}
	quote := func(word string) string { return `"` + strings.ReplaceAll(word, `"`, `""`) + `"` }
	users := filepath.Join(s.dir, "users")
	user := s.upstream.User.Username()
	if err := os.WriteFile(users, []byte(quote(user)+" "+quote(password)+"\n"), 0o644); err != nil {
		return nil, err
	}
	config := fmt.Sprintf(pgbouncerSettings, s.upstream.Hostname(), cmp.Or(s.upstream.Port(), "5432"),
		s.port, access, users, user, s.poolSize)
	file := filepath.Join(s.dir, "pgbouncer.ini")
	return []string{s.path, file}, os.WriteFile(file, []byte(config), 0o644)
}

func (s *PgBouncerServer) answer(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.AdminURL())
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}
