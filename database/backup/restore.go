package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	sqlite3 "modernc.org/sqlite/lib"
)

// RestoreOptions says how [Restore] works. The zero value means the defaults.
type RestoreOptions struct {
	// Progress is called now and then with the bytes that are written, and how many there
	// will be.
	Progress func(written, total int64)
}

// Restored is what [Restore] has done.
type Restored struct {
	Bytes int64
	// Kept is where the database is that was replaced; "" when there was none.
	Kept string
}

// Restore puts a copy of the database in file in the place of the one in the file target,
// which stays beside it under another name. The copy is checked before. A process that is
// killed meanwhile, or a machine without power, leaves the old database or the new one.
//
// The error is an [*InUseError] when a process has target open. It must not be open in
// this process either, which is not noticed.
func Restore(ctx context.Context, file, target string, o *RestoreOptions) (Restored, error) {
	if o == nil {
		o = new(RestoreOptions)
	}
	if IsOf(file, target) {
		return Restored{}, &Error{Problem: file + " is the database itself, or a file that belongs to it", Advice: "name the file of a backup"}
	}
	if _, err := examineHeader(file); err != nil {
		return Restored{}, err
	}
	old, err := os.Stat(target)
	there := err == nil
	switch {
	case there:
		err = inUse(target) // before the work; it is asked again after it
	case errors.Is(err, fs.ErrNotExist):
		old, err = ownerOf(target)
	}
	if err != nil {
		return Restored{}, err
	}
	temp, err := newTemporary(target, old)
	if err != nil {
		return Restored{}, fmt.Errorf("write the database: %w", err)
	}
	defer temp.remove()
	if err := copyFile(ctx, file, temp.path, o.Progress); err != nil {
		return Restored{}, explain(err, "restore "+file, temp.path)
	}
	report, err := Check(ctx, temp.path)
	if d, ok := errors.AsType[*DamagedError](err); ok {
		err = &DamagedError{file, d.Problem}
	}
	if err != nil {
		return Restored{}, err
	}
	if err := errors.Join(own(temp.path, old), temp.sync()); err != nil {
		return Restored{}, fmt.Errorf("write the database: %w", err)
	}
	r := Restored{Bytes: report.Bytes}
	if !there {
		return r, temp.place(target, false)
	}
	settled, err := settleOld(ctx, target)
	if err != nil {
		return Restored{}, err
	}
	r.Kept, err = swap(temp, target, settled)
	return r, err
}

// ownerOf returns the rights and the owner of a new database: its directory's owner.
func ownerOf(target string) (fs.FileInfo, error) {
	dir := filepath.Dir(target)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("make the database's directory: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("look at the database's directory: %w", err)
	}
	return readable{info}, nil
}

// readable has the rights of a new database.
type readable struct{ fs.FileInfo }

func (readable) Mode() fs.FileMode { return 0o644 }

// settleOld brings what is in the write-ahead log of a database into its file, so that it
// is one file. That needs it alone. What is too damaged for that stays as it is.
func settleOld(ctx context.Context, target string) (settled bool, err error) {
	conn, err := open(ctx, target, url.Values{"mode": {"rw"}})
	if err == nil {
		err = errors.Join(exec(ctx, conn, "PRAGMA journal_mode = DELETE"), conn.Close())
	}
	switch {
	case isSQLite(err, sqlite3.SQLITE_BUSY), isSQLite(err, sqlite3.SQLITE_LOCKED):
		if other := inUse(target); other != nil {
			return false, other
		}
		return false, &InUseError{File: target}
	case isSQLite(err, sqlite3.SQLITE_NOTADB), isSQLite(err, sqlite3.SQLITE_CORRUPT):
		return false, nil
	case err != nil:
		return false, explain(err, "close the old database", target)
	}
	return true, nil
}

// beside are the files that SQLite may have beside a database. With the new one they would
// destroy it.
var beside = []string{"-journal", "-wal", "-shm"}

// swap puts the new database in the place of the old one, which nobody can open meanwhile,
// and returns where the old one is.
func swap(temp *temporary, target string, settled bool) (kept string, err error) {
	lock, err := shut(target)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if _, err := os.Lstat(target + "-wal"); err == nil && settled {
		return "", &InUseError{File: target} // another process has come, and died
	}
	kept = target + ".replaced-" + time.Now().UTC().Format(layout)
	if err := keep(target, kept); err != nil {
		return "", fmt.Errorf("keep the old database: %w", err)
	}
	for _, end := range beside { // only of a damaged one
		if err := os.Rename(target+end, kept+end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("keep the old database: %w", err)
		}
	}
	if err := temp.place(target, true); err != nil {
		return "", err
	}
	return kept, nil
}

// keep gives the old database a second name. Where there are no links it gets a new name,
// and the database has none for a moment.
func keep(target, kept string) error {
	err := os.Link(target, kept)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	return os.Rename(target, kept)
}
