package database_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/internal/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Run(m)) }

// each runs a test on every database, with the URL of an empty one.
func each(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); test(t, dbtest.SQLite(t)) })
	t.Run("memory", func(t *testing.T) { t.Parallel(); test(t, "sqlite://:memory:") })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); test(t, dbtest.Postgres(t)) })
	t.Run("mariadb", func(t *testing.T) { t.Parallel(); test(t, dbtest.MariaDB(t)) })
}

func open(t *testing.T, url string, o *database.Options) *database.DB {
	t.Helper()
	db, err := database.Open(url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func exec(t *testing.T, c database.Conn, query string, args ...any) {
	t.Helper()
	if _, err := c.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func count(t *testing.T, c database.Conn, table string) int {
	t.Helper()
	var n int
	if err := c.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestPlaceholdersAreTheSameOnAllDatabases(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := open(t, url, nil)
		exec(t, db, "CREATE TABLE words (word text, n integer)")
		hostile := `it's; -- "$1" ? \`
		exec(t, db, "INSERT INTO words VALUES (?, ?)", hostile, 7)
		var word string
		if err := db.QueryRowContext(t.Context(), "SELECT word FROM words WHERE word = ? AND n = ?", hostile, 7).Scan(&word); err != nil || word != hostile {
			t.Errorf("read back %q, %v", word, err)
		}
	})
}

func TestTransactions(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := open(t, url, nil)
		exec(t, db, "CREATE TABLE words (word text)")
		insert := func(ctx context.Context, tx *database.Transaction) error {
			_, err := tx.ExecContext(ctx, "INSERT INTO words VALUES ('x')")
			return err
		}
		if err := db.Transaction(t.Context(), insert); err != nil {
			t.Fatal(err)
		}
		if n := count(t, db, "words"); n != 1 {
			t.Errorf("%d rows after a commit, want 1", n)
		}
		mistake := errors.New("mistake")
		err := db.Transaction(t.Context(), func(ctx context.Context, tx *database.Transaction) error {
			return errors.Join(insert(ctx, tx), mistake)
		})
		if !errors.Is(err, mistake) {
			t.Errorf("error %v, want the function's", err)
		}
		func() {
			defer func() {
				if p := recover(); p != "panic" {
					t.Errorf("recovered %v, want the function's panic", p)
				}
			}()
			_ = db.Transaction(t.Context(), func(ctx context.Context, tx *database.Transaction) error {
				_ = insert(ctx, tx)
				panic("panic")
			})
		}()
		ctx, cancel := context.WithCancel(t.Context())
		err = db.Transaction(ctx, func(ctx context.Context, tx *database.Transaction) error {
			defer cancel()
			return insert(ctx, tx)
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v of a transaction whose context ended, want that", err)
		}
		if n := count(t, db, "words"); n != 1 {
			t.Errorf("%d rows after an error, a panic and a cancel, want 1", n)
		}
	})
}

func TestASessionKeepsItsSettingsToItself(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{"sqlite": dbtest.SQLite(t), "postgres": dbtest.Postgres(t), "mariadb": dbtest.MariaDB(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := open(t, url, &database.Options{MaxConnections: 1})
			exec(t, db, "CREATE TABLE words (word text)")
			s, err := db.Session(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			exec(t, s, "CREATE TEMPORARY TABLE mine (word text)")
			if n := count(t, s, "mine"); n != 0 {
				t.Error("the temporary table is not empty")
			}
			if _, err := db.ExecContext(t.Context(), "SELECT * FROM mine"); err == nil {
				t.Error("the pool sees the session's temporary table")
			}
			if err := s.Transaction(t.Context(), func(ctx context.Context, tx *database.Transaction) error {
				_, err := tx.ExecContext(ctx, "INSERT INTO words VALUES ('x')")
				return err
			}); err != nil {
				t.Error(err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			if n := count(t, db, "words"); n != 1 {
				t.Errorf("%d rows, want 1", n)
			}
		})
	}
}

func TestTimesComeBackInUTC(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := open(t, url, nil)
		kind := map[database.Dialect]string{database.Postgres: "timestamptz", database.MySQL: "datetime(6)", database.SQLite: "TIMESTAMP"}
		exec(t, db, "CREATE TABLE events (at "+kind[db.Dialect()]+")")
		at := time.Date(2026, 7, 1, 12, 30, 15, 123456000, time.FixedZone("far", 5*3600))
		exec(t, db, "INSERT INTO events VALUES (?)", at)
		var got time.Time
		if err := db.QueryRowContext(t.Context(), "SELECT at FROM events WHERE at = ?", at).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if !got.Equal(at) || got.Location() != time.UTC {
			t.Errorf("read back %v in %q, want %v", got, got.Location(), at.UTC())
		}
	})
}

func TestLogging(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	db := open(t, "sqlite://:memory:", &database.Options{Logging: true, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	exec(t, db, "CREATE TABLE words (word text)")
	for _, want := range []string{"level=INFO", "CREATE TABLE words", "duration="} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log has no %s: %s", want, log.String())
		}
	}
}

func TestSQLiteSettings(t *testing.T) {
	t.Parallel()
	db := open(t, dbtest.SQLite(t), nil)
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "1", "foreign_keys": "1", "busy_timeout": "5000"} {
		var got string
		if err := db.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("PRAGMA %s = %s (%v), want %s", pragma, got, err, want)
		}
	}
}

func TestSQLitePathsAreTakenLiterally(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"plain.db", "with space.db", "per%25cent.db", "quest%3Fion.db", "ha#sh.db", "amp&ersand.db", "deep/er/app.db"} {
		db := open(t, "sqlite://"+dir+"/"+name, nil)
		if err := db.Connect(t.Context()); err != nil {
			t.Error(err)
			continue
		}
		want := filepath.Join(dir, strings.NewReplacer("%25", "%", "%3F", "?").Replace(name))
		if _, err := os.Stat(want); err != nil {
			t.Error(err)
		}
		if got := db.Name(); got != filepath.Base(want) {
			t.Errorf("Name() = %q, want %q", got, filepath.Base(want))
		}
	}
}

func TestOpenCreatesNothing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new")
	open(t, "sqlite://"+dir+"/app.db", nil)
	if _, err := os.Stat(dir); err == nil {
		t.Error("the directory was made before the first connection")
	}
}

func TestSQLiteModes(t *testing.T) {
	t.Parallel()
	url := dbtest.SQLite(t)
	for _, mode := range []string{"rw", "ro"} {
		if err := open(t, url+"?mode="+mode, nil).Connect(t.Context()); err == nil || !strings.Contains(err.Error(), "does not exist") {
			t.Errorf("mode=%s without a file: %v", mode, err)
		}
	}
	exec(t, open(t, url, nil), "CREATE TABLE words (word text)")
	exec(t, open(t, url+"?mode=rw", nil), "INSERT INTO words VALUES ('x')")
	readOnly := open(t, url+"?mode=ro", nil)
	if n := count(t, readOnly, "words"); n != 1 {
		t.Errorf("%d rows, want 1", n)
	}
	if _, err := readOnly.ExecContext(t.Context(), "INSERT INTO words VALUES ('y')"); err == nil {
		t.Error("mode=ro writes")
	}
}

func TestPingNoticesThatTheFileHasGone(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(path string) error{
		"deleted": os.Remove,
		"replaced": func(path string) error {
			return errors.Join(os.Rename(path, path+".old"), os.WriteFile(path, nil, 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "app.db")
			db := open(t, "sqlite://"+path, nil)
			if err := db.Ping(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := change(path); err != nil {
				t.Fatal(err)
			}
			if err := db.Ping(t.Context()); err == nil || !strings.Contains(err.Error(), path) {
				t.Errorf("Ping = %v, want an error with the path", err)
			}
		})
	}
}

func TestWritersWaitForEachOther(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, url string) {
		db := open(t, url, nil)
		exec(t, db, "CREATE TABLE counters (n integer)")
		exec(t, db, "INSERT INTO counters VALUES (0)")
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range 20 {
					if _, err := db.ExecContext(t.Context(), "UPDATE counters SET n = n + 1"); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		var n int
		if err := db.QueryRowContext(t.Context(), "SELECT n FROM counters").Scan(&n); err != nil || n != 160 {
			t.Errorf("counted to %d (%v), want 160", n, err)
		}
	})
}

func TestANewSQLiteFileIsOpenedByManyAtOnce(t *testing.T) {
	t.Parallel()
	url := dbtest.SQLite(t)
	var wg sync.WaitGroup
	for range 12 {
		db := open(t, url, nil)
		wg.Go(func() {
			if err := db.Ping(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestNamesAndDialects(t *testing.T) {
	t.Parallel()
	type facts struct {
		Dialect            database.Dialect
		Name, Path, String string
	}
	for url, want := range map[string]facts{
		"sqlite://:memory:":               {database.SQLite, ":memory:", "", "sqlite://:memory:"},
		"sqlite://./data/app.db":          {database.SQLite, "app.db", "data/app.db", "sqlite://./data/app.db"},
		"sqlite:///srv/app.db?mode=rw":    {database.SQLite, "app.db", "/srv/app.db", "sqlite:///srv/app.db?mode=rw"},
		"postgres://app:secret@db/shop":   {database.Postgres, "shop", "", "postgres://app:***@db/shop"},
		"postgresql://app@db:6432/shop":   {database.Postgres, "shop", "", "postgresql://app@db:6432/shop"},
		"postgres://[::1]:6432/shop":      {database.Postgres, "shop", "", "postgres://[::1]:6432/shop"},
		"postgres://db/?dbname=shop":      {database.Postgres, "shop", "", "postgres://db/?dbname=shop"},
		"postgres://u@db/s?password=hush": {database.Postgres, "s", "", "postgres://u@db/s?password=***"},
		"mysql://app:secret@db:3307/shop": {database.MySQL, "shop", "", "mysql://app:***@db:3307/shop"},
		"mysql://app@/shop?socket=/run/s": {database.MySQL, "shop", "", "mysql://app@/shop?socket=/run/s"},
		"mariadb://a@[::1]/shop?tls=true": {database.MySQL, "shop", "", "mariadb://a@[::1]/shop?tls=true"},
	} {
		db := open(t, url, nil)
		if diff := cmp.Diff(want, facts{db.Dialect(), db.Name(), db.Path(), db.String()}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", url, diff)
		}
	}
}

func TestURLErrors(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"":                                     `DATABASE_URL="": is empty`,
		"app.db":                               `DATABASE_URL="app.db": has no scheme; the known ones are postgres://, mysql:// and sqlite://`,
		"oracle://app:hush@db/shop":            `DATABASE_URL="oracle://app:***@db/shop": unknown scheme oracle://; the known ones are postgres://, mysql:// and sqlite://`,
		"postgres://app:hush@host:80a/db":      `DATABASE_URL="postgres://app:***@host:80a/db": port "80a" is not a number from 1 to 65535`,
		"postgres://app:hush@host:99999/db":    `DATABASE_URL="postgres://app:***@host:99999/db": port "99999" is not a number from 1 to 65535`,
		"postgres://app:hush@host:0/db":        `DATABASE_URL="postgres://app:***@host:0/db": port "0" is not a number from 1 to 65535`,
		"postgres://app:hush@host:/db":         `DATABASE_URL="postgres://app:***@host:/db": port "" is not a number from 1 to 65535`,
		"postgres://app:hush@host":             `DATABASE_URL="postgres://app:***@host": has no database name after the host`,
		"postgres://app:hush@host/":            `DATABASE_URL="postgres://app:***@host/": has no database name after the host`,
		"postgres://app:hu/sh@host/db":         `DATABASE_URL="postgres://app:***@host/db": special characters in the user name or password must be percent-encoded, such as %2F for / and %23 for #`,
		"postgres://app:hu#sh@host/db":         `DATABASE_URL="postgres://app:***@host/db": special characters in the user name or password must be percent-encoded, such as %2F for / and %23 for #`,
		"postgres://app:hush%@host/db":         `DATABASE_URL="postgres://app:***@host/db": a % must be followed by two hexadecimal digits; write %25 for the character itself`,
		"postgres://app:hush@host/db?sslmode=": "",
		"postgres://u:hush@h/db?sslmode=maybe": `DATABASE_URL="postgres://u:***@h/db?sslmode=maybe": failed to configure TLS (sslmode is invalid)`,
		"mysql://app:hush@host:80a/db":         `DATABASE_URL="mysql://app:***@host:80a/db": port "80a" is not a number from 1 to 65535`,
		"mysql://app:hu/sh@host/db":            `DATABASE_URL="mysql://app:***@host/db": special characters in the user name or password must be percent-encoded, such as %2F for / and %23 for #`,
		"mysql://app:hush@host":                `DATABASE_URL="mysql://app:***@host": has no database name after the host`,
		"mariadb://app:hush@host/?tls=true":    `DATABASE_URL="mariadb://app:***@host/?tls=true": has no database name after the host`,
		"mysql://app:hush@host/a/b":            `DATABASE_URL="mysql://app:***@host/a/b": database name "a/b" has a slash`,
		"mysql://host/db":                      `DATABASE_URL="mysql://host/db": has no user name before the host`,
		"mysql://u:hush@h/db?sslmode=require":  `DATABASE_URL="mysql://u:***@h/db?sslmode=require": unknown parameter "sslmode"; MySQL takes tls, ssl-mode, ssl-ca, socket, charset, collation`,
		"mysql://u:hush@h/db?tls=maybe":        `DATABASE_URL="mysql://u:***@h/db?tls=maybe": tls "maybe" is none of true, skip-verify, preferred and false`,
		"mysql://u:hush@h/db?ssl-mode=maybe":   `DATABASE_URL="mysql://u:***@h/db?ssl-mode=maybe": ssl-mode "maybe" is none of REQUIRED, VERIFY_CA, VERIFY_IDENTITY, PREFERRED and DISABLED`,
		"mysql://h/d?tls=true&ssl-mode=x":      `DATABASE_URL="mysql://h/d?tls=true&ssl-mode=x": has no user name before the host`,
		"mysql://u@h/d?tls=true&ssl-mode=x":    `DATABASE_URL="mysql://u@h/d?tls=true&ssl-mode=x": has both tls and ssl-mode; leave one out`,
		"mysql://u@h/d?ssl-ca=/none":           `DATABASE_URL="mysql://u@h/d?ssl-ca=/none": cannot read ssl-ca /none: no such file or directory`,
		"mysql://u@h/d?ssl-ca=/dev/null":       `DATABASE_URL="mysql://u@h/d?ssl-ca=/dev/null": ssl-ca /dev/null has no certificate in PEM form`,
		"mysql://u@h/d?ssl-ca=/c&tls=false":    `DATABASE_URL="mysql://u@h/d?ssl-ca=/c&tls=false": ssl-ca needs tls=true, ssl-mode=VERIFY_IDENTITY or ssl-mode=VERIFY_CA`,
		"mysql://u@h/d?socket=/run/s":          `DATABASE_URL="mysql://u@h/d?socket=/run/s": has both a host and a socket; leave one out`,
		"mysql://u@/d?socket=s":                `DATABASE_URL="mysql://u@/d?socket=s": socket "s" is not an absolute path`,
		"mysql://u@/d?socket=/s&tls=true":      `DATABASE_URL="mysql://u@/d?socket=/s&tls=true": TLS is for a host, not for a socket`,
		"mysql://u@h/d?charset=latin1":         `DATABASE_URL="mysql://u@h/d?charset=latin1": charset "latin1" is not utf8mb4, which holds every character`,
		"mysql://u@h/d?collation=x'":           `DATABASE_URL="mysql://u@h/d?collation=x'": collation "x'" is not a name such as utf8mb4_bin`,
		"mysql://u@h/d?tls=%zz":                `DATABASE_URL="mysql://u@h/d?tls=%zz": has malformed parameters after the question mark`,
		"mysql://u@localhost/d?socket=/run/s":  "",
		"mysql://u:p%40ss@h/d?charset=utf8mb4": "",
		"mysql://u@h/d?ssl-mode=verify_ca":     "",
		"sqlite://":                            `DATABASE_URL="sqlite://": has no path`,
		"sqlite://a.db?cache=shared":           `DATABASE_URL="sqlite://a.db?cache=shared": unknown parameter "cache"; SQLite takes only mode`,
		"sqlite://a.db?mode=x":                 `DATABASE_URL="sqlite://a.db?mode=x": mode "x" is none of rwc, rw and ro`,
		"sqlite://a%zz.db":                     `DATABASE_URL="sqlite://a%zz.db": a % must be followed by two hexadecimal digits; write %25 for the character itself`,
	} {
		db, err := database.Open(url, nil)
		if want == "" {
			if err != nil {
				t.Errorf("Open(%q): %v", url, err)
			} else {
				_ = db.Close()
			}
			continue
		}
		e, ok := errors.AsType[*database.URLError](err)
		if !ok {
			t.Errorf("Open(%q) = %v, want a *URLError", url, err)
			continue
		}
		if e.Error() != want {
			t.Errorf("Open(%q)\n got %s\nwant %s", url, e, want)
		}
		if e.ExitCode() != 78 || !strings.Contains(e.Hint(), "sqlite://") {
			t.Errorf("Open(%q): exit code %d, hint %q", url, e.ExitCode(), e.Hint())
		}
	}
}
