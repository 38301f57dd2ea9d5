//go:build measure

package data_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/backup"
)

// backupRows of 4 kB make a database of a gigabyte.
const backupRows = 250_000

// TestBackup backs up a database of 1 GB while two writers change rows as fast as they
// can, and prints how long it takes and what the writers notice. VACUUM INTO, the other way
// that ends under load, is measured beside it.
func TestBackup(t *testing.T) {
	printMachine(t)
	dir := t.TempDir()
	db, err := database.Open("sqlite://"+filepath.Join(dir, "app.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, q := range []string{
		"CREATE TABLE pages (id INTEGER PRIMARY KEY, changes INTEGER NOT NULL, text TEXT NOT NULL)",
		"CREATE INDEX pages_changes ON pages (changes)",
		fmt.Sprintf("INSERT INTO pages SELECT i, 0, hex(randomblob(1980)) FROM (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT %d) SELECT i FROM n)", backupRows),
	} {
		if _, err := db.ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(db.Path())
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("\n%.2f GB, two writers.\n\n| | takes | writes/s | a write: median, p99, longest | the log afterwards |\n|---|---|---|---|---|\n", float64(info.Size())/1e9)
	kit := func(file string) func() error {
		return func() error {
			_, err := backup.Write(t.Context(), db, file, nil)
			return err
		}
	}
	line(t, db, "nothing else", func() error { time.Sleep(10 * time.Second); return nil })
	line(t, db, "`backup`", kit(filepath.Join(dir, "kit.db")))
	line(t, db, "`VACUUM INTO`, unchecked", func() error { return vacuum(t.Context(), db.Path(), filepath.Join(dir, "vacuum.db")) })
	start := time.Now()
	if err := kit(filepath.Join(dir, "quiet.db"))(); err != nil {
		t.Fatal(err)
	}
	fmt.Printf("| `backup`, nobody writes | %.1f s | | | |\n", time.Since(start).Seconds())
	start = time.Now()
	if _, err := backup.Check(t.Context(), filepath.Join(dir, "quiet.db")); err != nil {
		t.Fatal(err)
	}
	fmt.Printf("| of which the check | %.1f s | | | |\n", time.Since(start).Seconds())
}

func vacuum(ctx context.Context, path, file string) error {
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	defer raw.Close()
	_, err = raw.ExecContext(ctx, "VACUUM INTO ?", file)
	return err
}

// line prints what two writers do while work runs. A write that fails ends the test.
func line(t *testing.T, db *database.DB, name string, work func() error) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	times := make([][]time.Duration, 2)
	for i := range times {
		writers.Go(func() {
			for ctx.Err() == nil {
				start := time.Now()
				_, err := db.ExecContext(t.Context(), "UPDATE pages SET changes = changes + 1 WHERE id = ?", 1+rand.IntN(backupRows))
				if err != nil {
					t.Error(err)
					return
				}
				times[i] = append(times[i], time.Since(start))
			}
		})
	}
	start := time.Now()
	err := work()
	took := time.Since(start)
	stop()
	writers.Wait()
	if err != nil {
		t.Fatal(err)
	}
	all := slices.Concat(times...)
	slices.Sort(all)
	var log int64
	if info, err := os.Stat(db.Path() + "-wal"); err == nil {
		log = info.Size()
	}
	fmt.Printf("| %s | %.1f s | %.0f | %s, %s, %s | %.0f MB |\n", name, took.Seconds(), float64(len(all))/took.Seconds(),
		all[len(all)/2].Round(time.Microsecond), all[len(all)*99/100].Round(time.Microsecond), all[len(all)-1].Round(100*time.Microsecond), float64(log)/1e6)
}
