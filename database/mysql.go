package database

import (
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"os"
	"regexp"
	"strings"
	"syscall"

	"github.com/go-sql-driver/mysql"
	"github.com/uptrace/bun/dialect/feature"
	"github.com/uptrace/bun/dialect/mysqldialect"
)

// The errors of MySQL and MariaDB that this package knows.
const (
	mysqlTooManyConnections = 1040
	mysqlNoRightToDatabase  = 1044
	mysqlAccessDenied       = 1045
	mysqlUnknownDatabase    = 1049
	mysqlDuplicate          = 1062
	mysqlHostNotAllowed     = 1130
	mysqlTooManyOfUser      = 1203
	mysqlLimitOfUser        = 1226
	mysqlBadCollation       = 1253
	mysqlUnknownCollation   = 1273
	mysqlOption             = 1290 // such as --read-only
	mysqlDuplicateNamed     = 1586
	mysqlNoPassword         = 1698 // the user logs in by its name in the operating system
	mysqlReadOnly           = 1836
)

// mysqlServer is a database of MySQL or MariaDB.
type mysqlServer struct {
	url    string // redacted
	config *mysql.Config
	driver driver.Connector
	stops  mysqlStops
}

func (m *mysqlServer) String() string       { return m.url }
func (*mysqlServer) dialect() Dialect       { return MySQL }
func (m *mysqlServer) name() string         { return m.config.DBName }
func (*mysqlServer) bunDialect() bunDialect { return newMySQLDialect() }
func (*mysqlServer) check() error           { return nil }

func (m *mysqlServer) connector() driver.Connector { return m }

// Driver makes the server a driver.Connector.
func (m *mysqlServer) Driver() driver.Driver { return m.driver.Driver() }

// mysqlNumber returns the number of the server's error, or 0.
func mysqlNumber(err error) uint16 {
	if e, ok := errors.AsType[*mysql.MySQLError](err); ok {
		return e.Number
	}
	return 0
}

// mysqlDialect is bun's dialect without its question for the server's version, which
// would connect in Open. Its features are those that MySQL 8 and MariaDB 10.6 share.
type mysqlDialect struct{ *mysqldialect.Dialect }

func newMySQLDialect() mysqlDialect {
	return mysqlDialect{mysqldialect.New(mysqldialect.WithTimeLocation("UTC"))}
}

func (mysqlDialect) Init(*sql.DB) {}

func (d mysqlDialect) Features() feature.Feature { return d.Dialect.Features() | feature.CTE }

// AppendString refuses a zero byte, as on the other databases. bun's dialect drops it.
func (d mysqlDialect) AppendString(b []byte, s string) []byte {
	if strings.IndexByte(s, 0) >= 0 {
		return d.BaseDialect.AppendString(b, s)
	}
	return d.Dialect.AppendString(b, s)
}

// mysqlAccount finds the user in a message, as the server sees it: users from different
// hosts are different users.
var mysqlAccount = regexp.MustCompile(`'[^']*'@'[^']*'`)

func (m *mysqlServer) refusal(err error) refusal {
	user, name := m.config.User, m.config.DBName
	if server, ok := errors.AsType[*mysql.MySQLError](err); ok {
		switch server.Number {
		case mysqlAccessDenied:
			hint := "correct the user name and the password in DATABASE_URL"
			if account := mysqlAccount.FindString(server.Message); account != "" {
				hint += " (the server sees " + account + ")"
			}
			return refusal{true, fmt.Sprintf("password refused for user %q", user), hint}
		case mysqlNoPassword:
			return refusal{true, fmt.Sprintf("user %q does not log in with a password", user), "give the application a user of its own, with a password"}
		case mysqlUnknownDatabase:
			return refusal{true, fmt.Sprintf("database %q does not exist", name), fmt.Sprintf("create it (CREATE DATABASE `%s`) or correct the name in DATABASE_URL", name)}
		case mysqlNoRightToDatabase:
			return refusal{true, fmt.Sprintf("user %q may not use database %q", user, name), fmt.Sprintf("let the user in: GRANT ALL PRIVILEGES ON `%s`.* TO '%s'", name, user)}
		case mysqlHostNotAllowed:
			return refusal{true, server.Message, fmt.Sprintf("let user %q in from this host, or correct the user name in DATABASE_URL", user)}
		case mysqlBadCollation, mysqlUnknownCollation:
			return refusal{true, server.Message, "correct the collation in DATABASE_URL"}
		case mysqlTooManyConnections, mysqlTooManyOfUser, mysqlLimitOfUser:
			return refusal{false, server.Message, "raise max_connections of the server, or lower DB_MAX_CONNECTIONS of what connects to it"}
		}
		return refusal{false, server.Message, "look into the log of the MySQL server"}
	}
	r := refusal{false, "", "start MySQL, or correct the host and the port in DATABASE_URL"}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		r.reason = "connection refused"
	case isA[*net.DNSError](err):
		host, _, _ := net.SplitHostPort(m.config.Addr)
		r.reason = fmt.Sprintf("host %q not found", host)
	case isTimeout(err):
		r.reason = "no answer"
	case errors.Is(err, os.ErrNotExist):
		r.reason = "no server at " + m.config.Addr
		r.hint = "start MySQL, or correct the socket in DATABASE_URL"
	case errors.Is(err, mysql.ErrNoTLS):
		r.reason = "server refused TLS connection"
		r.hint = "turn TLS on in the server, or set tls=false in DATABASE_URL"
	case isA[x509.HostnameError](err):
		r.reason = rootCause(err)
		r.hint = "use a host in DATABASE_URL that the server's certificate names, or ssl-mode=VERIFY_CA, which does not ask for the host"
	case isA[*tls.CertificateVerificationError](err):
		r.reason = rootCause(err)
		r.hint = "name the file of the server's certificate authority with ssl-ca in DATABASE_URL"
	case errors.Is(err, driver.ErrBadConn), errors.Is(err, mysql.ErrInvalidConn):
		r.reason = "the server closed the connection"
		r.hint = "look into the log of the MySQL server"
	default:
		r.reason = rootCause(err)
		r.hint = "correct DATABASE_URL, or look into the log of the MySQL server"
	}
	return r
}
