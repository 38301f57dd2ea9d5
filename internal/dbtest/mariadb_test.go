//go:build unix

package dbtest_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/kitgo/kit/internal/dbtest"
)

func openMariaDB(tb testing.TB, address string) *sql.DB {
	tb.Helper()
	connector, err := mariadbConnector(address)
	if err != nil {
		tb.Fatal(err)
	}
	db := sql.OpenDB(connector)
	tb.Cleanup(func() { db.Close() })
	return db
}

func mariadbConnector(address string) (driver.Connector, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	config := mysql.NewConfig()
	config.User = u.User.Username()
	config.Passwd, _ = u.User.Password()
	config.Net, config.Addr, config.DBName = "tcp", u.Host, strings.TrimPrefix(u.Path, "/")
	config.Logger = &mysql.NopLogger{}
	return mysql.NewConnector(config)
}

// mysqlNumber returns the number of a server's error, or 0.
func mysqlNumber(err error) uint16 {
	if failed, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return failed.Number
	}
	return 0
}

func TestEachMariaDBDatabaseIsEmptyAndItsUserMayDoEverything(t *testing.T) {
	t.Parallel()
	for range 2 {
		db := openMariaDB(t, dbtest.MariaDB(t))
		for _, statement := range []string{
			"CREATE TABLE things (id int, name varchar(20))",
			"INSERT INTO things VALUES (1, '🛠')",
			"CREATE DATABASE another",
			"GRANT SELECT ON another.* TO reader@'%' IDENTIFIED BY 'secret'",
			"DROP DATABASE another",
		} {
			if _, err := db.ExecContext(t.Context(), statement); err != nil {
				t.Errorf("%s: %v", statement, err)
			}
		}
	}
}

func TestAMariaDBDatabaseIsDroppedThoughATransactionHoldsItsTable(t *testing.T) {
	t.Parallel()
	var address string
	began := time.Now()
	t.Run("inner", func(t *testing.T) {
		address = dbtest.MariaDB(t)
		tx, err := openMariaDB(t, address).BeginTx(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		other := openMariaDB(t, address)
		for range 2 {
			if _, err := other.ExecContext(t.Context(), "CREATE TABLE IF NOT EXISTS things (id int)"); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := tx.ExecContext(t.Context(), "INSERT INTO things VALUES (1)"); err != nil {
			t.Fatal(err)
		}
	})
	if waited := time.Since(began); waited > 20*time.Second {
		t.Errorf("it took %v", waited)
	}
	const unknownDatabase = 1049
	if err := openMariaDB(t, address).PingContext(t.Context()); mysqlNumber(err) != unknownDatabase {
		t.Errorf("connecting after the test: %v, want that the database does not exist", err)
	}
}

func TestAMariaDBServerStopsAndStartsWithWhatWasCommitted(t *testing.T) {
	t.Parallel()
	s := dbtest.StartMariaDB(t)
	s.CreateDatabase(t, "app")
	db := openMariaDB(t, s.URL("app"))
	for _, statement := range []string{"CREATE TABLE things (id int)", "INSERT INTO things VALUES (1)"} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(t.Context(), "INSERT INTO things VALUES (2)"); err != nil {
		t.Fatal(err)
	}
	s.Stop()
	if err := tx.Commit(); err == nil {
		t.Error("a transaction was committed on a stopped server")
	}
	if err := db.PingContext(t.Context()); err == nil {
		t.Error("a stopped server answers")
	}
	s.Start()
	var rows int
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM things").Scan(&rows); err != nil || rows != 1 {
		t.Errorf("%d rows are there (%v), want the one that was committed", rows, err)
	}
}

func TestAMariaDBUserWithAPasswordNeedsIt(t *testing.T) {
	t.Parallel()
	s := dbtest.StartMariaDB(t)
	s.CreateDatabase(t, "app")
	address := s.WithPassword(t, "app", `it's \right`)
	if err := openMariaDB(t, address).PingContext(t.Context()); err != nil {
		t.Error(err)
	}
	const accessDenied = 1045
	if err := openMariaDB(t, strings.Replace(address, "right", "wrong", 1)).PingContext(t.Context()); mysqlNumber(err) != accessDenied {
		t.Errorf("a wrong password: %v", err)
	}
}
