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
// [Tx] runs a function in a transaction, which its context carries: every query with
// that context is part of it.
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
// in UTC, and refuse values that do not fit, however the server is set up.
//
// An SQLite URL takes mode=rwc (create the file, the default), rw (it must exist) or ro
// (read only).
//
// Special characters are percent-encoded: %20 is a space, %3F a question mark.
//
// A query whose context ends returns at once, and stops in the server.
package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"sync"
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
	// for 5 minutes when idle. 0 means the default of 10. Of an SQLite file these
	// read, and one more writes.
	MaxConnections int `env:"DB_MAX_CONNECTIONS" default:"10"`

	// MinConnections is how many connections [DB.Connect] opens and the pool keeps
	// open, so that requests do not wait for them. 0 means the default of 1, which
	// connecting needs anyway. SQLite needs none.
	MinConnections int `env:"DB_MIN_CONNECTIONS" default:"1"`

	// ConnectTimeout is how long [DB.Connect] waits for the database to answer.
	// 0 means the default of 30 seconds.
	ConnectTimeout time.Duration `env:"DB_CONNECT_TIMEOUT" default:"30s"`

	// Logging logs each statement, with its values, how long it took, and the place in
	// the program that ran it.
	Logging bool `env:"DB_LOGGING"`

	// SlowQuery is from which time on a statement is logged as a warning, with its
	// values and the place in the program that ran it. 0 means the default of 1 second;
	// below zero nothing is.
	SlowQuery time.Duration `env:"DB_SLOW_QUERY" default:"1s"`

	// Key encrypts the columns whose field has the tag kit:"encrypted". PreviousKeys
	// decrypt them, too: so a key can be replaced.
	Key          Key   `env:"APP_KEY"`
	PreviousKeys []Key `env:"APP_PREVIOUS_KEYS"`

	// Logger gets the log lines. Nil means slog.Default().
	Logger *slog.Logger `env:"-"`
}

// idleTimeout is how long an unused connection stays open.
const idleTimeout = 5 * time.Minute

// DB is a pool of connections to one database. It is safe for concurrent use.
type DB struct {
	target   target
	options  Options
	sql      *sql.DB
	bun      *bun.DB
	reads    *sql.DB // for queries that only read; the same as sql except in SQLite
	bunReads *bun.DB
	tap      *tap     // of the one connection of a database in memory; else nil
	models   sync.Map // reflect.Type: *model
	plans    plans

	keeping, closing sync.Once
	closed           chan struct{}
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
	db := &DB{target: t, closed: make(chan struct{})}
	db.plans.limit = maxPlans
	if o != nil {
		db.options = *o
	}
	if db.options.MaxConnections == 0 {
		db.options.MaxConnections = 10
	}
	if db.options.SlowQuery == 0 {
		db.options.SlowQuery = time.Second
	}
	if db.options.ConnectTimeout == 0 {
		db.options.ConnectTimeout = 30 * time.Second
	}
	if m, ok := t.(*mysqlServer); ok {
		m.stops.logger = db.logger
	}
	db.open()
	return db, nil
}

func (db *DB) open() {
	file, isFile := db.target.(*sqliteFile)
	switch {
	case db.inMemory():
		// Each connection would be a database of its own, which ends with it.
		db.tap = new(tap)
		db.sql = pool(tapped{db.target.connector(), db.tap}, 1)
		db.sql.SetConnMaxIdleTime(0)
	case isFile && file.mode != "ro":
		// SQLite has one writer at a time. Here they queue for its connection, in their
		// order and for as long as their contexts last, and no reader waits for them.
		db.sql = pool(file, 1)
		db.reads = pool(sqliteReader{file}, db.options.MaxConnections)
	default:
		db.sql = pool(db.target.connector(), db.options.MaxConnections)
	}
	db.bun = db.wrap(db.sql, db.tap, bun.WithConnResolver(resolver{db}))
	if db.reads == nil {
		db.reads, db.bunReads = db.sql, db.bun
		return
	}
	db.bunReads = db.wrap(db.reads, nil)
}

func pool(c driver.Connector, connections int) *sql.DB {
	p := sql.OpenDB(c)
	p.SetMaxOpenConns(connections)
	p.SetMaxIdleConns(connections)
	p.SetConnMaxIdleTime(idleTimeout)
	return p
}

// wrap gives a pool bun's queries and the log of statements.
func (db *DB) wrap(pool *sql.DB, t *tap, options ...bun.DBOption) *bun.DB {
	b := bun.NewDB(pool, db.target.bunDialect(), options...)
	if db.watches() {
		b = b.WithQueryHook(&queryLog{db, t})
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

// SQL returns the pool itself; of an SQLite file the one connection that writes.
// Arguments are $1 or ? there, as the driver wants. The transaction of a context is
// not known to it.
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

// Close closes the connections. It waits, for at most 10 seconds, until a query of MySQL
// that was cancelled has stopped in the server. Closing twice is no error.
func (db *DB) Close() error {
	db.closing.Do(func() { close(db.closed) })
	db.plans.close()
	err := db.bun.Close()
	if db.bunReads != db.bun {
		err = errors.Join(db.bunReads.Close(), err)
	}
	if m, ok := db.target.(*mysqlServer); ok {
		m.stops.wait()
	}
	if err != nil {
		return fmt.Errorf("close the database: %w", err)
	}
	return nil
}

// Ping reports whether the database answers a query. For SQLite it also fails
// when the file is no longer at its path, because what is written then is lost.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	if err := db.reads.QueryRowContext(ctx, "SELECT 1").Scan(&one); err != nil {
		return fmt.Errorf("ask the database: %w", err)
	}
	return db.target.check()
}

// ExecContext runs a statement that returns no rows. What the database refuses is a
// [*UniqueError], [*ForeignKeyError], [*NotNullError], [*CheckError], [*ConflictError]
// or [*TimeoutError], if it is one of those.
func (db *DB) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	r, err := db.route(ctx, "").ExecContext(ctx, query, args...)
	return r, db.explain(ctx, err)
}

// QueryContext runs a query.
func (db *DB) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	rows, err := db.route(ctx, query).QueryContext(ctx, query, args...)
	return rows, db.explain(ctx, err)
}

// QueryRowContext runs a query for one row. When there is none, Scan returns
// [sql.ErrNoRows].
func (db *DB) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	return db.route(ctx, query).QueryRowContext(ctx, query, args...)
}
