package kittest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/migrate"
)

// file is the content of a migrated SQLite database. It is in memory, as nothing says
// when the last test of a binary has ended, to remove a file.
type file []byte

func newFile(ctx context.Context, tb testing.TB, set migrate.Set) (file, error) {
	path := filepath.Join(tb.TempDir(), "template.db")
	db, err := database.Open(sqliteURL(path), nil)
	if err != nil {
		return nil, err
	}
	err = up(ctx, db, set)
	if err == nil {
		_, err = db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	}
	if err = errors.Join(err, db.Close()); err != nil {
		return nil, fmt.Errorf("migrate the database that tests copy: %w", err)
	}
	return os.ReadFile(path)
}

func (f file) copy(tb testing.TB) (string, error) {
	path := filepath.Join(tb.TempDir(), "test.db")
	return sqliteURL(path), os.WriteFile(path, f, 0o600)
}

func sqliteURL(path string) string {
	return "sqlite://" + strings.NewReplacer("%", "%25", "?", "%3F").Replace(filepath.ToSlash(path))
}
