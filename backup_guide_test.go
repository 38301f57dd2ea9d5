package kit_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/backup"
	"github.com/kitgo/kit/internal/dbtest"
	"github.com/kitgo/kit/schedule"
)

// The code of docs/backups.md.

func tasks(s *schedule.Schedule) {
	s.Command("backup", "/var/lib/shop/backups/", "--keep", "14").DailyAt("03:00").As("backup")
}

func backUp(ctx context.Context, db *database.DB, dir string) error {
	made, err := backup.Write(ctx, db, dir+"/", &backup.Options{Keep: 14})
	if err != nil {
		return err
	}
	slog.InfoContext(ctx, "backed up", "file", made.File, "bytes", made.Bytes)
	return nil
}

func TestThePageOfBackupsShowsThisCode(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("backup_guide_test.go")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("docs/backups.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllSubmatch(page, -1)
	if len(blocks) != 2 {
		t.Errorf("the page has %d pieces of code", len(blocks))
	}
	for _, b := range blocks {
		if !bytes.Contains(squeezed(source), squeezed(b[1])) {
			t.Errorf("backups.md shows code that is not here:\n%s", b[1])
		}
	}
	s := &schedule.Schedule{Execute: func(context.Context, []string) error { return nil }}
	tasks(s)
	if err := s.Err(); err != nil {
		t.Error(err)
	}
	db, err := database.Open(dbtest.SQLite(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE notes (text TEXT)"); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := backUp(t.Context(), db, dir); err != nil {
		t.Fatal(err)
	}
	if files, err := filepath.Glob(filepath.Join(dir, "*.db")); len(files) != 1 || err != nil {
		t.Errorf("the backups are %v, %v", files, err)
	}
}
