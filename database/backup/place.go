package backup

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// partial is the end of the name of a copy that is not complete.
const partial = ".partial"

// abandoned is how old such a copy is when the process that wrote it has ended: one that
// lives writes to it all the time, or reads it for less than that.
const abandoned = 6 * time.Hour

// temporary is a file that becomes another one.
type temporary struct{ path string }

// newTemporary makes an empty file beside the one that it will become, which has the
// rights of like. Those of processes that were killed are removed.
func newTemporary(file string, like fs.FileInfo) (*temporary, error) {
	dir, base := filepath.Split(file)
	sweep(filepath.Clean(dir))
	t := &temporary{filepath.Join(dir, "."+base+"."+rand.Text()[:8]+partial)}
	f, err := os.OpenFile(t.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, like.Mode().Perm())
	if err != nil {
		return nil, err
	}
	return t, f.Close()
}

func sweep(dir string) {
	entries, _ := os.ReadDir(dir) // what cannot be read is said by what follows
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && e.Type().IsRegular() && strings.HasPrefix(e.Name(), ".") && strings.HasSuffix(e.Name(), partial) && time.Since(info.ModTime()) > abandoned {
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}

// remove removes the file, and what SQLite had beside it, unless it was placed.
func (t *temporary) remove() {
	for _, end := range []string{"", "-wal", "-shm", "-journal"} {
		_ = os.Remove(t.path + end)
	}
}

// sync brings the file to the disk.
func (t *temporary) sync() error {
	f, err := os.OpenFile(t.path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// place brings the file to the disk and gives it its name, at once. Without replace the
// error is [fs.ErrExist] when there is such a file.
func (t *temporary) place(file string, replace bool) error {
	if err := t.sync(); err != nil {
		return fmt.Errorf("bring %s to the disk: %w", filepath.Base(file), err)
	}
	if err := t.rename(file, replace); err != nil {
		return fmt.Errorf("give the file its name: %w", err)
	}
	return syncDir(filepath.Dir(file))
}

func (t *temporary) rename(file string, replace bool) error {
	if replace {
		return os.Rename(t.path, file)
	}
	err := os.Link(t.path, file) // unlike a rename, it replaces nothing
	if err == nil {
		return os.Remove(t.path)
	}
	if errors.Is(err, fs.ErrExist) {
		return err
	}
	// A file system without links.
	if _, err := os.Lstat(file); err == nil {
		return &fs.PathError{Op: "rename", Path: file, Err: fs.ErrExist}
	}
	return os.Rename(t.path, file)
}
