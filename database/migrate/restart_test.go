package migrate_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/database/schema"
	"github.com/kitgo/kit/internal/dbtest"
)

// The database is restarted while one process migrates and another one waits.
func TestARestartOfTheDatabase(t *testing.T) {
	t.Parallel()
	server := dbtest.StartPostgres(t)
	server.CreateDatabase(t, "app")
	url := server.URL("app")
	began := make(chan struct{})
	slow := doing(1, "slow", func(ctx context.Context, s *schema.Builder) error {
		if err := s.Create(ctx, "half", func(t *schema.Table) { t.ID() }); err != nil {
			return err
		}
		close(began)
		return s.Exec(ctx, "SELECT pg_sleep(60)")
	})
	broken := make(chan error, 1)
	go func() {
		_, err := newMigrator(t, open(t, url), []migrate.Migration{slow}, migrate.Options{}).Up(t.Context(), migrate.UpOptions{})
		broken <- err
	}()
	<-began
	waits := make(chan struct{}, 1)
	var log bytes.Buffer
	db := open(t, url)
	m := newMigrator(t, db, []migrate.Migration{creating(1, "a")}, migrate.Options{
		Logger: slog.New(slog.NewTextHandler(&log, nil)), OnProgress: func(migrate.Progress) {
			select {
			case waits <- struct{}{}:
			default:
			}
		},
	})
	done := make(chan error, 1)
	go func() {
		_, err := m.Up(t.Context(), migrate.UpOptions{})
		done <- err
	}()
	<-waits
	time.Sleep(300 * time.Millisecond)
	server.Stop()
	if err := <-broken; err == nil || !strings.Contains(err.Error(), slow.Name) {
		t.Errorf("the one that migrated: %v, want an error with its name", err)
	}
	time.Sleep(500 * time.Millisecond)
	server.Start()
	if err := <-done; err != nil {
		t.Fatalf("the one that waited: %v", err)
	}
	if hasTable(t, db, "half") || !hasTable(t, db, "a") {
		t.Error("the tables are not what they should be")
	}
	if !strings.Contains(log.String(), "connecting again") {
		t.Errorf("log: %s", log.String())
	}
}
