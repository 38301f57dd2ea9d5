package backup

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite"
)

// stepPages is how many pages are copied at a time. Between the steps the context is
// looked at.
const stepPages = 512

// syncEvery is after how many bytes the copy is brought to the disk: all of it at the end
// would be in the way of those who commit to the same disk.
const syncEvery = 32 << 20

// copyFile copies the database in the file source to target, an empty file.
//
// It copies pages, within a transaction that reads. With write-ahead logging writers do
// not wait for such a transaction, and what they write is not seen in it: else SQLite
// would begin anew each time that another process writes, and never end.
func copyFile(ctx context.Context, source, target string, progress func(written, total int64)) (err error) {
	src, err := open(ctx, source, readParameters(source))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	if err := exec(ctx, src, "BEGIN"); err != nil {
		return err
	}
	pageSize, err := number(ctx, src, "PRAGMA page_size")
	if err != nil {
		return err
	}
	// The first read fixes what the transaction sees.
	if _, err := number(ctx, src, "SELECT count(*) FROM sqlite_master"); err != nil {
		return err
	}
	maker, ok := src.(interface {
		NewBackup(uri string) (*sqlite.Backup, error)
	})
	if !ok {
		return errors.New("the SQLite driver cannot copy databases")
	}
	// A copy that is not complete is thrown away, so it needs no journal.
	b, err := maker.NewBackup(uri(target, url.Values{"_pragma": {"journal_mode(OFF)", "synchronous(OFF)"}}))
	if err != nil {
		return err
	}
	disk, err := os.OpenFile(target, os.O_RDWR, 0)
	if err == nil {
		err = step(ctx, b, pageSize, disk, progress)
	}
	if err != nil {
		_ = b.Finish() // what it says is the same
	} else {
		err = b.Finish()
	}
	// Only now: on Unix, closing a file frees the locks that SQLite has on it.
	if disk != nil {
		err = errors.Join(err, disk.Close())
	}
	if err != nil {
		return err
	}
	return settle(ctx, target)
}

func step(ctx context.Context, b *sqlite.Backup, pageSize int64, disk *os.File, progress func(written, total int64)) error {
	for synced := int64(0); ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		more, err := b.Step(stepPages)
		if err != nil {
			return err
		}
		total := int64(b.PageCount()) * pageSize
		written := total - int64(b.Remaining())*pageSize
		if progress != nil {
			progress(written, total)
		}
		if !more {
			return nil
		}
		if written-synced >= syncEvery {
			if err := disk.Sync(); err != nil {
				return err
			}
			synced = written
		}
	}
}

// settle makes a copy a file that needs no other: the pages of a database with
// write-ahead logging say that there is a log.
func settle(ctx context.Context, file string) error {
	conn, err := open(ctx, file, url.Values{"mode": {"rw"}})
	if err != nil {
		return err
	}
	return errors.Join(exec(ctx, conn, "PRAGMA journal_mode = DELETE"), conn.Close())
}

// uri returns SQLite's name of a file, https://www.sqlite.org/uri.html.
func uri(path string, parameters url.Values) string {
	return "file:" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(filepath.ToSlash(path)) + "?" + parameters.Encode()
}

func open(ctx context.Context, path string, parameters url.Values) (driver.Conn, error) {
	c, err := sqlite.NewConnector(uri(path, parameters))
	if err != nil {
		return nil, err
	}
	return c.Connect(ctx)
}

func exec(ctx context.Context, conn driver.Conn, query string) error {
	execer, ok := conn.(driver.ExecerContext)
	if !ok {
		return errors.New("the SQLite driver lacks a method")
	}
	_, err := execer.ExecContext(ctx, query, nil)
	return err
}

// number returns the number that a query answers.
func number(ctx context.Context, conn driver.Conn, query string) (int64, error) {
	queryer, ok := conn.(driver.QueryerContext)
	if !ok {
		return 0, errors.New("the SQLite driver lacks a method")
	}
	rows, err := queryer.QueryContext(ctx, query, nil)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	row := make([]driver.Value, 1)
	if err := rows.Next(row); err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	n, ok := row[0].(int64)
	if !ok {
		return 0, fmt.Errorf("%s: the answer is no number", query)
	}
	return n, nil
}
