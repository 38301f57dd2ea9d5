package backup_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/backup"
)

// ledger is a new database with a table of accounts whose sum is always 0, and some
// megabytes of rows.
func ledger(t *testing.T, rows int) (db *database.DB, dir string) {
	t.Helper()
	dir = t.TempDir()
	db = openFile(t, filepath.Join(dir, "app.db"))
	if err := db.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	exec(t, db, "CREATE TABLE accounts (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL)")
	exec(t, db, "CREATE TABLE pages (id INTEGER PRIMARY KEY, text TEXT NOT NULL, account_id INTEGER REFERENCES accounts (id))")
	exec(t, db, "INSERT INTO accounts SELECT value, 0 FROM generate_series(1, 50)")
	exec(t, db, fmt.Sprintf("INSERT INTO pages SELECT value, hex(randomblob(500)), 1 FROM generate_series(1, %d)", rows))
	return db, dir
}

func openFile(t *testing.T, path string) *database.DB {
	t.Helper()
	db, err := database.Open("sqlite://"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func exec(t *testing.T, db *database.DB, query string, args ...any) {
	t.Helper()
	// SQLite without its extension series.
	query = strings.ReplaceAll(query, "generate_series(1, ", "(WITH RECURSIVE n (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < ")
	if strings.Contains(query, "WITH RECURSIVE") {
		query += " SELECT value FROM n)"
	}
	if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func number(t *testing.T, path, query string) (n int64) {
	t.Helper()
	db := openFile(t, path)
	defer db.Close()
	if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// names lists a directory.
func names(t *testing.T, dir string) (list []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

// Writers, in this process and on connections of their own, go on while the database is
// backed up; the backup ends all the same, and has one moment of it.
func TestWritersAndBackupsDoNotDisturbEachOther(t *testing.T) {
	t.Parallel()
	db, dir := ledger(t, 20_000)
	ctx, stop := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	var written atomic.Int64
	for range 3 {
		other := openFile(t, db.Path())
		writers.Go(func() {
			for ctx.Err() == nil {
				err := database.Tx(context.WithoutCancel(ctx), other, func(ctx context.Context) error {
					for _, change := range []int{1, -1} {
						if _, err := other.ExecContext(ctx, "UPDATE accounts SET balance = balance + ? WHERE id = ?", change, 1+rand.IntN(50)); err != nil {
							return err
						}
					}
					_, err := other.ExecContext(ctx, "UPDATE pages SET text = hex(randomblob(500)) WHERE id = ?", 1+rand.IntN(20_000))
					return err
				})
				if err != nil {
					t.Errorf("a writer: %v", err)
					return
				}
				written.Add(1)
			}
		})
	}
	for i := range 3 {
		for before := written.Load(); written.Load() < before+10 && !t.Failed(); {
			time.Sleep(time.Millisecond)
		}
		var last, total int64
		file := filepath.Join(dir, fmt.Sprintf("backup-%d.db", i))
		made, err := backup.Write(t.Context(), db, file, &backup.Options{Progress: func(n, all int64) {
			if n < last || n > all {
				t.Errorf("progress goes from %d to %d of %d", last, n, all)
			}
			last, total = n, all
		}})
		if err != nil {
			t.Fatal(err)
		}
		if made.Bytes != total || made.Bytes < 20_000*1000 {
			t.Errorf("%d bytes, and the last progress is %d", made.Bytes, total)
		}
		if sum := number(t, file, "SELECT sum(balance) FROM accounts"); sum != 0 {
			t.Errorf("the backup has a half transaction: the sum is %d", sum)
		}
		if n := number(t, file, "SELECT count(*) FROM pages"); n != 20_000 {
			t.Errorf("the backup has %d rows", n)
		}
	}
	stop()
	writers.Wait()
	if written.Load() < 30 {
		t.Errorf("%d transactions were written meanwhile", written.Load())
	}
}

func TestABackupIsOneFileWithTheRightsOfTheDatabase(t *testing.T) {
	t.Parallel()
	db, dir := ledger(t, 10)
	if err := os.Chmod(db.Path(), 0o640); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out")
	made, err := backup.Write(t.Context(), db, out+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := names(t, out); len(got) != 1 || filepath.Join(out, got[0]) != made.File {
		t.Errorf("the directory has %v, and the backup is %s", got, made.File)
	}
	if info, err := os.Stat(made.File); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	report, err := backup.Check(t.Context(), made.File)
	if diff := cmp.Diff(backup.Report{Bytes: made.Bytes, Tables: 2}, report); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	if got := names(t, out); len(got) != 1 {
		t.Errorf("checking leaves %v", got)
	}
}

func TestOldBackupsAreDeleted(t *testing.T) {
	t.Parallel()
	db, dir := ledger(t, 1)
	out := filepath.Join(dir, "out") + "/"
	if err := os.Mkdir(out, 0o700); err != nil {
		t.Fatal(err)
	}
	strangers := []string{"app-notes.db", "app.db", "other-20200101T000000.000Z.db", "app-20200101T000000.000Z.txt"}
	for _, name := range append([]string{backup.Name("app.db", time.Unix(0, 0))}, strangers...) {
		if err := os.WriteFile(out+name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var files []string
	for range 3 {
		made, err := backup.Write(t.Context(), db, out, &backup.Options{Keep: 2})
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, filepath.Base(made.File))
		time.Sleep(2 * time.Millisecond) // the names have milliseconds
	}
	got := strings.Join(names(t, out), " ")
	for _, name := range append(strangers, files[1:]...) {
		if !strings.Contains(got, name) {
			t.Errorf("%s is gone: %s", name, got)
		}
	}
	if len(names(t, out)) != len(strangers)+2 {
		t.Errorf("left are %s", got)
	}
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	db, dir := ledger(t, 1)
	there := filepath.Join(dir, "there")
	if err := os.WriteFile(there, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(db.Path(), link); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		path string
		o    backup.Options
		want string
	}{
		"a file that exists":          {there, backup.Options{}, "there exists"},
		"the database itself":         {db.Path(), backup.Options{Replace: true}, "is the database itself"},
		"its log":                     {db.Path() + "-wal", backup.Options{Replace: true}, "belongs to it"},
		"a link to it":                {link, backup.Options{Replace: true}, "is the database itself"},
		"keeping beside a file":       {filepath.Join(dir, "new.db"), backup.Options{Keep: 3}, "is a file"},
		"a directory that is not one": {there + "/x/", backup.Options{}, "not a directory"},
		"a folder that is not there":  {filepath.Join(dir, "no", "x.db"), backup.Options{}, "no such file or directory"},
	} {
		t.Run(name, func(t *testing.T) {
			before := names(t, dir)
			_, err := backup.Write(t.Context(), db, tt.path, &tt.o)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
			if diff := cmp.Diff(before, names(t, dir)); diff != "" {
				t.Errorf("it leaves something: %s", diff)
			}
		})
	}
	if text, err := os.ReadFile(there); string(text) != "precious" {
		t.Errorf("the file is %q, %v", text, err)
	}
	for url, want := range map[string]string{"sqlite://:memory:": "in memory", "postgres://u@h/x": "no SQLite database", "sqlite://" + dir + "/none.db": "does not exist"} {
		other, err := database.Open(url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := backup.Write(t.Context(), other, filepath.Join(dir, "y.db"), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", url, err, want)
		}
		if err := other.Close(); err != nil {
			t.Error(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	before := names(t, dir)
	_, err := backup.Write(ctx, db, filepath.Join(dir, "y.db"), &backup.Options{Progress: func(int64, int64) { cancel() }})
	cancel()
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a backup whose context ends: %v", err)
	}
	if diff := cmp.Diff(before, names(t, dir)); diff != "" {
		t.Errorf("it leaves something: %s", diff)
	}
}

// A page of the database is overwritten: no backup is made of it, and the last one stays.
func TestADamagedDatabaseIsNotBackedUp(t *testing.T) {
	t.Parallel()
	db, dir := ledger(t, 2000)
	file := filepath.Join(dir, "backup.db")
	if _, err := backup.Write(t.Context(), db, file, nil); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	damage(t, db.Path(), 4096*200, 3000)
	_, err = backup.Write(t.Context(), openFile(t, db.Path()), file, &backup.Options{Replace: true})
	if err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("error %v, want that it is damaged", err)
	}
	if now, err := os.ReadFile(file); err != nil || string(now) != string(good) {
		t.Errorf("the last backup has changed: %v", err)
	}
	// But it can be restored over the damaged one.
	done, err := backup.Restore(t.Context(), file, db.Path(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := number(t, db.Path(), "SELECT count(*) FROM pages"); n != 2000 {
		t.Errorf("%d rows after restoring", n)
	}
	if _, err := backup.Check(t.Context(), done.Kept); err == nil {
		t.Errorf("the damaged one is not at %s", done.Kept)
	}
}

func damage(t *testing.T, path string, at int64, n int) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte(strings.Repeat("\xff", n)), at); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestCheckSaysWhatAFileIs(t *testing.T) {
	t.Parallel()
	db, dir := ledger(t, 300)
	healthy := filepath.Join(dir, "healthy.db")
	if _, err := backup.Write(t.Context(), db, healthy, nil); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(healthy)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		content string
		want    string
	}{
		"empty":          {"", "is empty"},
		"short":          {"x", "is no SQLite database"},
		"text":           {strings.Repeat("hello ", 1000), "is no SQLite database"},
		"gzip":           {"\x1f\x8b" + strings.Repeat("x", 200), "is compressed"},
		"cut":            {string(content[:len(content)/2]), "is cut off"},
		"cut in a page":  {string(content[:len(content)-1]), "is cut off"},
		"header only":    {string(content[:100]), "is cut off"},
		"a wrong page":   {string(content[:4096*5]) + strings.Repeat("\xff", 4096) + string(content[4096*6:]), "is damaged"},
		"a wrong schema": {string(content[:110]) + strings.Repeat("\xff", 3000) + string(content[3110:]), "is damaged"},
	} {
		file := filepath.Join(t.TempDir(), "x.db")
		if err := os.WriteFile(file, []byte(tt.content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := backup.Check(t.Context(), file)
		if damaged, ok := errors.AsType[*backup.DamagedError](err); !ok || !strings.Contains(damaged.Problem, tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
		if _, err := backup.Restore(t.Context(), file, filepath.Join(t.TempDir(), "app.db"), nil); err == nil {
			t.Errorf("%s is restored", name)
		}
		if got := names(t, filepath.Dir(file)); len(got) != 1 {
			t.Errorf("%s: beside it is %v", name, got)
		}
	}
	if _, err := backup.Check(t.Context(), filepath.Join(dir, "none.db")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

// Rows that refer to nothing, and foreign keys to nothing, are the database's own.
func TestABackupOfOrphans(t *testing.T) {
	t.Parallel()
	db, dir := ledger(t, 10)
	raw, err := sql.Open("sqlite", db.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.ExecContext(t.Context(), "UPDATE pages SET account_id = 77 WHERE id < 4"); err != nil {
		t.Fatal(err)
	}
	made, err := backup.Write(t.Context(), db, filepath.Join(dir, "x.db"), nil)
	if err != nil || made.Orphans != 3 {
		t.Errorf("%d orphans, %v, want 3", made.Orphans, err)
	}
	exec(t, db, "CREATE TABLE odd (id INTEGER PRIMARY KEY, x INTEGER REFERENCES accounts (balance))")
	if _, err := backup.Write(t.Context(), db, filepath.Join(dir, "y.db"), nil); err != nil {
		t.Error(err)
	}
}
