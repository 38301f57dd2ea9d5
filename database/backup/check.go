package backup

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Report is what [Check] finds in a healthy file.
type Report struct {
	Bytes  int64
	Tables int
	// Orphans is how many rows refer, by a foreign key, to a row that is not there.
	Orphans int
	// Migrations are the names of the applied migrations, in the order in which they were
	// applied; Dirty those that have begun and did not end. Both are nil for a database
	// without the table kit_migrations.
	Migrations, Dirty []string
}

// Check reads all of a file and reports what it is. It changes nothing. For a file that
// is no SQLite database, or a damaged one, the error is a [*DamagedError].
//
// The file must not be open in this process: on Unix that would free the locks that
// SQLite has on it.
func Check(ctx context.Context, file string) (Report, error) {
	size, err := examineHeader(file)
	if err != nil {
		return Report{}, err
	}
	c, err := sqlite.NewConnector(uri(file, readParameters(file)))
	if err != nil {
		return Report{}, err
	}
	pool := sql.OpenDB(c)
	defer pool.Close()
	pool.SetMaxOpenConns(1)
	r := Report{Bytes: size}
	if err := r.read(ctx, pool, file); err != nil {
		if isSQLite(err, sqlite3.SQLITE_NOTADB) || isSQLite(err, sqlite3.SQLITE_CORRUPT) {
			return Report{}, &DamagedError{file, "is damaged"}
		}
		return Report{}, fmt.Errorf("check %s: %w", file, err)
	}
	return r, nil
}

func (r *Report) read(ctx context.Context, pool *sql.DB, file string) error {
	var verdict string
	if err := pool.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return &DamagedError{file, "is damaged: " + strings.TrimPrefix(verdict, "*** in database main ***\n")}
	}
	if err := pool.QueryRowContext(ctx, "SELECT count(*) FROM pragma_foreign_key_check").Scan(&r.Orphans); err != nil {
		// A foreign key to a table or a column that there is not: the database is like that.
		if !isSQLite(err, sqlite3.SQLITE_ERROR) {
			return err
		}
	}
	if err := pool.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'`).Scan(&r.Tables); err != nil {
		return err
	}
	return r.readMigrations(ctx, pool)
}

// readMigrations reads the records of package migrate, with the SQL that every version
// of it understands.
func (r *Report) readMigrations(ctx context.Context, pool *sql.DB) error {
	var there int
	if err := pool.QueryRowContext(ctx, "SELECT count(*) FROM pragma_table_info('kit_migrations') WHERE name IN ('name', 'state')").Scan(&there); err != nil || there < 2 {
		return err
	}
	rows, err := pool.QueryContext(ctx, "SELECT name, state = 'applied' FROM kit_migrations ORDER BY id")
	if err != nil {
		return err
	}
	defer rows.Close()
	r.Migrations = []string{}
	for rows.Next() {
		var name string
		var applied bool
		if err := rows.Scan(&name, &applied); err != nil {
			return err
		}
		if applied {
			r.Migrations = append(r.Migrations, name)
		} else {
			r.Dirty = append(r.Dirty, name)
		}
	}
	return rows.Err()
}

// readParameters are those of a connection that only reads a file.
func readParameters(file string) url.Values {
	p := url.Values{"mode": {"rw"}, "_pragma": {"busy_timeout(5000)", "query_only(1)"}}
	if _, err := os.Stat(file + "-wal"); errors.Is(err, os.ErrNotExist) && logs(file) {
		// Nobody has it open. SQLite would make the files of write-ahead logging beside it,
		// where it may not even write.
		p.Set("mode", "ro")
		p.Set("immutable", "1")
	}
	return p
}

// header is the first 100 bytes of a database, https://www.sqlite.org/fileformat2.html.
type header [100]byte

func readHeader(file string) (h header, size int64, err error) {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return h, 0, &Error{Problem: file + " does not exist", Advice: "name the file of a backup", Err: err}
	}
	if err != nil {
		return h, 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return h, 0, err
	}
	if info.IsDir() {
		return h, 0, &Error{Problem: file + " is a directory", Advice: "name the file of a backup"}
	}
	if _, err := io.ReadFull(f, h[:]); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return h, 0, err
	}
	return h, info.Size(), nil
}

// logs reports whether a database uses write-ahead logging.
func logs(file string) bool {
	h, _, err := readHeader(file)
	return err == nil && h[18] == 2
}

// examineHeader says what a file is that is no database, and finds one that is cut off.
func examineHeader(file string) (size int64, err error) {
	h, size, err := readHeader(file)
	switch {
	case err != nil:
		return 0, err
	case size == 0:
		return 0, &DamagedError{file, "is empty"}
	case bytes.HasPrefix(h[:], []byte{0x1f, 0x8b}), bytes.HasPrefix(h[:], []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return 0, &DamagedError{file, "is compressed: unpack it first"}
	case !bytes.HasPrefix(h[:], []byte("SQLite format 3\x00")):
		return 0, &DamagedError{file, "is no SQLite database"}
	}
	pageSize := int64(binary.BigEndian.Uint16(h[16:]))
	if pageSize == 1 {
		pageSize = 65536
	}
	pages := int64(binary.BigEndian.Uint32(h[28:]))
	known := bytes.Equal(h[24:28], h[92:96]) && pages > 0 // by a version that keeps the number
	if _, err := os.Stat(file + "-wal"); known && err != nil && size < pages*pageSize {
		return 0, &DamagedError{file, fmt.Sprintf("is cut off: it has %d bytes of %d", size, pages*pageSize)}
	}
	return size, nil
}
