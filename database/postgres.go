package database

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/schema"
)

// bunDialect is bun's idea of a database.
type bunDialect = schema.Dialect

// attemptTimeout bounds one attempt to connect, unless the URL says connect_timeout:
// a host that swallows packets must not use up the time for all attempts.
const attemptTimeout = 5 * time.Second

// postgres is a PostgreSQL database.
type postgres struct {
	url    string // redacted
	config *pgx.ConnConfig
}

// newPostgres returns the database of a URL, or what is wrong with it.
func newPostgres(raw string) (target, string) {
	config, err := pgx.ParseConfig(raw)
	if err != nil {
		// The text before the last quoted URL repeats it.
		_, problem, _ := strings.Cut(err.Error(), "`: ")
		return nil, oneLine(problem)
	}
	// bun writes the arguments into the text, so that preparing each text, as pgx
	// does by default, would cost a round trip and gain nothing.
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = attemptTimeout
	}
	if config.RuntimeParams["application_name"] == "" {
		if program, err := os.Executable(); err == nil {
			config.RuntimeParams["application_name"] = filepath.Base(program)
		}
	}
	if config.RuntimeParams["timezone"] == "" {
		config.RuntimeParams["timezone"] = "UTC"
	}
	return &postgres{redact(raw), config}, ""
}

func (p *postgres) String() string       { return p.url }
func (*postgres) dialect() Dialect       { return Postgres }
func (p *postgres) name() string         { return p.config.Database }
func (*postgres) bunDialect() bunDialect { return pgdialect.New() }
func (*postgres) check() error           { return nil }

func (p *postgres) connector() driver.Connector {
	return stdlib.GetConnector(*p.config, stdlib.OptionAfterConnect(readUTC))
}

// readUTC makes a connection return timestamptz values in UTC instead of the
// process's time zone, as SQLite does.
func readUTC(_ context.Context, c *pgx.Conn) error {
	c.TypeMap().RegisterType(&pgtype.Type{
		Name: "timestamptz", OID: pgtype.TimestamptzOID,
		Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
	return nil
}

func (p *postgres) refusal(err error) refusal {
	if server, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch {
		case server.Code == "28P01":
			return refusal{true, fmt.Sprintf("password refused for user %q", p.config.User), "correct the user name and the password in DATABASE_URL"}
		case server.Code == "3D000":
			return refusal{true, fmt.Sprintf("database %q does not exist", p.config.Database), fmt.Sprintf("create it (createdb %s) or correct the name in DATABASE_URL", p.config.Database)}
		case strings.HasPrefix(server.Code, "28"):
			return refusal{true, server.Message, "correct the user name in DATABASE_URL, or let this user in with pg_hba.conf"}
		case server.Code == "42501":
			return refusal{true, server.Message, fmt.Sprintf("let the user in: GRANT CONNECT ON DATABASE %s TO %s", p.config.Database, p.config.User)}
		}
		return refusal{false, server.Message, "look into the log of the PostgreSQL server"}
	}
	r := refusal{false, "", "start PostgreSQL, or correct the host and the port in DATABASE_URL"}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		r.reason = "connection refused"
	case isA[*net.DNSError](err):
		r.reason = fmt.Sprintf("host %q not found", p.config.Host)
	case isTimeout(err):
		r.reason = "no answer"
	case errors.Is(err, os.ErrNotExist): // a socket in the file system
		r.reason = "no server at " + p.config.Host
	default:
		// The texts before the last colon are addresses and steps of connecting.
		steps := strings.Split(rootCause(err), ": ")
		r.reason = steps[len(steps)-1]
		r.hint = "correct DATABASE_URL, or look into the log of the PostgreSQL server"
	}
	return r
}

func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func isTimeout(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	t, ok := errors.AsType[net.Error](err)
	return ok && t.Timeout()
}

// rootCause returns the innermost text of an error, on one line. The outer texts
// repeat what is in the URL.
func rootCause(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return oneLine(err.Error())
		}
		err = inner
	}
}

func oneLine(s string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return first
}
