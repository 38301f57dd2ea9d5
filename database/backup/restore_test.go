package backup_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kitgo/kit/database/backup"
)

// What was committed and is only in the write-ahead log, as after a process was killed,
// is in the database that is kept.
func TestTheReplacedDatabaseIsWhole(t *testing.T) {
	t.Parallel()
	db, dir := ledger(t, 10)
	file := filepath.Join(dir, "backup.db")
	if _, err := backup.Write(t.Context(), db, file, nil); err != nil {
		t.Fatal(err)
	}
	exec(t, db, "INSERT INTO accounts (id, balance) VALUES (1000, 1)")
	other := t.TempDir()
	target := filepath.Join(other, "app.db")
	for _, end := range []string{"", "-wal", "-shm"} { // as a killed process leaves them
		copyOf(t, db.Path()+end, target+end)
	}
	done, err := backup.Restore(t.Context(), file, target, nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := number(t, target, "SELECT count(*) FROM accounts"); n != 50 {
		t.Errorf("the restored database has %d rows, want 50", n)
	}
	if n := number(t, done.Kept, "SELECT count(*) FROM accounts"); n != 51 {
		t.Errorf("the database that was kept has %d rows, want 51", n)
	}
	if got := names(t, other); len(got) != 2 {
		t.Errorf("left are %v", got)
	}
	// And back again.
	if _, err := backup.Restore(t.Context(), done.Kept, target, nil); err != nil {
		t.Fatal(err)
	}
	if n := number(t, target, "SELECT count(*) FROM accounts"); n != 51 {
		t.Errorf("after going back there are %d rows, want 51", n)
	}
}

// A backup that somebody has made by copying the database with its log.
func TestRestoringADatabaseWithItsLog(t *testing.T) {
	t.Parallel()
	db, dir := ledger(t, 10)
	exec(t, db, "INSERT INTO accounts (id, balance) VALUES (1000, 1)")
	file := filepath.Join(dir, "copied.db")
	copyOf(t, db.Path(), file)
	copyOf(t, db.Path()+"-wal", file+"-wal")
	target := filepath.Join(t.TempDir(), "new", "app.db")
	done, err := backup.Restore(t.Context(), file, target, nil)
	if err != nil || done.Kept != "" {
		t.Fatalf("%+v, %v", done, err)
	}
	if n := number(t, target, "SELECT count(*) FROM accounts"); n != 51 {
		t.Errorf("%d rows, want 51", n)
	}
}

func TestADatabaseThatCannotBeRestored(t *testing.T) {
	t.Parallel()
	db, dir := ledger(t, 10)
	if _, err := backup.Restore(t.Context(), db.Path(), db.Path(), nil); err == nil || !strings.Contains(err.Error(), "is the database itself") {
		t.Errorf("restoring a database over itself: %v", err)
	}
	if _, err := backup.Restore(t.Context(), dir, db.Path(), nil); err == nil || !strings.Contains(err.Error(), "is a directory") {
		t.Errorf("restoring a directory: %v", err)
	}
	if _, err := backup.Restore(t.Context(), filepath.Join(dir, "none"), db.Path(), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("restoring nothing: %v", err)
	}
}

func copyOf(t *testing.T, from, to string) {
	t.Helper()
	source, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	target, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(target, source)
	if err := errors.Join(err, target.Close()); err != nil {
		t.Fatal(err)
	}
}
