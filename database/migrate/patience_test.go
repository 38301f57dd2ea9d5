package migrate_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/kitgo/kit/database"
	"github.com/kitgo/kit/database/migrate"
	"github.com/kitgo/kit/database/schema"
	"github.com/kitgo/kit/internal/dbtest"
)

// servers runs a test on each kind of database server.
func servers(t *testing.T, test func(t *testing.T, url string)) {
	t.Helper()
	t.Run("postgres", func(t *testing.T) { t.Parallel(); test(t, dbtest.Postgres(t)) })
	t.Run("mariadb", func(t *testing.T) { t.Parallel(); test(t, dbtest.MariaDB(t)) })
}

// A statement that waits for a table keeps all later queries on the table waiting, so
// it gives way and is tried again.
func TestAMigrationThatWaitsForATableDoesNotStopTheSite(t *testing.T) {
	t.Parallel()
	servers(t, func(t *testing.T, url string) {
		db := open(t, url)
		up(t, newMigrator(t, db, []migrate.Migration{creating(1, "a")}, migrate.Options{}))

		// A long query of somebody else.
		busy, release := make(chan struct{}), make(chan struct{})
		other := make(chan error, 1)
		go func() {
			other <- db.Transaction(t.Context(), func(ctx context.Context, tx *database.Transaction) error {
				var n int
				err := tx.QueryRowContext(ctx, "SELECT count(*) FROM a").Scan(&n)
				close(busy)
				<-release
				return err
			})
		}()
		<-busy

		widen := migrate.Migration{Name: "m20260102_000000_widen", Up: func(ctx context.Context, s *schema.Builder) error {
			if err := s.Create(ctx, "b", func(t *schema.Table) { t.ID() }); err != nil {
				return err
			}
			return s.Table(ctx, "a", func(t *schema.Table) { t.Integer("n").Default(1) })
		}}
		if db.Dialect() == database.MySQL {
			widen.Up = func(ctx context.Context, s *schema.Builder) error { // a second try would find b
				return s.Table(ctx, "a", func(t *schema.Table) { t.Integer("n").Default(1) })
			}
		}
		var log bytes.Buffer
		m := newMigrator(t, open(t, url), []migrate.Migration{creating(1, "a"), widen}, migrate.Options{
			StatementLockTimeout: time.Second, Logger: slog.New(slog.NewTextHandler(&log, nil)),
		})
		done := make(chan error, 1)
		go func() {
			_, err := m.Up(t.Context(), migrate.UpOptions{})
			done <- err
		}()
		// The site reads the table all the time.
		slowest := time.Duration(0)
		for range 20 {
			start := time.Now()
			count(t, db, "a")
			slowest = max(slowest, time.Since(start))
			time.Sleep(100 * time.Millisecond)
		}
		if slowest > 1900*time.Millisecond {
			t.Errorf("a query waited %s behind the migration", slowest)
		}
		close(release)
		if err := <-other; err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(log.String(), "giving way and trying again") || !strings.Contains(log.String(), widen.Name) {
			t.Errorf("the log does not say what it waited for: %s", log.String())
		}
		equal(t, "status", states(t, m), []string{"create_a_table applied 1", "widen applied 2"})
	})
}
