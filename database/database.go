// Package database connects to PostgreSQL, MySQL, MariaDB and SQLite and reads rows into
// structs.
//
//	db, err := database.Open("sqlite://database/app.db", nil)
//	if err != nil {
//		return err
//	}
//	defer db.Close()
//
//	open, err := database.From[Todo](db).Where("done = ?", false).OrderBy("id DESC").All(ctx)
//
// A model is a struct with bun tags; its table is the plural of its name in snake
// case (Todo: todos), or what the tag of an embedded bun.BaseModel says:
//
//	type Todo struct {
//		ID        int64     `bun:"id,pk,autoincrement"`
//		Title     string    `bun:"title"`
//		CreatedAt time.Time `bun:"created_at"`
//	}
//
// SQL takes its arguments at question marks on all databases. What this package
// has no words for, bun has: see [DB.Bun] and [Conn].
//
// # URLs
//
//	postgres://user:password@host:5432/name?sslmode=require
//	mysql://user:password@host:3306/name?tls=true
//	sqlite://database/app.db      a file, relative to the working directory
//	sqlite:///var/lib/app/app.db  an absolute path
//	sqlite://:memory:             one connection, gone with the process
//
// A PostgreSQL URL takes the parameters of libpq.
//
// A URL of MySQL (from 8.0.13) or MariaDB (from 10.6), where mariadb:// is the same as
// mysql://, takes tls=true (the certificate must be for the host), skip-verify, preferred
// (TLS if the server has it, the default) or false; in place of it ssl-mode, as MySQL's
// own programs have it; ssl-ca=FILE with the certificates that are trusted;
// socket=/PATH instead of a host; and collation. Connections speak utf8mb4, keep times
// in UTC, and refuse values that do not fit, however the server is set up. A query whose
// context ends returns at once, but the server goes on with it; PostgreSQL stops it.
//
// An SQLite URL takes mode=rwc (create the file, the default), rw (it must exist) or ro
// (read only).
//
// Special characters are percent-encoded: %20 is a space, %3F a question mark.
package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"log/slog"
	"time"

	"github.com/uptrace/bun"
)

// Dialect names the SQL that a database speaks.
type Dialect string

// The dialects.
const (
	Postgres Dialect = "postgres"
	MySQL    Dialect = "mysql" // and MariaDB
	SQLite   Dialect = "sqlite"
)

// Options sets up a [DB]. The zero value means the defaults.
type Options struct {
	// MaxConnections is how many connections the pool may have. They stay open
	// for 5 minutes when idle. 0 means the default of 10.
	MaxConnections int `env:"DB_MAX_CONNECTIONS" default:"10"`

	// ConnectTimeout is how long [DB.Connect] waits for the database to answer.
	// 0 means the default of 30 seconds.
	ConnectTimeout time.Duration `env:"DB_CONNECT_TIMEOUT" default:"30s"`

	// Logging logs each statement, with its values and how long it took.
	Logging bool `env:"DB_LOGGING"`

	// Logger gets the log lines. Nil means slog.Default().
	Logger *slog.Logger `env:"-"`
}

// idleTimeout is how long an unused connection stays open.
const idleTimeout = 5 * time.Minute

// DB is a pool of connections to one database. It is safe for concurrent use.
type DB struct {
	target  target
	options Options
	sql     *sql.DB
	bun     *bun.DB
	tap     *tap // of the one connection of a database in memory; else nil
}

// target is a database that a URL names.
type target interface {
	dialect() Dialect
	name() string
	// connector makes the connections of a pool.
	connector() driver.Connector
	// bunDialect returns a new value each time, as bun keeps state in it.
	bunDialect() bunDialect
	// check finds what a query cannot: the file under the connections has gone.
	check() error
	// refusal explains why connecting failed, and whether trying again may help.
	refusal(error) refusal
}

// Open returns the database that url names. It touches neither the network nor
// the database's file: connections are made when they are needed, or by
// [DB.Connect]. A nil o means the defaults. The error is a [*URLError].
func Open(url string, o *Options) (*DB, error) {
	t, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	db := &DB{target: t}
	if o != nil {
		db.options = *o
	}
	if db.options.MaxConnections == 0 {
		db.options.MaxConnections = 10
	}
	if db.options.ConnectTimeout == 0 {
		db.options.ConnectTimeout = 30 * time.Second
	}
	if db.inMemory() {
		// Each connection would be a database of its own, which ends with it.
		db.tap = new(tap)
		db.sql = sql.OpenDB(tapped{t.connector(), db.tap})
		db.sql.SetMaxOpenConns(1)
		db.sql.SetMaxIdleConns(1)
	} else {
		db.sql = sql.OpenDB(t.connector())
		db.sql.SetMaxOpenConns(db.options.MaxConnections)
		db.sql.SetMaxIdleConns(db.options.MaxConnections)
		db.sql.SetConnMaxIdleTime(idleTimeout)
	}
	db.bun = db.wrap(db.sql, db.tap)
	return db, nil
}

// wrap gives a pool bun's queries and the log of statements.
func (db *DB) wrap(pool *sql.DB, t *tap) *bun.DB {
	b := bun.NewDB(pool, db.target.bunDialect())
	if db.options.Logging {
		b = b.WithQueryHook(&queryLog{db.logger, t})
	}
	return b
}

func (db *DB) logger() *slog.Logger {
	if db.options.Logger != nil {
		return db.options.Logger
	}
	return slog.Default()
}

func (db *DB) inMemory() bool {
	f, ok := db.target.(*sqliteFile)
	return ok && f.path == memory
}

// Dialect returns the SQL that the database speaks.
func (db *DB) Dialect() Dialect { return db.target.dialect() }

// SQL returns the pool itself. Arguments are $1 or ? there, as the driver wants.
func (db *DB) SQL() *sql.DB { return db.sql }

// Bun returns the query builder over the pool.
func (db *DB) Bun() *bun.DB { return db.bun }

// IDB returns the query builder, as [Conn] wants it.
func (db *DB) IDB() bun.IDB { return db.bun }

// Name returns the name of the database, such as "shop"; for SQLite the name of
// its file without the directory.
func (db *DB) Name() string { return db.target.name() }

// Path returns the path of an SQLite file as the URL has it, and "" when there
// is no file: for PostgreSQL, and for a database in memory.
func (db *DB) Path() string {
	if f, ok := db.target.(*sqliteFile); ok && f.path != memory {
		return f.path
	}
	return ""
}

// String returns the URL without its password.
func (db *DB) String() string { return fmt.Sprint(db.target) }

// Close closes the connections. Closing twice is no error.
func (db *DB) Close() error {
	if err := db.bun.Close(); err != nil {
		return fmt.Errorf("close the database: %w", err)
	}
	return nil
}

// Ping reports whether the database answers a query. For SQLite it also fails
// when the file is no longer at its path, because what is written then is lost.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	if err := db.sql.QueryRowContext(ctx, "SELECT 1").Scan(&one); err != nil {
		return fmt.Errorf("ask the database: %w", err)
	}
	return db.target.check()
}

// ExecContext runs a statement that returns no rows. A violated unique index is a
// [*UniqueError].
func (db *DB) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	r, err := db.bun.ExecContext(ctx, query, args...)
	return r, typed(err)
}

// QueryContext runs a query.
func (db *DB) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return db.bun.QueryContext(ctx, query, args...)
}

// QueryRowContext runs a query for one row. When there is none, Scan returns
// [sql.ErrNoRows].
func (db *DB) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return db.bun.QueryRowContext(ctx, query, args...)
}

// Transaction runs f in a transaction and commits it when f returns nil. When f
// returns an error or panics, or ctx ends, it is rolled back. All queries of f
// must use tx: other queries wait for a second connection, and for ever with
// sqlite://:memory:, which has only one.
func (db *DB) Transaction(ctx context.Context, f func(ctx context.Context, tx *Tx) error) error {
	return transaction(ctx, db.bun, db.Dialect(), f)
}
