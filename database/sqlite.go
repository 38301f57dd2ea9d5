package database

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/uptrace/bun/dialect/sqlitedialect"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// memory is the path of a database in memory.
const memory = ":memory:"

// busyTimeout is how long a statement waits for another one's write lock.
const busyTimeout = 5 * time.Second

// sqliteFile is an SQLite database.
type sqliteFile struct {
	path string // as in the URL, decoded; or memory
	mode string // rwc, rw or ro
	url  string

	mu     sync.Mutex
	opened fs.FileInfo // the file of the first connection
}

// parseSQLite returns the database of a URL without its scheme, or what is wrong
// with it.
func parseSQLite(rest string) (target, string) {
	raw, query, _ := strings.Cut(rest, "?")
	path, err := url.PathUnescape(raw)
	if err != nil {
		return nil, "a % must be followed by two hexadecimal digits; write %25 for the character itself"
	}
	if path == "" {
		return nil, "has no path"
	}
	if strings.ContainsRune(path, 0) {
		return nil, "has a zero byte in its path"
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, "has malformed parameters after the question mark"
	}
	f := &sqliteFile{path: path, mode: "rwc", url: "sqlite://" + rest}
	for name := range values {
		if name != "mode" {
			return nil, fmt.Sprintf("unknown parameter %q; SQLite takes only mode", name)
		}
		if f.mode = values.Get(name); f.mode != "rwc" && f.mode != "rw" && f.mode != "ro" {
			return nil, fmt.Sprintf("mode %q is none of rwc, rw and ro", f.mode)
		}
	}
	if path != memory {
		f.path = filepath.Clean(path)
	}
	return f, ""
}

func (f *sqliteFile) String() string       { return redact(f.url) }
func (*sqliteFile) dialect() Dialect       { return SQLite }
func (f *sqliteFile) name() string         { return filepath.Base(f.path) }
func (*sqliteFile) bunDialect() bunDialect { return sqlitedialect.New() }

func (f *sqliteFile) connector() driver.Connector { return f }

// dsn returns the driver's name of the database. The settings are those that a
// server needs: readers that do not wait for a writer, a writer that waits for
// another one instead of failing, foreign keys that hold, transactions that take
// the write lock at their start (one that takes it later cannot wait for it), and
// times as text in UTC, which sorts and which SQLite's own functions understand.
func (f *sqliteFile) dsn(reader bool) string {
	// In the form file:, which SQLite decodes.
	path := strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(filepath.ToSlash(f.path))
	pragmas := []string{fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()), "synchronous(NORMAL)", "foreign_keys(1)"}
	lock := "immediate"
	if f.mode != "ro" { // changing the journal writes
		pragmas = append(pragmas, "journal_mode(WAL)")
	}
	if reader {
		pragmas = append(pragmas, "query_only(1)")
		lock = "deferred"
	}
	q := url.Values{
		"_pragma": pragmas, "_txlock": {lock}, "_time_format": {"sqlite"}, "_timezone": {"UTC"},
	}
	if f.path != memory {
		q.Set("mode", f.mode)
	}
	return "file:" + path + "?" + q.Encode()
}

// Driver makes the file a driver.Connector.
func (*sqliteFile) Driver() driver.Driver { return &sqlite.Driver{} }

// Connect opens the file, and makes it and its directory when the mode allows.
func (f *sqliteFile) Connect(ctx context.Context) (driver.Conn, error) {
	return f.connect(ctx, f.dsn(false))
}

// sqliteReader makes connections that only read. Their transactions do not take the
// write lock.
type sqliteReader struct{ *sqliteFile }

// Connect opens the file as [sqliteFile.Connect] does.
func (r sqliteReader) Connect(ctx context.Context) (driver.Conn, error) {
	return r.connect(ctx, r.dsn(true))
}

func (f *sqliteFile) connect(ctx context.Context, dsn string) (driver.Conn, error) {
	if f.path == memory {
		return f.open(ctx, dsn)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.opened != nil {
		// SQLite would make a new file beside the vanished one, which older
		// connections still write to.
		if err := f.same(); err != nil {
			return nil, err
		}
		return f.open(ctx, dsn)
	}
	if f.mode == "rwc" {
		if err := os.MkdirAll(filepath.Dir(f.path), 0o777); err != nil {
			return nil, &directoryError{filepath.Dir(f.path), err}
		}
	}
	for {
		before, missing := os.Stat(f.path)
		conn, err := f.open(ctx, dsn)
		if err != nil {
			return nil, err
		}
		if f.opened, err = os.Stat(f.path); err != nil {
			return nil, errors.Join(fmt.Errorf("look at the database's file: %w", err), conn.Close())
		}
		if missing != nil || os.SameFile(before, f.opened) {
			return conn, nil
		}
		// It was replaced meanwhile, as restoring a backup does: which of the two is open?
		f.opened = nil
		if err := conn.Close(); err != nil {
			return nil, err
		}
	}
}

// open opens a connection. Switching a new file to write-ahead logging needs it
// alone for a moment and does not wait for that: two processes that start at once
// would disturb each other.
func (f *sqliteFile) open(ctx context.Context, dsn string) (driver.Conn, error) {
	connector, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	for start := time.Now(); ; {
		conn, err := connector.Connect(ctx)
		if err == nil || !isSQLite(err, sqlite3.SQLITE_BUSY) || time.Since(start) > busyTimeout {
			return conn, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// check reports whether the file that was opened is still at its path.
func (f *sqliteFile) check() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.opened == nil {
		return nil
	}
	return f.same()
}

func (f *sqliteFile) same() error {
	now, err := os.Stat(f.path)
	if err != nil || !os.SameFile(now, f.opened) {
		return &vanishedError{f.path}
	}
	return nil
}

// vanishedError says that a file was deleted or replaced while it was in use.
type vanishedError struct{ path string }

func (e *vanishedError) Error() string {
	return fmt.Sprintf("the database's file %s was deleted or replaced since it was opened", e.path)
}

func (*vanishedError) Hint() string { return "restart the application" }

// directoryError says that the file's directory cannot be made.
type directoryError struct {
	dir string
	err error
}

func (e *directoryError) Error() string { return "create the database's directory: " + e.err.Error() }
func (e *directoryError) Unwrap() error { return e.err }

func (f *sqliteFile) refusal(err error) refusal {
	writable := fmt.Sprintf("choose a path in DATABASE_URL that user %d may write to", os.Getuid())
	if e, ok := errors.AsType[*directoryError](err); ok {
		return refusal{true, fmt.Sprintf("%s for directory %s", cause(e.err), e.dir), writable}
	}
	if e, ok := errors.AsType[*vanishedError](err); ok {
		return refusal{true, e.Error(), e.Hint()}
	}
	switch {
	case isSQLite(err, sqlite3.SQLITE_BUSY), isSQLite(err, sqlite3.SQLITE_LOCKED):
		return refusal{false, "the database is locked by another process", "end the process that holds the lock"}
	case isSQLite(err, sqlite3.SQLITE_NOTADB):
		return refusal{true, f.path + " is not an SQLite database", "correct the path in DATABASE_URL"}
	case isSQLite(err, sqlite3.SQLITE_CORRUPT):
		return refusal{true, f.path + " is damaged", "restore it from a backup"}
	case isSQLite(err, sqlite3.SQLITE_FULL):
		return refusal{true, "the disk of " + f.path + " is full", "make room on it"}
	case isSQLite(err, sqlite3.SQLITE_READONLY):
		return refusal{true, "permission denied for writing " + f.path, writable}
	case isSQLite(err, sqlite3.SQLITE_CANTOPEN):
		return f.cannotOpen(writable)
	}
	return refusal{true, rootCause(err), "correct the path in DATABASE_URL"}
}

// cannotOpen finds out why SQLite cannot open the file, which it does not say.
// It does not open the file: closing it again would end the locks that other
// connections of this process hold.
func (f *sqliteFile) cannotOpen(writable string) refusal {
	info, err := os.Stat(f.path)
	switch {
	case err == nil && info.IsDir():
		return refusal{true, f.path + " is a directory", "add the name of a file to the path in DATABASE_URL"}
	case err == nil:
		return refusal{true, "permission denied for " + f.path, writable}
	case !errors.Is(err, fs.ErrNotExist):
		return refusal{true, fmt.Sprintf("%s for %s", cause(err), f.path), writable}
	case f.mode != "rwc":
		return refusal{true, f.path + " does not exist, and mode=" + f.mode + " does not create it", "correct the path in DATABASE_URL"}
	}
	dir := filepath.Dir(f.path)
	probe, err := os.CreateTemp(dir, "."+f.name()+"-*")
	if err != nil {
		return refusal{true, fmt.Sprintf("%s for directory %s", cause(err), dir), writable}
	}
	_ = probe.Close()
	_ = os.Remove(probe.Name())
	return refusal{true, "cannot open " + f.path, writable}
}

// cause returns the operating system's words, such as "permission denied".
func cause(err error) string {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err.Error()
	}
	return err.Error()
}

// isSQLite reports whether err is SQLite's error of this code, or of one of the
// extended codes below it.
func isSQLite(err error, code int) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && (e.Code() == code || e.Code()&0xff == code)
}
