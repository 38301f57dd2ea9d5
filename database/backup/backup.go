// Package backup copies an SQLite database while others read and write it, checks such
// copies, and puts one in the place of the database.
//
//	made, err := backup.Write(ctx, db, "/var/backups/shop/", &backup.Options{Keep: 14})
//
// A copy is one file that needs nothing beside it. It has what was committed when it
// was begun.
package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/kitgo/kit/database"
)

// Options says how [Write] works. The zero value means the defaults.
type Options struct {
	// Replace lets Write replace a file that is there.
	Replace bool

	// Keep is how many backups of the database stay in the directory that Write writes
	// to: the oldest others are deleted when the new one is complete. 0 keeps all. It
	// needs a directory.
	Keep int

	// Progress is called now and then with the bytes that are written, and how many
	// there will be.
	Progress func(written, total int64)
}

// Result is what [Write] has done.
type Result struct {
	File     string // the path of the backup
	Bytes    int64
	Duration time.Duration
	// Orphans is how many rows refer, by a foreign key, to a row that is not there. The
	// database has them, too.
	Orphans int
	Removed []string // the paths of older backups that were deleted
}

// Write writes a copy of an SQLite database to a file. A path that is a directory, or
// that ends with a slash, gets the file [Name]. The copy is made under another name,
// checked, and renamed when it is complete and on disk: there is never half a backup.
// Writers of the database do not wait for it, and do not keep it from ending.
//
// The error for a database that is no SQLite file is an [*Error].
func Write(ctx context.Context, db *database.DB, path string, o *Options) (Result, error) {
	if o == nil {
		o = new(Options)
	}
	start := time.Now()
	source, err := sourceOf(db)
	if err != nil {
		return Result{}, err
	}
	file, isDir := destination(path, filepath.Base(source), start)
	switch {
	case o.Keep < 0 || o.Keep > 0 && !isDir:
		return Result{}, &Error{Problem: path + " is a file, and what is to be kept are the backups in a directory", Advice: "name a directory, with a slash at its end"}
	case IsOf(file, source):
		return Result{}, &Error{Problem: file + " is the database itself, or a file that belongs to it", Advice: "choose another path"}
	}
	if isDir {
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return Result{}, fmt.Errorf("make the directory of the backup: %w", err)
		}
	}
	if _, err := os.Lstat(file); err == nil && !o.Replace {
		return Result{}, existsError(file)
	}
	info, err := os.Stat(source)
	if err != nil {
		return Result{}, fmt.Errorf("look at the database's file: %w", err)
	}
	temp, err := newTemporary(file, info)
	if err != nil {
		return Result{}, fmt.Errorf("write the backup: %w", err)
	}
	defer temp.remove()
	if err := copyFile(ctx, source, temp.path, o.Progress); err != nil {
		return Result{}, explain(err, "back the database up", temp.path)
	}
	report, err := Check(ctx, temp.path)
	if err != nil {
		return Result{}, checked(err, "the database "+source)
	}
	if err := temp.place(file, o.Replace); err != nil {
		if errors.Is(err, fs.ErrExist) {
			err = existsError(file)
		}
		return Result{}, err
	}
	r := Result{File: file, Bytes: report.Bytes, Orphans: report.Orphans, Duration: time.Since(start)}
	if o.Keep > 0 {
		r.Removed, err = prune(file, filepath.Base(source), o.Keep)
	}
	return r, err
}

func existsError(file string) error {
	return &Error{Problem: file + " exists", Advice: "choose another name, or a directory; --force replaces the file", Err: fs.ErrExist}
}

// sourceOf returns the path of the database's file.
func sourceOf(db *database.DB) (string, error) {
	switch {
	case db.Dialect() != database.SQLite:
		return "", &Error{Problem: fmt.Sprintf("%s is no SQLite database", db), Advice: "use the backups of its own server"}
	case db.Path() == "":
		return "", &Error{Problem: "the database is in memory, and has no file"}
	}
	_, err := os.Stat(db.Path())
	if errors.Is(err, fs.ErrNotExist) {
		return "", &Error{Problem: fmt.Sprintf("the database %s does not exist", db.Path()), Advice: "correct DATABASE_URL, or migrate first", Err: err}
	}
	if err != nil {
		return "", fmt.Errorf("look at the database's file: %w", err)
	}
	return db.Path(), nil
}

// layout is the time in the name of a backup, in UTC. It sorts.
const layout = "20060102T150405.000Z"

// Name returns the name that [Write] gives to a backup in a directory, such as
// app-20260131T093000.000Z.db.
func Name(database string, at time.Time) string {
	ext := filepath.Ext(database)
	return strings.TrimSuffix(database, ext) + "-" + at.UTC().Format(layout) + ext
}

// destination returns the file of a path, and whether the path is a directory.
func destination(path, database string, now time.Time) (file string, isDir bool) {
	info, err := os.Stat(path)
	if err == nil && info.IsDir() || path != "" && os.IsPathSeparator(path[len(path)-1]) {
		return filepath.Join(path, Name(database, now)), true
	}
	return filepath.Clean(path), false
}

// IsOf reports whether file is a database, or one of the files that belong to it.
func IsOf(file, database string) bool {
	for _, end := range []string{"", "-wal", "-shm", "-journal", ".migrate.lock"} {
		if sameFile(file, database+end) {
			return true
		}
	}
	return false
}

func sameFile(a, b string) bool {
	x, errX := filepath.Abs(a)
	y, errY := filepath.Abs(b)
	if errX == nil && errY == nil && x == y {
		return true
	}
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}

// prune deletes the oldest backups of a database beside file, until keep are left.
func prune(file, database string, keep int) (removed []string, err error) {
	dir := filepath.Dir(file)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("look for older backups: %w", err)
	}
	var list []string
	for _, e := range entries {
		if e.Type().IsRegular() && isName(e.Name(), database) {
			list = append(list, e.Name())
		}
	}
	slices.Sort(list) // by time
	for _, name := range list[:max(len(list)-keep, 0)] {
		path := filepath.Join(dir, name)
		if err := os.Remove(path); err != nil {
			return removed, fmt.Errorf("delete an older backup: %w", err)
		}
		removed = append(removed, path)
	}
	return removed, nil
}

// isName reports whether a name is one of [Name].
func isName(name, database string) bool {
	ext := filepath.Ext(database)
	at, ok := strings.CutPrefix(name, strings.TrimSuffix(database, ext)+"-")
	if !ok || !strings.HasSuffix(at, ext) {
		return false
	}
	_, err := time.Parse(layout, strings.TrimSuffix(at, ext))
	return err == nil
}
