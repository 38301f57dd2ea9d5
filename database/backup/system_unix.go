//go:build unix

package backup

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// The bytes of a file on which SQLite has its locks: who has the database open with
// write-ahead logging, or reads or writes it without, has a lock on one of them
// (https://www.sqlite.org/lockingv3.html, PENDING_BYTE in os.h).
const (
	lockStart  = 0x40000000
	lockLength = 512
)

// inUse returns an [*InUseError] when a process has a database open.
func inUse(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	return holder(f)
}

func holder(f *os.File) error {
	lock := syscall.Flock_t{Type: syscall.F_WRLCK, Whence: io.SeekStart, Start: lockStart, Len: lockLength}
	if err := syscall.FcntlFlock(f.Fd(), syscall.F_GETLK, &lock); err != nil {
		return fmt.Errorf("look for the processes that have %s open: %w", f.Name(), err)
	}
	if lock.Type == syscall.F_UNLCK {
		return nil
	}
	return &InUseError{f.Name(), int(lock.Pid)}
}

// shut keeps every process from opening a database until the returned file is closed. The
// error is an [*InUseError] when one has it open.
func shut(file string) (io.Closer, error) {
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	lock := syscall.Flock_t{Type: syscall.F_WRLCK, Whence: io.SeekStart, Start: lockStart, Len: lockLength}
	err = syscall.FcntlFlock(f.Fd(), syscall.F_SETLK, &lock)
	if err == nil {
		return f, nil
	}
	if errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EACCES) {
		if err = holder(f); err == nil {
			err = &InUseError{File: file}
		}
	}
	return nil, errors.Join(err, f.Close())
}

// own gives a file to the owner of another one. Only root can do that, and only for root
// it makes a difference.
func own(file string, like fs.FileInfo) error {
	stat, ok := like.Sys().(*syscall.Stat_t)
	if !ok || os.Geteuid() != 0 {
		return nil
	}
	return os.Chown(file, int(stat.Uid), int(stat.Gid))
}

// syncDir brings the names in a directory to the disk.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
