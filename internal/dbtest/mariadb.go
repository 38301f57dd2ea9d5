//go:build unix

package dbtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
)

// mariadbSettings trade safety against a power cut, which tests do not need, for
// speed. A crash of the server alone loses nothing that was committed. The character
// set is the one that packages of MariaDB configure.
var mariadbSettings = []string{
	"--no-defaults",
	"--innodb-flush-log-at-trx-commit=2",
	"--loose-innodb-flush-method=nosync",
	"--innodb-buffer-pool-size=32M",
	"--innodb-log-file-size=16M",
	"--sync-frm=0",
	"--character-set-server=utf8mb4",
	"--collation-server=utf8mb4_general_ci",
}

// mariadbAdmin makes the administrator. The server that runs it has not read who
// may do what, hence the first statement.
const mariadbAdmin = `FLUSH PRIVILEGES;
CREATE USER ` + admin + `@'%';
GRANT ALL PRIVILEGES ON *.* TO ` + admin + `@'%' WITH GRANT OPTION;
`

// MariaDBServer is a MariaDB server of a test.
type MariaDBServer struct {
	*Server
	server, install string // the paths of the programs
}

// MariaDB returns the URL of a fresh, empty MariaDB database on a server that the
// tests of the process share, such as mysql://kit@127.0.0.1:41234/test_1. The user
// may do everything. The database is dropped when the test ends, even when
// connections to it are still open.
func MariaDB(tb testing.TB) string {
	tb.Helper()
	server, name := sharedMariaDB.database(tb, startMariaDB)
	server.CreateDatabase(tb, name)
	tb.Cleanup(func() {
		if err := server.dropDatabase(name); err != nil {
			tb.Error(err)
		}
	})
	return server.URL(name)
}

// StartMariaDB starts a MariaDB server for one test, which may stop it and start it
// again. It ends with the test. Most tests need only [MariaDB].
func StartMariaDB(tb testing.TB) *MariaDBServer {
	tb.Helper()
	s, err := startMariaDB()
	if err != nil {
		tb.Fatal(err)
	}
	s.endWith(tb)
	return s
}

func startMariaDB() (*MariaDBServer, error) {
	server, err := find(errNoMariaDB, "mariadbd", "/opt/homebrew/opt/mariadb*/bin", "/usr/local/opt/mariadb*/bin")
	if err != nil {
		return nil, err
	}
	install, err := find(errNoMariaDB, "mariadb-install-db", "/opt/homebrew/opt/mariadb*/bin", "/usr/local/opt/mariadb*/bin")
	if err != nil {
		return nil, err
	}
	s := &MariaDBServer{
		server: server, install: install,
		// The server takes every other signal as an orderly end.
		Server: &Server{name: "MariaDB", users: []string{"mysql"}, crash: syscall.SIGKILL},
	}
	if err := s.launch(s); err != nil {
		return nil, err
	}
	return s, nil
}

// URL returns the URL of a database of the server, for its administrator, who
// needs no password. The database need not exist.
func (s *MariaDBServer) URL(database string) string {
	u := url.URL{Scheme: "mysql", User: url.User(admin), Host: s.Addr(), Path: "/" + database}
	return u.String()
}

// CreateDatabase creates an empty database.
func (s *MariaDBServer) CreateDatabase(tb testing.TB, name string) {
	tb.Helper()
	if err := s.exec("CREATE DATABASE " + quoteName(name)); err != nil {
		tb.Fatal(err)
	}
}

// WithPassword creates a user who may do everything in the database and must give
// this password, and returns the URL of the database for that user.
func (s *MariaDBServer) WithPassword(tb testing.TB, database, password string) string {
	tb.Helper()
	user := "owner_of_" + database
	account := quoteLiteral(user) + "@'%'"
	escaped := strings.ReplaceAll(password, `\`, `\\`)
	for _, statement := range []string{
		"CREATE USER " + account + " IDENTIFIED BY " + quoteLiteral(escaped),
		"GRANT ALL PRIVILEGES ON " + quoteName(database) + ".* TO " + account,
	} {
		if err := s.exec(statement); err != nil {
			tb.Fatal(err)
		}
	}
	u := url.URL{Scheme: "mysql", User: url.UserPassword(user, password), Host: s.Addr(), Path: "/" + database}
	return u.String()
}

func (s *MariaDBServer) create() error {
	file := filepath.Join(s.dir, "admin.sql")
	if err := os.WriteFile(file, []byte(mariadbAdmin), 0o644); err != nil {
		return err
	}
	args := slices.Concat(mariadbSettings, []string{"--datadir=" + s.data(), "--extra-file=" + file,
		"--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"})
	if out, err := s.run(s.install, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("mariadb-install-db: %w\n%s", err, out)
	}
	return nil
}

func (s *MariaDBServer) command() ([]string, error) {
	return slices.Concat([]string{s.server}, mariadbSettings, []string{
		"--datadir=" + s.data(),
		"--socket=" + filepath.Join(s.dir, "socket"),
		"--pid-file=" + filepath.Join(s.dir, "mariadb.pid"),
		"--bind-address=127.0.0.1",
		"--port=" + strconv.Itoa(s.port),
		"--skip-name-resolve",
		"--skip-log-bin",
		"--max-connections=300",
	}), nil
}

func (s *MariaDBServer) answer(ctx context.Context) error {
	db, err := s.open()
	if err != nil {
		return err
	}
	return errors.Join(db.PingContext(ctx), db.Close())
}

// dropDatabase ends the connections to a database and drops it: DROP DATABASE
// waits for transactions.
func (s *MariaDBServer) dropDatabase(name string) error {
	db, err := s.open()
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	rows, err := db.QueryContext(ctx, "SELECT id FROM information_schema.processlist WHERE db = ?", name)
	if err != nil {
		return fmt.Errorf("list the connections to %s: %w", name, err)
	}
	defer rows.Close()
	var kills []string
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return err
		}
		kills = append(kills, fmt.Sprintf("KILL CONNECTION %d", id))
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("list the connections to %s: %w", name, err)
	}
	for _, kill := range kills {
		const unknownThread = 1094
		_, err := db.ExecContext(ctx, kill)
		if failed, ok := errors.AsType[*mysql.MySQLError](err); ok && failed.Number == unknownThread {
			continue // it has ended by itself
		}
		if err != nil {
			return fmt.Errorf("%s: %w", kill, err)
		}
	}
	if _, err := db.ExecContext(ctx, "DROP DATABASE IF EXISTS "+quoteName(name)); err != nil {
		return fmt.Errorf("drop the database %s: %w", name, err)
	}
	return nil
}

// exec runs one statement as the administrator.
func (s *MariaDBServer) exec(statement string) error {
	db, err := s.open()
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if _, err := db.ExecContext(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

// open returns a pool of the administrator's connections, to no database.
func (s *MariaDBServer) open() (*sql.DB, error) {
	config := mysql.NewConfig()
	config.User, config.Net, config.Addr = admin, "tcp", s.Addr()
	config.Logger = &mysql.NopLogger{} // the errors are returned, too
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

func quoteName(s string) string { return "`" + strings.ReplaceAll(s, "`", "``") + "`" }
