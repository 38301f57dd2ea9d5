package data_test

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/internal/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Run(m)) }

// place is a database with the rows.
type place struct {
	dialect database.Dialect
	url     string
	admin   *sql.DB // for what is not measured
}

// onSQLite returns a new file.
func onSQLite(tb testing.TB) *place {
	tb.Helper()
	return newPlace(tb, database.SQLite, dbtest.SQLite(tb))
}

// onPostgres returns a new database, over the server's unix socket.
func onPostgres(tb testing.TB) *place {
	tb.Helper()
	config, err := pgx.ParseConfig(dbtest.Postgres(tb))
	if err != nil {
		tb.Fatal(err)
	}
	db := stdlib.OpenDB(*config)
	defer db.Close()
	var folder string
	if err := db.QueryRowContext(tb.Context(), "SHOW unix_socket_directories").Scan(&folder); err != nil {
		tb.Fatal(err)
	}
	return newPlace(tb, database.Postgres, fmt.Sprintf("postgres://%s@/%s?host=%s&port=%d&sslmode=disable",
		config.User, config.Database, folder, config.Port))
}

func newPlace(tb testing.TB, d database.Dialect, url string) *place {
	tb.Helper()
	p := &place{dialect: d, url: url}
	p.admin = p.pool(tb, pgx.QueryExecModeCacheStatement)
	for statement := range strings.SplitSeq(tables(d), ";") {
		p.exec(tb, statement)
	}
	p.seed(tb)
	p.exec(tb, "ANALYZE")
	return p
}

// pool opens the database as programs without Kit do. The settings are those that Kit
// has; the mode is for pgx, which prepares each text by default.
func (p *place) pool(tb testing.TB, mode pgx.QueryExecMode) *sql.DB {
	tb.Helper()
	db := p.open(tb, mode)
	db.SetMaxOpenConns(10)
	db.SetMaxIdleConns(10)
	db.SetConnMaxIdleTime(5 * time.Minute)
	tb.Cleanup(func() { db.Close() })
	return db
}

func (p *place) open(tb testing.TB, mode pgx.QueryExecMode) *sql.DB {
	tb.Helper()
	if p.dialect == database.SQLite {
		settings := url.Values{
			"_pragma": {"busy_timeout(5000)", "synchronous(NORMAL)", "foreign_keys(1)", "journal_mode(WAL)"},
			"_txlock": {"immediate"}, "_time_format": {"sqlite"}, "_timezone": {"UTC"},
		}
		db, err := sql.Open("sqlite", "file:"+strings.TrimPrefix(p.url, "sqlite://")+"?"+settings.Encode())
		if err != nil {
			tb.Fatal(err)
		}
		return db
	}
	config, err := pgx.ParseConfig(p.url)
	if err != nil {
		tb.Fatal(err)
	}
	config.DefaultQueryExecMode = mode
	return stdlib.OpenDB(*config)
}

func (p *place) exec(tb testing.TB, statement string, args ...any) {
	tb.Helper()
	if _, err := p.admin.ExecContext(tb.Context(), statement, args...); err != nil {
		tb.Fatalf("%s: %v", statement, err)
	}
}

// tables returns the statements that make the tables.
func tables(d database.Dialect) string {
	text := `
		CREATE TABLE users (id KEY, name text NOT NULL, email text NOT NULL, active boolean NOT NULL, score REAL NOT NULL, created_at TIME NOT NULL);
		CREATE UNIQUE INDEX users_email ON users (email);
		CREATE TABLE guests (id KEY, name text NOT NULL, email text NOT NULL, active boolean NOT NULL, score REAL NOT NULL, created_at TIME NOT NULL);
		CREATE TABLE authors (id KEY, name text NOT NULL, email text NOT NULL, active boolean NOT NULL, score REAL NOT NULL, created_at TIME NOT NULL);
		CREATE TABLE posts (id KEY, author_id bigint NOT NULL REFERENCES authors (id), title text NOT NULL, body text NOT NULL, created_at TIME NOT NULL);
		CREATE INDEX posts_author ON posts (author_id)`
	if d == database.SQLite {
		return strings.NewReplacer("KEY", "INTEGER PRIMARY KEY", "TIME", "timestamp").Replace(text)
	}
	return strings.NewReplacer("KEY", "bigserial PRIMARY KEY", "REAL", "double precision", "TIME", "timestamptz").Replace(text)
}

// seed writes the rows that are read.
func (p *place) seed(tb testing.TB) {
	tb.Helper()
	people := "(name, email, active, score, created_at) VALUES ($1, $2, $3, $4, $5)"
	for _, u := range each(userCount, user) {
		p.exec(tb, "INSERT INTO users "+people, u.Name, u.Email, u.Active, u.Score, u.CreatedAt)
	}
	for _, a := range each(authorCount, author) {
		p.exec(tb, "INSERT INTO authors "+people, a.Name, a.Email, a.Active, a.Score, a.CreatedAt)
		for _, post := range a.Posts {
			p.exec(tb, "INSERT INTO posts (author_id, title, body, created_at) VALUES ($1, $2, $3, $4)", post.AuthorID, post.Title, post.Body, post.CreatedAt)
		}
	}
}

// reset makes the guests the same as the users.
func (p *place) reset(tb testing.TB) {
	tb.Helper()
	if p.dialect == database.SQLite {
		p.exec(tb, "DELETE FROM guests")
	} else {
		p.exec(tb, "TRUNCATE guests RESTART IDENTITY")
	}
	p.exec(tb, "INSERT INTO guests (name, email, active, score, created_at) SELECT name, email, active, score, created_at FROM users ORDER BY id")
}
